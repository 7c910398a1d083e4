//! Keyed hashes, and numbers that are sealed.

use crate::fault::Fault;
use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use hmac::{Hmac, KeyInit as _, Mac as _};
use otp_core::{KeyId, SecretKey, StoreErrorKind};
use sha2::Sha256;
use std::fmt;
use zeroize::Zeroizing;

/// Why a key was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyRefused {
    /// Another key has this id already.
    #[error("two keys have the same key id: {0}")]
    Duplicate(KeyId),
    /// The cipher did not take it.
    #[error("the cipher does not take this key")]
    Cipher,
}

/// An HMAC-SHA-256 key, ready for use.
#[derive(Clone)]
pub(crate) struct MacKey(Hmac<Sha256>);

impl MacKey {
    /// The key that follows from `secret` for the use that `label` names.
    pub(crate) fn derive(secret: &SecretKey, label: &str) -> Self {
        let derived = Zeroizing::new(Self::of(secret.expose()).digest(&[label.as_bytes()]));
        Self::of(&*derived)
    }

    /// The MAC of `parts`, each preceded by its length, so that no two lists give the same input.
    pub(crate) fn digest(&self, parts: &[&[u8]]) -> [u8; 32] {
        let mut mac = self.0.clone();
        for part in parts {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }

    fn of(key: &[u8]) -> Self {
        let block = Zeroizing::new(padded(key));
        Self(Hmac::new((&*block).into()))
    }
}

/// RFC 2104 pads a key of at most one block with zeros; a `SecretKey` is no longer than one.
fn padded(key: &[u8]) -> [u8; 64] {
    let mut block = [0; 64];
    for (slot, byte) in block.iter_mut().zip(key) {
        *slot = *byte;
    }
    block
}

/// Keys by their ids: the current one makes, all of them open.
pub(crate) struct Ring<K> {
    current: (KeyId, K),
    old: Vec<(KeyId, K)>,
}

impl<K> Ring<K> {
    pub(crate) const fn new(kid: KeyId, key: K) -> Self {
        Self {
            current: (kid, key),
            old: Vec::new(),
        }
    }

    pub(crate) fn add(&mut self, kid: KeyId, key: K) -> Result<(), KeyRefused> {
        if self.find(kid.as_str()).is_some() {
            return Err(KeyRefused::Duplicate(kid));
        }
        self.old.push((kid, key));
        Ok(())
    }

    pub(crate) const fn current(&self) -> &(KeyId, K) {
        &self.current
    }

    pub(crate) fn find(&self, kid: &str) -> Option<&K> {
        let mut all = std::iter::once(&self.current).chain(&self.old);
        all.find(|(id, _)| id.as_str() == kid).map(|(_, key)| key)
    }
}

impl<K> fmt::Debug for Ring<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let old = self.old.iter().map(|(kid, _)| kid.as_str());
        f.debug_struct("Ring")
            .field("current", &self.current.0.as_str())
            .field("old", &old.collect::<Vec<_>>())
            .finish()
    }
}

/// AES-256-GCM with a random nonce (NIST SP 800-38D §8.2.2: good for 2^32 numbers under one key).
pub(crate) struct SealKey(RandomizedNonceKey);

impl SealKey {
    pub(crate) fn derive(secret: &SecretKey, label: &str) -> Result<Self, KeyRefused> {
        let mac = MacKey::of(secret.expose());
        let derived = Zeroizing::new(mac.digest(&[label.as_bytes()]));
        let key = RandomizedNonceKey::new(&AES_256_GCM, &*derived);
        key.map(Self).map_err(|_| KeyRefused::Cipher)
    }

    /// The nonce, then the sealed text with its tag.
    pub(crate) fn seal(&self, text: &[u8], bound_to: &[u8]) -> Result<Vec<u8>, Fault> {
        let mut buffer = Zeroizing::new(text.to_vec());
        let nonce = self
            .0
            .seal_in_place_append_tag(Aad::from(bound_to), &mut *buffer);
        let nonce = nonce.map_err(sealing)?;
        Ok([nonce.as_ref().as_slice(), &buffer].concat())
    }

    pub(crate) fn open(&self, sealed: &[u8], bound_to: &[u8]) -> Result<Zeroizing<Vec<u8>>, Fault> {
        let corrupt = || Fault::corrupt("a sealed value that this key does not open");
        let (nonce, rest) = sealed
            .split_first_chunk::<NONCE_LEN>()
            .ok_or_else(corrupt)?;
        let mut buffer = Zeroizing::new(rest.to_vec());
        let nonce = Nonce::from(nonce);
        let opened = self
            .0
            .open_in_place(nonce, Aad::from(bound_to), &mut buffer);
        let length = opened.map_err(|_| corrupt())?.len();
        buffer.truncate(length);
        Ok(buffer)
    }
}

fn sealing(error: aws_lc_rs::error::Unspecified) -> Fault {
    Fault::caused(StoreErrorKind::Misconfigured, error)
}
