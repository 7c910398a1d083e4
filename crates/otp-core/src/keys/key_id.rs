//! Names of keys.

use std::fmt;
use std::str::FromStr;

use crate::base64url;

/// The public name of a key (`kid`): 1 to 16 characters of `A-Z a-z 0-9 _ -`.
///
/// It is stored beside what the key made, so that an old key still verifies after a rotation. It is
/// looked up among the configured keys only and never used as a path or an address.
///
/// ```
/// use otp_core::KeyId;
/// let kid: KeyId = "2026-11".parse()?;
/// assert_eq!(kid.as_str(), "2026-11");
/// assert!("../etc/passwd".parse::<KeyId>().is_err());
/// # Ok::<(), otp_core::InvalidKeyId>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId {
    // Unused bytes stay zero, so the derived comparisons see the name alone.
    bytes: [u8; KeyId::MAX_LEN],
    len: u8,
}

/// The text is not 1 to 16 characters of `A-Z a-z 0-9 _ -`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a key id: 1 to 16 characters of A-Z a-z 0-9 _ - expected")]
#[non_exhaustive]
pub struct InvalidKeyId;

impl KeyId {
    /// The longest key id, in characters.
    pub const MAX_LEN: usize = 16;

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        let name = self.bytes.get(..usize::from(self.len)).unwrap_or_default();
        // Only ASCII gets in, so the fallback is never seen.
        std::str::from_utf8(name).unwrap_or_default()
    }

    pub(crate) fn len(&self) -> u8 {
        self.len
    }

    /// The first six bytes of a digest as a name: base64url of six bytes is eight allowed characters.
    pub(super) fn from_digest(digest: [u8; 16]) -> Self {
        let [a, b, c, d, e, f, ..] = digest;
        let mut bytes = [0; Self::MAX_LEN];
        for (slot, byte) in bytes
            .iter_mut()
            .zip(base64url::encode(&[a, b, c, d, e, f]).bytes())
        {
            *slot = byte;
        }
        Self { bytes, len: 8 }
    }
}

impl FromStr for KeyId {
    type Err = InvalidKeyId;

    fn from_str(text: &str) -> Result<Self, InvalidKeyId> {
        let allowed = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
        if text.is_empty() || !text.bytes().all(allowed) {
            return Err(InvalidKeyId);
        }
        let mut bytes = [0; Self::MAX_LEN];
        bytes
            .get_mut(..text.len())
            .ok_or(InvalidKeyId)?
            .copy_from_slice(text.as_bytes());
        Ok(Self {
            bytes,
            len: u8::try_from(text.len()).map_err(|_| InvalidKeyId)?,
        })
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyId({})", self.as_str())
    }
}
