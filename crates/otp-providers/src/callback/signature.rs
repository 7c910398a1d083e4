//! Signatures under a shared secret, compared in constant time.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{KeyInit, Mac};

/// What a provider signed with, as bytes.
#[derive(Debug)]
pub(crate) struct Signature(Vec<u8>);

impl Signature {
    /// Reads lower-case hexadecimal digits. One signature has one spelling.
    pub(crate) fn hex(text: &str) -> Option<Self> {
        let digit = |b: u8| match b {
            b'0'..=b'9' => Some(b - b'0'),
            b'a'..=b'f' => Some(b - b'a' + 10),
            _ => None,
        };
        let (pairs, rest) = text.as_bytes().as_chunks::<2>();
        let byte = |[high, low]: &[u8; 2]| Some(digit(*high)? << 4 | digit(*low)?);
        let bytes: Option<_> = pairs.iter().map(byte).collect();
        bytes.filter(|_| rest.is_empty()).map(Self)
    }

    /// Reads base64 with its padding.
    pub(crate) fn base64(text: &str) -> Option<Self> {
        STANDARD.decode(text).ok().map(Self)
    }

    /// Whether it is that of these parts, one after the other, by `M` under `key`.
    pub(crate) fn is_of<M: Mac + KeyInit>(&self, key: &[u8], parts: &[&[u8]]) -> bool {
        let Ok(mut mac) = <M as KeyInit>::new_from_slice(key) else {
            return false;
        };
        for part in parts {
            mac.update(part);
        }
        mac.verify_slice(&self.0).is_ok()
    }
}
