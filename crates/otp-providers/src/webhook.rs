//! Codes to a program of yours over HTTP.

mod builder;
mod secret;
mod wire;

pub use builder::{WebhookBuilder, WebhookError};
pub use secret::WebhookSecret;

use crate::http::{Address, Failure, Transport};
use otp_core::{Clock, Message, Receipt, SendError, SendErrorKind, Sender, async_trait};
use std::fmt;
use std::sync::Arc;
use wire::Brand;

/// POSTs each code as JSON to an address of yours:
///
/// ```json
/// {"to": "+919876543210", "code": "123456", "channel": "sms", "expires_in": 300, "challenge_id": "…",
///  "message": "123456 is your Example code. It is good for 5 minutes. Do not share it with anyone."}
/// ```
///
/// `message` is a text to pass on as it is, `expires_in` is in seconds. With a [`WebhookSecret`] the request carries
/// `X-OTP-Signature: t=<unix seconds>,v1=<hex>`, where `v1` is HMAC-SHA-256 over `t`, a full stop and the raw body:
/// compare it in constant time, and refuse a `t` that is more than a few minutes old.
///
/// # What the answers mean
/// | answer | meaning |
/// |---|---|
/// | 2xx | taken; `id` in a JSON body becomes the receipt's reference |
/// | 422 | [`InvalidNumber`](SendErrorKind::InvalidNumber) |
/// | 429 | [`RateLimited`](SendErrorKind::RateLimited), with `Retry-After` if it is in seconds |
/// | 402 | [`InsufficientCredit`](SendErrorKind::InsufficientCredit) |
/// | 408, 425, 5xx, no connection | [`Transient`](SendErrorKind::Transient) |
/// | any other, redirects among them | [`AuthOrConfig`](SendErrorKind::AuthOrConfig) |
/// | none: a time-out or a broken connection after the request went out | taken, for the code may arrive |
///
/// Nothing is sent twice. Redirects are not followed, the environment's proxies are not used, and the address is
/// shown nowhere, for it may hold a token.
///
/// ```
/// use otp_providers::{WebhookError, WebhookSender};
///
/// let sender = WebhookSender::builder("https://sms.example.com/otp?token=secret").brand("Example").build()?;
/// assert!(!format!("{sender:?}").contains("secret"));
/// # Ok::<(), WebhookError>(())
/// ```
#[derive(Clone)]
pub struct WebhookSender {
    to: Address,
    transport: Transport,
    brand: Option<Brand>,
    secret: Option<WebhookSecret>,
    clock: Arc<dyn Clock>,
}

impl WebhookSender {
    /// Starts with the address to POST to: `https`, or `http` on this machine.
    pub fn builder(url: impl Into<String>) -> WebhookBuilder {
        WebhookBuilder::new(url.into())
    }
}

#[async_trait]
impl Sender for WebhookSender {
    fn name(&self) -> &str {
        "webhook"
    }

    async fn send(&self, message: &Message) -> Result<Receipt, SendError> {
        let request = wire::request(self, message, self.clock.now());
        match self.transport.post(request).await {
            Ok(reply) => wire::parse(&reply),
            // It may have been read: were this an error, the code that arrives would be refused, and cost nothing.
            Err(Failure::Unanswered) => Ok(Receipt::default()),
            Err(failure) => Err(SendError::new(SendErrorKind::Transient).with_source(failure)),
        }
    }
}

impl fmt::Debug for WebhookSender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebhookSender")
            .field("signed", &self.secret.is_some())
            .finish_non_exhaustive()
    }
}
