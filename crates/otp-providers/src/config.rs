//! What every provider is set up with: credentials that are not shown, and why a setting is refused.

use std::error::Error;
use std::fmt;
use zeroize::Zeroizing;

const LONGEST_SECRET: usize = 4096;
const LONGEST_FIELD: usize = 512;

/// A credential as the provider's console shows it: read by [`expose`](Self::expose), shown nowhere, wiped on drop.
///
/// ```
/// use otp_providers::http::Secret;
///
/// let token = Secret::new("a-token-from-the-console")?;
/// assert_eq!(format!("{token:?}"), "Secret([redacted])");
/// assert!(Secret::new("pasted with its line end\n").is_err());
/// # Ok::<(), otp_providers::ConfigError>(())
/// ```
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

/// Why a sender is not made. No text repeats a setting: it may hold a credential.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// Not an absolute `http` or `https` address.
    #[error("the address is not an absolute http or https URL")]
    Url,
    /// Codes would cross the network readable.
    #[error("the address is plain http to another machine; use https")]
    PlainHttp,
    /// A brand has 1 to 32 characters, no control characters, and neither `@` nor `#`.
    #[error("the brand has 1 to 32 characters, no control characters, and neither @ nor #")]
    Brand,
    /// A credential has 1 to 4096 bytes, no control characters, and no white space at its ends.
    #[error(
        "a credential is empty, too long, or has control characters or white space at its ends"
    )]
    Secret,
    /// This setting is not what the provider takes; the text says what it takes.
    #[error("a setting is refused: {0}")]
    Field(&'static str),
    /// The HTTP client could not be made: for https, most likely because this machine has no certificates to trust.
    #[error("the HTTP client could not be made; https needs the machine's certificate store")]
    Client(#[source] Box<dyn Error + Send + Sync>),
}

impl Secret {
    /// Takes a credential.
    ///
    /// # Errors
    /// [`ConfigError::Secret`] for what can be no credential, such as a text that was pasted with its line end.
    pub fn new(text: impl Into<String>) -> Result<Self, ConfigError> {
        let text = Zeroizing::new(text.into());
        if sound(&text, LONGEST_SECRET) {
            Ok(Self(text))
        } else {
            Err(ConfigError::Secret)
        }
    }

    /// One that was drawn here, and is sound for that.
    pub(crate) fn drawn(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// The credential.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret([redacted])")
    }
}

impl ConfigError {
    /// A setting of 1 to 512 bytes without control characters or white space at its ends, which `fits`. `takes` says
    /// what the provider takes.
    ///
    /// # Errors
    /// [`ConfigError::Field`] with `takes`.
    pub fn unless(
        text: impl Into<String>,
        takes: &'static str,
        fits: impl FnOnce(&str) -> bool,
    ) -> Result<String, Self> {
        let text = text.into();
        if sound(&text, LONGEST_FIELD) && fits(&text) {
            Ok(text)
        } else {
            Err(Self::Field(takes))
        }
    }
}

fn sound(text: &str, longest: usize) -> bool {
    let size = (1..=longest).contains(&text.len());
    size && text.trim().len() == text.len() && !text.chars().any(char::is_control)
}
