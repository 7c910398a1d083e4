//! The whole machinery can fail: over stores that are wrong on purpose the load finds what is wrong.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use otp_core::challenge::{Attempt, ChallengeKey, Digest, Guess, NewChallenge, Opened, Rejection};
use otp_core::limit::{Cell, Decision};
use otp_core::session::{Revoke, Rotate, Rotation, SessionRecord};
use otp_core::{
    Backend, ChallengeStore, Channel, Delivery, DeliveryState, DeliveryStore, MemoryStore,
    MemoryUsers, MessageKey, Reach, Reported, Sent, SessionId, SessionStore, StoreError, Timestamp,
    UserId, async_trait,
};
use otp_faults::{Load, Scenario, node, turn};
use std::sync::Arc;
use std::time::Duration;

/// What is wrong with a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flaw {
    AcceptsTwice,
    NeverLocks,
    AcceptsLate,
    ForksFamilies,
    KeepsTheEnded,
    ForgetsSessions,
    ChargesNothing,
}

use Flaw::*;

#[derive(Debug)]
struct Broken(Arc<MemoryStore>, Flaw);

impl Broken {
    fn has(&self, flaw: Flaw) -> bool {
        self.1 == flaw
    }
}

#[async_trait]
impl Backend for Broken {
    async fn ping(&self) -> Result<Timestamp, StoreError> {
        self.0.ping().await
    }

    fn reach(&self) -> Reach {
        Reach::Shared
    }
}

#[async_trait]
impl ChallengeStore for Broken {
    async fn open(
        &self,
        new: &NewChallenge,
        cells: &[Cell],
        now: Timestamp,
    ) -> Result<Opened, StoreError> {
        let cells = if self.has(ChargesNothing) { &[] } else { cells };
        self.0.open(new, cells, now).await
    }

    async fn attempt(
        &self,
        guess: &Guess<'_>,
        cells: &[Cell],
        now: Timestamp,
    ) -> Result<Attempt, StoreError> {
        let early = now - Duration::from_secs(60);
        let now = if self.has(AcceptsLate) { early } else { now };
        let attempt = self.0.attempt(guess, cells, now).await?;
        let Attempt::Rejected {
            reason,
            tries_left,
            proved,
        } = attempt
        else {
            return Ok(attempt);
        };
        Ok(match reason {
            Rejection::Used if self.has(AcceptsTwice) => Attempt::Accepted {
                channel: Channel::Sms,
                remember_me: false,
            },
            Rejection::Locked if self.has(NeverLocks) => Attempt::Rejected {
                reason: Rejection::Wrong,
                tries_left,
                proved,
            },
            _ => Attempt::Rejected {
                reason,
                tries_left,
                proved,
            },
        })
    }

    async fn approve(
        &self,
        guess: &Guess<'_>,
        guessed_at: Timestamp,
        cells: &[Cell],
        now: Timestamp,
    ) -> Result<Attempt, StoreError> {
        self.0.approve(guess, guessed_at, cells, now).await
    }

    async fn charge(&self, cells: &[Cell], now: Timestamp) -> Result<Decision, StoreError> {
        self.0.charge(cells, now).await
    }

    async fn refund(
        &self,
        key: &ChallengeKey,
        digest: &Digest,
        cells: &[Cell],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.0.refund(key, digest, cells, now).await
    }

    async fn purge_challenges(&self, before: Timestamp, limit: u32) -> Result<u64, StoreError> {
        self.0.purge_challenges(before, limit).await
    }
}

#[async_trait]
impl DeliveryStore for Broken {
    async fn note(
        &self,
        key: &ChallengeKey,
        sent: &Sent,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.0.note(key, sent, until, now).await
    }

    async fn report(
        &self,
        message: &MessageKey,
        state: DeliveryState,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<Reported, StoreError> {
        self.0.report(message, state, until, now).await
    }

    async fn delivery(
        &self,
        key: &ChallengeKey,
        now: Timestamp,
    ) -> Result<Option<Delivery>, StoreError> {
        self.0.delivery(key, now).await
    }

    async fn purge_deliveries(&self, before: Timestamp, limit: u32) -> Result<u64, StoreError> {
        self.0.purge_deliveries(before, limit).await
    }
}

#[async_trait]
impl SessionStore for Broken {
    async fn create(&self, session: &SessionRecord, now: Timestamp) -> Result<(), StoreError> {
        if self.has(ForgetsSessions) {
            return Ok(());
        }
        self.0.create(session, now).await
    }

    async fn rotate(&self, presented: &Rotate, now: Timestamp) -> Result<Rotation, StoreError> {
        Ok(match self.0.rotate(presented, now).await? {
            Rotation::Repeated(mut session) if self.has(ForksFamilies) => {
                session.counter += 1;
                Rotation::Rotated(session)
            }
            rotation => rotation,
        })
    }

    async fn revoke(&self, which: &Revoke, now: Timestamp) -> Result<u64, StoreError> {
        if self.has(KeepsTheEnded) {
            return Ok(1);
        }
        self.0.revoke(which, now).await
    }

    async fn find(
        &self,
        session: &SessionId,
        now: Timestamp,
    ) -> Result<Option<SessionRecord>, StoreError> {
        self.0.find(session, now).await
    }

    async fn list(&self, user: &UserId, now: Timestamp) -> Result<Vec<SessionRecord>, StoreError> {
        self.0.list(user, now).await
    }

    async fn purge_sessions(&self, before: Timestamp, limit: u32) -> Result<u64, StoreError> {
        self.0.purge_sessions(before, limit).await
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_flaw_is_found() {
    for (flaw, invariant) in [
        (AcceptsTwice, "I1"),
        (NeverLocks, "I2"),
        (AcceptsLate, "I3"),
        (ForksFamilies, "I5"),
        (KeepsTheEnded, "I5"),
        (ForgetsSessions, "I6"),
        (ChargesNothing, "I7"),
    ] {
        let turn = turn().await;
        let (store, users) = (Arc::new(MemoryStore::new()), Arc::new(MemoryUsers::new()));
        let node = || node(Broken(Arc::clone(&store), flaw), Arc::clone(&users));
        let mut scenario = Scenario::begin(turn, "broken", vec![node(), node()], Load::default());
        scenario.calls(1_000).await;
        if flaw == AcceptsLate {
            scenario.outlives_codes().await;
        }
        scenario.rests().await;
        let violations = scenario.judged();
        let found = violations
            .iter()
            .any(|violation| violation.invariant == invariant);
        assert!(found, "{flaw:?}: {violations:?}");
    }
}
