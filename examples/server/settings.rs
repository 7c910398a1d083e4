//! What the environment and the file say, read and checked.

use crate::config::{File, Setting};
use crate::india;
use crate::logging::{self, Form};
use crate::sender::{self, Carried};
use crate::test_numbers;
use crate::url::{Place, Places};
use crate::webhooks::Reports;
use otp_core::{Region, TestNumber};
use otp_examples::{PolicyFile, SettingError, variable};
use otp_http::{ForwardedHeader, TrustedProxies};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use zeroize::Zeroizing;

/// The preset, for servers without a policy file.
const STANDARD: &str = "[policy]\npreset = \"standard\"\n";

/// The settings of the server. `examples/server.toml` says what each of them means.
pub(crate) struct Settings {
    pub(crate) production: bool,
    pub(crate) addr: Setting<SocketAddr>,
    pub(crate) metrics_addr: Option<Setting<SocketAddr>>,
    pub(crate) policy: PolicyFile,
    pub(crate) policy_name: String,
    pub(crate) tenant: Option<String>,
    pub(crate) issuer: Option<String>,
    pub(crate) audience: Option<String>,
    pub(crate) client_id: Option<String>,
    /// None where it is not so, as below.
    pub(crate) several_nodes: Option<Setting<bool>>,
    pub(crate) audit_required: Option<Setting<bool>>,
    /// For how many days the audit says who it was.
    pub(crate) audit_days: Option<Setting<u32>>,
    pub(crate) keys: KeySource,
    pub(crate) store: Setting<Places>,
    pub(crate) authority: Option<Vec<u8>>,
    /// `user:password`, or a password alone.
    pub(crate) sentinel_login: Option<Zeroizing<String>>,
    pub(crate) migrate: Migrate,
    /// How many replicas of Redis have what was written before it counts.
    pub(crate) replicas: Option<u32>,
    pub(crate) sender: Carried,
    /// None where nobody keeps what becomes of messages.
    pub(crate) reports: Option<Reports>,
    pub(crate) proxies: TrustedProxies,
    pub(crate) proxies_said: String,
    pub(crate) test_numbers: Vec<TestNumber>,
}

/// Where the keys are.
pub(crate) enum KeySource {
    /// A file, which is read again at SIGHUP.
    File(PathBuf),
    /// The text of such a file, in `OTP_KEYS`.
    Text(Zeroizing<String>),
    /// Nowhere: made for this run.
    None,
}

/// What is done about the tables.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Migrate {
    Run,
    Check,
    /// Somebody else runs the files, and notes it where we do not look.
    Leave,
}

impl Settings {
    /// Reads them, and starts the log as they say.
    pub(crate) fn read() -> Result<Self, SettingError> {
        let file = File::read()?;
        let text = |variable, in_file: &Option<String>| file.setting(variable, in_file.as_ref());
        let value = |variable, in_file| {
            let setting = text(variable, in_file)?;
            Ok::<_, SettingError>(setting.map(|setting| setting.value))
        };
        let production = production(text("OTP_ENV", &file.env)?)?;
        // What is read from here on may have something to say.
        logging::start(log(text("OTP_LOG", &file.log)?, production)?)?;
        let sender = sender::make(&file, production)?;
        let reports = file.webhooks.as_ref().map(Reports::read).transpose()?;
        let (policy_name, policy) = policy(&file)?;
        let policy = countries(&file, policy, production)?;
        india::check(&file, &policy.policy)?;
        let (proxies, proxies_said) = proxies(&file)?;
        let store = text("OTP_STORE", &file.store.url)?;
        let store = store
            .unwrap_or_else(in_memory)
            .read(|url| Places::parse(url))?;
        Ok(Self {
            production,
            addr: address(text("OTP_ADDR", &file.addr)?)?.unwrap_or_else(local),
            metrics_addr: address(text("OTP_METRICS_ADDR", &file.metrics_addr)?)?,
            policy,
            policy_name,
            tenant: value("OTP_TENANT", &file.tenant)?,
            issuer: value("OTP_ISSUER", &file.issuer)?,
            audience: value("OTP_AUDIENCE", &file.audience)?,
            client_id: value("OTP_CLIENT_ID", &file.client_id)?,
            several_nodes: flag(&file, "OTP_SEVERAL_NODES", file.several_nodes)?,
            audit_required: flag(&file, "OTP_AUDIT_REQUIRED", file.audit_required)?,
            audit_days: count(&file, "OTP_AUDIT_DAYS", file.audit_days)?,
            keys: key_source(&file)?,
            replicas: replicas(&file, &store.value)?,
            store,
            authority: authority(text("OTP_STORE_CA", &file.store.ca_file)?)?,
            sentinel_login: value("OTP_STORE_SENTINEL_LOGIN", &file.store.sentinel_login)?
                .map(Zeroizing::new),
            migrate: migrate(text("OTP_STORE_MIGRATE", &file.store.migrate)?)?,
            sender,
            reports,
            proxies,
            proxies_said,
            test_numbers: test_numbers::read(&file)?,
        })
    }
}

fn local() -> Setting<SocketAddr> {
    let name = "OTP_ADDR".to_owned();
    let value = (Ipv4Addr::LOCALHOST, 3000).into();
    Setting { name, value }
}

fn in_memory() -> Setting {
    let (name, value) = ("OTP_STORE".to_owned(), "memory:".to_owned());
    Setting { name, value }
}

fn production(said: Option<Setting>) -> Result<bool, SettingError> {
    let Some(said) = said else { return Ok(false) };
    match said.value.as_str() {
        "production" => Ok(true),
        "development" => Ok(false),
        _ => Err(said.wrong("neither development nor production")),
    }
}

/// What collects lines reads JSON; people read text.
fn log(said: Option<Setting>, production: bool) -> Result<Form, SettingError> {
    match said.as_ref().map(|said| (said, said.value.as_str())) {
        None if production => Ok(Form::Json),
        None | Some((_, "text")) => Ok(Form::Text),
        Some((_, "json")) => Ok(Form::Json),
        Some((said, _)) => Err(said.wrong("neither text nor json")),
    }
}

fn address(said: Option<Setting>) -> Result<Option<Setting<SocketAddr>>, SettingError> {
    let read = |text: &String| {
        let wrong = |_| "not an address and a port, such as 127.0.0.1:3000";
        text.parse().map_err(wrong)
    };
    said.map(|said| said.read(read)).transpose()
}

fn flag(
    file: &File,
    variable: &'static str,
    in_file: Option<bool>,
) -> Result<Option<Setting<bool>>, SettingError> {
    let in_file = in_file.map(|value| value.to_string());
    let said = file.setting(variable, in_file.as_ref())?;
    let read = |text: &String| text.parse().map_err(|_| "neither true nor false");
    let said = said.map(|said| said.read(read)).transpose()?;
    Ok(said.filter(|said| said.value))
}

fn policy(file: &File) -> Result<(String, PolicyFile), SettingError> {
    let region = file.setting("OTP_DEFAULT_REGION", file.default_region.as_ref())?;
    let region = region.map(|said| said.read(|text| text.parse::<Region>()));
    let region = region.transpose()?.map(|region| region.value);
    let said = file.setting("OTP_POLICY", file.policy.as_ref())?;
    let Some(said) = said else {
        let policy = PolicyFile::parse(STANDARD, region);
        let policy = policy.map_err(|error| SettingError::new("OTP_POLICY", error))?;
        return Ok(("standard (the preset)".to_owned(), policy));
    };
    let path = &said.value;
    let text = std::fs::read_to_string(path);
    let text = text.map_err(|error| said.wrong(format!("cannot read {path}: {error}")))?;
    let policy = PolicyFile::parse(&text, region);
    let policy = policy.map_err(|error| said.wrong(format!("{path}: {error}")))?;
    Ok((said.value, policy))
}

fn countries(
    file: &File,
    policy: PolicyFile,
    production: bool,
) -> Result<PolicyFile, SettingError> {
    let said = file.setting("OTP_COUNTRIES", file.countries.as_ref())?;
    let text = said.as_ref().map(|said| said.value.as_str());
    policy
        .for_countries(text, production)
        .map_err(|error| match &said {
            Some(said) => said.wrong(error),
            None => SettingError::new("OTP_COUNTRIES", error),
        })
}

fn key_source(file: &File) -> Result<KeySource, SettingError> {
    if let Some(text) = variable("OTP_KEYS")? {
        return Ok(KeySource::Text(Zeroizing::new(text)));
    }
    let said = file.setting("OTP_KEYS_FILE", file.keys_file.as_ref())?;
    Ok(said.map_or(KeySource::None, |said| KeySource::File(said.value.into())))
}

fn authority(said: Option<Setting>) -> Result<Option<Vec<u8>>, SettingError> {
    let read = |path: &String| {
        let text = std::fs::read(path);
        text.map_err(|error| format!("cannot read {path}: {error}"))
    };
    let read = said.map(|said| said.read(read)).transpose()?;
    Ok(read.map(|authority| authority.value))
}

/// A number, 1 at least.
fn count(
    file: &File,
    variable: &'static str,
    in_file: Option<u32>,
) -> Result<Option<Setting<u32>>, SettingError> {
    let in_file = in_file.map(|count| count.to_string());
    let said = file.setting(variable, in_file.as_ref())?;
    let read = |text: &String| match text.parse() {
        Ok(0) | Err(_) => Err("not a number, 1 at least"),
        Ok(count) => Ok(count),
    };
    said.map(|said| said.read(read)).transpose()
}

fn replicas(file: &File, places: &Places) -> Result<Option<u32>, SettingError> {
    let Some(said) = count(file, "OTP_STORE_REPLICAS", file.store.replicas)? else {
        return Ok(None);
    };
    let is_redis = |place: &Place| matches!(place, Place::Redis(_));
    if !is_redis(&places.challenges) && !is_redis(&places.sessions) {
        return Err(said.wrong("only Redis is asked for replicas; SQL is told by its own settings"));
    }
    Ok(Some(said.value))
}

fn migrate(said: Option<Setting>) -> Result<Migrate, SettingError> {
    let Some(said) = said else {
        return Ok(Migrate::Run);
    };
    match said.value.as_str() {
        "run" => Ok(Migrate::Run),
        "check" => Ok(Migrate::Check),
        "leave" => Ok(Migrate::Leave),
        _ => Err(said.wrong("none of run, check and leave")),
    }
}

/// The trusted networks, and how they are shown.
fn proxies(file: &File) -> Result<(TrustedProxies, String), SettingError> {
    let in_file = file.proxies.networks.as_ref().map(|list| list.join(","));
    let networks = file.setting("OTP_PROXIES", in_file.as_ref())?;
    let networks = networks.filter(|said| said.value.contains(|c| c != ',' && c != ' '));
    let header = file.setting("OTP_PROXY_HEADER", file.proxies.header.as_ref())?;
    let Some(networks) = networks else {
        return match header {
            Some(header) => Err(header.wrong("without networks that are trusted")),
            None => Ok((TrustedProxies::none(), "none is trusted".to_owned())),
        };
    };
    let list: Vec<_> = networks.value.split(',').map(str::trim).collect();
    let list = || list.iter().filter(|network| !network.is_empty());
    let proxies = TrustedProxies::new(list()).map_err(|error| networks.wrong(error))?;
    let shown = list().copied().collect::<Vec<_>>().join(", ");
    let (header, name) = match header {
        None => (ForwardedHeader::XForwardedFor, "x-forwarded-for"),
        Some(said) => match said.value.as_str() {
            "x-forwarded-for" => (ForwardedHeader::XForwardedFor, "x-forwarded-for"),
            "forwarded" => (ForwardedHeader::Forwarded, "forwarded"),
            _ => return Err(said.wrong("neither x-forwarded-for nor forwarded")),
        },
    };
    let said = format!("{shown}, by {name}");
    Ok((proxies.with_header(header), said))
}
