//! SMS through Gupshup's Enterprise gateway.

use super::{class, digits};
use crate::ConfigError;
use crate::http::{
    Address, Brand, Dlt, HttpReply, HttpRequest, HttpSender, PerLocale, Provider, Secret, Wording,
};
use crate::words::Words;
use otp_core::{Channel, Message, Receipt, SendError, SendErrorKind, Timestamp};
use std::borrow::Cow;
use std::sync::Arc;

/// [`GupshupSms`] over HTTP: `HttpSender::new(sms)` makes one.
pub type GupshupSmsSender = HttpSender<GupshupSms>;

const BASE: &str = "https://enterprise.smsgupshup.com";
const MASK: usize = 6;

/// Sends codes as SMS through Gupshup's Enterprise gateway, method `SendMessage` (docs.gupshup.io). A message for another
/// channel is refused as [`SendErrorKind::AuthOrConfig`].
///
/// A receipt means that Gupshup took the message; its reference is the message's id. Gupshup has no idempotency key,
/// and the gateway is not told how long to keep trying.
///
/// India's operators compare texts with registered ones: see [`dlt`](Self::dlt).
///
/// ```
/// use otp_providers::http::{Brand, HttpSender, Secret};
/// use otp_providers::{GupshupSms, GupshupSmsSender};
///
/// let password = Secret::new("the account's password")?;
/// let sms = GupshupSms::new("2000100000", password)?
///     .mask("EXMPLE")?
///     .brand(Brand::new("Example")?);
/// let sender: GupshupSmsSender = HttpSender::new(sms)?;
/// # let _ = sender;
/// # Ok::<(), otp_providers::ConfigError>(())
/// ```
#[derive(Clone, Debug)]
pub struct GupshupSms {
    base: Address,
    user: String,
    password: Secret,
    mask: Option<String>,
    words: Words,
}

impl GupshupSms {
    /// Takes the account's id and its password.
    ///
    /// # Errors
    /// [`ConfigError::Field`] for what is no id.
    pub fn new(user: impl Into<String>, password: Secret) -> Result<Self, ConfigError> {
        Ok(Self {
            base: Address::parse(BASE)?,
            user: word(user, "the user's id is one word")?,
            password,
            mask: None,
            words: Words::default(),
        })
    }

    /// Sets who an SMS comes from, in 6 characters.
    ///
    /// # Errors
    /// [`ConfigError::Field`] for another length.
    pub fn mask(mut self, mask: impl Into<String>) -> Result<Self, ConfigError> {
        let mask = word(mask, "a mask has 6 characters")?;
        if mask.len() != MASK {
            return Err(ConfigError::Field("a mask has 6 characters"));
        }
        self.mask = Some(mask);
        Ok(self)
    }

    /// Sets the texts that are registered with India's operators, and what they are known by: without them no message
    /// goes to India. They go with messages to India alone, whose sender is the header. A reader of a language without
    /// a registered text gets the first one, which is for all.
    #[must_use]
    pub fn dlt(mut self, registered: impl Into<PerLocale<Dlt>>) -> Self {
        self.words.dlt = Some(registered.into());
        self
    }

    /// Sets what the text says: a [`Brand`], in English, or another [`Wording`].
    #[must_use]
    pub fn wording(mut self, wording: impl Wording) -> Self {
        self.words.wording = Arc::new(wording);
        self
    }

    /// Sets who the text says the code is for, in English: a short name for [`wording`](Self::wording).
    #[must_use]
    pub fn brand(self, brand: Brand) -> Self {
        self.wording(brand)
    }

    /// Sets where the gateway is: a stub.
    ///
    /// # Errors
    /// [`ConfigError::Url`] or [`ConfigError::PlainHttp`].
    pub fn at(mut self, base: &str) -> Result<Self, ConfigError> {
        self.base = Address::parse(base)?;
        Ok(self)
    }
}

impl Provider for GupshupSms {
    fn name(&self) -> &str {
        "gupshup-sms"
    }

    fn base(&self) -> &Address {
        &self.base
    }

    fn request(&self, message: &Message, _: Timestamp) -> Result<HttpRequest, SendError> {
        if message.channel != Channel::Sms {
            return Err(SendError::new(SendErrorKind::AuthOrConfig));
        }
        let (text, dlt) = self.words.of(message)?;
        let kind = if text.is_ascii() {
            "TEXT"
        } else {
            "Unicode_text"
        };
        let mut fields: Vec<(&str, Cow<'_, str>)> = vec![
            ("userid", (&self.user).into()),
            ("password", self.password.expose().into()),
            ("auth_scheme", "plain".into()),
            ("v", "1.1".into()),
            ("method", "SendMessage".into()),
            ("format", "JSON".into()),
            ("send_to", digits(message).into()),
            ("msg", text.into()),
            ("msg_type", kind.into()),
        ];
        let header = dlt.map(Dlt::header);
        let mask = header.or(self.mask.as_deref());
        fields.extend(mask.map(|mask| ("mask", mask.into())));
        if let Some(dlt) = dlt {
            fields.push(("principalEntityId", dlt.entity().into()));
            fields.push(("dltTemplateId", dlt.template().into()));
        }
        let address = self.base.join(["GatewayAPI", "rest"]);
        Ok(HttpRequest::form(address, fields))
    }

    fn parse(&self, reply: &HttpReply) -> Result<Receipt, SendError> {
        match Said::of(reply) {
            Some(Said { word, id }) if word == "success" && reply.is_success() => {
                Ok(id.map_or_else(Receipt::default, HttpReply::taken))
            }
            Some(Said { word, id }) if word == "error" => Err(class::sms(reply, id.as_deref())),
            _ => reply.unexpected(),
        }
    }
}

/// `success` with the message's id or `error` with a code, in JSON or, where the gateway does not heed the format, in
/// text: `success | number | id`, `error | code | words`.
struct Said {
    word: String,
    id: Option<String>,
}

impl Said {
    fn of(reply: &HttpReply) -> Option<Self> {
        if let Some(word) = reply.text("/response/status") {
            let word = word.to_lowercase();
            let id = reply.text("/response/id");
            return Some(Self { word, id });
        }
        let text = String::from_utf8_lossy(reply.body());
        let mut parts = text.split('|').map(|part| part.trim().to_owned());
        let word = parts.next()?.to_lowercase();
        let id = match &*word {
            "success" => parts.nth(1),
            _ => parts.next(),
        };
        Some(Self { word, id })
    }
}

fn word(text: impl Into<String>, takes: &'static str) -> Result<String, ConfigError> {
    ConfigError::unless(text, takes, |text| {
        text.bytes().all(|b| b.is_ascii_graphic())
    })
}
