//! HMAC-SHA-256 with the key schedule computed once, over unambiguous input.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::SecretKey;

/// A key ready for use: cloning its state costs less than running the key schedule again.
#[derive(Clone)]
pub(crate) struct MacKey(Hmac<Sha256>);

impl MacKey {
    pub(crate) fn new(key: &SecretKey) -> Self {
        // RFC 2104 pads a key of at most one block with zeros; done here, nothing can fail.
        let mut block = Zeroizing::new([0_u8; SecretKey::MAX_LEN]);
        for (slot, byte) in block.iter_mut().zip(key.as_bytes()) {
            *slot = *byte;
        }
        Self(Hmac::new((&*block).into()))
    }

    /// The MAC of `parts` under `label`. Each is preceded by its length, so that no two lists of
    /// parts give the same input, and no two labels share one.
    pub(crate) fn digest(&self, label: &str, parts: &[&[u8]]) -> [u8; 32] {
        let mut mac = self.0.clone();
        push(&mut mac, label.as_bytes());
        for part in parts {
            push(&mut mac, part);
        }
        mac.finalize().into_bytes().into()
    }

    /// As [`digest`](Self::digest), cut to its first 16 bytes (RFC 2104 §5).
    pub(crate) fn digest16(&self, label: &str, parts: &[&[u8]]) -> [u8; 16] {
        let [head @ .., _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _] = self.digest(label, parts);
        head
    }

    /// The MAC of `message` as it is, for formats that fix the input themselves (JWS).
    pub(crate) fn raw(&self, message: &[u8]) -> [u8; 32] {
        let mut mac = self.0.clone();
        mac.update(message);
        mac.finalize().into_bytes().into()
    }
}

/// Whether two MACs are equal, in time that does not depend on where they differ.
pub(crate) fn equal(left: &[u8], right: &[u8]) -> bool {
    left.ct_eq(right).into()
}

fn push(mac: &mut Hmac<Sha256>, part: &[u8]) {
    mac.update(&(part.len() as u64).to_be_bytes());
    mac.update(part);
}

impl fmt::Debug for MacKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MacKey([redacted])")
    }
}
