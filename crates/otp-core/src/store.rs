//! What the core asks of a store: one trait per transaction, each verb atomic and whole.

use crate::challenge::{Attempt, ChallengeKey, Digest, Guess, NewChallenge, Opened};
use crate::limit::{Cell, Decision};
use crate::session::{Revoke, Rotate, Rotation, SessionRecord};
use crate::{SessionId, Timestamp, UserId};
use async_trait::async_trait;
use std::error::Error;
use std::fmt::Debug;

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
pub trait ChallengeStore: Debug + Send + Sync + 'static {
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

    /// Whether the store can be reached; for health checks.
    async fn ping(&self) -> Result<(), StoreError>;

    /// Whether other processes see the same records.
    fn reach(&self) -> Reach;
}

/// Sessions and the rotation of their refresh tokens.
///
/// # Contract
/// As for [`ChallengeStore`]: every verb is one atomic step with the meaning of the function that it names.
#[async_trait]
pub trait SessionStore: Debug + Send + Sync + 'static {
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

/// Both, in one value: what most deployments pass.
pub trait Store: ChallengeStore + SessionStore {}

impl<T: ChallengeStore + SessionStore> Store for T {}

/// Who shares a store's records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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

/// A store failed. The request is refused: no code is sent and no token is given.
///
/// `Display` names the store and the kind only; the driver's own error is the `source`, and is never shown to a
/// client.
#[derive(Debug, thiserror::Error)]
#[error("{store}: {kind:?}")]
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
