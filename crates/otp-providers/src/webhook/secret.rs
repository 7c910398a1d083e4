//! What requests are signed with.

use hmac::{Hmac, KeyInit, Mac};
use otp_core::{SecretKey, SecretKeyError, Timestamp};
use sha2::Sha256;
use std::fmt;
use zeroize::Zeroizing;

const BLOCK: usize = 64;

/// The secret that a webhook and its receiver share: 32 to 64 bytes that nobody guesses.
///
/// ```
/// use otp_providers::WebhookSecret;
///
/// assert!(WebhookSecret::from_bytes(b"changeme").is_err());
/// ```
#[derive(Clone)]
pub struct WebhookSecret(Hmac<Sha256>);

impl WebhookSecret {
    /// Takes the secret's bytes as the receiver has them; the text of a base64 secret stays text.
    ///
    /// # Errors
    /// [`SecretKeyError`] for one that is too short, too long or weak.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SecretKeyError> {
        SecretKey::from_bytes(bytes)?;
        // RFC 2104 pads a key of at most one block with zeros; done here, nothing can fail.
        let mut block = Zeroizing::new([0_u8; BLOCK]);
        for (slot, byte) in block.iter_mut().zip(bytes) {
            *slot = *byte;
        }
        Ok(Self(Hmac::new((&*block).into())))
    }

    /// The value of `X-OTP-Signature`.
    pub(super) fn signature(&self, body: &[u8], now: Timestamp) -> String {
        let time = now.as_secs().to_string();
        let mut mac = self.0.clone();
        mac.update(time.as_bytes());
        mac.update(b".");
        mac.update(body);
        let digest = mac.finalize().into_bytes();
        let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        format!("t={time},v1={hex}")
    }
}

impl fmt::Debug for WebhookSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WebhookSecret([redacted])")
    }
}
