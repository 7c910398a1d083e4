//! SMS through MSG91.

mod class;
mod verify;
mod webhook;

pub use verify::{Msg91Verifier, Msg91Verify};
pub use webhook::Msg91Webhook;

use crate::ConfigError;
use crate::http::{Address, HttpReply, HttpRequest, HttpSender, PerLocale, Provider, Secret};
use otp_core::{Channel, Locale, Message, Receipt, SendError, SendErrorKind, Timestamp};
use serde_json::{Map, Value, json};

/// [`Msg91`] over HTTP: `HttpSender::new(msg91)` makes one.
pub type Msg91Sender = HttpSender<Msg91>;

const BASE: &str = "https://control.msg91.com";
/// Keys of a request that are not the template's.
const OURS: &[&str] = &[
    "authkey",
    "mobile",
    "mobiles",
    "otp",
    "otp_expiry",
    "otp_length",
    "template_id",
];

/// Sends codes by a template of MSG91's: with our own code through `/api/v5/otp`, or as a variable of a flow through
/// `/api/v5/flow` (docs.msg91.com). A message for another channel than SMS is refused as
/// [`SendErrorKind::AuthOrConfig`].
///
/// A receipt means that MSG91 took the message, which operators may still reject; its reference is the request's id.
/// MSG91 has no idempotency key: it refuses a repetition within ten seconds. `/otp` is told the minutes that the code
/// is good for, rounded down; `/flow` has no such field. MSG91 takes requests from listed addresses alone unless that
/// is switched off.
///
/// ```
/// use otp_providers::http::{HttpSender, Secret};
/// use otp_providers::{Msg91, Msg91Sender};
///
/// let key = Secret::new("the authkey from MSG91's panel")?;
/// let msg91 = Msg91::with_otp(key, "a-template-id")?.variable("BRAND", "Example")?;
/// let sender: Msg91Sender = HttpSender::new(msg91)?;
/// # let _ = sender;
/// # Ok::<(), otp_providers::ConfigError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Msg91 {
    base: Address,
    key: Secret,
    template: PerLocale<String>,
    way: Way,
    variables: Map<String, Value>,
}

#[derive(Clone, Debug)]
enum Way {
    Otp,
    /// The template's name for the code.
    Flow(String),
}

impl Msg91 {
    /// Takes the authkey and the id of an OTP template.
    ///
    /// # Errors
    /// [`ConfigError::Field`] for what is no id.
    pub fn with_otp(key: Secret, template: impl Into<String>) -> Result<Self, ConfigError> {
        Self::new(key, template.into(), Way::Otp)
    }

    /// Takes the authkey, the id of a flow's template, and the variable there that is the code, such as `VAR1`.
    ///
    /// # Errors
    /// [`ConfigError::Field`] for what are no such names.
    pub fn with_flow(
        key: Secret,
        template: impl Into<String>,
        variable: impl Into<String>,
    ) -> Result<Self, ConfigError> {
        Self::new(key, template.into(), Way::Flow(name(variable)?))
    }

    fn new(key: Secret, template: String, way: Way) -> Result<Self, ConfigError> {
        Ok(Self {
            base: Address::parse(BASE)?,
            key,
            template: id(template)?.into(),
            way,
            variables: Map::new(),
        })
    }

    /// Sets the template for readers of this language; the first one is for all others.
    ///
    /// # Errors
    /// [`ConfigError::Field`] for what is no id.
    pub fn for_locale(
        mut self,
        locale: Locale,
        template: impl Into<String>,
    ) -> Result<Self, ConfigError> {
        self.template.set(locale, id(template)?);
        Ok(self)
    }

    /// Sets a variable of the template, the same for every message. `/otp` takes some of its own this way, such as
    /// `sender`.
    ///
    /// # Errors
    /// [`ConfigError::Field`] for what is no name or no value, and for a name that the request already has.
    pub fn variable(
        mut self,
        variable: impl Into<String>,
        value: impl Into<String>,
    ) -> Result<Self, ConfigError> {
        let variable = name(variable)?;
        let is_code = matches!(&self.way, Way::Flow(code) if *code == variable);
        if is_code || self.variables.contains_key(&variable) {
            return Err(ConfigError::Field("a variable is set once"));
        }
        let value = ConfigError::unless(value, "a variable's value is a short text", |_| true)?;
        self.variables.insert(variable, value.into());
        Ok(self)
    }

    /// Sets where MSG91 is: another host of its, or a stub.
    ///
    /// # Errors
    /// [`ConfigError::Url`] or [`ConfigError::PlainHttp`].
    pub fn at(mut self, base: &str) -> Result<Self, ConfigError> {
        self.base = Address::parse(base)?;
        Ok(self)
    }
}

impl Provider for Msg91 {
    fn name(&self) -> &str {
        "msg91"
    }

    fn base(&self) -> &Address {
        &self.base
    }

    fn request(&self, message: &Message, _: Timestamp) -> Result<HttpRequest, SendError> {
        if message.channel != Channel::Sms {
            return Err(SendError::new(SendErrorKind::AuthOrConfig));
        }
        Ok(match &self.way {
            Way::Otp => self.post(&["otp"], &self.otp(message)),
            Way::Flow(variable) => self.post(&["flow"], &self.flow(message, variable)),
        })
    }

    fn parse(&self, reply: &HttpReply) -> Result<Receipt, SendError> {
        self.taken(reply).unwrap_or_else(|| reply.unexpected())
    }
}

impl Msg91 {
    fn post(&self, method: &[&str], body: &Value) -> HttpRequest {
        // MSG91 takes the fields in the address too, where proxies log them.
        let path = ["api", "v5"].iter().chain(method).copied();
        let request = HttpRequest::json(self.base.join(path), body);
        request.header("authkey", self.key.expose())
    }

    /// What it said of a message; none where it said neither yes nor no.
    fn taken(&self, reply: &HttpReply) -> Option<Result<Receipt, SendError>> {
        if class::is_success(reply) {
            // An older MSG91 gives the id as the message.
            let id = reply.text("/request_id").or_else(|| reply.text("/message"));
            return Some(Ok(id.map_or_else(Receipt::default, HttpReply::taken)));
        }
        class::error(reply).map(Err)
    }

    fn otp(&self, message: &Message) -> Value {
        let minutes = (message.expires_in.as_secs() / 60).max(1);
        let fields = [
            ("template_id", json!(self.template.of(message.locale))),
            ("mobile", json!(digits(message))),
            ("otp", json!(message.code.expose())),
            ("otp_expiry", json!(minutes)),
        ];
        self.with_variables(fields)
    }

    fn flow(&self, message: &Message, variable: &str) -> Value {
        let fields = [
            ("mobiles", json!(digits(message))),
            (variable, json!(message.code.expose())),
        ];
        json!({
            "template_id": self.template.of(message.locale),
            "short_url": "0",
            "recipients": [self.with_variables(fields)],
        })
    }

    fn with_variables<const N: usize>(&self, fields: [(&str, Value); N]) -> Value {
        let mut all = self.variables.clone();
        all.extend(fields.map(|(name, value)| (name.to_owned(), value)));
        all.into()
    }
}

/// The number with its country code and without a plus.
fn digits(message: &Message) -> &str {
    message.to.expose().trim_start_matches('+')
}

fn id(template: impl Into<String>) -> Result<String, ConfigError> {
    let plain = |id: &str| id.bytes().all(|b| b.is_ascii_graphic());
    ConfigError::unless(template, "a template's id is one word", plain)
}

fn name(variable: impl Into<String>) -> Result<String, ConfigError> {
    let takes =
        "a variable's name has letters, digits and underscores, and is none of the request's own";
    ConfigError::unless(variable, takes, |name| {
        let word = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
        name.bytes().all(word) && !OURS.contains(&name)
    })
}
