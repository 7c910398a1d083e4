//! Challenges in one store, sessions in another.

use crate::challenge::{Attempt, ChallengeKey, Digest, Guess, NewChallenge, Opened};
use crate::limit::{Cell, Decision};
use crate::session::{Revoke, Rotate, Rotation, SessionRecord};
use crate::{
    Backend, ChallengeStore, Delivery, DeliveryState, DeliveryStore, MessageKey, Reach, Reported,
    Sent, SessionId, SessionStore, StoreError, Timestamp, UserId,
};
use async_trait::async_trait;

/// Challenges, limits and what becomes of messages in one store, sessions in another: such as Redis, which forgets by
/// itself, beside SQL, which keeps what it has acknowledged. No verb touches both.
///
/// ```
/// use otp_core::{Composite, MemoryStore};
///
/// let store = Composite::new(MemoryStore::new(), MemoryStore::new());
/// ```
#[derive(Clone, Debug)]
pub struct Composite<C, S> {
    challenges: C,
    sessions: S,
}

impl<C: ChallengeStore, S: SessionStore> Composite<C, S> {
    /// Keeps challenges and limits in the first, and sessions in the second.
    pub const fn new(challenges: C, sessions: S) -> Self {
        Self {
            challenges,
            sessions,
        }
    }
}

#[async_trait]
impl<C: Backend, S: Backend> Backend for Composite<C, S> {
    /// Both must answer; the time is that of the challenges, which live for minutes.
    async fn ping(&self) -> Result<Timestamp, StoreError> {
        self.sessions.ping().await?;
        self.challenges.ping().await
    }

    /// Both must be.
    async fn ready(&self) -> Result<(), StoreError> {
        self.sessions.ready().await?;
        self.challenges.ready().await
    }

    /// As far as the nearer of the two.
    fn reach(&self) -> Reach {
        match (self.challenges.reach(), self.sessions.reach()) {
            (Reach::Shared, Reach::Shared) => Reach::Shared,
            _ => Reach::Process,
        }
    }
}

#[async_trait]
impl<C: ChallengeStore, S: Backend> ChallengeStore for Composite<C, S> {
    async fn open(
        &self,
        new: &NewChallenge,
        cells: &[Cell],
        now: Timestamp,
    ) -> Result<Opened, StoreError> {
        self.challenges.open(new, cells, now).await
    }

    async fn attempt(
        &self,
        guess: &Guess<'_>,
        cells: &[Cell],
        now: Timestamp,
    ) -> Result<Attempt, StoreError> {
        self.challenges.attempt(guess, cells, now).await
    }

    async fn approve(
        &self,
        guess: &Guess<'_>,
        guessed_at: Timestamp,
        cells: &[Cell],
        now: Timestamp,
    ) -> Result<Attempt, StoreError> {
        self.challenges.approve(guess, guessed_at, cells, now).await
    }

    async fn charge(&self, cells: &[Cell], now: Timestamp) -> Result<Decision, StoreError> {
        self.challenges.charge(cells, now).await
    }

    async fn refund(
        &self,
        key: &ChallengeKey,
        digest: &Digest,
        cells: &[Cell],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.challenges.refund(key, digest, cells, now).await
    }

    async fn purge_challenges(&self, before: Timestamp, limit: u32) -> Result<u64, StoreError> {
        self.challenges.purge_challenges(before, limit).await
    }
}

#[async_trait]
impl<C: DeliveryStore, S: Backend> DeliveryStore for Composite<C, S> {
    async fn note(
        &self,
        key: &ChallengeKey,
        sent: &Sent,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.challenges.note(key, sent, until, now).await
    }

    async fn report(
        &self,
        message: &MessageKey,
        state: DeliveryState,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<Reported, StoreError> {
        self.challenges.report(message, state, until, now).await
    }

    async fn delivery(
        &self,
        key: &ChallengeKey,
        now: Timestamp,
    ) -> Result<Option<Delivery>, StoreError> {
        self.challenges.delivery(key, now).await
    }

    async fn purge_deliveries(&self, before: Timestamp, limit: u32) -> Result<u64, StoreError> {
        self.challenges.purge_deliveries(before, limit).await
    }
}

#[async_trait]
impl<C: Backend, S: SessionStore> SessionStore for Composite<C, S> {
    async fn create(&self, session: &SessionRecord, now: Timestamp) -> Result<(), StoreError> {
        self.sessions.create(session, now).await
    }

    async fn rotate(&self, presented: &Rotate, now: Timestamp) -> Result<Rotation, StoreError> {
        self.sessions.rotate(presented, now).await
    }

    async fn revoke(&self, which: &Revoke, now: Timestamp) -> Result<u64, StoreError> {
        self.sessions.revoke(which, now).await
    }

    async fn find(
        &self,
        session: &SessionId,
        now: Timestamp,
    ) -> Result<Option<SessionRecord>, StoreError> {
        self.sessions.find(session, now).await
    }

    async fn list(&self, user: &UserId, now: Timestamp) -> Result<Vec<SessionRecord>, StoreError> {
        self.sessions.list(user, now).await
    }

    async fn purge_sessions(&self, before: Timestamp, limit: u32) -> Result<u64, StoreError> {
        self.sessions.purge_sessions(before, limit).await
    }
}
