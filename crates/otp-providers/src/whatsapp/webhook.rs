//! What becomes of Meta's messages.

use crate::callback::{Signature, field, json_of};
use crate::http::Secret;
use crate::meta;
use hmac::Hmac;
use otp_core::{Callback, CallbackError, DeliveryWebhook, Report, Timestamp};
use sha2::Sha256;
use subtle::ConstantTimeEq;
use url::form_urlencoded;

const LONGEST_CHALLENGE: usize = 128;

/// Reads Meta's webhook: `X-Hub-Signature-256` is over the body's bytes, with the app's secret, which is neither the
/// access token nor the word of the handshake.
///
/// Meta tries for days, out of order, and has several messages in one request. What is signed has no time: what was
/// sent once can be sent again, and says what it said before.
///
/// ```
/// use otp_core::{Callback, DeliveryWebhook};
/// use otp_providers::WhatsAppWebhook;
/// use otp_providers::http::Secret;
///
/// let secret = Secret::new("the app's secret")?;
/// let word = Secret::new("a-word-of-ours")?;
/// let webhook = WhatsAppWebhook::new(secret, word);
/// let asked = "hub.mode=subscribe&hub.verify_token=a-word-of-ours&hub.challenge=1158201444";
/// let answer = webhook.handshake(&Callback::new(asked, &[], b""));
/// assert_eq!(answer.as_deref(), Ok("1158201444"));
/// # Ok::<(), otp_providers::ConfigError>(())
/// ```
#[derive(Clone, Debug)]
pub struct WhatsAppWebhook {
    secret: Secret,
    verify_token: Secret,
}

impl WhatsAppWebhook {
    /// Takes the app's secret, and the verify token that Meta was given for the handshake.
    #[must_use]
    pub const fn new(secret: Secret, verify_token: Secret) -> Self {
        Self {
            secret,
            verify_token,
        }
    }

    fn is_signed(&self, callback: &Callback<'_>) -> bool {
        let signature = callback
            .header("x-hub-signature-256")
            .and_then(|value| Signature::hex(value.strip_prefix("sha256=")?));
        let key = self.secret.expose().as_bytes();
        signature.is_some_and(|signature| signature.is_of::<Hmac<Sha256>>(key, &[callback.body]))
    }
}

impl DeliveryWebhook for WhatsAppWebhook {
    fn provider(&self) -> &str {
        "whatsapp"
    }

    fn token(&self) -> Option<&str> {
        None
    }

    fn read(&self, callback: &Callback<'_>, _: Timestamp) -> Result<Vec<Report>, CallbackError> {
        if !self.is_signed(callback) {
            return Err(CallbackError::Forged);
        }
        Ok(meta::reports(&json_of(callback.body)?, &["/id"]))
    }

    fn handshake(&self, callback: &Callback<'_>) -> Result<String, CallbackError> {
        let asked: Vec<_> = form_urlencoded::parse(callback.query.as_bytes())
            .into_owned()
            .collect();
        let token = field(&asked, "hub.verify_token").unwrap_or_default();
        let known = token
            .as_bytes()
            .ct_eq(self.verify_token.expose().as_bytes());
        let challenge = field(&asked, "hub.challenge").unwrap_or_default();
        // A number, says Meta: nothing that a browser would take for a page is said back.
        let plain = challenge.bytes().all(|b| b.is_ascii_alphanumeric());
        let sound = plain && (1..=LONGEST_CHALLENGE).contains(&challenge.len());
        match field(&asked, "hub.mode") {
            Some("subscribe") if bool::from(known) && sound => Ok(challenge.to_owned()),
            _ => Err(CallbackError::Forged),
        }
    }
}
