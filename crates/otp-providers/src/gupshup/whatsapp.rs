//! WhatsApp through Gupshup's self-serve API.

use super::{class, digits};
use crate::ConfigError;
use crate::http::{Address, HttpReply, HttpRequest, HttpSender, PerLocale, Provider, Secret};
use crate::minutes;
use otp_core::{Channel, Locale, Message, Receipt, SendError, SendErrorKind, Timestamp};
use serde_json::json;

/// [`GupshupWhatsApp`] over HTTP: `HttpSender::new(whatsapp)` makes one.
pub type GupshupWhatsAppSender = HttpSender<GupshupWhatsApp>;

const BASE: &str = "https://api.gupshup.io";

/// Sends codes as WhatsApp through Gupshup's self-serve API, by a template whose one parameter is the code
/// (docs.gupshup.io). A message for another channel is refused as [`SendErrorKind::AuthOrConfig`].
///
/// A receipt means that Gupshup took the message; its reference is Gupshup's id for it, and its events alone say
/// whether it arrived. Gupshup has no idempotency key. It is not told how long to keep trying: that belongs to the
/// template, as do the minutes that are shown: [`minutes`](Self::minutes).
///
/// ```
/// use otp_providers::http::{HttpSender, Secret};
/// use otp_providers::{GupshupWhatsApp, GupshupWhatsAppSender};
///
/// let key = Secret::new("the API key from Gupshup's console")?;
/// let template = "c6aecef6-bcb0-4fb1-8100-28c094e3bc6b";
/// let whatsapp = GupshupWhatsApp::new(key, "917700900100", "ExampleApp", template)?;
/// let sender: GupshupWhatsAppSender = HttpSender::new(whatsapp)?;
/// # let _ = sender;
/// # Ok::<(), otp_providers::ConfigError>(())
/// ```
#[derive(Clone, Debug)]
pub struct GupshupWhatsApp {
    base: Address,
    key: Secret,
    source: String,
    app: String,
    template: PerLocale<String>,
    minutes: Option<u64>,
}

impl GupshupWhatsApp {
    /// Takes the API key, the sending number in digits with its country code, the app's name (`src.name`), and the
    /// template's id.
    ///
    /// # Errors
    /// [`ConfigError::Field`] for what are no such settings.
    pub fn new(
        key: Secret,
        source: impl Into<String>,
        app: impl Into<String>,
        template: impl Into<String>,
    ) -> Result<Self, ConfigError> {
        let takes = "the sending number is digits alone, with its country code and without a plus";
        let digits = |number: &str| number.bytes().all(|b| b.is_ascii_digit());
        let source = ConfigError::unless(source, takes, digits)?;
        let app = ConfigError::unless(app, "an app has a name", |_| true)?;
        Ok(Self {
            base: Address::parse(BASE)?,
            key,
            source,
            app,
            template: id(template)?.into(),
            minutes: None,
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

    /// Sets where Gupshup is: a stub.
    ///
    /// # Errors
    /// [`ConfigError::Url`] or [`ConfigError::PlainHttp`].
    pub fn at(mut self, base: &str) -> Result<Self, ConfigError> {
        self.base = Address::parse(base)?;
        Ok(self)
    }
}

impl Provider for GupshupWhatsApp {
    fn name(&self) -> &str {
        "gupshup-whatsapp"
    }

    fn base(&self) -> &Address {
        &self.base
    }

    fn request(&self, message: &Message, _: Timestamp) -> Result<HttpRequest, SendError> {
        if message.channel != Channel::WhatsApp {
            return Err(SendError::new(SendErrorKind::AuthOrConfig));
        }
        minutes::check(self.minutes, message)?;
        let template = self.template.of(message.locale);
        let template = json!({"id": template, "params": [message.code.expose()]}).to_string();
        let fields = [
            ("channel", "whatsapp"),
            ("source", &self.source),
            ("destination", digits(message)),
            ("src.name", &self.app),
            ("template", &template),
        ];
        let address = self.base.join(["wa", "api", "v1", "template", "msg"]);
        Ok(HttpRequest::form(address, fields).header("apikey", self.key.expose()))
    }

    fn parse(&self, reply: &HttpReply) -> Result<Receipt, SendError> {
        let status = reply.text("/status").map(|status| status.to_lowercase());
        match status.as_deref() {
            Some("submitted") if reply.is_success() => Ok(reply
                .text("/messageId")
                .map_or_else(Receipt::default, HttpReply::taken)),
            Some("submitted") => reply.unexpected(),
            status => match class::whatsapp(reply, status.is_some()) {
                Some(error) => Err(error),
                None => reply.unexpected(),
            },
        }
    }
}

fn id(template: impl Into<String>) -> Result<String, ConfigError> {
    let plain = |id: &str| id.bytes().all(|b| b.is_ascii_graphic());
    ConfigError::unless(template, "a template's id is one word", plain)
}
