//! What seals jobs and opens them.

use super::header::Header;
use super::{Job, JobError, JobId, SealedJob, letter};
use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use hmac::{Hmac, KeyInit as _, Mac as _};
use otp_core::{KeyId, Message, SecretKey, Timestamp};
use sha2::Sha256;
use std::fmt;
use std::time::Duration;
use zeroize::Zeroizing;

const SEAL: &[u8] = b"otp/v1/job/seal";
const GENERATION: &[u8] = b"otp/v1/job/generation";

/// The keys of a queue: the current one seals, all of them open.
///
/// AES-256-GCM with a random nonce, which NIST SP 800-38D §8.2.2 allows for 2^32 messages under one key: a hundred a
/// second for more than a year. To rotate, first give the new key to every worker, as an old one; then to the senders
/// as the current one; and drop the old one when its last job has expired.
///
/// ```
/// use otp_core::SecretKey;
/// use otp_providers::job::JobKeys;
///
/// let (old, new) = (SecretKey::generate()?, SecretKey::generate()?);
/// let keys = JobKeys::new("2026-12".parse()?, &new)?.with_old("2026-11".parse()?, &old)?;
/// # let _ = keys;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct JobKeys {
    current: JobKey,
    old: Vec<JobKey>,
}

struct JobKey {
    kid: KeyId,
    seal: RandomizedNonceKey,
    generation: Hmac<Sha256>,
}

/// Why a key was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JobKeyRefused {
    /// Another key has this id already.
    #[error("two keys have the same key id: {0}")]
    Duplicate(KeyId),
    /// The cipher did not take it.
    #[error("the cipher does not take this key")]
    Cipher,
}

impl JobKeys {
    /// A queue with one key, which nothing else should use.
    ///
    /// # Errors
    /// [`JobKeyRefused::Cipher`] if the cipher does not take it.
    pub fn new(kid: KeyId, key: &SecretKey) -> Result<Self, JobKeyRefused> {
        Ok(Self {
            current: JobKey::new(kid, key)?,
            old: Vec::new(),
        })
    }

    /// Adds a key that opens and no longer seals, or does not seal yet.
    ///
    /// # Errors
    /// [`JobKeyRefused::Duplicate`] if there is a key of this id; [`JobKeyRefused::Cipher`].
    pub fn with_old(mut self, kid: KeyId, key: &SecretKey) -> Result<Self, JobKeyRefused> {
        if self.find(kid).is_some() {
            return Err(JobKeyRefused::Duplicate(kid));
        }
        self.old.push(JobKey::new(kid, key)?);
        Ok(self)
    }

    /// Seals a message whose `expires_in` is counted from `now`.
    ///
    /// # Errors
    /// [`JobError::Seal`] if the cipher fails or the message does not fit.
    pub fn seal(&self, message: &Message, now: Timestamp) -> Result<SealedJob, JobError> {
        let header = Header {
            kid: self.current.kid,
            expires_at: now + message.expires_in,
            id: self.current.id(message),
        };
        let mut bytes = header.encode();
        let text = letter::encode(message).ok_or(JobError::Seal)?;
        let (nonce, sealed) = self.current.seal(&text, &bytes).ok_or(JobError::Seal)?;
        bytes.extend_from_slice(nonce.as_ref());
        bytes.extend_from_slice(&sealed);
        let id = header.id;
        Ok(SealedJob { id, bytes })
    }

    /// Opens what [`seal`](Self::seal) made, whether or not it has expired: [`Job::message`] tells.
    ///
    /// # Errors
    /// [`JobError`]; no bytes make it panic.
    pub fn open(&self, bytes: &[u8]) -> Result<Job, JobError> {
        let (header, rest) = Header::decode(bytes)?;
        let key = self.find(header.kid).ok_or(JobError::UnknownKey)?;
        let (nonce, sealed) = rest
            .split_first_chunk::<NONCE_LEN>()
            .ok_or(JobError::Malformed)?;
        if sealed.len() != letter::SIZE + AES_256_GCM.tag_len() {
            return Err(JobError::Malformed);
        }
        let bound_to = bytes.strip_suffix(rest).ok_or(JobError::Malformed)?;
        let text = key
            .open(*nonce, sealed, bound_to)
            .ok_or(JobError::Altered)?;
        let letter = letter::decode(&text).ok_or(JobError::Malformed)?;
        let challenge = header.id.challenge;
        let mut message = Message::new(letter.to, letter.code, challenge, Duration::ZERO);
        message.channel = letter.channel;
        message.purpose = letter.purpose;
        message.locale = letter.locale;
        Ok(Job {
            id: header.id,
            expires_at: header.expires_at,
            message,
        })
    }

    fn find(&self, kid: KeyId) -> Option<&JobKey> {
        let mut all = std::iter::once(&self.current).chain(&self.old);
        all.find(|key| key.kid == kid)
    }
}

impl JobKey {
    fn new(kid: KeyId, secret: &SecretKey) -> Result<Self, JobKeyRefused> {
        let seal = derive(secret, SEAL);
        let seal = RandomizedNonceKey::new(&AES_256_GCM, &*seal);
        Ok(Self {
            kid,
            seal: seal.map_err(|_| JobKeyRefused::Cipher)?,
            generation: mac(&*derive(secret, GENERATION)),
        })
    }

    fn id(&self, message: &Message) -> JobId {
        let mut mac = self.generation.clone();
        // An id has one length, and no channel's name has a digit: nothing runs together.
        mac.update(message.challenge_id.as_bytes());
        mac.update(message.channel.as_str().as_bytes());
        mac.update(message.code.expose().as_bytes());
        let digest: [u8; 32] = mac.finalize().into_bytes().into();
        let [
            generation @ ..,
            _,
            _,
            _,
            _,
            _,
            _,
            _,
            _,
            _,
            _,
            _,
            _,
            _,
            _,
            _,
            _,
        ] = digest;
        JobId {
            challenge: message.challenge_id,
            generation,
        }
    }

    fn seal(&self, text: &[u8], bound_to: &[u8]) -> Option<(Nonce, Zeroizing<Vec<u8>>)> {
        let mut buffer = Zeroizing::new(Vec::with_capacity(text.len() + AES_256_GCM.tag_len()));
        buffer.extend_from_slice(text);
        let nonce = self
            .seal
            .seal_in_place_append_tag(Aad::from(bound_to), &mut *buffer);
        Some((nonce.ok()?, buffer))
    }

    fn open(
        &self,
        nonce: [u8; NONCE_LEN],
        sealed: &[u8],
        bound_to: &[u8],
    ) -> Option<Zeroizing<Vec<u8>>> {
        let mut buffer = Zeroizing::new(sealed.to_vec());
        let aad = Aad::from(bound_to);
        let opened = self
            .seal
            .open_in_place(Nonce::from(&nonce), aad, &mut buffer);
        let length = opened.ok()?.len();
        buffer.truncate(length);
        Some(buffer)
    }
}

/// A key for one use, so that no two uses share one.
fn derive(secret: &SecretKey, label: &[u8]) -> Zeroizing<[u8; 32]> {
    let mut mac = mac(secret.expose());
    mac.update(label);
    Zeroizing::new(mac.finalize().into_bytes().into())
}

/// RFC 2104 pads a key of at most one block with zeros; done here, nothing can fail.
fn mac(key: &[u8]) -> Hmac<Sha256> {
    let mut block = Zeroizing::new([0_u8; SecretKey::MAX_LEN]);
    for (slot, byte) in block.iter_mut().zip(key) {
        *slot = *byte;
    }
    Hmac::new((&*block).into())
}

impl fmt::Debug for JobKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let old = self.old.iter().map(|key| key.kid.as_str());
        f.debug_struct("JobKeys")
            .field("current", &self.current.kid.as_str())
            .field("old", &old.collect::<Vec<_>>())
            .finish()
    }
}
