//! A challenge: what a store keeps of it, and what each verb does to it.
//!
//! Everything here is pure. A store runs these functions while it holds the record and the cells, or restates them
//! in its own language; the store suite proves that all agree.
//!
//! ```
//! use otp_core::challenge::{self, Attempt, ChallengeKey, Guess, NewChallenge, Opening, Put, Rejection};
//! use otp_core::{ChallengeId, KeyId, PhoneKey, Purpose, Timestamp};
//! use std::time::Duration;
//!
//! let key = ChallengeKey { id: ChallengeId::random()?, phone: PhoneKey::from_bytes([1; 16]), purpose: Purpose::Login };
//! let (kid, now): (KeyId, _) = ("p1".parse()?, Timestamp::from_secs(1_767_225_600));
//! let new = NewChallenge::new(key, Opening::Start, (kid, [7; 32]), now + Duration::from_secs(300), 3);
//! let Put::Store(mut record, _) = challenge::open(None, &new, &mut [], now) else { unreachable!("no limit refuses") };
//!
//! // The store keeps the record under its key, and finds it again:
//! let mut guess = |digest| {
//!     let digests = [(kid, digest)];
//!     challenge::attempt(Some(&mut record), &Guess::new(&key, &digests), &mut [], now)
//! };
//! assert!(matches!(guess([8; 32]), Attempt::Rejected { reason: Rejection::Wrong, tries_left: 2, .. }));
//! assert!(matches!(guess([7; 32]), Attempt::Accepted { .. }));
//! assert!(matches!(guess([7; 32]), Attempt::Rejected { reason: Rejection::Used, .. }));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod approve;
mod attempt;
mod open;

pub use approve::approve;
pub use attempt::attempt;
pub use open::{Put, Withdrawn, open, withdraw};

use crate::limit::Refusal;
use crate::{ChallengeId, Channel, KeyId, PhoneKey, Purpose, Timestamp};
use std::time::Duration;

/// A keyed hash of a code, bound to its challenge; see `Keys`.
pub type Digest = [u8; 32];

/// Where a challenge is kept. A handle of one purpose finds nothing of another.
///
/// All fields are the key. Another one would be a breaking change, so that no store goes on without it; the same holds
/// for what a store keeps: [`ChallengeRecord`], [`IssuedCode`] and [`PreviousCode`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ChallengeKey {
    /// The challenge's own id.
    pub id: ChallengeId,
    /// Whose phone it was opened for.
    pub phone: PhoneKey,
    /// What its code is good for.
    pub purpose: Purpose,
}

/// One code that was sent: its digest, its life, its guesses, and what was asked for with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IssuedCode {
    /// Tells a client's retry from a new request.
    pub request: Option<[u8; 16]>,
    /// How it was sent.
    pub channel: Channel,
    /// Whether the longer session was asked for.
    pub remember_me: bool,
    /// The keyed hash of the code.
    pub digest: Digest,
    /// The pepper it was made with.
    pub kid: KeyId,
    /// When it was issued.
    pub issued_at: Timestamp,
    /// From this instant on it is expired.
    pub expires_at: Timestamp,
    /// How many guesses it still stands.
    pub tries_left: u8,
}

/// No code is issued for more than ten minutes (VER-4); nodes may differ by one. What has longer to live is from before
/// a clock was set back: it has lived.
const LONGEST_LIFE: Duration = Duration::from_secs(660);

impl IssuedCode {
    fn is_live(&self, now: Timestamp) -> bool {
        !self.is_over(now) && self.tries_left > 0
    }

    fn is_over(&self, now: Timestamp) -> bool {
        now >= self.expires_at || now + LONGEST_LIFE < self.expires_at
    }
}

/// The code before the current one: it comes back if its successor was never delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PreviousCode {
    /// As it was issued.
    pub code: IssuedCode,
    /// Accepted beside its successor until then, and never after its own expiry.
    pub valid_until: Timestamp,
}

/// What a store keeps of a challenge. The number and the code are not in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChallengeRecord {
    /// The code that was sent last.
    pub current: IssuedCode,
    /// The code before it.
    pub previous: Option<Box<PreviousCode>>,
    /// When the right code was given; set once.
    pub used_at: Option<Timestamp>,
}

/// How long an expired record is still told apart from none.
pub(crate) const RETENTION: Duration = Duration::from_secs(600);

/// Why a challenge is put: as a new one, or with a new code for one that lives. A store has to know both, and no other
/// comes without a breaking change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opening {
    /// A new challenge. One that is already there under the same key (one per phone, or a retried request) is
    /// replaced unless the request is the same.
    Start,
    /// Another code for the same challenge; its guesses are not refilled.
    Resend,
}

/// A challenge that is to be stored.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct NewChallenge {
    /// Where.
    pub key: ChallengeKey,
    /// New, or another code.
    pub opening: Opening,
    /// Tells a client's retry from a new request.
    pub request: Option<[u8; 16]>,
    /// How the code is sent; a resend without one keeps what was.
    pub channel: Option<Channel>,
    /// Chooses the longer session.
    pub remember_me: bool,
    /// The code's keyed hash.
    pub digest: Digest,
    /// The pepper it was made with.
    pub kid: KeyId,
    /// From this instant on the code is expired; at most ten minutes from now.
    pub expires_at: Timestamp,
    /// Guesses that the code stands.
    pub tries: u8,
    /// Until when a code that this one replaces is still accepted; `now` or earlier means not at all.
    pub previous_until: Timestamp,
}

impl NewChallenge {
    /// A code to be stored under `key`, with its keyed hash by the pepper `kid`. Channel, request and session length
    /// are not chosen, and a code that it replaces is not accepted any longer.
    #[must_use]
    pub const fn new(
        key: ChallengeKey,
        opening: Opening,
        (kid, digest): (KeyId, Digest),
        expires_at: Timestamp,
        tries: u8,
    ) -> Self {
        Self {
            key,
            opening,
            request: None,
            channel: None,
            remember_me: false,
            digest,
            kid,
            expires_at,
            tries,
            previous_until: Timestamp::from_millis(0),
        }
    }
}

/// What is known of a challenge's owner-visible state after [`open`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct OpenState {
    /// How the code was sent.
    pub channel: Channel,
    /// When the current code expires.
    pub expires_at: Timestamp,
    /// From when all cells would admit another one.
    pub next_at: Timestamp,
}

impl OpenState {
    /// A challenge whose code went over `channel` and expires at `expires_at`, and gets no other before `next_at`.
    #[must_use]
    pub const fn new(channel: Channel, expires_at: Timestamp, next_at: Timestamp) -> Self {
        Self {
            channel,
            expires_at,
            next_at,
        }
    }
}

/// What opening a challenge came to.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Opened {
    /// Stored and charged: the code may be sent.
    Stored(OpenState),
    /// The same request was answered before: nothing charged, nothing to send.
    Replayed(OpenState),
    /// A resend for a challenge that is unknown, used, expired or out of guesses: nothing charged.
    NotLive,
    /// A limit refused: nothing stored, nothing charged.
    Refused(Vec<Refusal>),
}

/// A guess at the code of a challenge.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Guess<'a> {
    /// Which challenge.
    pub key: &'a ChallengeKey,
    /// What the guessed code hashes to, under each pepper that may still be in use.
    pub digests: &'a [(KeyId, Digest)],
}

impl<'a> Guess<'a> {
    /// A guess at `key`'s code.
    #[must_use]
    pub const fn new(key: &'a ChallengeKey, digests: &'a [(KeyId, Digest)]) -> Self {
        Self { key, digests }
    }
}

/// Why a guess was rejected. Told to the audit, never to the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Rejection {
    /// Compared with a live code, and not it.
    Wrong,
    /// The code's time is over.
    Expired,
    /// The right code was given before.
    Used,
    /// There is no such challenge for this phone and purpose.
    Unknown,
    /// All guesses were spent.
    Locked,
}

/// What a guess came to. Whoever decides by it names every case: with an arm for the unforeseen nobody could tell what
/// lets somebody in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Attempt {
    /// The right code, for the first and only time.
    Accepted {
        /// How it had been sent.
        channel: Channel,
        /// Whether the longer session was asked for.
        remember_me: bool,
    },
    /// Not accepted.
    Rejected {
        /// Why.
        reason: Rejection,
        /// Guesses that are left.
        tries_left: u8,
        /// Whether the guess was the code that this challenge once had: its owner asks again, too late.
        proved: bool,
    },
    /// A limit refused: the guess was neither counted nor compared.
    Refused(Vec<Refusal>),
}

impl ChallengeRecord {
    /// Whether some code of it can still be accepted.
    #[must_use]
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.used_at.is_none() && self.current.is_live(now)
    }

    /// The instant from which a store may forget the record. It is not the expiry: until then a late guess is
    /// told apart from one at nothing, for the audit and for a registration ticket that came too late.
    #[must_use]
    pub fn forgotten_at(&self) -> Timestamp {
        self.current.expires_at + RETENTION
    }

    fn state(&self, next_at: Timestamp) -> OpenState {
        OpenState {
            channel: self.current.channel,
            expires_at: self.current.expires_at,
            next_at,
        }
    }
}
