//! Messages and reports in the order in which they came.

use super::Naive;
use otp_core::challenge::ChallengeKey;
use otp_core::{
    Delivery, DeliveryState, DeliveryStore, MessageKey, Reported, Sent, StoreError, Timestamp,
    async_trait,
};

#[derive(Debug)]
pub(crate) struct Noted {
    key: ChallengeKey,
    sent: Sent,
    until: Timestamp,
}

/// What somebody said once.
#[derive(Debug)]
pub(crate) struct Told {
    message: MessageKey,
    state: DeliveryState,
    at: Timestamp,
    until: Timestamp,
}

#[async_trait]
impl DeliveryStore for Naive {
    async fn note(
        &self,
        key: &ChallengeKey,
        sent: &Sent,
        until: Timestamp,
        _now: Timestamp,
    ) -> Result<(), StoreError> {
        let (key, sent) = (*key, sent.clone());
        self.state().noted.push(Noted { key, sent, until });
        Ok(())
    }

    async fn report(
        &self,
        message: &MessageKey,
        state: DeliveryState,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<Reported, StoreError> {
        let mut held = self.state();
        let before = highest(&held.told, message, now);
        held.told.push(Told {
            message: *message,
            state,
            at: now,
            until,
        });
        let state = before.map_or(state, |before| before.max(state));
        Ok(Reported::after(before, state))
    }

    async fn delivery(
        &self,
        key: &ChallengeKey,
        now: Timestamp,
    ) -> Result<Option<Delivery>, StoreError> {
        let state = self.state();
        let newest = state.noted.iter().rfind(|noted| noted.key == *key);
        Ok(newest.filter(|noted| now < noted.until).map(|noted| {
            let message = noted.sent.message.as_ref();
            let reported = message.and_then(|message| highest(&state.told, message, now));
            Delivery::of(noted.sent.clone(), reported)
        }))
    }

    async fn purge_deliveries(&self, _before: Timestamp, _limit: u32) -> Result<u64, StoreError> {
        Ok(0)
    }
}

/// Of what was said since there was last nothing, as long as the last of it says.
fn highest(told: &[Told], message: &MessageKey, now: Timestamp) -> Option<DeliveryState> {
    let mut kept: Option<(DeliveryState, Timestamp)> = None;
    for word in told.iter().filter(|word| word.message == *message) {
        let before = kept.filter(|(_, until)| word.at < *until);
        let state = before.map_or(word.state, |(state, _)| state.max(word.state));
        kept = Some((state, word.until));
    }
    kept.filter(|(_, until)| now < *until)
        .map(|(state, _)| state)
}
