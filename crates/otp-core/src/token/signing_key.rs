//! The key that signs access tokens; its algorithm is part of it.

use std::fmt;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair,
};

use super::pem;
use super::verifying_key::{Public, VerifyingKey};
use crate::base64url;
use crate::keys::{DuplicateKeyId, KeyId, MacKey, SecretKey};

/// How access tokens are signed. There is no `none`, and nothing in a token chooses.
///
/// ```
/// use otp_core::token::Algorithm;
/// assert_eq!(Algorithm::EdDsa.as_str(), "EdDSA");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Algorithm {
    /// Ed25519 (RFC 8037): the default.
    EdDsa,
    /// ECDSA on P-256 with SHA-256 (RFC 7518 §3.4).
    Es256,
    /// HMAC-SHA-256 (RFC 7518 §3.2): only where issuer and verifier are one.
    Hs256,
}

impl Algorithm {
    /// The name in a JOSE header.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::EdDsa => "EdDSA",
            Self::Es256 => "ES256",
            Self::Hs256 => "HS256",
        }
    }
}

/// A key cannot be used for access tokens.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TokenKeyError {
    /// The text is not one PEM block `PRIVATE KEY` (PKCS#8) or `PUBLIC KEY` (SPKI) of the algorithm.
    #[error("not a {} key in PEM: {expected}", .algorithm.as_str())]
    Pem {
        /// The algorithm that was asked for.
        algorithm: Algorithm,
        /// What would be accepted.
        expected: &'static str,
    },
    /// The cryptographic library made no key.
    #[error("no {} key could be generated", .algorithm.as_str())]
    Generate {
        /// The algorithm that was asked for.
        algorithm: Algorithm,
    },
    /// A signature made with the key does not verify with it.
    #[error("the key does not verify what it signs")]
    SelfTest,
    /// Two keys have one id.
    #[error("the token keys cannot be told apart")]
    Duplicate(#[from] DuplicateKeyId),
}

/// A private key (or HS256 secret) with its name; signs access tokens.
///
/// ```
/// use otp_core::token::{Algorithm, SigningKey};
/// let key = SigningKey::ed25519_generate("2026-11".parse()?)?;
/// assert_eq!(key.algorithm(), Algorithm::EdDsa);
/// assert_eq!(key.kid().as_str(), "2026-11");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct SigningKey {
    verifying: VerifyingKey,
    private: Private,
    // `base64url({"alg":…,"typ":"at+jwt","kid":…})` and its dot: the same for every token.
    header: String,
}

enum Private {
    EdDsa(Ed25519KeyPair),
    Es256(EcdsaKeyPair),
    Hs256(MacKey),
}

impl SigningKey {
    /// A fresh Ed25519 key. It is gone when the process ends: for development and tests.
    ///
    /// # Errors
    /// [`TokenKeyError::Generate`] when the cryptographic library makes no key.
    pub fn ed25519_generate(kid: KeyId) -> Result<Self, TokenKeyError> {
        let algorithm = Algorithm::EdDsa;
        let pair = Ed25519KeyPair::generate().map_err(|_| TokenKeyError::Generate { algorithm })?;
        Self::ed25519(kid, pair)
    }

    /// An Ed25519 key in PKCS#8 PEM: `openssl genpkey -algorithm ed25519`.
    ///
    /// # Errors
    /// [`TokenKeyError::Pem`] for anything else.
    pub fn ed25519_pem(kid: KeyId, private_pem: &str) -> Result<Self, TokenKeyError> {
        let error = || private_pem_error(Algorithm::EdDsa);
        let der = pem::decode(private_pem, "PRIVATE KEY").ok_or_else(error)?;
        Self::ed25519(kid, Ed25519KeyPair::from_pkcs8(&der).map_err(|_| error())?)
    }

    /// A fresh P-256 key. It is gone when the process ends: for development and tests.
    ///
    /// # Errors
    /// [`TokenKeyError::Generate`] when the cryptographic library makes no key.
    pub fn es256_generate(kid: KeyId) -> Result<Self, TokenKeyError> {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING);
        let algorithm = Algorithm::Es256;
        Self::es256(
            kid,
            pair.map_err(|_| TokenKeyError::Generate { algorithm })?,
        )
    }

    /// A P-256 key in PKCS#8 PEM:
    /// `openssl genpkey -algorithm ec -pkeyopt ec_paramgen_curve:P-256`.
    ///
    /// # Errors
    /// [`TokenKeyError::Pem`] for anything else.
    pub fn es256_pem(kid: KeyId, private_pem: &str) -> Result<Self, TokenKeyError> {
        let error = || private_pem_error(Algorithm::Es256);
        let der = pem::decode(private_pem, "PRIVATE KEY").ok_or_else(error)?;
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &der);
        Self::es256(kid, pair.map_err(|_| error())?)
    }

    /// An HS256 key: whoever can verify can also sign, so keep it inside one service.
    #[must_use]
    pub fn hs256(kid: KeyId, key: SecretKey) -> Self {
        let mac = MacKey::new(&key);
        let verifying = VerifyingKey::new(kid, Public::Hs256(mac.clone()));
        Self::new(verifying, Private::Hs256(mac))
    }

    /// The name of the key.
    #[must_use]
    pub fn kid(&self) -> KeyId {
        self.verifying.kid()
    }

    /// The algorithm of the key.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.verifying.algorithm()
    }

    /// The part that verifies; keep it as an old key after a rotation.
    #[must_use]
    pub fn verifying(&self) -> VerifyingKey {
        self.verifying.clone()
    }

    pub(super) fn header(&self) -> &str {
        &self.header
    }

    /// The base64url of the signature of `message`; `None` when the cryptographic library fails.
    pub(super) fn sign(&self, message: &[u8]) -> Option<String> {
        let signature = match &self.private {
            Private::EdDsa(pair) => base64url::encode(pair.try_sign(message).ok()?.as_ref()),
            Private::Es256(pair) => {
                base64url::encode(pair.sign(&SystemRandom::new(), message).ok()?.as_ref())
            }
            Private::Hs256(mac) => base64url::encode(&mac.raw(message)),
        };
        Some(signature)
    }

    fn ed25519(kid: KeyId, pair: Ed25519KeyPair) -> Result<Self, TokenKeyError> {
        let public = Public::ed25519(pair.public_key().as_ref());
        let public = public.ok_or_else(|| private_pem_error(Algorithm::EdDsa))?;
        Ok(Self::new(
            VerifyingKey::new(kid, public),
            Private::EdDsa(pair),
        ))
    }

    fn es256(kid: KeyId, pair: EcdsaKeyPair) -> Result<Self, TokenKeyError> {
        let public = Public::es256(pair.public_key().as_ref());
        let public = public.ok_or_else(|| private_pem_error(Algorithm::Es256))?;
        Ok(Self::new(
            VerifyingKey::new(kid, public),
            Private::Es256(pair),
        ))
    }

    fn new(verifying: VerifyingKey, private: Private) -> Self {
        // Both values are limited to characters that JSON does not escape.
        let alg = verifying.algorithm().as_str();
        let kid = verifying.kid();
        let json = format!(r#"{{"alg":"{alg}","typ":"at+jwt","kid":"{kid}"}}"#);
        let header = base64url::encode(json.as_bytes()) + ".";
        Self {
            verifying,
            private,
            header,
        }
    }
}

fn private_pem_error(algorithm: Algorithm) -> TokenKeyError {
    TokenKeyError::Pem {
        algorithm,
        expected: "one PKCS#8 block, -----BEGIN PRIVATE KEY-----",
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kid, algorithm) = (self.kid(), self.algorithm());
        write!(f, "SigningKey({kid}, {}, [redacted])", algorithm.as_str())
    }
}
