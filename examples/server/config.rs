//! The configuration file: what it may say. Some settings also have an environment variable, which wins.

use crate::test_numbers::Declared;
use crate::wording::Texts;
use otp_core::{Channel, Locale};
use otp_examples::{SettingError, variable};
use serde::Deserialize;
use std::collections::BTreeMap;

/// Every variable and the place in the file that it stands for. `OTP_KEY_…` are yours, for a key file to name.
const VARIABLES: [(&str, &str); 28] = [
    ("OTP_CONFIG", ""),
    ("OTP_ENV", "env"),
    ("OTP_ADDR", "addr"),
    ("OTP_METRICS_ADDR", "metrics_addr"),
    ("OTP_LOG", "log"),
    ("OTP_POLICY", "policy"),
    ("OTP_COUNTRIES", "countries"),
    ("OTP_DEFAULT_REGION", "default_region"),
    ("OTP_TENANT", "tenant"),
    ("OTP_ISSUER", "issuer"),
    ("OTP_AUDIENCE", "audience"),
    ("OTP_CLIENT_ID", "client_id"),
    ("OTP_SEVERAL_NODES", "several_nodes"),
    ("OTP_AUDIT_REQUIRED", "audit_required"),
    ("OTP_AUDIT_DAYS", "audit_days"),
    ("OTP_KEYS", ""),
    ("OTP_KEYS_FILE", "keys_file"),
    ("OTP_STORE", "store.url"),
    ("OTP_STORE_CA", "store.ca_file"),
    ("OTP_STORE_MIGRATE", "store.migrate"),
    ("OTP_STORE_REPLICAS", "store.replicas"),
    ("OTP_STORE_SENTINEL_LOGIN", "store.sentinel_login"),
    ("OTP_SENDER", "sender.kind"),
    ("OTP_BRAND", "sender.brand"),
    ("OTP_WEBHOOK_URL", "sender.url"),
    ("OTP_WEBHOOK_SECRET", "sender.secret"),
    ("OTP_PROXIES", "proxies.networks"),
    ("OTP_PROXY_HEADER", "proxies.header"),
];

/// Prefixes of variables that are not settings of the server itself.
const OTHERS: [&str; 2] = ["OTP_KEY_", "OTP_TEST_"];

/// The file. It has no keys, and its secrets can be left to the environment.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct File {
    #[serde(skip)]
    name: String,
    pub(crate) env: Option<String>,
    pub(crate) addr: Option<String>,
    pub(crate) metrics_addr: Option<String>,
    pub(crate) log: Option<String>,
    pub(crate) policy: Option<String>,
    pub(crate) countries: Option<String>,
    pub(crate) default_region: Option<String>,
    pub(crate) tenant: Option<String>,
    pub(crate) issuer: Option<String>,
    pub(crate) audience: Option<String>,
    pub(crate) client_id: Option<String>,
    pub(crate) several_nodes: Option<bool>,
    pub(crate) audit_required: Option<bool>,
    pub(crate) audit_days: Option<u32>,
    pub(crate) keys_file: Option<String>,
    pub(crate) store: Store,
    pub(crate) sender: Sender,
    /// Several senders by their names, for the chains.
    pub(crate) senders: BTreeMap<String, Sender>,
    pub(crate) route: Vec<Chain>,
    /// What messages say in the reader's language; without it there is one text in English.
    pub(crate) messages: Option<Messages>,
    /// Who may report what becomes of messages, and by what they are told from anybody. That it is there, also empty,
    /// means that this is kept.
    pub(crate) webhooks: Option<toml::Table>,
    pub(crate) proxies: Proxies,
    /// Numbers that are sent nothing and have one code.
    pub(crate) test_number: Vec<Declared>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Store {
    pub(crate) url: Option<String>,
    pub(crate) ca_file: Option<String>,
    pub(crate) migrate: Option<String>,
    pub(crate) replicas: Option<u32>,
    pub(crate) sentinel_login: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Sender {
    pub(crate) kind: Option<String>,
    pub(crate) brand: Option<String>,
    /// What the kind takes.
    #[serde(flatten)]
    pub(crate) own: toml::Table,
}

impl Sender {
    /// A text among the kind's own settings.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        self.own.get(name)?.as_str().map(ToOwned::to_owned)
    }
}

/// Which of them a message goes to, one after the other until one takes it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Chain {
    pub(crate) channel: Option<Channel>,
    pub(crate) place: Option<String>,
    /// `name`, or `name over channel`.
    pub(crate) senders: Vec<String>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Messages {
    pub(crate) default_locale: Option<Locale>,
    pub(crate) only: Option<Vec<Locale>>,
    pub(crate) reference: bool,
    pub(crate) web_otp: Option<String>,
    pub(crate) app_hash: Option<String>,
    pub(crate) deny_warnings: bool,
    /// The operator's own, in place of those that ship and beside them.
    pub(crate) ftl: Option<Texts>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Proxies {
    pub(crate) networks: Option<Vec<String>>,
    pub(crate) header: Option<String>,
}

/// A value and what it is called where it was said.
pub(crate) struct Setting<T = String> {
    pub(crate) name: String,
    pub(crate) value: T,
}

impl<T> Setting<T> {
    pub(crate) fn wrong(
        &self,
        problem: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> SettingError {
        SettingError::new(self.name.clone(), problem)
    }

    /// Its value read as what it has to be.
    pub(crate) fn read<U, P>(
        self,
        read: impl FnOnce(&T) -> Result<U, P>,
    ) -> Result<Setting<U>, SettingError>
    where
        P: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let value = read(&self.value).map_err(|problem| self.wrong(problem))?;
        let name = self.name;
        Ok(Setting { name, value })
    }
}

impl File {
    /// The file that `OTP_CONFIG` names; an empty one otherwise. Variables that mean nothing are refused: a misspelt
    /// one would be a setting that is not in force.
    pub(crate) fn read() -> Result<Self, SettingError> {
        for (name, _) in std::env::vars_os() {
            let name = name.to_string_lossy();
            let known = VARIABLES.iter().any(|(variable, _)| *variable == name);
            let other = OTHERS.iter().any(|prefix| name.starts_with(prefix));
            if name.starts_with("OTP_") && !known && !other {
                return Err(SettingError::new(
                    name.into_owned(),
                    "there is no such setting",
                ));
            }
        }
        let Some(path) = variable("OTP_CONFIG")? else {
            return Ok(Self::default());
        };
        let wrong = |problem: String| SettingError::new("OTP_CONFIG", problem);
        let text = std::fs::read_to_string(&path);
        let text = text.map_err(|error| wrong(format!("cannot read {path}: {error}")))?;
        let read = toml::from_str(&text);
        let mut file: Self =
            read.map_err(|error| wrong(format!("{path}: {}", complaint(&text, &error))))?;
        file.name = path;
        Ok(file)
    }

    /// What the environment says of this setting, or else the file.
    pub(crate) fn setting(
        &self,
        variable: &'static str,
        in_file: Option<&String>,
    ) -> Result<Option<Setting>, SettingError> {
        if let Some(value) = otp_examples::variable(variable)? {
            let name = variable.to_owned();
            return Ok(Some(Setting { name, value }));
        }
        let Some(value) = in_file.cloned() else {
            return Ok(None);
        };
        let name = self.name_of(variable);
        Ok(Some(Setting { name, value }))
    }

    /// What a setting is called in the file.
    pub(crate) fn name_of(&self, variable: &str) -> String {
        let place = VARIABLES.iter().find(|(name, _)| *name == variable);
        let place = place.map_or(variable, |(_, place)| place);
        format!("{} in {}", place, self.name)
    }
}

/// What is wrong and in which line. The parser's own words may repeat a value, and a value may be a secret.
pub(crate) fn complaint(text: &str, error: &toml::de::Error) -> String {
    let said = harmless(error.message());
    let before = error.span().and_then(|span| text.get(..span.start));
    let line = before.map_or(1, |before| before.matches('\n').count() + 1);
    format!("line {line}: {said}")
}

/// What the parser says, where it surely repeats no value.
pub(crate) fn harmless(message: &str) -> &str {
    let harmless = ["unknown field", "missing field", "duplicate key"];
    match harmless.iter().any(|words| message.starts_with(words)) {
        true => message,
        false => "this is not TOML, or not of the kind that belongs here",
    }
}
