//! A memory store that says which verbs were called, and fails those that it is told to.

use otp_core::challenge::{Attempt, ChallengeKey, Digest, Guess, NewChallenge, Opened};
use otp_core::limit::{Cell, Decision};
use otp_core::session::{Revoke, Rotate, Rotation, SessionRecord};
use otp_core::{
    Backend, ChallengeStore, Delivery, DeliveryState, DeliveryStore, MemoryStore, MessageKey,
    Reach, Reported, Sent, SessionId, SessionStore, StoreError, StoreErrorKind, Timestamp, UserId,
    async_trait,
};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

#[derive(Debug)]
pub(crate) struct Probe {
    pub(crate) inner: MemoryStore,
    calls: Mutex<Vec<(&'static str, usize)>>,
    failing: Mutex<Vec<&'static str>>,
    loses_opened: AtomicBool,
    reach: Reach,
}

impl Probe {
    /// One that claims to be seen by all nodes.
    pub(crate) fn shared(inner: MemoryStore) -> Self {
        Self {
            reach: Reach::Shared,
            ..Self::new(inner)
        }
    }

    pub(crate) fn new(inner: MemoryStore) -> Self {
        Self {
            inner,
            calls: Mutex::default(),
            failing: Mutex::default(),
            loses_opened: AtomicBool::default(),
            reach: Reach::Process,
        }
    }

    /// From now on these verbs fail, and no others.
    pub(crate) fn fail(&self, verbs: &[&'static str]) {
        *self.failing.lock().unwrap() = verbs.to_vec();
    }

    /// Whether `open` from now on happens, and its answer is lost.
    pub(crate) fn lose_opened(&self, loses: bool) {
        self.loses_opened.store(loses, Ordering::SeqCst);
    }

    /// The verbs since the last look.
    pub(crate) fn calls(&self) -> Vec<&'static str> {
        self.traced().into_iter().map(|(verb, _)| verb).collect()
    }

    /// The verbs since the last look, with how many cells or digests each was given.
    pub(crate) fn traced(&self) -> Vec<(&'static str, usize)> {
        std::mem::take(&mut self.calls.lock().unwrap())
    }

    fn called(&self, verb: &'static str, size: usize) -> Result<(), StoreError> {
        self.calls.lock().unwrap().push((verb, size));
        if self.failing.lock().unwrap().contains(&verb) {
            let error = StoreError::new("probe", StoreErrorKind::Unavailable);
            return Err(error.with_source("connection reset by 10.0.0.9:6379"));
        }
        Ok(())
    }
}

#[async_trait]
impl ChallengeStore for Probe {
    async fn open(
        &self,
        new: &NewChallenge,
        cells: &[Cell],
        now: Timestamp,
    ) -> Result<Opened, StoreError> {
        self.called("open", cells.len())?;
        let opened = self.inner.open(new, cells, now).await;
        match self.loses_opened.load(Ordering::SeqCst) {
            true => Err(StoreError::new("probe", StoreErrorKind::Unavailable)),
            false => opened,
        }
    }

    async fn attempt(
        &self,
        guess: &Guess<'_>,
        cells: &[Cell],
        now: Timestamp,
    ) -> Result<Attempt, StoreError> {
        self.called("attempt", cells.len() + guess.digests.len())?;
        self.inner.attempt(guess, cells, now).await
    }

    async fn approve(
        &self,
        guess: &Guess<'_>,
        guessed_at: Timestamp,
        cells: &[Cell],
        now: Timestamp,
    ) -> Result<Attempt, StoreError> {
        self.called("approve", cells.len() + guess.digests.len())?;
        self.inner.approve(guess, guessed_at, cells, now).await
    }

    async fn charge(&self, cells: &[Cell], now: Timestamp) -> Result<Decision, StoreError> {
        self.called("charge", cells.len())?;
        self.inner.charge(cells, now).await
    }

    async fn refund(
        &self,
        key: &ChallengeKey,
        digest: &Digest,
        cells: &[Cell],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.called("refund", cells.len())?;
        self.inner.refund(key, digest, cells, now).await
    }

    async fn purge_challenges(&self, before: Timestamp, limit: u32) -> Result<u64, StoreError> {
        self.called("purge_challenges", 0)?;
        self.inner.purge_challenges(before, limit).await
    }
}

#[async_trait]
impl DeliveryStore for Probe {
    async fn note(
        &self,
        key: &ChallengeKey,
        sent: &Sent,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.called("note", 0)?;
        self.inner.note(key, sent, until, now).await
    }

    async fn report(
        &self,
        message: &MessageKey,
        state: DeliveryState,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<Reported, StoreError> {
        self.called("report", 0)?;
        self.inner.report(message, state, until, now).await
    }

    async fn delivery(
        &self,
        key: &ChallengeKey,
        now: Timestamp,
    ) -> Result<Option<Delivery>, StoreError> {
        self.called("delivery", 0)?;
        self.inner.delivery(key, now).await
    }

    async fn purge_deliveries(&self, before: Timestamp, limit: u32) -> Result<u64, StoreError> {
        self.called("purge_deliveries", 0)?;
        self.inner.purge_deliveries(before, limit).await
    }
}

#[async_trait]
impl Backend for Probe {
    async fn ping(&self) -> Result<Timestamp, StoreError> {
        self.called("ping", 0)?;
        self.inner.ping().await
    }

    async fn ready(&self) -> Result<(), StoreError> {
        self.called("ready", 0)?;
        self.inner.ready().await
    }

    fn reach(&self) -> Reach {
        self.reach
    }
}

#[async_trait]
impl SessionStore for Probe {
    async fn create(&self, session: &SessionRecord, now: Timestamp) -> Result<(), StoreError> {
        self.called("create", 0)?;
        self.inner.create(session, now).await
    }

    async fn rotate(&self, presented: &Rotate, now: Timestamp) -> Result<Rotation, StoreError> {
        self.called("rotate", 0)?;
        self.inner.rotate(presented, now).await
    }

    async fn revoke(&self, which: &Revoke, now: Timestamp) -> Result<u64, StoreError> {
        self.called("revoke", 0)?;
        self.inner.revoke(which, now).await
    }

    async fn find(
        &self,
        session: &SessionId,
        now: Timestamp,
    ) -> Result<Option<SessionRecord>, StoreError> {
        self.called("find", 0)?;
        self.inner.find(session, now).await
    }

    async fn list(&self, user: &UserId, now: Timestamp) -> Result<Vec<SessionRecord>, StoreError> {
        self.called("list", 0)?;
        self.inner.list(user, now).await
    }

    async fn purge_sessions(&self, before: Timestamp, limit: u32) -> Result<u64, StoreError> {
        self.called("purge_sessions", 0)?;
        self.inner.purge_sessions(before, limit).await
    }
}
