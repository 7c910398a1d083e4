//! Where a node can be killed: before and after every call to what is outside of it.

use otp_core::challenge::{Attempt, ChallengeKey, Digest, Guess, NewChallenge, Opened};
use otp_core::limit::{Cell, Decision};
use otp_core::session::{Revoke, Rotate, Rotation, SessionRecord};
use otp_core::{
    Backend, ChallengeStore, Created, Delivery, DeliveryState, DeliveryStore, DirectoryError,
    Message, MessageKey, PhoneNumber, Profile, Reach, Receipt, Reported, Resolved, SendError,
    Sender, Sent, SessionId, SessionStore, StoreError, Timestamp, User, UserDirectory, UserId,
    async_trait,
};
use rustix::process::{Signal, getpid, kill_process};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

/// Counts the points, and kills this process at one of them.
#[derive(Debug)]
pub(crate) struct Fuse {
    armed: AtomicBool,
    passed: AtomicU32,
    kills_at: u32,
}

impl Fuse {
    pub(crate) fn new(kills_at: u32) -> Arc<Self> {
        Arc::new(Self {
            armed: AtomicBool::new(false),
            passed: AtomicU32::new(0),
            kills_at,
        })
    }

    /// From now on points count.
    pub(super) fn arm(&self) {
        self.armed.store(true, Ordering::SeqCst);
    }

    /// As from outside: nothing is flushed, no destructor runs.
    pub(super) fn point(&self) {
        let counts = self.armed.load(Ordering::SeqCst);
        if counts && self.passed.fetch_add(1, Ordering::SeqCst) == self.kills_at {
            let _ = kill_process(getpid(), Signal::KILL);
            std::process::abort();
        }
    }

    async fn around<T>(&self, call: impl Future<Output = T>) -> T {
        self.point();
        let done = call.await;
        self.point();
        done
    }
}

/// A store, a directory or a sender between two points each time.
#[derive(Debug)]
pub(crate) struct Between<T> {
    pub(crate) inner: T,
    pub(crate) fuse: Arc<Fuse>,
}

#[async_trait]
impl<T: Backend> Backend for Between<T> {
    async fn ping(&self) -> Result<Timestamp, StoreError> {
        self.inner.ping().await
    }

    fn reach(&self) -> Reach {
        self.inner.reach()
    }
}

#[async_trait]
impl<T: ChallengeStore> ChallengeStore for Between<T> {
    async fn open(
        &self,
        challenge: &NewChallenge,
        cells: &[Cell],
        now: Timestamp,
    ) -> Result<Opened, StoreError> {
        self.fuse
            .around(self.inner.open(challenge, cells, now))
            .await
    }

    async fn attempt(
        &self,
        guess: &Guess<'_>,
        cells: &[Cell],
        now: Timestamp,
    ) -> Result<Attempt, StoreError> {
        self.fuse
            .around(self.inner.attempt(guess, cells, now))
            .await
    }

    async fn approve(
        &self,
        guess: &Guess<'_>,
        guessed_at: Timestamp,
        cells: &[Cell],
        now: Timestamp,
    ) -> Result<Attempt, StoreError> {
        self.fuse
            .around(self.inner.approve(guess, guessed_at, cells, now))
            .await
    }

    async fn charge(&self, cells: &[Cell], now: Timestamp) -> Result<Decision, StoreError> {
        self.fuse.around(self.inner.charge(cells, now)).await
    }

    async fn refund(
        &self,
        key: &ChallengeKey,
        digest: &Digest,
        cells: &[Cell],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.fuse
            .around(self.inner.refund(key, digest, cells, now))
            .await
    }

    async fn purge_challenges(&self, before: Timestamp, limit: u32) -> Result<u64, StoreError> {
        self.inner.purge_challenges(before, limit).await
    }
}

#[async_trait]
impl<T: DeliveryStore> DeliveryStore for Between<T> {
    async fn note(
        &self,
        key: &ChallengeKey,
        sent: &Sent,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.fuse
            .around(self.inner.note(key, sent, until, now))
            .await
    }

    async fn report(
        &self,
        message: &MessageKey,
        state: DeliveryState,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<Reported, StoreError> {
        self.fuse
            .around(self.inner.report(message, state, until, now))
            .await
    }

    async fn delivery(
        &self,
        key: &ChallengeKey,
        now: Timestamp,
    ) -> Result<Option<Delivery>, StoreError> {
        self.fuse.around(self.inner.delivery(key, now)).await
    }

    async fn purge_deliveries(&self, before: Timestamp, limit: u32) -> Result<u64, StoreError> {
        self.inner.purge_deliveries(before, limit).await
    }
}

#[async_trait]
impl<T: SessionStore> SessionStore for Between<T> {
    async fn create(&self, session: &SessionRecord, now: Timestamp) -> Result<(), StoreError> {
        self.fuse.around(self.inner.create(session, now)).await
    }

    async fn rotate(&self, presented: &Rotate, now: Timestamp) -> Result<Rotation, StoreError> {
        self.fuse.around(self.inner.rotate(presented, now)).await
    }

    async fn revoke(&self, which: &Revoke, now: Timestamp) -> Result<u64, StoreError> {
        self.fuse.around(self.inner.revoke(which, now)).await
    }

    async fn find(
        &self,
        session: &SessionId,
        now: Timestamp,
    ) -> Result<Option<SessionRecord>, StoreError> {
        self.fuse.around(self.inner.find(session, now)).await
    }

    async fn list(&self, user: &UserId, now: Timestamp) -> Result<Vec<SessionRecord>, StoreError> {
        self.fuse.around(self.inner.list(user, now)).await
    }

    async fn purge_sessions(&self, before: Timestamp, limit: u32) -> Result<u64, StoreError> {
        self.inner.purge_sessions(before, limit).await
    }
}

#[async_trait]
impl<T: UserDirectory> UserDirectory for Between<T> {
    async fn resolve(&self, phone: &PhoneNumber) -> Result<Resolved, DirectoryError> {
        self.fuse.around(self.inner.resolve(phone)).await
    }

    async fn create(
        &self,
        phone: &PhoneNumber,
        profile: &Profile,
    ) -> Result<Created, DirectoryError> {
        self.fuse.around(self.inner.create(phone, profile)).await
    }

    async fn find(&self, user: &UserId) -> Result<Option<User>, DirectoryError> {
        self.fuse.around(self.inner.find(user)).await
    }
}

#[async_trait]
impl<T: Sender> Sender for Between<T> {
    fn name(&self) -> &str {
        self.inner.name()
    }

    async fn send(&self, message: &Message) -> Result<Receipt, SendError> {
        self.fuse.around(self.inner.send(message)).await
    }
}
