//! A shared value is as good as an owned one: the traits for `Arc`.

#![deny(clippy::missing_trait_methods)]

use crate::challenge::{Attempt, ChallengeKey, Digest, Guess, NewChallenge, Opened};
use crate::limit::{Cell, Decision};
use crate::session::{Revoke, Rotate, Rotation, SessionRecord};
use crate::{
    AuditSink, ChallengeStore, Created, DirectoryError, Event, Message, PhoneNumber, Profile,
    Reach, Receipt,
};
use crate::{
    Resolved, SendError, Sender, SessionId, SessionStore, StoreError, Timestamp, User,
    UserDirectory, UserId,
};
use async_trait::async_trait;
use std::sync::Arc;

#[async_trait]
impl<T: ChallengeStore + ?Sized> ChallengeStore for Arc<T> {
    async fn open(
        &self,
        new: &NewChallenge,
        cells: &[Cell],
        now: Timestamp,
    ) -> Result<Opened, StoreError> {
        (**self).open(new, cells, now).await
    }

    async fn attempt(
        &self,
        guess: &Guess<'_>,
        cells: &[Cell],
        now: Timestamp,
    ) -> Result<Attempt, StoreError> {
        (**self).attempt(guess, cells, now).await
    }

    async fn charge(&self, cells: &[Cell], now: Timestamp) -> Result<Decision, StoreError> {
        (**self).charge(cells, now).await
    }

    async fn refund(
        &self,
        key: &ChallengeKey,
        digest: &Digest,
        cells: &[Cell],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        (**self).refund(key, digest, cells, now).await
    }

    async fn purge_challenges(&self, before: Timestamp, limit: u32) -> Result<u64, StoreError> {
        (**self).purge_challenges(before, limit).await
    }

    async fn ping(&self) -> Result<(), StoreError> {
        (**self).ping().await
    }

    fn reach(&self) -> Reach {
        (**self).reach()
    }
}

#[async_trait]
impl<T: SessionStore + ?Sized> SessionStore for Arc<T> {
    async fn create(&self, session: &SessionRecord, now: Timestamp) -> Result<(), StoreError> {
        (**self).create(session, now).await
    }

    async fn rotate(&self, presented: &Rotate, now: Timestamp) -> Result<Rotation, StoreError> {
        (**self).rotate(presented, now).await
    }

    async fn revoke(&self, which: &Revoke, now: Timestamp) -> Result<u64, StoreError> {
        (**self).revoke(which, now).await
    }

    async fn find(
        &self,
        session: &SessionId,
        now: Timestamp,
    ) -> Result<Option<SessionRecord>, StoreError> {
        (**self).find(session, now).await
    }

    async fn list(&self, user: &UserId, now: Timestamp) -> Result<Vec<SessionRecord>, StoreError> {
        (**self).list(user, now).await
    }

    async fn purge_sessions(&self, before: Timestamp, limit: u32) -> Result<u64, StoreError> {
        (**self).purge_sessions(before, limit).await
    }
}

#[async_trait]
impl<T: UserDirectory + ?Sized> UserDirectory for Arc<T> {
    async fn resolve(&self, phone: &PhoneNumber) -> Result<Resolved, DirectoryError> {
        (**self).resolve(phone).await
    }

    async fn create(
        &self,
        phone: &PhoneNumber,
        profile: &Profile,
    ) -> Result<Created, DirectoryError> {
        (**self).create(phone, profile).await
    }

    async fn find(&self, user: &UserId) -> Result<Option<User>, DirectoryError> {
        (**self).find(user).await
    }
}

#[async_trait]
impl<T: Sender + ?Sized> Sender for Arc<T> {
    fn name(&self) -> &str {
        (**self).name()
    }

    async fn send(&self, message: &Message) -> Result<Receipt, SendError> {
        (**self).send(message).await
    }
}

impl<T: AuditSink + ?Sized> AuditSink for Arc<T> {
    fn record(&self, event: &Event) {
        (**self).record(event);
    }
}
