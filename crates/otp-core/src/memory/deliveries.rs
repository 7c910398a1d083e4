//! What becomes of messages, in memory.

use super::shards::lock;
use super::uniform::UniformMap;
use super::{MemoryStore, STORE};
use crate::challenge::ChallengeKey;
use crate::{
    Delivery, DeliveryState, DeliveryStore, MessageKey, Reported, Sent, StoreError, StoreErrorKind,
    Timestamp,
};
use async_trait::async_trait;
use std::hash::Hash;

/// A record, and when it is over.
#[derive(Debug)]
struct Kept<T>(T, Timestamp);

/// Both kinds of records; each map has the most entries that the store has challenges.
#[derive(Debug, Default)]
pub(super) struct Deliveries {
    sent: UniformMap<ChallengeKey, Kept<Sent>>,
    reports: UniformMap<MessageKey, Kept<DeliveryState>>,
}

#[async_trait]
impl DeliveryStore for MemoryStore {
    async fn note(
        &self,
        key: &ChallengeKey,
        sent: &Sent,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut deliveries = lock(&self.deliveries);
        let kept = Kept(sent.clone(), until);
        put(&mut deliveries.sent, *key, kept, self.most_sessions, now)
    }

    async fn report(
        &self,
        message: &MessageKey,
        state: DeliveryState,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<Reported, StoreError> {
        let mut deliveries = lock(&self.deliveries);
        let reports = &mut deliveries.reports;
        let before = live(reports.get(message), now).copied();
        let reported = Reported::after(before, state);
        let kept = Kept(reported.state, until);
        put(reports, *message, kept, self.most_sessions, now)?;
        Ok(reported)
    }

    async fn delivery(
        &self,
        key: &ChallengeKey,
        now: Timestamp,
    ) -> Result<Option<Delivery>, StoreError> {
        let deliveries = lock(&self.deliveries);
        let sent = live(deliveries.sent.get(key), now);
        Ok(sent.map(|sent| {
            let report = sent
                .message
                .and_then(|message| deliveries.reports.get(&message));
            Delivery::of(sent.clone(), live(report, now).copied())
        }))
    }

    async fn purge_deliveries(&self, before: Timestamp, limit: u32) -> Result<u64, StoreError> {
        let mut deliveries = lock(&self.deliveries);
        let mut left = u64::from(limit);
        sweep(&mut deliveries.sent, before, &mut left);
        sweep(&mut deliveries.reports, before, &mut left);
        Ok(u64::from(limit) - left)
    }
}

fn live<T>(kept: Option<&Kept<T>>, now: Timestamp) -> Option<&T> {
    kept.filter(|Kept(_, until)| now < *until)
        .map(|Kept(record, _)| record)
}

/// Lets what is over go first where there is no room.
fn put<K: Eq + Hash, T>(
    map: &mut UniformMap<K, Kept<T>>,
    key: K,
    kept: Kept<T>,
    most: usize,
    now: Timestamp,
) -> Result<(), StoreError> {
    let is_full = |map: &UniformMap<K, Kept<T>>| map.len() >= most && !map.contains_key(&key);
    if is_full(map) {
        sweep(map, now, &mut u64::MAX.clone());
    }
    if is_full(map) {
        return Err(StoreError::new(STORE, StoreErrorKind::Unavailable));
    }
    map.insert(key, kept);
    Ok(())
}

fn sweep<K: Eq + Hash, T>(map: &mut UniformMap<K, Kept<T>>, now: Timestamp, left: &mut u64) {
    map.retain(|_, Kept(_, until)| {
        let goes = *left > 0 && *until <= now;
        *left -= u64::from(goes);
        !goes
    });
}
