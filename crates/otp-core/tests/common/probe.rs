//! A memory store that says which verbs were called, and fails those that it is told to.

use otp_core::challenge::{Attempt, ChallengeKey, Digest, Guess, NewChallenge, Opened};
use otp_core::limit::{Cell, Decision};
use otp_core::session::{Revoke, Rotate, Rotation, SessionRecord};
use otp_core::{
    ChallengeStore, MemoryStore, Reach, SessionId, SessionStore, StoreError, StoreErrorKind,
    Timestamp, UserId, async_trait,
};
use std::sync::Mutex;

#[derive(Debug)]
pub(crate) struct Probe {
    pub(crate) inner: MemoryStore,
    calls: Mutex<Vec<(&'static str, usize)>>,
    failing: Mutex<Vec<&'static str>>,
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
            reach: Reach::Process,
        }
    }

    /// From now on these verbs fail, and no others.
    pub(crate) fn fail(&self, verbs: &[&'static str]) {
        *self.failing.lock().unwrap() = verbs.to_vec();
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
        self.inner.open(new, cells, now).await
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

    async fn ping(&self) -> Result<(), StoreError> {
        self.called("ping", 0)?;
        self.inner.ping().await
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
