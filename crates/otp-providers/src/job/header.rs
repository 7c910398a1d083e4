//! What stands before the nonce: readable without a key, and bound to what is sealed.

use super::{JobError, JobId};
use otp_core::{ChallengeId, KeyId, Timestamp};

const VERSION: u8 = 1;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) kid: KeyId,
    pub(super) expires_at: Timestamp,
    pub(super) id: JobId,
}

impl Header {
    pub(super) fn encode(&self) -> Vec<u8> {
        let kid = self.kid.as_str().as_bytes();
        // At most 16.
        let length = u8::try_from(kid.len()).unwrap_or_default();
        let expiry = self.expires_at.as_millis().to_be_bytes();
        let challenge = self.id.challenge.as_bytes();
        let prefix = [VERSION, length];
        [&prefix, kid, &expiry, challenge, &self.id.generation].concat()
    }

    /// The header, and what follows it.
    pub(super) fn decode(bytes: &[u8]) -> Result<(Self, &[u8]), JobError> {
        let (version, rest) = take::<1>(bytes)?;
        if *version != [VERSION] {
            return Err(JobError::UnknownVersion);
        }
        let ([length], rest) = take::<1>(rest)?;
        let (kid, rest) = rest
            .split_at_checked(usize::from(*length))
            .ok_or(JobError::Malformed)?;
        let kid = std::str::from_utf8(kid).map_err(|_| JobError::Malformed)?;
        let (expiry, rest) = take::<8>(rest)?;
        let (challenge, rest) = take::<16>(rest)?;
        let (generation, rest) = take::<16>(rest)?;
        let header = Self {
            kid: kid.parse().map_err(|_| JobError::Malformed)?,
            expires_at: Timestamp::from_millis(i64::from_be_bytes(*expiry)),
            id: JobId {
                challenge: ChallengeId::from_bytes(*challenge),
                generation: *generation,
            },
        };
        Ok((header, rest))
    }
}

fn take<const N: usize>(bytes: &[u8]) -> Result<(&[u8; N], &[u8]), JobError> {
    bytes.split_first_chunk().ok_or(JobError::Malformed)
}
