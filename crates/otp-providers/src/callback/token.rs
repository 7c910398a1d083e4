//! What tells a provider that signs nothing from anybody.

use crate::ConfigError;
use crate::config::Secret;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use otp_core::EntropyError;
use otp_core::keys::random_bytes;
use std::fmt;

/// 22 characters of base64url are 132 bits, 128 of them random.
const SHORTEST: usize = 22;
const LONGEST: usize = 128;

/// The last part of a webhook's path, for a provider that does not sign, or not the body: whoever knows it may report
/// what he likes. Keep it as a password, in the settings and in the provider's console; what logs paths logs it.
///
/// ```
/// use otp_providers::http::CallbackToken;
///
/// let token = CallbackToken::draw()?;
/// assert_eq!(token.expose().len(), 22);
/// assert!(CallbackToken::new(token.expose()).is_ok());
/// assert!(CallbackToken::new("changeme").is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct CallbackToken(Secret);

impl CallbackToken {
    /// Takes 22 to 128 letters, digits, `-` and `_`, which are to have been drawn at random.
    ///
    /// # Errors
    /// [`ConfigError::Field`] for anything else.
    pub fn new(text: impl Into<String>) -> Result<Self, ConfigError> {
        let takes = "a webhook's token is 22 to 128 letters, digits, - and _, drawn at random";
        let word = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
        let fits =
            |text: &str| (SHORTEST..=LONGEST).contains(&text.len()) && text.bytes().all(word);
        Ok(Self(Secret::new(ConfigError::unless(text, takes, fits)?)?))
    }

    /// Draws one of 22 characters, for the settings.
    ///
    /// # Errors
    /// [`EntropyError`] if the system has no randomness to give.
    pub fn draw() -> Result<Self, EntropyError> {
        let bytes: [u8; 16] = random_bytes()?;
        Ok(Self(Secret::drawn(URL_SAFE_NO_PAD.encode(bytes))))
    }

    /// The token.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose()
    }
}

impl fmt::Debug for CallbackToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CallbackToken([redacted])")
    }
}
