//! A message sealed for a queue: whoever reads the queue sees neither the number nor the code.
//!
//! ```text
//! version 1 | n | key id, n bytes | expiry, ms | challenge id | generation | nonce | sealed: number, code, channel, purpose, locale; tag
//!         1   1              1-16            8             16           16      12                                     64    16
//! ```
//!
//! All that stands before the nonce is associated data: a job whose life was extended, or whose ids were exchanged with
//! those of another, does not open. What is sealed has one length, so that a job's size tells nothing either.
//!
//! The generation says which code of its challenge a job carries: a keyed hash of challenge, channel and code. The same
//! message published twice is one job; the next code of the same challenge is another.
//!
//! ```
//! use otp_core::{Clock, Code, Message, PhoneNumber, SecretKey, SystemClock};
//! use otp_providers::job::JobKeys;
//! use std::time::Duration;
//!
//! let keys = JobKeys::new("j1".parse()?, &SecretKey::generate()?)?;
//! let to = PhoneNumber::parse("+14155550100", None)?;
//! let message = Message::new(to, Code::draw(6)?, "AAECAwQFBgcICQoLDA0ODw".parse()?, Duration::from_secs(300));
//! let now = SystemClock.now();
//! let sealed = keys.seal(&message, now)?;
//!
//! // Wherever the bytes went, and 100 seconds later:
//! let job = keys.open(sealed.as_bytes())?;
//! let message = job.message(now + Duration::from_secs(100)).ok_or("expired")?;
//! assert_eq!(message.expires_in, Duration::from_secs(200));
//! assert!(job.message(now + Duration::from_secs(300)).is_none());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod header;
mod keys;
mod letter;

pub use keys::{JobKeyRefused, JobKeys};

use otp_core::{ChallengeId, Message, Timestamp};
use std::fmt;

/// Names a job: a challenge, and which of its codes. Not a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JobId {
    challenge: ChallengeId,
    generation: [u8; 16],
}

impl JobId {
    /// The challenge that the code answers.
    #[must_use]
    pub const fn challenge(&self) -> &ChallengeId {
        &self.challenge
    }

    /// Which code of the challenge, and over which channel: a keyed hash.
    #[must_use]
    pub const fn generation(&self) -> &[u8; 16] {
        &self.generation
    }
}

impl fmt::Display for JobId {
    /// The challenge's id, a full stop, and the generation in hexadecimal.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.", self.challenge)?;
        self.generation
            .iter()
            .try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// A message that only the keys open.
#[derive(Clone, PartialEq, Eq)]
pub struct SealedJob {
    id: JobId,
    bytes: Vec<u8>,
}

impl SealedJob {
    /// Which job it is.
    #[must_use]
    pub const fn id(&self) -> &JobId {
        &self.id
    }

    /// What goes into the queue.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }
}

impl fmt::Debug for SealedJob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SealedJob").field(&self.id).finish()
    }
}

/// A message out of a queue. `Debug` shows neither the number nor the code.
#[derive(Clone, Debug)]
pub struct Job {
    id: JobId,
    expires_at: Timestamp,
    message: Message,
}

impl Job {
    /// Which job it is.
    #[must_use]
    pub const fn id(&self) -> &JobId {
        &self.id
    }

    /// The instant from which it must not be sent.
    #[must_use]
    pub const fn expires_at(&self) -> Timestamp {
        self.expires_at
    }

    /// The message with what is left of its code's life; none if nothing is left.
    #[must_use]
    pub fn message(&self, now: Timestamp) -> Option<Message> {
        let mut message = self.message.clone();
        message.expires_in = self.expires_at.since(now);
        (!message.expires_in.is_zero()).then_some(message)
    }
}

/// Why a message was not sealed, or a job not opened. No text repeats any of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JobError {
    /// A kind of job that this version does not know: written by a newer one, or no job at all.
    #[error("the job has a version that is not known here")]
    UnknownVersion,
    /// None of the keys has the id that it names.
    #[error("the job was sealed with a key that is not known here")]
    UnknownKey,
    /// It is not made as a job of this version is.
    #[error("the job is malformed")]
    Malformed,
    /// The key does not open it: it was altered, or sealed with another key of the same id.
    #[error("the job was altered, or sealed with another key of the same id")]
    Altered,
    /// The cipher failed, or the message does not fit into a job.
    #[error("the message cannot be sealed")]
    Seal,
}

impl JobError {
    /// A stable name, for metrics and dead letters.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::UnknownVersion => "unknown_version",
            Self::UnknownKey => "unknown_key",
            Self::Malformed => "malformed",
            Self::Altered => "altered",
            Self::Seal => "seal",
        }
    }
}
