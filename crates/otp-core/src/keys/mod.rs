//! Every key of a deployment, and what is derived from them.
//!
//! | key | makes | when it changes |
//! |---|---|---|
//! | index | phone keys, limit keys, device tags, derived ids | limits start afresh: keep it |
//! | peppers | digests of codes | rotate; keep the old one for a challenge's life |
//! | refresh | refresh tokens | rotate; keep the old one for the absolute session life |
//! | tokens | access tokens | rotate; keep the old public key for the access life |

mod derivations;
mod entropy;
mod key_id;
mod mac;
mod provider;
mod ring;
mod secret_key;
mod weakness;

#[cfg(test)]
mod tests;

pub use self::entropy::{EntropyError, random_bytes};
pub use self::key_id::{InvalidKeyId, KeyId};
pub use self::provider::{KeyProvider, RotatingKeys};
pub use self::ring::{DuplicateKeyId, KeyRing};
pub use self::secret_key::{SecretKey, SecretKeyError};

pub(crate) use self::derivations::CodeBinding;
pub(crate) use self::entropy::two_random_names;
pub(crate) use self::mac::{MacKey, equal};

use crate::token::{SigningKey, TokenKeyError, TokenKeys};

/// Every key of a deployment. All instances that share a store must have the same.
///
/// ```
/// use otp_core::token::{SigningKey, TokenKeys};
/// use otp_core::{KeyRing, Keys, SecretKey};
///
/// let keys = Keys::new(
///     SecretKey::generate()?, // read these from your key provider
///     KeyRing::new("p1".parse()?, SecretKey::generate()?),
///     KeyRing::new("r1".parse()?, SecretKey::generate()?),
///     TokenKeys::new(SigningKey::ed25519_generate("t1".parse()?)?)?,
/// );
/// assert_eq!(keys.jwks()["keys"][0]["kid"], "t1");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Keys {
    index: MacKey,
    peppers: KeyRing,
    refresh: KeyRing,
    tokens: TokenKeys,
}

/// Fresh keys could not be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeysError {
    /// The operating system gave no randomness.
    #[error("no keys could be generated")]
    Entropy(#[from] EntropyError),
    /// The access token key could not be made or failed its self-test.
    #[error("no access token key could be generated")]
    Token(#[from] TokenKeyError),
}

impl Keys {
    /// Puts the keys of a deployment together.
    #[must_use]
    pub fn new(index: SecretKey, peppers: KeyRing, refresh: KeyRing, tokens: TokenKeys) -> Self {
        Self {
            index: MacKey::new(&index),
            peppers,
            refresh,
            tokens,
        }
    }

    /// Fresh random keys with an Ed25519 token key: for development and tests. They are gone when
    /// the process ends, and with them every session and challenge.
    ///
    /// # Errors
    /// [`KeysError`] when the operating system gives no randomness.
    pub fn generate() -> Result<Self, KeysError> {
        let master = SecretKey::generate()?;
        let kid = derived_kid(&MacKey::new(&master));
        let tokens = TokenKeys::new(SigningKey::ed25519_generate(kid)?)?;
        Ok(Self::derive(&master, tokens))
    }

    /// Derives the index, pepper and refresh keys from one master key, for deployments that keep a
    /// single secret: HMAC-SHA-256 as the PRF with a label per purpose (NIST SP 800-108r1 §4.1).
    ///
    /// A new master changes every key at once: challenges, limits and sessions start afresh. To
    /// rotate without that, keep the keys apart and use [`Keys::new`].
    #[must_use]
    pub fn derive(master: &SecretKey, signing: TokenKeys) -> Self {
        let prf = MacKey::new(master);
        let key = |label| SecretKey::derived(&prf.digest(label, &[]));
        let kid = derived_kid(&prf);
        Self::new(
            key("otp/v1/derive/index"),
            KeyRing::new(kid, key("otp/v1/derive/pepper")),
            KeyRing::new(kid, key("otp/v1/derive/refresh")),
            signing,
        )
    }

    /// The access token keys.
    #[must_use]
    pub fn tokens(&self) -> &TokenKeys {
        &self.tokens
    }

    /// The public keys as a JSON Web Key Set (RFC 7517), for other services that verify our tokens.
    #[must_use]
    pub fn jwks(&self) -> serde_json::Value {
        self.tokens.jwks()
    }

    pub(crate) fn refresh_ring(&self) -> &KeyRing {
        &self.refresh
    }
}

/// Names derived keys after their master, so that two masters do not share a key id.
fn derived_kid(prf: &MacKey) -> KeyId {
    KeyId::from_digest(prf.digest16("otp/v1/derive/kid", &[]))
}
