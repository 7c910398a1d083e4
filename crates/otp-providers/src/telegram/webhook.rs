//! What becomes of Telegram's messages.

use crate::callback::{Signature, is_recent, json_of, report};
use crate::http::Secret;
use crate::json;
use hmac::Hmac;
use otp_core::{Callback, CallbackError, DeliveryState, DeliveryWebhook, Report, Timestamp};
use sha2::{Digest, Sha256};

/// Reads the Gateway's reports: what [`Telegram::callback_url`](crate::Telegram::callback_url) asks for.
///
/// `X-Request-Signature` is over `X-Request-Timestamp` and the body's bytes, with the hash of the access token. A
/// request whose time is more than 300 seconds from ours is refused.
///
/// ```
/// use otp_core::{Callback, CallbackError, DeliveryWebhook, Timestamp};
/// use otp_providers::TelegramWebhook;
/// use otp_providers::http::Secret;
///
/// let webhook = TelegramWebhook::new(Secret::new("the gateway's access token")?);
/// let forged = Callback::new("", &[], b"{}");
/// let read = webhook.read(&forged, Timestamp::from_secs(0));
/// assert_eq!(read, Err(CallbackError::Forged));
/// # Ok::<(), otp_providers::ConfigError>(())
/// ```
#[derive(Clone, Debug)]
pub struct TelegramWebhook {
    token: Secret,
}

impl TelegramWebhook {
    /// Takes the Gateway's access token, which is what it signs with.
    #[must_use]
    pub const fn new(token: Secret) -> Self {
        Self { token }
    }

    fn is_signed(&self, callback: &Callback<'_>, now: Timestamp) -> bool {
        let time = callback.header("x-request-timestamp");
        let signature = callback.header("x-request-signature");
        let Some((time, signature)) = time.zip(signature.and_then(Signature::hex)) else {
            return false;
        };
        let key = Sha256::digest(self.token.expose());
        let parts = [time.as_bytes(), b"\n", callback.body];
        signature.is_of::<Hmac<Sha256>>(&key, &parts) && is_recent(time, now)
    }
}

impl DeliveryWebhook for TelegramWebhook {
    fn provider(&self) -> &str {
        "telegram"
    }

    fn token(&self) -> Option<&str> {
        None
    }

    fn read(&self, callback: &Callback<'_>, now: Timestamp) -> Result<Vec<Report>, CallbackError> {
        if !self.is_signed(callback, now) {
            return Err(CallbackError::Forged);
        }
        let body = json_of(callback.body)?;
        let state = match json::text(&body, "/delivery_status/status").as_deref() {
            Some("sent") => DeliveryState::Sent,
            Some("delivered") => DeliveryState::Delivered,
            Some("read") => DeliveryState::Read,
            Some("expired" | "revoked") => DeliveryState::Failed,
            _ => return Ok(Vec::new()),
        };
        let reference = json::text(&body, "/request_id");
        Ok(report(reference, state, None).into_iter().collect())
    }

    fn handshake(&self, _: &Callback<'_>) -> Result<String, CallbackError> {
        Err(CallbackError::Unexpected)
    }
}
