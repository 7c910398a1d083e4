//! Codes through EngageLab's OTP service, which sends them as its template says.
//!
//! Source: `otp/api/custom-otp-code-delivery.json` of `DevEngageLab/engagelab-otp-docs`.

mod class;
mod verify;
mod webhook;

pub use verify::{EngageLabVerifier, EngageLabVerify};
pub use webhook::EngageLabWebhook;

use crate::ConfigError;
use crate::http::{Address, HttpReply, HttpRequest, HttpSender, PerLocale, Provider, Secret};
use otp_core::{Channel, Locale, Message, Receipt, SendError, SendErrorKind, Timestamp};
use serde_json::{Map, Value, json};
use std::time::Duration;

/// [`EngageLab`] over HTTP: `HttpSender::new(engagelab)` makes one.
pub type EngageLabSender = HttpSender<EngageLab>;

const BASE: &str = "https://otp.api.engagelab.cc";
const LANGUAGES: &[&str] = &["default", "zh_CN", "zh_HK", "en", "ja", "th", "es"];
/// How long a template's code may be good for, in seconds.
const SHORTEST: u64 = 60;
const LONGEST: u64 = 600;

/// Sends codes of ours (`/v1/codes`) by a template, whose strategy says which channel EngageLab tries first, and which
/// after that.
///
/// One of these stands for one template and the channel that its strategy begins with: SMS, or what
/// [`begins_with`](Self::begins_with) says. A message for another channel is refused as
/// [`SendErrorKind::AuthOrConfig`].
///
/// A receipt means that EngageLab took the message; its reference is the `message_id`. There is no idempotency key, but
/// a number gets no second message of a template before the first one's validity is over: where the policy sends again
/// sooner, the throttle ([`SendErrorKind::RateLimited`]) is what it meets. How long EngageLab keeps trying, and the
/// minutes that are shown, belong to the template (1 to 10 minutes; on WhatsApp 1, 5 or 10): set them to what the
/// policy says.
///
/// ```
/// use otp_providers::http::{HttpSender, Secret};
/// use otp_providers::{EngageLab, EngageLabSender};
/// use std::time::Duration;
///
/// let (key, secret) = (Secret::new("the dev key")?, Secret::new("the dev secret")?);
/// let engagelab = EngageLab::new(key, secret, "login-code")?
///     .language("en")?
///     .valid_for(Duration::from_secs(300))?;
/// let sender: EngageLabSender = HttpSender::new(engagelab)?;
/// # let _ = sender;
/// # Ok::<(), otp_providers::ConfigError>(())
/// ```
#[derive(Clone, Debug)]
pub struct EngageLab {
    base: Address,
    key: Secret,
    secret: Secret,
    template: String,
    language: PerLocale<String>,
    params: Map<String, Value>,
    channel: Channel,
    validity: Option<Duration>,
}

impl EngageLab {
    /// Takes the dev key with its secret, and the template's id.
    ///
    /// # Errors
    /// [`ConfigError::Secret`] for a key with a colon, which HTTP's Basic scheme cannot carry; [`ConfigError::Field`]
    /// for what is no id.
    pub fn new(
        key: Secret,
        secret: Secret,
        template: impl Into<String>,
    ) -> Result<Self, ConfigError> {
        if key.expose().contains(':') {
            return Err(ConfigError::Secret);
        }
        let takes = "a template's id is a text";
        Ok(Self {
            base: Address::parse(BASE)?,
            key,
            secret,
            template: ConfigError::unless(template, takes, |_| true)?,
            language: "default".to_owned().into(),
            params: Map::new(),
            channel: Channel::Sms,
            validity: None,
        })
    }

    /// Sets which of the template's languages is sent; its default one otherwise.
    ///
    /// # Errors
    /// [`ConfigError::Field`] for other than `default`, `zh_CN`, `zh_HK`, `en`, `ja`, `th` and `es`.
    pub fn language(mut self, language: impl Into<String>) -> Result<Self, ConfigError> {
        self.language = self.language.with_default(known(language)?);
        Ok(self)
    }

    /// Sets which of the template's languages readers of this one get.
    ///
    /// # Errors
    /// As [`language`](Self::language).
    pub fn for_locale(
        mut self,
        locale: Locale,
        language: impl Into<String>,
    ) -> Result<Self, ConfigError> {
        self.language.set(locale, known(language)?);
        Ok(self)
    }

    /// Sets a variable of the template's own, beside the code.
    ///
    /// # Errors
    /// [`ConfigError::Field`] for what are no name and value.
    pub fn param(
        mut self,
        name: impl Into<String>,
        value: impl Into<String>,
    ) -> Result<Self, ConfigError> {
        let takes = "a template's variable has a name and a value";
        let name = ConfigError::unless(name, takes, |_| true)?;
        let value = ConfigError::unless(value, takes, |_| true)?;
        self.params.insert(name, value.into());
        Ok(self)
    }

    /// Sets the channel that the template's strategy begins with, which is the one that messages are taken for.
    #[must_use]
    pub const fn begins_with(mut self, channel: Channel) -> Self {
        self.channel = channel;
        self
    }

    /// Sets how long the template's codes are good for: what a throttled number is told to wait at most.
    ///
    /// # Errors
    /// [`ConfigError::Field`] for less than one minute and more than ten.
    pub fn valid_for(mut self, validity: Duration) -> Result<Self, ConfigError> {
        let allowed = Duration::from_secs(SHORTEST)..=Duration::from_secs(LONGEST);
        if !allowed.contains(&validity) {
            let takes = "a template's validity is 60 to 600 seconds";
            return Err(ConfigError::Field(takes));
        }
        self.validity = Some(validity);
        Ok(self)
    }

    /// Sets where EngageLab is: a stub.
    ///
    /// # Errors
    /// [`ConfigError::Url`] or [`ConfigError::PlainHttp`].
    pub fn at(mut self, base: &str) -> Result<Self, ConfigError> {
        self.base = Address::parse(base)?;
        Ok(self)
    }
}

impl Provider for EngageLab {
    fn name(&self) -> &str {
        "engagelab"
    }

    fn base(&self) -> &Address {
        &self.base
    }

    fn request(&self, message: &Message, _: Timestamp) -> Result<HttpRequest, SendError> {
        self.carries(message.channel)?;
        let body = json!({
            "to": message.to.expose(),
            "code": message.code.expose(),
            "template": self.template(message.locale),
        });
        Ok(self.post("codes", &body))
    }

    fn parse(&self, reply: &HttpReply) -> Result<Receipt, SendError> {
        self.taken(reply).unwrap_or_else(|| reply.unexpected())
    }
}

impl EngageLab {
    fn carries(&self, channel: Channel) -> Result<(), SendError> {
        if channel == self.channel {
            Ok(())
        } else {
            Err(SendError::new(SendErrorKind::AuthOrConfig))
        }
    }

    fn template(&self, locale: Option<Locale>) -> Value {
        let mut template = json!({"id": self.template, "language": self.language.of(locale)});
        if let (Some(fields), false) = (template.as_object_mut(), self.params.is_empty()) {
            fields.insert("params".to_owned(), self.params.clone().into());
        }
        template
    }

    fn post(&self, method: &str, body: &Value) -> HttpRequest {
        let request = HttpRequest::json(self.base.join(["v1", method]), body);
        request.basic(self.key.expose(), &self.secret)
    }

    /// What it said of a message; none where it said neither yes nor no.
    fn taken(&self, reply: &HttpReply) -> Option<Result<Receipt, SendError>> {
        match (reply.text("/message_id"), reply.text("/code")) {
            (Some(id), _) if reply.is_success() => Some(Ok(HttpReply::taken(id))),
            (_, Some(_)) => Some(Err(class::error(self, reply))),
            _ => None,
        }
    }
}

fn known(language: impl Into<String>) -> Result<String, ConfigError> {
    let takes = "a language is default, zh_CN, zh_HK, en, ja, th or es";
    ConfigError::unless(language, takes, |language| LANGUAGES.contains(&language))
}
