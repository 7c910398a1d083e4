//! SMS and WhatsApp through Twilio's Programmable Messaging.

mod class;
#[cfg(feature = "twilio-verify")]
mod verify;
mod webhook;

#[cfg(feature = "twilio-verify")]
pub use verify::{TwilioVerifier, TwilioVerify};
pub use webhook::TwilioWebhook;

use crate::ConfigError;
use crate::http::{
    Address, Brand, HttpReply, HttpRequest, HttpSender, PerLocale, Provider, Secret, Wording,
};
use crate::minutes;
use otp_core::{Channel, Locale, Message, Receipt, SendError, SendErrorKind, Timestamp};
use serde_json::json;
use std::sync::Arc;

/// [`Twilio`] over HTTP: `HttpSender::new(twilio)` makes one.
pub type TwilioSender = HttpSender<Twilio>;

const BASE: &str = "https://api.twilio.com";
const VERSION: &str = "2010-04-01";
/// What `ValidityPeriod` may be, in seconds.
const SHORTEST: u64 = 1;
const LONGEST: u64 = 36_000;

/// Sends codes as SMS, from a number or a Messaging Service, and as WhatsApp, by an approved authentication template.
/// A message for a channel without an origin is refused as [`SendErrorKind::AuthOrConfig`].
///
/// A receipt means that Twilio queued the message; its reference is the message's sid. Twilio has no idempotency key.
/// It is told to give up when the code expires.
///
/// ```
/// use otp_providers::http::{Brand, HttpSender, Secret};
/// use otp_providers::{Twilio, TwilioSender};
///
/// # let (account, key) = (format!("AC{:032}", 0), format!("SK{:032}", 0));
/// let secret = Secret::new("the API key's secret, from Twilio's console")?;
/// let twilio = Twilio::with_api_key(account, key, secret)?
///     .sms_from("+15005550006")?
///     .brand(Brand::new("Example")?);
/// let sender: TwilioSender = HttpSender::new(twilio)?;
/// # let _ = sender;
/// # Ok::<(), otp_providers::ConfigError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Twilio {
    base: Address,
    account: String,
    user: Secret,
    password: Secret,
    wording: Arc<dyn Wording>,
    sms: Option<Origin>,
    whatsapp: Option<Template>,
    callback: Option<Address>,
}

/// Where an SMS comes from: the parameter and its value.
#[derive(Clone, Debug)]
struct Origin(&'static str, String);

/// An approved WhatsApp authentication template whose one variable is the code.
#[derive(Clone, Debug)]
struct Template {
    from: String,
    content: PerLocale<String>,
    minutes: Option<u64>,
}

impl Twilio {
    /// Takes the account (`AC…`) and an API key (`SK…`) with its secret, which can be revoked alone.
    ///
    /// # Errors
    /// [`ConfigError::Field`] for what are no such names.
    pub fn with_api_key(
        account: impl Into<String>,
        key: impl Into<String>,
        secret: Secret,
    ) -> Result<Self, ConfigError> {
        let key = sid(
            key,
            "SK",
            "the API key's sid is SK and 32 hexadecimal digits",
        )?;
        Self::new(account.into(), Some(key), secret)
    }

    /// Takes the account (`AC…`) and its auth token, which opens all of the account.
    ///
    /// # Errors
    /// [`ConfigError::Field`] for what is no such name.
    pub fn with_auth_token(account: impl Into<String>, token: Secret) -> Result<Self, ConfigError> {
        Self::new(account.into(), None, token)
    }

    fn new(account: String, key: Option<String>, password: Secret) -> Result<Self, ConfigError> {
        let account = sid(
            account,
            "AC",
            "the account's sid is AC and 32 hexadecimal digits",
        )?;
        Ok(Self {
            base: Address::parse(BASE)?,
            user: Secret::new(key.unwrap_or_else(|| account.clone()))?,
            account,
            password,
            wording: Arc::new(Brand::default()),
            sms: None,
            whatsapp: None,
            callback: None,
        })
    }

    /// Sends SMS from a number with its plus, an alphanumeric sender id, or a short code.
    ///
    /// # Errors
    /// [`ConfigError::Field`] for what can be none of them.
    pub fn sms_from(mut self, from: impl Into<String>) -> Result<Self, ConfigError> {
        let takes = "From is a number, an alphanumeric sender id or a short code";
        let from = ConfigError::unless(from, takes, |_| true)?;
        self.sms = Some(Origin("From", from));
        Ok(self)
    }

    /// Sends SMS through a Messaging Service (`MG…`).
    ///
    /// # Errors
    /// [`ConfigError::Field`] for what is no such name.
    pub fn sms_service(mut self, service: impl Into<String>) -> Result<Self, ConfigError> {
        let takes = "MessagingServiceSid is MG and 32 hexadecimal digits";
        self.sms = Some(Origin("MessagingServiceSid", sid(service, "MG", takes)?));
        Ok(self)
    }

    /// Sends WhatsApp from this number, by this authentication template (`HX…`),
    /// whose one variable is the code.
    ///
    /// # Errors
    /// [`ConfigError::Field`] for what are no such number and name.
    pub fn whatsapp(
        mut self,
        from: impl Into<String>,
        content: impl Into<String>,
    ) -> Result<Self, ConfigError> {
        let takes = "the WhatsApp sender is a number with its plus";
        let from = ConfigError::unless(from, takes, |from| from.starts_with('+'))?;
        self.whatsapp = Some(Template {
            from,
            content: content_sid(content)?.into(),
            minutes: None,
        });
        Ok(self)
    }

    /// Sets the template for readers of this language, after [`whatsapp`](Self::whatsapp) has set the one for all.
    ///
    /// # Errors
    /// [`ConfigError::Field`] for what is no such name, and where there is no template for all.
    pub fn whatsapp_for_locale(
        mut self,
        locale: Locale,
        content: impl Into<String>,
    ) -> Result<Self, ConfigError> {
        let content = content_sid(content)?;
        self.template()?.content.set(locale, content);
        Ok(self)
    }

    /// Says which minutes the templates show, 1 to 90: a code that is good for another time is not sent by them, but
    /// refused as [`SendErrorKind::TemplateProblem`]. So is one that has lost half a minute, as the second message of a
    /// policy's fallback has: where WhatsApp is that, use templates that show no minutes, and do not say them.
    ///
    /// # Errors
    /// [`ConfigError::Field`] for others, and where there is no template.
    pub fn whatsapp_minutes(mut self, minutes: u8) -> Result<Self, ConfigError> {
        self.template()?.minutes = Some(minutes::shown(minutes)?);
        Ok(self)
    }

    fn template(&mut self) -> Result<&mut Template, ConfigError> {
        let takes = "the template for all languages is set first";
        self.whatsapp.as_mut().ok_or(ConfigError::Field(takes))
    }

    /// Sets what the text says: a [`Brand`], in English, or another [`Wording`].
    #[must_use]
    pub fn wording(mut self, wording: impl Wording) -> Self {
        self.wording = Arc::new(wording);
        self
    }

    /// Sets who the text says the code is for, in English: a short name for [`wording`](Self::wording). Templates have
    /// their own words.
    #[must_use]
    pub fn brand(self, brand: Brand) -> Self {
        self.wording(brand)
    }

    /// Asks Twilio to report what becomes of each message to this address. Its host has no underscores.
    ///
    /// # Errors
    /// [`ConfigError::Url`] or [`ConfigError::PlainHttp`] for what is no https address, [`ConfigError::Field`] for
    /// underscores.
    pub fn status_callback(mut self, address: &str) -> Result<Self, ConfigError> {
        let address = Address::parse(address)?;
        if address.host().contains('_') {
            return Err(ConfigError::Field(
                "the host of StatusCallback has no underscores",
            ));
        }
        self.callback = Some(address);
        Ok(self)
    }

    /// Sets where Twilio is: a region, or a stub.
    ///
    /// # Errors
    /// [`ConfigError::Url`] or [`ConfigError::PlainHttp`].
    pub fn at(mut self, base: &str) -> Result<Self, ConfigError> {
        self.base = Address::parse(base)?;
        Ok(self)
    }
}

impl Provider for Twilio {
    fn name(&self) -> &str {
        "twilio"
    }

    fn base(&self) -> &Address {
        &self.base
    }

    fn request(&self, message: &Message, _: Timestamp) -> Result<HttpRequest, SendError> {
        let mut fields = match (message.channel, &self.sms, &self.whatsapp) {
            (Channel::Sms, Some(origin), _) => self.sms_fields(message, origin),
            (Channel::WhatsApp, _, Some(template)) => whatsapp_fields(message, template)?,
            _ => return Err(SendError::new(SendErrorKind::AuthOrConfig)),
        };
        let validity = message.expires_in.as_secs().clamp(SHORTEST, LONGEST);
        fields.push(("ValidityPeriod", validity.to_string()));
        if let Some(callback) = &self.callback {
            fields.push(("StatusCallback", callback.expose().to_owned()));
        }
        let path = [VERSION, "Accounts", &self.account, "Messages.json"];
        Ok(HttpRequest::form(self.base.join(path), fields)
            .header("accept", "application/json")
            .basic(self.user.expose(), &self.password))
    }

    fn parse(&self, reply: &HttpReply) -> Result<Receipt, SendError> {
        // `code` is a refusal's; `error_code` is that of a message that failed at once.
        if let Some(code) = reply.code("/code").or_else(|| reply.code("/error_code")) {
            return Err(class::error(reply, code));
        }
        match (reply.text("/status").as_deref(), reply.text("/sid")) {
            (Some("failed" | "undelivered" | "canceled"), _) => {
                Err(reply.refused(SendErrorKind::Transient))
            }
            (_, Some(sid)) if reply.is_success() => Ok(HttpReply::taken(sid)),
            _ => reply.unexpected(),
        }
    }
}

impl Twilio {
    fn sms_fields(&self, message: &Message, origin: &Origin) -> Vec<(&'static str, String)> {
        vec![
            ("To", message.to.expose().to_owned()),
            (origin.0, origin.1.clone()),
            ("Body", self.wording.text(message)),
        ]
    }
}

fn whatsapp_fields(
    message: &Message,
    template: &Template,
) -> Result<Vec<(&'static str, String)>, SendError> {
    minutes::check(template.minutes, message)?;
    let variables = json!({"1": message.code.expose()});
    Ok(vec![
        ("To", format!("whatsapp:{}", message.to.expose())),
        ("From", format!("whatsapp:{}", template.from)),
        ("ContentSid", template.content.of(message.locale).clone()),
        ("ContentVariables", variables.to_string()),
    ])
}

fn content_sid(text: impl Into<String>) -> Result<String, ConfigError> {
    sid(text, "HX", "ContentSid is HX and 32 hexadecimal digits")
}

fn sid(text: impl Into<String>, prefix: &str, takes: &'static str) -> Result<String, ConfigError> {
    ConfigError::unless(text, takes, |text| {
        text.strip_prefix(prefix)
            .is_some_and(|hex| hex.len() == 32 && hex.bytes().all(|b| b.is_ascii_hexdigit()))
    })
}
