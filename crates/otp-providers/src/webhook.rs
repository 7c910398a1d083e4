//! Codes to a program of yours over HTTP.

mod builder;
mod secret;
mod wire;

pub use builder::WebhookBuilder;
pub use secret::WebhookSecret;

use crate::http::{Address, HttpReply, HttpRequest, HttpSender, Provider, Wording};
use otp_core::{Message, Receipt, SendError, Timestamp};
use std::sync::Arc;

/// A [`Webhook`] over HTTP; [`builder`](HttpSender::builder) makes one.
pub type WebhookSender = HttpSender<Webhook>;

/// POSTs each code as JSON to an address of yours:
///
/// ```json
/// {"to": "+919876543210", "code": "123456", "channel": "sms", "expires_in": 300, "challenge_id": "…",
///  "message": "123456 is your Example code. It is good for 5 minutes. Do not share it with anyone."}
/// ```
///
/// `message` is a text to pass on as it is, `expires_in` is in seconds; where the reader's language is known, there is a
/// `locale` (`pt-BR`). With a [`WebhookSecret`] the request carries
/// `X-OTP-Signature: t=<unix seconds>,v1=<hex>`, where `v1` is HMAC-SHA-256 over `t`, a full stop and the raw body:
/// compare it in constant time, and refuse a `t` that is more than a few minutes old.
///
/// # What the answers mean
/// | answer | meaning |
/// |---|---|
/// | 2xx | taken; `id` in a JSON body becomes the receipt's reference |
/// | 422 | [`InvalidNumber`](otp_core::SendErrorKind::InvalidNumber) |
/// | 429 | [`RateLimited`](otp_core::SendErrorKind::RateLimited), with `Retry-After` if it is in seconds |
/// | 402 | [`InsufficientCredit`](otp_core::SendErrorKind::InsufficientCredit) |
/// | 408, 425, 5xx, no connection | [`Transient`](otp_core::SendErrorKind::Transient) |
/// | any other, redirects among them | [`AuthOrConfig`](otp_core::SendErrorKind::AuthOrConfig) |
/// | none: a time-out or a broken connection after the request went out | taken, for the code may arrive |
///
/// Nothing is sent twice. Redirects are not followed, the environment's proxies are not used, and the address is
/// shown nowhere, for it may hold a token.
///
/// ```
/// use otp_providers::{ConfigError, WebhookSender};
///
/// let sender = WebhookSender::builder("https://sms.example.com/otp?token=a1b2c3").brand("Example").build()?;
/// assert!(!format!("{sender:?}").contains("a1b2c3"));
/// # Ok::<(), ConfigError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Webhook {
    to: Address,
    wording: Arc<dyn Wording>,
    secret: Option<WebhookSecret>,
}

impl WebhookSender {
    /// Starts with the address to POST to: `https`, or `http` on this machine.
    pub fn builder(url: impl Into<String>) -> WebhookBuilder {
        WebhookBuilder::new(url.into())
    }
}

impl Provider for Webhook {
    fn name(&self) -> &str {
        "webhook"
    }

    fn base(&self) -> &Address {
        &self.to
    }

    fn request(&self, message: &Message, now: Timestamp) -> Result<HttpRequest, SendError> {
        Ok(wire::request(self, message, now))
    }

    fn parse(&self, reply: &HttpReply) -> Result<Receipt, SendError> {
        wire::parse(reply)
    }
}
