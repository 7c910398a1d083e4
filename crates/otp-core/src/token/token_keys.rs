//! The keys of access tokens: one signs, all verify.

use serde_json::{Value, json};

use super::signing_key::{SigningKey, TokenKeyError};
use super::verifying_key::VerifyingKey;
use crate::keys::{DuplicateKeyId, KeyId};

/// One signing key and the old keys whose tokens may still be alive.
///
/// To rotate: sign with a new key and keep the old one's [`verifying`](SigningKey::verifying) part
/// with [`with_old`](Self::with_old) for the life of an access token. Where other services verify
/// our tokens, publish the new key as an old one first, so that their copies of the key set know it.
///
/// ```
/// use otp_core::token::{SigningKey, TokenKeys};
/// let keys = TokenKeys::new(SigningKey::es256_generate("t1".parse()?)?)?;
/// assert_eq!(keys.jwks()["keys"][0]["crv"], "P-256");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct TokenKeys {
    signing: SigningKey,
    // The signing key's own part first.
    verifying: Vec<VerifyingKey>,
}

impl TokenKeys {
    /// Signs and verifies with this key, after checking that it verifies what it signs.
    ///
    /// # Errors
    /// [`TokenKeyError::SelfTest`] when it does not.
    pub fn new(signing: SigningKey) -> Result<Self, TokenKeyError> {
        const MESSAGE: &[u8] = b"otp self-test";
        let verifying = signing.verifying();
        let signature = signing.sign(MESSAGE).ok_or(TokenKeyError::SelfTest)?;
        if !verifying.verify(MESSAGE, &signature) || verifying.verify(b"another", &signature) {
            return Err(TokenKeyError::SelfTest);
        }
        Ok(Self {
            signing,
            verifying: vec![verifying],
        })
    }

    /// Adds a key that verifies and does not sign.
    ///
    /// # Errors
    /// [`TokenKeyError::Duplicate`] when there is a key of this id.
    pub fn with_old(mut self, key: VerifyingKey) -> Result<Self, TokenKeyError> {
        let kid = key.kid();
        if self.find(kid.as_str()).is_some() {
            return Err(DuplicateKeyId { kid }.into());
        }
        self.verifying.push(key);
        Ok(self)
    }

    /// The id of the key that signs.
    #[must_use]
    pub fn current(&self) -> KeyId {
        self.signing.kid()
    }

    /// The public keys as a JSON Web Key Set (RFC 7517). HS256 keys are secrets and never in it.
    #[must_use]
    pub fn jwks(&self) -> Value {
        let keys: Vec<Value> = self
            .verifying
            .iter()
            .filter_map(VerifyingKey::jwk)
            .collect();
        json!({ "keys": keys })
    }

    pub(super) fn signing(&self) -> &SigningKey {
        &self.signing
    }

    pub(super) fn find(&self, kid: &str) -> Option<&VerifyingKey> {
        self.verifying.iter().find(|key| key.kid().as_str() == kid)
    }
}
