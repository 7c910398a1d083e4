//! What the core asks of a store: one trait per transaction, each verb atomic and whole.

use crate::challenge::{Attempt, ChallengeKey, Digest, Guess, NewChallenge, Opened};
use crate::limit::{Cell, Decision};
use crate::session::{Revoke, Rotate, Rotation, SessionRecord};
use crate::{Delivery, DeliveryState, MessageKey, Reported, Sent, SessionId, Timestamp, UserId};
use async_trait::async_trait;
use std::error::Error;
use std::fmt::{self, Debug};

/// What holds the records of one or both of the traits below.
#[async_trait]
pub trait Backend: Debug + Send + Sync + 'static {
    /// What time it is by the store's own clock, from which it also follows that the store can be reached: for nodes
    /// that are to agree on the time ([`StoreClock`](crate::StoreClock)).
    async fn ping(&self) -> Result<Timestamp, StoreError>;

    /// Whether it would take a write now, in one cheap step that changes nothing: for health checks. A store that may
    /// be read while it refuses writes, as a replica does, says more than this default.
    async fn ready(&self) -> Result<(), StoreError> {
        self.ping().await.map(drop)
    }

    /// Whether other processes see the same records.
    fn reach(&self) -> Reach;
}

/// Challenges and the limits around them.
///
/// # Contract
/// - Every verb is one atomic step, seen by all nodes that share the store, and durable before it returns. Its
///   meaning is the pure function that it names; the store suite (`conformance` feature) is the proof.
/// - It outlives its caller: when the future is dropped half-way, the step happened whole or not at all, and a
///   guess that was compared is counted.
/// - `now` is the only time there is. The store's own expiry is rubbish collection: it may remove a record at or
///   after `forgotten_at`, never before.
/// - A verb that may have happened is not repeated by the store; it answers [`StoreErrorKind::Unavailable`].
/// - Keys are fixed-length keyed hashes; a store adds nothing of its own to them that came from a user.
#[async_trait]
pub trait ChallengeStore: Backend {
    /// Charges every cell, or none; stores the challenge only if all admit it: [`open`](crate::challenge::open).
    async fn open(
        &self,
        challenge: &NewChallenge,
        cells: &[Cell],
        now: Timestamp,
    ) -> Result<Opened, StoreError>;

    /// Counts one guess and charges what a failure costs before it compares; exactly one caller ever gets
    /// `Accepted`: [`attempt`](crate::challenge::attempt).
    async fn attempt(
        &self,
        guess: &Guess<'_>,
        cells: &[Cell],
        now: Timestamp,
    ) -> Result<Attempt, StoreError>;

    /// Accepts, once, a code that somebody else found right, and gives back what the guess at `guessed_at` was charged:
    /// [`approve`](crate::challenge::approve).
    async fn approve(
        &self,
        guess: &Guess<'_>,
        guessed_at: Timestamp,
        cells: &[Cell],
        now: Timestamp,
    ) -> Result<Attempt, StoreError>;

    /// Charges cells alone: [`limit::charge`](crate::limit::charge).
    async fn charge(&self, cells: &[Cell], now: Timestamp) -> Result<Decision, StoreError>;

    /// Takes back, once, a code that no provider accepted, and what `open` charged for it:
    /// [`withdraw`](crate::challenge::withdraw), then [`limit::refund`](crate::limit::refund).
    async fn refund(
        &self,
        key: &ChallengeKey,
        digest: &Digest,
        cells: &[Cell],
        now: Timestamp,
    ) -> Result<(), StoreError>;

    /// Removes at most `limit` records that can be forgotten at `before`; says how many went.
    async fn purge_challenges(&self, before: Timestamp, limit: u32) -> Result<u64, StoreError>;
}

/// What becomes of messages.
///
/// A challenge's newest message and the reports about messages are records of their own: no verb here reads or writes
/// a challenge, so that whoever may report can do nothing to one.
///
/// # Contract
/// As for [`ChallengeStore`]. A record may be removed at or after its `until`, never before; a verb that finds one that
/// is over finds nothing.
#[async_trait]
pub trait DeliveryStore: Backend {
    /// Keeps which message carries the newest code of a challenge, in place of the one before.
    async fn note(
        &self,
        key: &ChallengeKey,
        sent: &Sent,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<(), StoreError>;

    /// Keeps the highest word about a message: [`Reported::after`]. Reports of one message may come in any order, more
    /// than once, before it was noted, and of messages that never were.
    async fn report(
        &self,
        message: &MessageKey,
        state: DeliveryState,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<Reported, StoreError>;

    /// The newest message of a challenge, with the highest word about it.
    async fn delivery(
        &self,
        key: &ChallengeKey,
        now: Timestamp,
    ) -> Result<Option<Delivery>, StoreError>;

    /// Removes at most `limit` records that are over at `before`; says how many went.
    async fn purge_deliveries(&self, before: Timestamp, limit: u32) -> Result<u64, StoreError>;
}

/// Sessions and the rotation of their refresh tokens.
///
/// # Contract
/// As for [`ChallengeStore`]: every verb is one atomic step with the meaning of the function that it names.
#[async_trait]
pub trait SessionStore: Backend {
    /// Stores a new session. An id that is already there is [`StoreErrorKind::Corrupt`]: ids are 128 random bits.
    async fn create(&self, session: &SessionRecord, now: Timestamp) -> Result<(), StoreError>;

    /// Claims the successor of a refresh token; of any number of callers exactly one gets
    /// [`Rotation::Rotated`]: [`rotate`](crate::session::rotate).
    async fn rotate(&self, presented: &Rotate, now: Timestamp) -> Result<Rotation, StoreError>;

    /// Ends sessions; says how many were live until now.
    async fn revoke(&self, which: &Revoke, now: Timestamp) -> Result<u64, StoreError>;

    /// The session, if it is live.
    async fn find(
        &self,
        session: &SessionId,
        now: Timestamp,
    ) -> Result<Option<SessionRecord>, StoreError>;

    /// The live sessions of a user, newest first.
    async fn list(&self, user: &UserId, now: Timestamp) -> Result<Vec<SessionRecord>, StoreError>;

    /// Removes at most `limit` sessions that were dead at `before`; says how many went.
    async fn purge_sessions(&self, before: Timestamp, limit: u32) -> Result<u64, StoreError>;
}

/// All of it, in one value: what most deployments pass.
pub trait Store: ChallengeStore + DeliveryStore + SessionStore {}

impl<T: ChallengeStore + DeliveryStore + SessionStore> Store for T {}

/// Who shares a store's records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Reach {
    /// This process alone.
    Process,
    /// Every node that is configured with the same store.
    Shared,
}

/// What went wrong in a store, in the only words that the core decides by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StoreErrorKind {
    /// Not reached, not in time, full, or it is not known whether the step happened.
    Unavailable,
    /// Others were in the way, and the step did not happen.
    Contended,
    /// It holds what it cannot have been given.
    Corrupt,
    /// It cannot work as it is set up.
    Misconfigured,
}

impl StoreErrorKind {
    /// A stable name: for logs, as a metrics label, in an audit.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Unavailable => "unavailable",
            Self::Contended => "contended",
            Self::Corrupt => "corrupt",
            Self::Misconfigured => "misconfigured",
        }
    }
}

impl fmt::Display for StoreErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A store failed. The request is refused: no code is sent and no token is given.
///
/// `Display` names the store and the kind only; the driver's own error is the `source`, and is never shown to a
/// client.
///
/// ```
/// use otp_core::{StoreError, StoreErrorKind};
/// use std::error::Error;
///
/// let error = StoreError::new("filing cabinet", StoreErrorKind::Unavailable).with_source("the drawer is stuck");
/// assert_eq!(error.to_string(), "filing cabinet: unavailable");
/// assert_eq!(error.source().unwrap().to_string(), "the drawer is stuck");
/// ```
#[derive(Debug, thiserror::Error)]
#[error("{store}: {kind}")]
#[non_exhaustive]
pub struct StoreError {
    /// Which store.
    pub store: &'static str,
    /// What went wrong.
    pub kind: StoreErrorKind,
    /// What the driver said.
    #[source]
    pub source: Option<Box<dyn Error + Send + Sync>>,
}

impl StoreError {
    /// An error of `store` without a cause of its own.
    #[must_use]
    pub const fn new(store: &'static str, kind: StoreErrorKind) -> Self {
        Self {
            store,
            kind,
            source: None,
        }
    }

    /// The same, with what the driver said.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }
}
