//! What the environment says.

use crate::PolicyFile;
use otp_core::policy::Policy;
use otp_core::{Region, Sender};
use otp_http::Routes;
use otp_providers::{ConsoleSender, WebhookSecret, WebhookSender};
use std::borrow::Cow;
use std::env::{self, VarError};
use std::error::Error;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

/// The preset, for servers without a policy file.
const STANDARD: &str = "[policy]\npreset = \"standard\"\n";

/// The settings of an example server. An empty variable is as good as none.
///
/// | variable | says |
/// |---|---|
/// | `OTP_ADDR` | where to listen; `127.0.0.1:3000` otherwise |
/// | `OTP_POLICY` | the policy file; the preset `standard` otherwise |
/// | `OTP_COUNTRIES` | where codes are sent: `IN,US`; else what the policy says, or in development a few |
/// | `OTP_DEFAULT_REGION` | the country of numbers without one: `IN` or `+91` |
/// | `OTP_WEBHOOK_URL` | where codes are posted; they are printed otherwise |
/// | `OTP_WEBHOOK_SECRET` | signs what is posted: 32 to 64 bytes |
/// | `OTP_ENV` | `production` refuses to print codes; `development` otherwise |
/// | `RUST_LOG` | what is logged |
#[derive(Debug)]
#[non_exhaustive]
pub struct Settings {
    /// Where to listen.
    pub addr: SocketAddr,
    /// What is allowed.
    pub policy: Policy,
    /// Where the API is beside its default paths.
    pub routes: Option<Routes>,
    /// What carries the codes.
    pub sender: Arc<dyn Sender>,
    policy_name: String,
}

/// A setting that cannot be used. Its value is not shown: it may be a secret.
#[derive(Debug, thiserror::Error)]
#[error("{name}")]
pub struct SettingError {
    name: Cow<'static, str>,
    #[source]
    problem: Box<dyn Error + Send + Sync>,
}

impl SettingError {
    /// What is wrong with the setting that is called `name`.
    pub fn new(
        name: impl Into<Cow<'static, str>>,
        problem: impl Into<Box<dyn Error + Send + Sync>>,
    ) -> Self {
        let (name, problem) = (name.into(), problem.into());
        Self { name, problem }
    }
}

impl Settings {
    /// Reads the environment and the policy file.
    ///
    /// # Errors
    /// [`SettingError`] names the variable that cannot be used.
    pub fn from_env() -> Result<Self, SettingError> {
        let sender = sender()?;
        let (policy_name, file) = policy()?;
        Ok(Self {
            addr: addr()?,
            policy: file.policy,
            routes: file.routes,
            sender,
            policy_name,
        })
    }

    /// A listener could not be made.
    #[must_use]
    pub fn cannot_listen(&self, error: std::io::Error) -> SettingError {
        let hint = format!("cannot listen on {}: {error}", self.addr);
        SettingError::new("OTP_ADDR", hint)
    }

    /// Prints what the server runs on, and how to try it.
    #[expect(clippy::print_stdout, reason = "what a program says when it starts")]
    pub fn announce(&self, listening: SocketAddr) {
        let risk = self.policy.risk();
        let host = match listening.ip() {
            ip if ip.is_loopback() => format!("localhost:{}", listening.port()),
            _ => listening.to_string(),
        };
        println!("Listening on http://{host}/  (API: /api/v1/auth)");
        if let Some(routes) = &self.routes {
            println!(
                "  routes  also those of the policy file, below {}/",
                routes.base()
            );
        }
        println!("  policy  {}", self.policy_name);
        println!("  open    {}", self.policy.countries());
        println!(
            "  risk    {} wrong guesses a day for each number: a chance of {:.2} % a year",
            risk.guesses_per_day,
            risk.per_year * 100.0
        );
        if let Some(reason) = self.policy.accepted_risk() {
            println!("  accepts {reason}");
        }
        let codes = match self.sender.name() {
            "console" => "printed here",
            _ => "posted to OTP_WEBHOOK_URL",
        };
        println!("  codes   {codes}");
        println!("  memory  users, sessions and keys end with this process\n");
        let curl = |path: &str, body: &str| {
            println!(
                "curl -s {host}/api/v1/auth/{path} -H 'content-type: application/json' -d '{body}'"
            );
        };
        curl("send-otp", r#"{"mobile_number":"+919876543210"}"#);
        curl(
            "verify-otp",
            r#"{"challenge_id":"…","mobile_number":"+919876543210","otp":"…","device_info":"curl"}"#,
        );
        println!();
    }
}

fn addr() -> Result<SocketAddr, SettingError> {
    let Some(text) = variable("OTP_ADDR")? else {
        return Ok((Ipv4Addr::LOCALHOST, 3000).into());
    };
    let wrong = |_| {
        SettingError::new(
            "OTP_ADDR",
            "not an address and a port, such as 127.0.0.1:3000",
        )
    };
    text.parse().map_err(wrong)
}

fn policy() -> Result<(String, PolicyFile), SettingError> {
    let region: Option<Region> = variable("OTP_DEFAULT_REGION")?
        .map(|text| text.parse())
        .transpose()
        .map_err(|error: otp_core::RegionError| SettingError::new("OTP_DEFAULT_REGION", error))?;
    let wrong = |problem| SettingError::new("OTP_POLICY", problem);
    let (name, text) = match variable("OTP_POLICY")? {
        None => ("standard (the preset)".to_owned(), STANDARD.to_owned()),
        Some(path) => {
            let text = std::fs::read_to_string(&path);
            let text = text.map_err(|error| wrong(format!("cannot read {path}: {error}")))?;
            (path, text)
        }
    };
    let file =
        PolicyFile::parse(&text, region).map_err(|error| wrong(format!("{name}: {error}")))?;
    let said = variable("OTP_COUNTRIES")?;
    let file = file.for_countries(said.as_deref(), is_production()?);
    let file = file.map_err(|error| SettingError::new("OTP_COUNTRIES", error))?;
    Ok((name, file))
}

fn is_production() -> Result<bool, SettingError> {
    match variable("OTP_ENV")?.as_deref() {
        Some("production") => Ok(true),
        None | Some("development") => Ok(false),
        Some(_) => {
            let problem = "neither development nor production";
            Err(SettingError::new("OTP_ENV", problem))
        }
    }
}

/// GEN-5: where codes must not be printed, there is no server that prints them.
fn sender() -> Result<Arc<dyn Sender>, SettingError> {
    let production = is_production()?;
    let secret = variable("OTP_WEBHOOK_SECRET")?;
    let Some(url) = variable("OTP_WEBHOOK_URL")? else {
        return match (production, secret) {
            (true, _) => Err(SettingError::new(
                "OTP_ENV",
                "production prints no codes: set OTP_WEBHOOK_URL",
            )),
            (false, Some(_)) => Err(SettingError::new(
                "OTP_WEBHOOK_SECRET",
                "without OTP_WEBHOOK_URL",
            )),
            (false, None) => Ok(Arc::new(ConsoleSender::for_development())),
        };
    };
    let mut webhook = WebhookSender::builder(url).brand("Quickstart");
    if let Some(secret) = secret {
        let secret = WebhookSecret::from_bytes(secret.as_bytes());
        webhook = webhook
            .signed_with(secret.map_err(|error| SettingError::new("OTP_WEBHOOK_SECRET", error))?);
    }
    let webhook = webhook
        .build()
        .map_err(|error| SettingError::new("OTP_WEBHOOK_URL", error))?;
    Ok(Arc::new(webhook))
}

/// An environment variable; an empty one is as good as none.
///
/// # Errors
/// [`SettingError`] when it is not UTF-8.
pub fn variable(name: &'static str) -> Result<Option<String>, SettingError> {
    match env::var(name) {
        Ok(value) if value.is_empty() => Ok(None),
        Ok(value) => Ok(Some(value)),
        Err(VarError::NotPresent) => Ok(None),
        Err(VarError::NotUnicode(_)) => Err(SettingError::new(name, "not UTF-8")),
    }
}
