//! Codes into Telegram, through its Gateway.
//!
//! Source: Telegram's Gateway API; the names of its errors as `apifonica/tg-gateway-go` knows them.

mod class;
mod webhook;

pub use webhook::TelegramWebhook;

use crate::ConfigError;
use crate::http::{Address, HttpReply, HttpRequest, HttpSender, Provider, Secret};
use otp_core::{Channel, Message, Receipt, SendError, SendErrorKind, Timestamp};
use serde_json::{Value, json};

/// [`Telegram`] over HTTP: `HttpSender::new(telegram)` makes one.
pub type TelegramSender = HttpSender<Telegram>;

const BASE: &str = "https://gatewayapi.telegram.org";
const LONGEST_CODE: usize = 8;
const LONGEST_CALLBACK: usize = 256;
/// What `ttl` may be, in seconds.
const SHORTEST: u64 = 30;
const LONGEST: u64 = 3_600;

/// Sends codes of ours (`sendVerificationMessage`) to the Telegram account that a number has.
///
/// It takes the place of an SMS, for clients have no word for this channel: a message for another one is refused as
/// [`SendErrorKind::AuthOrConfig`], and so is a code of more than 8 digits. A number without Telegram is
/// [`SendErrorKind::Unreachable`].
///
/// A receipt means that Telegram took the message; its reference is the `request_id`. There is no idempotency key; a
/// refusal because the message was sent already counts as taken. Telegram is told to give up, and to refund, when the
/// code expires, in 30 seconds at the least and an hour at most.
///
/// ```
/// use otp_providers::http::{HttpSender, Secret};
/// use otp_providers::{Telegram, TelegramSender};
///
/// let telegram = Telegram::new(Secret::new("the gateway's access token")?)?;
/// let sender: TelegramSender = HttpSender::new(telegram)?;
/// # let _ = sender;
/// # Ok::<(), otp_providers::ConfigError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Telegram {
    base: Address,
    token: Secret,
    username: Option<String>,
    callback: Option<Address>,
}

impl Telegram {
    /// Takes the Gateway's access token.
    ///
    /// # Errors
    /// None that a token can cause.
    pub fn new(token: Secret) -> Result<Self, ConfigError> {
        Ok(Self {
            base: Address::parse(BASE)?,
            token,
            username: None,
            callback: None,
        })
    }

    /// Sends under this name (`sender_username`).
    ///
    /// # Errors
    /// [`ConfigError::Field`] for what is no such name.
    pub fn sender_username(mut self, username: impl Into<String>) -> Result<Self, ConfigError> {
        let takes = "sender_username is a name";
        self.username = Some(ConfigError::unless(username, takes, |_| true)?);
        Ok(self)
    }

    /// Asks Telegram to report what becomes of each message to this https address of at most 256 bytes.
    ///
    /// # Errors
    /// [`ConfigError::Url`] for what is no address, [`ConfigError::PlainHttp`] for what is not https,
    /// [`ConfigError::Field`] for a longer one.
    pub fn callback_url(mut self, address: &str) -> Result<Self, ConfigError> {
        let address = Address::parse(address)?;
        if !address.is_encrypted() {
            return Err(ConfigError::PlainHttp);
        }
        if address.expose().len() > LONGEST_CALLBACK {
            return Err(ConfigError::Field("callback_url has at most 256 bytes"));
        }
        self.callback = Some(address);
        Ok(self)
    }

    /// Sets where the Gateway is: a stub.
    ///
    /// # Errors
    /// [`ConfigError::Url`] or [`ConfigError::PlainHttp`].
    pub fn at(mut self, base: &str) -> Result<Self, ConfigError> {
        self.base = Address::parse(base)?;
        Ok(self)
    }
}

impl Provider for Telegram {
    fn name(&self) -> &str {
        "telegram"
    }

    fn base(&self) -> &Address {
        &self.base
    }

    fn request(&self, message: &Message, _: Timestamp) -> Result<HttpRequest, SendError> {
        if message.channel != Channel::Sms || message.code.len() > LONGEST_CODE {
            return Err(SendError::new(SendErrorKind::AuthOrConfig));
        }
        let mut body = json!({
            "phone_number": message.to.expose(),
            "code": message.code.expose(),
            "ttl": message.expires_in.as_secs().clamp(SHORTEST, LONGEST),
        });
        let callback = self.callback.as_ref().map(Address::expose);
        let more = [
            ("sender_username", self.username.as_deref()),
            ("callback_url", callback),
        ];
        if let Value::Object(fields) = &mut body {
            let set = more
                .into_iter()
                .filter_map(|(name, value)| Some((name, value?)));
            fields.extend(set.map(|(name, value)| (name.to_owned(), value.into())));
        }
        let address = self.base.join(["sendVerificationMessage"]);
        Ok(HttpRequest::json(address, &body).bearer(&self.token))
    }

    fn parse(&self, reply: &HttpReply) -> Result<Receipt, SendError> {
        if let Some(name) = reply.text("/error") {
            return class::receipt(reply, &name);
        }
        match (reply.json().get("ok"), reply.text("/result/request_id")) {
            (Some(Value::Bool(false)), _) => Err(class::nameless(reply)),
            (_, Some(id)) if reply.is_success() => Ok(HttpReply::taken(id)),
            _ => reply.unexpected(),
        }
    }
}
