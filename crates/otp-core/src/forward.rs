//! A shared value is as good as an owned one: the traits for `Arc`.

#![deny(clippy::missing_trait_methods)]

use crate::Code;
use crate::challenge::{Attempt, ChallengeKey, Digest, Guess, NewChallenge, Opened};
use crate::limit::{Cell, Decision};
use crate::session::{Revoke, Rotate, Rotation, SessionRecord};
use crate::verifier::{Checked, Request, Verifier};
use crate::{
    AuditSink, Backend, ChallengeStore, Clock, Created, Delivery, DeliveryListener, DeliveryState,
    DeliveryStore, DirectoryError, DurableAudit, Event, Message, MessageKey, PhoneNumber, Profile,
    Reach, Receipt, Report, Reported, Sent,
};
use crate::{Callback, CallbackError, DeliveryPoll, DeliveryWebhook};
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

    async fn approve(
        &self,
        guess: &Guess<'_>,
        guessed_at: Timestamp,
        cells: &[Cell],
        now: Timestamp,
    ) -> Result<Attempt, StoreError> {
        (**self).approve(guess, guessed_at, cells, now).await
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
}

#[async_trait]
impl<T: Backend + ?Sized> Backend for Arc<T> {
    async fn ping(&self) -> Result<Timestamp, StoreError> {
        (**self).ping().await
    }

    async fn ready(&self) -> Result<(), StoreError> {
        (**self).ready().await
    }

    fn reach(&self) -> Reach {
        (**self).reach()
    }
}

#[async_trait]
impl<T: DeliveryStore + ?Sized> DeliveryStore for Arc<T> {
    async fn note(
        &self,
        key: &ChallengeKey,
        sent: &Sent,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        (**self).note(key, sent, until, now).await
    }

    async fn report(
        &self,
        message: &MessageKey,
        state: DeliveryState,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<Reported, StoreError> {
        (**self).report(message, state, until, now).await
    }

    async fn delivery(
        &self,
        key: &ChallengeKey,
        now: Timestamp,
    ) -> Result<Option<Delivery>, StoreError> {
        (**self).delivery(key, now).await
    }

    async fn purge_deliveries(&self, before: Timestamp, limit: u32) -> Result<u64, StoreError> {
        (**self).purge_deliveries(before, limit).await
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

    async fn knows(&self, phone: &PhoneNumber) -> Result<bool, DirectoryError> {
        (**self).knows(phone).await
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

#[async_trait]
impl<T: DurableAudit + ?Sized> DurableAudit for Arc<T> {
    async fn append(&self, event: &Event) -> Result<(), StoreError> {
        (**self).append(event).await
    }
}

impl<T: Clock + ?Sized> Clock for Arc<T> {
    fn now(&self) -> Timestamp {
        (**self).now()
    }
}

impl<T: DeliveryListener + ?Sized> DeliveryListener for Arc<T> {
    fn heard(&self, provider: &str, report: &Report) {
        (**self).heard(provider, report);
    }
}

#[async_trait]
impl<T: Verifier + ?Sized> Verifier for Arc<T> {
    fn name(&self) -> &str {
        (**self).name()
    }

    async fn start(&self, request: &Request) -> Result<Receipt, SendError> {
        (**self).start(request).await
    }

    async fn check(
        &self,
        reference: &str,
        to: &PhoneNumber,
        code: &Code,
    ) -> Result<Checked, SendError> {
        (**self).check(reference, to, code).await
    }
}

impl<T: DeliveryWebhook + ?Sized> DeliveryWebhook for Arc<T> {
    fn provider(&self) -> &str {
        (**self).provider()
    }

    fn token(&self) -> Option<&str> {
        (**self).token()
    }

    fn read(&self, callback: &Callback<'_>, now: Timestamp) -> Result<Vec<Report>, CallbackError> {
        (**self).read(callback, now)
    }

    fn handshake(&self, callback: &Callback<'_>) -> Result<String, CallbackError> {
        (**self).handshake(callback)
    }
}

#[async_trait]
impl<T: DeliveryPoll + ?Sized> DeliveryPoll for Arc<T> {
    fn provider(&self) -> &str {
        (**self).provider()
    }

    async fn poll(&self, references: &[&str]) -> Result<Vec<Report>, SendError> {
        (**self).poll(references).await
    }
}
