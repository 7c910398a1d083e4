//! What carries the codes.

#[cfg(feature = "kafka")]
mod kafka;

use crate::config::{self, File, Setting};
use crate::providers::{self, Carrying, Credential, Said, Words};
use crate::{route, wording};
use otp_core::{Sender, Verifier};
use otp_examples::SettingError;
use otp_providers::messages::Finding;
use otp_providers::route::Route;
use otp_providers::{ConsoleSender, WebhookSecret, WebhookSender};
use std::sync::Arc;
use toml::{Table, Value};

/// What carries the codes, and who makes them.
#[derive(Clone)]
pub(crate) enum Carried {
    /// We do.
    Sender(Arc<dyn Sender>),
    /// We do, and several senders carry them.
    Route(Arc<Route>),
    /// The provider does.
    Verifier(Arc<dyn Verifier>),
}

impl Carried {
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Sender(sender) => sender.name(),
            Self::Route(route) => route.name(),
            Self::Verifier(verifier) => verifier.name(),
        }
    }
}

/// What was said of one sender.
pub(crate) struct Carrier<'a> {
    /// What it is called in a complaint.
    pub(crate) place: String,
    kind: Option<Setting>,
    wording: Words,
    findings: Vec<Finding>,
    url: Option<Setting>,
    /// Where it is a text.
    secret: Option<Setting>,
    secret_place: String,
    own: &'a Table,
}

/// The sender, or the route that the chains make of several.
pub(crate) fn make(file: &File, production: bool) -> Result<Carried, SettingError> {
    match file.senders.is_empty() && file.route.is_empty() {
        true => Carrier::alone(file)?.make(production),
        false => route::make(file, production),
    }
}

impl<'a> Carrier<'a> {
    /// The table `[sender]`, and the environment, which wins.
    pub(crate) fn alone(file: &'a File) -> Result<Self, SettingError> {
        let sender = &file.sender;
        let (wording, findings) = wording::make(file, sender.brand.as_ref())?;
        Ok(Self {
            place: file.name_of("OTP_SENDER"),
            kind: file.setting("OTP_SENDER", sender.kind.as_ref())?,
            wording,
            findings,
            url: file.setting("OTP_WEBHOOK_URL", sender.text("url").as_ref())?,
            secret: file.setting("OTP_WEBHOOK_SECRET", sender.text("secret").as_ref())?,
            secret_place: file.name_of("OTP_WEBHOOK_SECRET"),
            own: &sender.own,
        })
    }

    /// A table `[senders.NAME]`. Of the environment only the brand is for all of them.
    pub(crate) fn named(
        file: &'a File,
        name: &str,
        sender: &'a config::Sender,
    ) -> Result<Self, SettingError> {
        let place = format!("senders.{name}");
        let said = |value: Option<String>, field: &str| {
            let name = format!("{place}.{field}");
            value.map(|value| Setting { name, value })
        };
        let (wording, findings) = wording::make(file, sender.brand.as_ref())?;
        Ok(Self {
            kind: said(sender.kind.clone(), "kind"),
            wording,
            findings,
            url: said(sender.text("url"), "url"),
            secret: said(sender.text("secret"), "secret"),
            secret_place: format!("{place}.secret"),
            own: &sender.own,
            place,
        })
    }

    pub(crate) fn kind(&self) -> &str {
        let without = if self.url.is_some() {
            "webhook"
        } else {
            "console"
        };
        self.kind.as_ref().map_or(without, |kind| &kind.value)
    }

    pub(crate) fn said(&self) -> Said<'_> {
        Said {
            table: self.own,
            wording: Arc::clone(&self.wording),
        }
    }

    /// Another provider is another arm here or a table in `providers.rs`.
    pub(crate) fn make(self, production: bool) -> Result<Carried, SettingError> {
        for finding in &self.findings {
            tracing::warn!(target: "otp", "messages of {}: {finding}", self.place.trim());
        }
        if let Some(made) = providers::make(self.kind(), &self.said(), &Carrying) {
            return made.map_err(|problem| SettingError::new(self.place, problem));
        }
        if self.kind() == "kafka" {
            let made = kafka(self.own).map_err(|problem| SettingError::new(self.place, problem));
            return Ok(Carried::Sender(made?));
        }
        if self.own.get("url").is_some_and(|url| !url.is_str()) {
            return Err(SettingError::new(self.place, "`url` is a text"));
        }
        let ours = |name: &&String| !["url", "secret"].contains(&name.as_str());
        if let Some(name) = self.own.keys().find(ours) {
            return Err(SettingError::new(
                self.place,
                format!("unknown field `{name}`"),
            ));
        }
        match self.kind() {
            "console" if self.kind.is_none() && self.has_secret() => {
                let name = self.secret.map_or(self.secret_place, |said| said.name);
                let problem = "there is no address (OTP_WEBHOOK_URL) to post to";
                Err(SettingError::new(name, problem))
            }
            "console" => Ok(Carried::Sender(console(production)?)),
            "webhook" => Ok(Carried::Sender(self.webhook()?)),
            _ => {
                let place = self.kind.map_or(self.place, |kind| kind.name);
                let problem = format!("none of {}", providers::KINDS);
                Err(SettingError::new(place, problem))
            }
        }
    }

    fn has_secret(&self) -> bool {
        self.secret.is_some() || self.own.contains_key("secret")
    }

    fn webhook(self) -> Result<Arc<dyn Sender>, SettingError> {
        let url = self
            .url
            .ok_or_else(|| SettingError::new("OTP_WEBHOOK_URL", "a webhook has an address"))?;
        let mut webhook = WebhookSender::builder(url.value.clone()).wording(self.wording);
        let secret = match (self.secret, self.own.get("secret")) {
            (None, Some(elsewhere)) => Some(kept_elsewhere(self.secret_place, elsewhere)?),
            (said, _) => said,
        };
        if let Some(secret) = secret {
            let secret = secret.read(|text| WebhookSecret::from_bytes(text.as_bytes()))?;
            webhook = webhook.signed_with(secret.value);
        }
        let webhook = webhook.build().map_err(|error| url.wrong(error))?;
        Ok(Arc::new(webhook))
    }
}

/// A secret that is not in the file itself.
fn kept_elsewhere(name: String, said: &Value) -> Result<Setting, SettingError> {
    let read = providers::credential(said.clone()).and_then(Credential::read);
    match read {
        Ok(secret) => Ok(Setting {
            name,
            value: secret.expose().to_owned(),
        }),
        Err(problem) => Err(SettingError::new(name, problem)),
    }
}

#[cfg(feature = "kafka")]
fn kafka(table: &Table) -> providers::Made<Arc<dyn Sender>> {
    kafka::sender(table)
}

#[cfg(not(feature = "kafka"))]
fn kafka(_: &Table) -> providers::Made<Arc<dyn Sender>> {
    Err("this program is built without Kafka: cargo run -p otp-server --features kafka --example server".into())
}

/// GEN-5: where codes must not be printed, there is no server that prints them.
fn console(production: bool) -> Result<Arc<dyn Sender>, SettingError> {
    if production {
        let problem = "production prints no codes: set OTP_WEBHOOK_URL, or name a provider";
        return Err(SettingError::new("OTP_ENV", problem));
    }
    Ok(Arc::new(ConsoleSender::for_development()))
}
