//! A current key and the old ones that still verify.

use super::mac::MacKey;
use super::{KeyId, SecretKey};

/// A current key and any number of old ones. The current key makes; all of them verify.
///
/// To rotate: put the new key in front, keep the old one with [`with_old`](Self::with_old) for as
/// long as anything it made may live (a challenge's life for peppers, the absolute session life for
/// refresh keys), then drop it.
///
/// ```
/// use otp_core::{KeyRing, SecretKey};
/// let old = SecretKey::generate()?;
/// let ring = KeyRing::new("p2".parse()?, SecretKey::generate()?).with_old("p1".parse()?, old)?;
/// assert_eq!(ring.current().as_str(), "p2");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct KeyRing {
    current: (KeyId, MacKey),
    old: Vec<(KeyId, MacKey)>,
}

/// A ring or a set of token keys has this key id already.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("two keys have the same key id: {kid}")]
#[non_exhaustive]
pub struct DuplicateKeyId {
    /// The id that occurs twice.
    pub kid: KeyId,
}

impl KeyRing {
    /// A ring of one key.
    #[must_use]
    pub fn new(kid: KeyId, key: SecretKey) -> Self {
        Self {
            current: (kid, MacKey::new(&key)),
            old: Vec::new(),
        }
    }

    /// Adds a key that verifies and no longer makes.
    ///
    /// # Errors
    /// [`DuplicateKeyId`] when the ring has a key of this id.
    pub fn with_old(mut self, kid: KeyId, key: SecretKey) -> Result<Self, DuplicateKeyId> {
        if self.find(kid).is_some() {
            return Err(DuplicateKeyId { kid });
        }
        self.old.push((kid, MacKey::new(&key)));
        Ok(self)
    }

    /// The id of the key that makes.
    #[must_use]
    pub fn current(&self) -> KeyId {
        self.current.0
    }

    pub(crate) fn current_key(&self) -> &MacKey {
        &self.current.1
    }

    pub(crate) fn find(&self, kid: KeyId) -> Option<&MacKey> {
        self.iter().find(|(id, _)| *id == kid).map(|(_, key)| key)
    }

    /// All keys, the current one first.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &(KeyId, MacKey)> {
        std::iter::once(&self.current).chain(&self.old)
    }
}
