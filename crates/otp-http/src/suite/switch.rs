//! A store that can be switched off, and an audit that remembers.

use otp_core::challenge::{Attempt, ChallengeKey, Digest, Guess, NewChallenge, Opened};
use otp_core::limit::{Cell, Decision};
use otp_core::session::{Revoke, Rotate, Rotation, SessionRecord};
use otp_core::{
    Action, AuditSink, Backend, ChallengeStore, Delivery, DeliveryState, DeliveryStore, Event,
    MemoryStore, MessageKey, Outcome, Reach, Reported, Sent, SessionId, SessionStore, StoreError,
    StoreErrorKind, Timestamp, UserId, async_trait,
};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// A [`MemoryStore`] that fails while it is off. Clones are one.
#[derive(Clone, Debug)]
pub(crate) struct Switch(Arc<(MemoryStore, AtomicBool)>);

impl Switch {
    pub(crate) fn new() -> Self {
        Self(Arc::new((MemoryStore::new(), AtomicBool::new(false))))
    }

    pub(crate) fn off(&self, off: bool) {
        self.0.1.store(off, Ordering::SeqCst);
    }

    fn store(&self) -> Result<&MemoryStore, StoreError> {
        if self.0.1.load(Ordering::SeqCst) {
            let error = StoreError::new("switch", StoreErrorKind::Unavailable);
            // What a driver says must reach no client.
            return Err(error.with_source("connection to 10.1.2.3:6379 refused"));
        }
        Ok(&self.0.0)
    }
}

#[async_trait]
impl ChallengeStore for Switch {
    async fn open(
        &self,
        challenge: &NewChallenge,
        cells: &[Cell],
        now: Timestamp,
    ) -> Result<Opened, StoreError> {
        self.store()?.open(challenge, cells, now).await
    }

    async fn attempt(
        &self,
        guess: &Guess<'_>,
        cells: &[Cell],
        now: Timestamp,
    ) -> Result<Attempt, StoreError> {
        self.store()?.attempt(guess, cells, now).await
    }

    async fn approve(
        &self,
        guess: &Guess<'_>,
        guessed_at: Timestamp,
        cells: &[Cell],
        now: Timestamp,
    ) -> Result<Attempt, StoreError> {
        self.store()?.approve(guess, guessed_at, cells, now).await
    }

    async fn charge(&self, cells: &[Cell], now: Timestamp) -> Result<Decision, StoreError> {
        self.store()?.charge(cells, now).await
    }

    async fn refund(
        &self,
        key: &ChallengeKey,
        digest: &Digest,
        cells: &[Cell],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.store()?.refund(key, digest, cells, now).await
    }

    async fn purge_challenges(&self, before: Timestamp, limit: u32) -> Result<u64, StoreError> {
        self.store()?.purge_challenges(before, limit).await
    }
}

#[async_trait]
impl DeliveryStore for Switch {
    async fn note(
        &self,
        key: &ChallengeKey,
        sent: &Sent,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.store()?.note(key, sent, until, now).await
    }

    async fn report(
        &self,
        message: &MessageKey,
        state: DeliveryState,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<Reported, StoreError> {
        self.store()?.report(message, state, until, now).await
    }

    async fn delivery(
        &self,
        key: &ChallengeKey,
        now: Timestamp,
    ) -> Result<Option<Delivery>, StoreError> {
        self.store()?.delivery(key, now).await
    }

    async fn purge_deliveries(&self, before: Timestamp, limit: u32) -> Result<u64, StoreError> {
        self.store()?.purge_deliveries(before, limit).await
    }
}

#[async_trait]
impl Backend for Switch {
    async fn ping(&self) -> Result<Timestamp, StoreError> {
        self.store()?.ping().await
    }

    fn reach(&self) -> Reach {
        Reach::Process
    }
}

#[async_trait]
impl SessionStore for Switch {
    async fn create(&self, session: &SessionRecord, now: Timestamp) -> Result<(), StoreError> {
        self.store()?.create(session, now).await
    }

    async fn rotate(&self, presented: &Rotate, now: Timestamp) -> Result<Rotation, StoreError> {
        self.store()?.rotate(presented, now).await
    }

    async fn revoke(&self, which: &Revoke, now: Timestamp) -> Result<u64, StoreError> {
        self.store()?.revoke(which, now).await
    }

    async fn find(
        &self,
        session: &SessionId,
        now: Timestamp,
    ) -> Result<Option<SessionRecord>, StoreError> {
        self.store()?.find(session, now).await
    }

    async fn list(&self, user: &UserId, now: Timestamp) -> Result<Vec<SessionRecord>, StoreError> {
        self.store()?.list(user, now).await
    }

    async fn purge_sessions(&self, before: Timestamp, limit: u32) -> Result<u64, StoreError> {
        self.store()?.purge_sessions(before, limit).await
    }
}

/// Remembers every event. Clones are one.
#[derive(Clone, Debug, Default)]
pub(crate) struct Recorder(Arc<Mutex<Vec<Event>>>);

impl Recorder {
    pub(crate) fn count(&self, action: Action, outcome: &Outcome) -> usize {
        let events = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let same = |event: &&Event| event.action == action && event.outcome == *outcome;
        events.iter().filter(same).count()
    }
}

impl AuditSink for Recorder {
    fn record(&self, event: &Event) {
        let mut events = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        events.push(event.clone());
        drop(events);
        // The default sink's lines are part of what is scanned for secrets.
        otp_core::TracingAudit.record(event);
    }
}
