//! Symmetric key material, and the refusal of what only looks like it.

use std::fmt;

use base64::Engine;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use zeroize::Zeroizing;

use super::entropy::{EntropyError, random_bytes};
use super::weakness::{self, Weakness};

/// A symmetric key of 32 to 64 bytes: a pepper, a refresh key, an index key, an HS256 key.
///
/// Wiped when dropped; not printable, comparable or serialisable. Weak material is refused when the
/// key is made (ASVS 5.0 13.3; RFC 8725 §3.5): too short, repeated or counted bytes, placeholder
/// text such as `dev-secret-key`.
///
/// ```
/// use otp_core::SecretKey;
/// let key = SecretKey::generate()?;
/// assert_eq!(format!("{key:?}"), "SecretKey([redacted])");
/// assert!(SecretKey::from_bytes(b"changeme-changeme-changeme-changeme").is_err());
/// # Ok::<(), otp_core::EntropyError>(())
/// ```
pub struct SecretKey(Zeroizing<Vec<u8>>);

/// Why key material was refused. Never shows the material.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SecretKeyError {
    /// Fewer than 256 bits.
    #[error("the key is too short: at least 32 bytes (64 characters if it is hexadecimal text)")]
    TooShort,
    /// More than 64 bytes: a file or a certificate was given where a key was meant.
    #[error("the key is too long: at most 64 bytes")]
    TooLong,
    /// One byte or one short pattern, over and over.
    #[error("the key repeats itself")]
    Repeating,
    /// Counts up or down, or uses hardly any different bytes.
    #[error("the key is a plain sequence")]
    Sequential,
    /// A word that stands where a key should be put.
    #[error("the key is a placeholder or a dictionary text")]
    Placeholder,
    /// Neither base64 nor base64url.
    #[error("the key is not base64")]
    NotBase64,
}

impl SecretKey {
    /// The shortest key, in bytes.
    pub const MIN_LEN: usize = 32;
    /// The longest key, in bytes: one block of SHA-256.
    pub const MAX_LEN: usize = 64;

    /// Takes raw key bytes. The caller's copy is the caller's to wipe.
    ///
    /// # Errors
    /// [`SecretKeyError`] for material of the wrong length or weak material.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SecretKeyError> {
        if bytes.len() < Self::MIN_LEN {
            return Err(SecretKeyError::TooShort);
        }
        if bytes.len() > Self::MAX_LEN {
            return Err(SecretKeyError::TooLong);
        }
        match weakness::of(bytes) {
            Some(weakness) => Err(weakness.into()),
            None => Ok(Self(Zeroizing::new(bytes.to_vec()))),
        }
    }

    /// Reads base64 or base64url, padded or not; white space around it is ignored.
    ///
    /// `openssl rand -base64 32` makes such a text.
    ///
    /// # Errors
    /// [`SecretKeyError`] for another encoding, the wrong length or weak material.
    pub fn from_base64(text: &str) -> Result<Self, SecretKeyError> {
        let text = text.trim_ascii();
        if weakness::is_placeholder_base64(text) {
            return Err(SecretKeyError::Placeholder);
        }
        let url = text.contains(['-', '_']);
        let engine = if url {
            &URL_SAFE_ANY_PAD
        } else {
            &STANDARD_ANY_PAD
        };
        let bytes = engine.decode(text).map_err(|_| SecretKeyError::NotBase64)?;
        Self::from_bytes(&Zeroizing::new(bytes))
    }

    /// A fresh key of 32 random bytes.
    ///
    /// # Errors
    /// [`EntropyError`] when the operating system gives no randomness.
    pub fn generate() -> Result<Self, EntropyError> {
        let bytes = Zeroizing::new(random_bytes::<32>()?);
        Ok(Self(Zeroizing::new(bytes.to_vec())))
    }

    /// The key itself, for a crate that derives keys of its own from it. Never log or store it.
    ///
    /// ```
    /// let key = otp_core::SecretKey::generate()?;
    /// assert_eq!(key.expose().len(), 32);
    /// # Ok::<(), otp_core::EntropyError>(())
    /// ```
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        &self.0
    }

    /// A key that a keyed hash produced: uniform by construction, so not judged.
    pub(super) fn derived(bytes: &[u8; 32]) -> Self {
        Self(Zeroizing::new(bytes.to_vec()))
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretKey([redacted])")
    }
}

impl From<Weakness> for SecretKeyError {
    fn from(weakness: Weakness) -> Self {
        match weakness {
            Weakness::ShortHex => Self::TooShort,
            Weakness::Repeating => Self::Repeating,
            Weakness::Sequential => Self::Sequential,
            Weakness::Placeholder => Self::Placeholder,
        }
    }
}

const ANY_PAD: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
const STANDARD_ANY_PAD: GeneralPurpose = GeneralPurpose::new(&STANDARD, ANY_PAD);
const URL_SAFE_ANY_PAD: GeneralPurpose = GeneralPurpose::new(&URL_SAFE, ANY_PAD);
