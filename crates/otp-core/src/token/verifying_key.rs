//! The key that checks access tokens.

use std::fmt;

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, ED25519, ParsedPublicKey};
use serde_json::{Value, json};

use super::pem;
use super::signing_key::{Algorithm, TokenKeyError};
use crate::base64url;
use crate::keys::{KeyId, MacKey, SecretKey, equal};

/// A public key (or HS256 secret) with its name; checks access tokens and cannot be told by a token
/// to use another algorithm than its own (RFC 8725 §3.1).
///
/// ```
/// use otp_core::token::{SigningKey, TokenKeys};
/// let old = SigningKey::ed25519_generate("t1".parse()?)?.verifying();
/// let keys = TokenKeys::new(SigningKey::ed25519_generate("t2".parse()?)?)?.with_old(old)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct VerifyingKey {
    kid: KeyId,
    public: Public,
}

// Parsed once: parsing at each check would cost a third of it again.
#[derive(Clone)]
pub(super) enum Public {
    EdDsa {
        raw: [u8; 32],
        parsed: ParsedPublicKey,
    },
    Es256 {
        x: [u8; 32],
        y: [u8; 32],
        parsed: ParsedPublicKey,
    },
    Hs256(MacKey),
}

impl VerifyingKey {
    /// An Ed25519 public key in SPKI PEM: `openssl pkey -pubout`.
    ///
    /// # Errors
    /// [`TokenKeyError::Pem`] for anything else.
    pub fn ed25519_pem(kid: KeyId, public_pem: &str) -> Result<Self, TokenKeyError> {
        let der = pem::decode(public_pem, "PUBLIC KEY");
        let raw = der
            .as_deref()
            .and_then(|der| der.strip_prefix(ED25519_SPKI));
        let public = raw.and_then(Public::ed25519);
        Ok(Self::new(
            kid,
            public.ok_or_else(|| public_pem_error(Algorithm::EdDsa))?,
        ))
    }

    /// A P-256 public key in SPKI PEM, uncompressed: `openssl pkey -pubout`.
    ///
    /// # Errors
    /// [`TokenKeyError::Pem`] for anything else.
    pub fn es256_pem(kid: KeyId, public_pem: &str) -> Result<Self, TokenKeyError> {
        let der = pem::decode(public_pem, "PUBLIC KEY");
        let raw = der.as_deref().and_then(|der| der.strip_prefix(P256_SPKI));
        let public = raw.and_then(Public::es256);
        Ok(Self::new(
            kid,
            public.ok_or_else(|| public_pem_error(Algorithm::Es256))?,
        ))
    }

    /// An HS256 key that checks and no longer signs.
    #[must_use]
    pub fn hs256(kid: KeyId, key: SecretKey) -> Self {
        Self::new(kid, Public::Hs256(MacKey::new(&key)))
    }

    /// The name of the key.
    #[must_use]
    pub fn kid(&self) -> KeyId {
        self.kid
    }

    /// The algorithm of the key.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        match &self.public {
            Public::EdDsa { .. } => Algorithm::EdDsa,
            Public::Es256 { .. } => Algorithm::Es256,
            Public::Hs256(_) => Algorithm::Hs256,
        }
    }

    pub(super) fn new(kid: KeyId, public: Public) -> Self {
        Self { kid, public }
    }

    /// Whether `signature` (base64url) is this key's signature of `message`.
    pub(super) fn verify(&self, message: &[u8], signature: &str) -> bool {
        match &self.public {
            Public::EdDsa { parsed, .. } | Public::Es256 { parsed, .. } => {
                base64url::decode_array::<64>(signature)
                    .is_some_and(|signature| parsed.verify_sig(message, &signature).is_ok())
            }
            Public::Hs256(mac) => base64url::decode_array::<32>(signature)
                .is_some_and(|signature| equal(&mac.raw(message), &signature)),
        }
    }

    /// The public key as a JWK (RFC 7517); `None` for a secret.
    pub(super) fn jwk(&self) -> Option<Value> {
        let (kid, alg) = (self.kid.as_str(), self.algorithm().as_str());
        match &self.public {
            Public::EdDsa { raw, .. } => Some(json!({
                "kty": "OKP", "crv": "Ed25519", "x": base64url::encode(raw),
                "kid": kid, "alg": alg, "use": "sig",
            })),
            Public::Es256 { x, y, .. } => Some(json!({
                "kty": "EC", "crv": "P-256", "x": base64url::encode(x), "y": base64url::encode(y),
                "kid": kid, "alg": alg, "use": "sig",
            })),
            Public::Hs256(_) => None,
        }
    }
}

impl Public {
    pub(super) fn ed25519(raw: &[u8]) -> Option<Self> {
        let parsed = ParsedPublicKey::new(&ED25519, raw).ok()?;
        Some(Self::EdDsa {
            raw: raw.try_into().ok()?,
            parsed,
        })
    }

    /// From an uncompressed point (SEC 1 §2.3.3).
    pub(super) fn es256(point: &[u8]) -> Option<Self> {
        let (x, y) = point.strip_prefix(&[4])?.split_at_checked(32)?;
        let parsed = ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).ok()?;
        Some(Self::Es256 {
            x: x.try_into().ok()?,
            y: y.try_into().ok()?,
            parsed,
        })
    }
}

fn public_pem_error(algorithm: Algorithm) -> TokenKeyError {
    TokenKeyError::Pem {
        algorithm,
        expected: "one SPKI block, -----BEGIN PUBLIC KEY-----",
    }
}

impl fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "VerifyingKey({}, {})",
            self.kid,
            self.algorithm().as_str()
        )
    }
}

/// What precedes the 32 bytes of an Ed25519 key in DER (RFC 8410 §4).
const ED25519_SPKI: &[u8] = b"\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00";
/// What precedes the 65 bytes of an uncompressed P-256 point in DER (RFC 5480 §2).
const P256_SPKI: &[u8] = b"\x30\x59\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\
    \x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07\x03\x42\x00";
