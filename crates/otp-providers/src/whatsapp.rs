//! WhatsApp through Meta's Cloud API.

mod class;
mod webhook;

pub use webhook::WhatsAppWebhook;

use crate::ConfigError;
use crate::http::{Address, HttpReply, HttpRequest, HttpSender, PerLocale, Provider, Secret};
use crate::minutes;
use otp_core::{Channel, Locale, Message, Receipt, SendError, SendErrorKind, Timestamp};
use serde_json::json;

/// [`WhatsApp`] over HTTP: `HttpSender::new(whatsapp)` makes one.
pub type WhatsAppSender = HttpSender<WhatsApp>;

const BASE: &str = "https://graph.facebook.com";
const VERSION: &str = "v23.0";
const LONGEST_TEMPLATE: usize = 512;

/// Sends codes by an authentication template: one with a copy-code, one-tap or zero-tap button, which are all sent alike.
/// A message for another channel is refused as [`SendErrorKind::AuthOrConfig`].
///
/// A receipt means that Meta took the message; its reference is the message's `wamid`, and the webhook alone says
/// whether it arrived. Meta has no idempotency key. How long it keeps trying, and the minutes that are shown, belong to
/// the template: set both to what the policy says, and say it here with [`minutes`](Self::minutes).
///
/// ```
/// use otp_providers::http::{HttpSender, Secret};
/// use otp_providers::{WhatsApp, WhatsAppSender};
///
/// let token = Secret::new("a system user's token")?;
/// let whatsapp = WhatsApp::new("106540352242922", token, "verification_code", "en_US")?;
/// let sender: WhatsAppSender = HttpSender::new(whatsapp)?;
/// # let _ = sender;
/// # Ok::<(), otp_providers::ConfigError>(())
/// ```
#[derive(Clone, Debug)]
pub struct WhatsApp {
    base: Address,
    version: String,
    phone_number_id: String,
    token: Secret,
    templates: PerLocale<Template>,
    minutes: Option<u64>,
}

/// A template, and which of its languages.
#[derive(Clone, Debug)]
struct Template {
    name: String,
    language: String,
}

impl WhatsApp {
    /// Takes the id of the sending number (which is not the number), an access token, and the template's name and
    /// language (`en_US`).
    ///
    /// # Errors
    /// [`ConfigError::Field`] for what are no such names.
    pub fn new(
        phone_number_id: impl Into<String>,
        token: Secret,
        template: impl Into<String>,
        language: impl Into<String>,
    ) -> Result<Self, ConfigError> {
        let digits = |id: &str| id.bytes().all(|b| b.is_ascii_digit());
        let takes = "the phone number id is digits alone, and not the number";
        let phone_number_id = ConfigError::unless(phone_number_id, takes, digits)?;
        Ok(Self {
            base: Address::parse(BASE)?,
            version: VERSION.to_owned(),
            phone_number_id,
            token,
            templates: Template::new(template.into(), language.into())?.into(),
            minutes: None,
        })
    }

    /// Sets the template, and its language, for readers of this one; the first one is for all others.
    ///
    /// # Errors
    /// [`ConfigError::Field`] for what are no such names.
    pub fn for_locale(
        mut self,
        locale: Locale,
        template: impl Into<String>,
        language: impl Into<String>,
    ) -> Result<Self, ConfigError> {
        let template = Template::new(template.into(), language.into())?;
        self.templates.set(locale, template);
        Ok(self)
    }

    /// Says which minutes the templates show, 1 to 90: a code that is good for another time is not sent, but refused as
    /// [`SendErrorKind::TemplateProblem`]. So is one that has lost half a minute, as the second message of a policy's
    /// fallback has: where WhatsApp is that, use templates that show no minutes, and do not say them.
    ///
    /// # Errors
    /// [`ConfigError::Field`] for others.
    pub fn minutes(mut self, minutes: u8) -> Result<Self, ConfigError> {
        self.minutes = Some(minutes::shown(minutes)?);
        Ok(self)
    }

    /// Sets the version of Meta's API; `v23.0` otherwise.
    ///
    /// # Errors
    /// [`ConfigError::Field`] for what is no version.
    pub fn version(mut self, version: impl Into<String>) -> Result<Self, ConfigError> {
        let takes = "a version of Meta's API is written as v23.0";
        self.version = ConfigError::unless(version, takes, |v| v.starts_with('v'))?;
        Ok(self)
    }

    /// Sets where Meta is: a stub.
    ///
    /// # Errors
    /// [`ConfigError::Url`] or [`ConfigError::PlainHttp`].
    pub fn at(mut self, base: &str) -> Result<Self, ConfigError> {
        self.base = Address::parse(base)?;
        Ok(self)
    }
}

impl Template {
    fn new(name: String, language: String) -> Result<Self, ConfigError> {
        let takes = "a template's name has 1 to 512 characters";
        let short = |name: &str| name.chars().count() <= LONGEST_TEMPLATE;
        let name = ConfigError::unless(name, takes, short)?;
        let takes = "a template's language is a code such as en_US";
        let language = ConfigError::unless(language, takes, |_| true)?;
        Ok(Self { name, language })
    }
}

impl Provider for WhatsApp {
    fn name(&self) -> &str {
        "whatsapp"
    }

    fn base(&self) -> &Address {
        &self.base
    }

    fn request(&self, message: &Message, _: Timestamp) -> Result<HttpRequest, SendError> {
        if message.channel != Channel::WhatsApp {
            return Err(SendError::new(SendErrorKind::AuthOrConfig));
        }
        minutes::check(self.minutes, message)?;
        let template = self.templates.of(message.locale);
        let code = json!([{"type": "text", "text": message.code.expose()}]);
        let body = json!({
            "messaging_product": "whatsapp",
            "recipient_type": "individual",
            "to": message.to.expose().trim_start_matches('+'),
            "type": "template",
            "template": {
                "name": template.name,
                "language": {"code": template.language},
                "components": [
                    {"type": "body", "parameters": code},
                    {"type": "button", "sub_type": "url", "index": "0", "parameters": code},
                ],
            },
        });
        let path = [&*self.version, &self.phone_number_id, "messages"];
        Ok(HttpRequest::json(self.base.join(path), &body).bearer(&self.token))
    }

    fn parse(&self, reply: &HttpReply) -> Result<Receipt, SendError> {
        if reply.json().get("error").is_some() {
            return Err(class::error(reply));
        }
        match reply.text("/messages/0/id") {
            Some(id) if reply.is_success() => Ok(HttpReply::taken(id)),
            _ => reply.unexpected(),
        }
    }
}
