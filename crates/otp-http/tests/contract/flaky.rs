//! A store, a sender and a directory that fail when told to, with texts that no client may see.

use otp_core::challenge::{Attempt, ChallengeKey, Digest, Guess, NewChallenge, Opened};
use otp_core::limit::{Cell, Decision};
use otp_core::session::{Revoke, Rotate, Rotation, SessionRecord};
use otp_core::{
    Backend, ChallengeStore, Created, Delivery, DeliveryState, DeliveryStore, DirectoryError,
    MemoryStore, MemoryUsers, Message, MessageKey, PhoneNumber, Profile, Reach, Receipt, Reported,
    Resolved, SendError, SendErrorKind, Sender, Sent, SessionId, SessionStore, StoreError,
    StoreErrorKind, Timestamp, User, UserDirectory, UserId, async_trait,
};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What a driver or a provider says when it fails.
pub(crate) const SOURCE: &str =
    "WRONGTYPE redis://admin:hunter2@10.0.0.5 SELECT secret FROM otp_canary";

/// What fails now, by the names of verbs; `all` for every one.
#[derive(Clone, Debug, Default)]
pub(crate) struct Failing(Arc<Mutex<Vec<&'static str>>>);

impl Failing {
    pub(crate) fn set(&self, verbs: &[&'static str]) {
        *self.0.lock().unwrap() = verbs.to_vec();
    }

    fn has(&self, verb: &str) -> bool {
        let failing = self.0.lock().unwrap();
        failing.iter().any(|own| *own == verb || *own == "all")
    }

    fn store(&self, verb: &str) -> Result<(), StoreError> {
        if self.has(verb) {
            return Err(StoreError::new("canary", StoreErrorKind::Corrupt).with_source(SOURCE));
        }
        Ok(())
    }

    fn users(&self, verb: &str) -> Result<(), DirectoryError> {
        if self.has(verb) {
            return Err(DirectoryError::new(SOURCE));
        }
        Ok(())
    }
}

#[derive(Debug, Default)]
pub(crate) struct FlakyStore {
    pub(crate) inner: MemoryStore,
    pub(crate) failing: Failing,
}

#[async_trait]
impl ChallengeStore for FlakyStore {
    async fn open(
        &self,
        challenge: &NewChallenge,
        cells: &[Cell],
        now: Timestamp,
    ) -> Result<Opened, StoreError> {
        self.failing.store("open")?;
        self.inner.open(challenge, cells, now).await
    }

    async fn attempt(
        &self,
        guess: &Guess<'_>,
        cells: &[Cell],
        now: Timestamp,
    ) -> Result<Attempt, StoreError> {
        self.failing.store("attempt")?;
        self.inner.attempt(guess, cells, now).await
    }

    async fn approve(
        &self,
        guess: &Guess<'_>,
        guessed_at: Timestamp,
        cells: &[Cell],
        now: Timestamp,
    ) -> Result<Attempt, StoreError> {
        self.failing.store("approve")?;
        self.inner.approve(guess, guessed_at, cells, now).await
    }

    async fn charge(&self, cells: &[Cell], now: Timestamp) -> Result<Decision, StoreError> {
        self.failing.store("charge")?;
        self.inner.charge(cells, now).await
    }

    async fn refund(
        &self,
        key: &ChallengeKey,
        digest: &Digest,
        cells: &[Cell],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.failing.store("refund")?;
        self.inner.refund(key, digest, cells, now).await
    }

    async fn purge_challenges(&self, before: Timestamp, limit: u32) -> Result<u64, StoreError> {
        self.inner.purge_challenges(before, limit).await
    }
}

#[async_trait]
impl DeliveryStore for FlakyStore {
    async fn note(
        &self,
        key: &ChallengeKey,
        sent: &Sent,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.failing.store("note")?;
        self.inner.note(key, sent, until, now).await
    }

    async fn report(
        &self,
        message: &MessageKey,
        state: DeliveryState,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<Reported, StoreError> {
        self.failing.store("report")?;
        self.inner.report(message, state, until, now).await
    }

    async fn delivery(
        &self,
        key: &ChallengeKey,
        now: Timestamp,
    ) -> Result<Option<Delivery>, StoreError> {
        self.failing.store("delivery")?;
        self.inner.delivery(key, now).await
    }

    async fn purge_deliveries(&self, before: Timestamp, limit: u32) -> Result<u64, StoreError> {
        self.inner.purge_deliveries(before, limit).await
    }
}

#[async_trait]
impl Backend for FlakyStore {
    async fn ping(&self) -> Result<Timestamp, StoreError> {
        self.failing.store("ping")?;
        self.inner.ping().await
    }

    fn reach(&self) -> Reach {
        Reach::Process
    }
}

#[async_trait]
impl SessionStore for FlakyStore {
    async fn create(&self, session: &SessionRecord, now: Timestamp) -> Result<(), StoreError> {
        self.failing.store("create")?;
        self.inner.create(session, now).await
    }

    async fn rotate(&self, presented: &Rotate, now: Timestamp) -> Result<Rotation, StoreError> {
        self.failing.store("rotate")?;
        self.inner.rotate(presented, now).await
    }

    async fn revoke(&self, which: &Revoke, now: Timestamp) -> Result<u64, StoreError> {
        self.failing.store("revoke")?;
        self.inner.revoke(which, now).await
    }

    async fn find(
        &self,
        session: &SessionId,
        now: Timestamp,
    ) -> Result<Option<SessionRecord>, StoreError> {
        self.failing.store("find")?;
        self.inner.find(session, now).await
    }

    async fn list(&self, user: &UserId, now: Timestamp) -> Result<Vec<SessionRecord>, StoreError> {
        self.failing.store("list")?;
        self.inner.list(user, now).await
    }

    async fn purge_sessions(&self, before: Timestamp, limit: u32) -> Result<u64, StoreError> {
        self.inner.purge_sessions(before, limit).await
    }
}

#[derive(Debug, Default)]
pub(crate) struct FlakyUsers {
    pub(crate) inner: MemoryUsers,
    pub(crate) failing: Failing,
}

#[async_trait]
impl UserDirectory for FlakyUsers {
    async fn resolve(&self, phone: &PhoneNumber) -> Result<Resolved, DirectoryError> {
        self.failing.users("users")?;
        self.inner.resolve(phone).await
    }

    async fn create(
        &self,
        phone: &PhoneNumber,
        profile: &Profile,
    ) -> Result<Created, DirectoryError> {
        self.failing.users("users")?;
        self.inner.create(phone, profile).await
    }

    async fn find(&self, user: &UserId) -> Result<Option<User>, DirectoryError> {
        self.failing.users("users")?;
        self.inner.find(user).await
    }
}

/// Fails with what it is told, or else keeps what it is given.
#[derive(Clone, Debug, Default)]
pub(crate) struct FlakySender {
    pub(crate) inner: otp_core::testing::CapturingSender,
    pub(crate) error: Arc<Mutex<Option<SendErrorKind>>>,
    pub(crate) retry_after: Arc<Mutex<Option<Duration>>>,
}

#[async_trait]
impl Sender for FlakySender {
    fn name(&self) -> &str {
        "canary"
    }

    async fn send(&self, message: &Message) -> Result<Receipt, SendError> {
        let Some(kind) = *self.error.lock().unwrap() else {
            return self.inner.send(message).await;
        };
        let error = SendError::new(kind).with_source(SOURCE);
        Err(match *self.retry_after.lock().unwrap() {
            Some(wait) => error.with_retry_after(wait),
            None => error,
        })
    }
}
