//! The same for messages.

use super::{Broken, Fault};
use otp_core::challenge::ChallengeKey;
use otp_core::{
    Delivery, DeliveryState, DeliveryStore, MessageKey, Reported, Sent, StoreError, Timestamp,
    async_trait,
};

#[async_trait]
impl DeliveryStore for Broken {
    async fn note(
        &self,
        key: &ChallengeKey,
        sent: &Sent,
        until: Timestamp,
        _now: Timestamp,
    ) -> Result<(), StoreError> {
        let (key, mut state) = (self.key(key), self.state());
        if !(self.has(Fault::ForgetsToReplaceANote) && state.notes.contains_key(&key)) {
            state.notes.insert(key, (sent.clone(), until));
        }
        Ok(())
    }

    async fn report(
        &self,
        message: &MessageKey,
        state: DeliveryState,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<Reported, StoreError> {
        let message = self.message(message);
        let mut held = self.state();
        let found = held.reports.get(&message);
        let before = found.filter(|(_, until)| self.is_live(*until, now));
        let mut reported = Reported::after(before.map(|(state, _)| *state), state);
        let noted = held.notes.iter();
        let noted = noted.filter(|(_, (sent, _))| sent.message == Some(message));
        let noted: Vec<_> = noted.map(|(key, _)| *key).collect();
        match self.fault {
            Fault::LastReportIsBelieved => reported.state = state,
            Fault::DropsEarlyReports if noted.is_empty() => return Ok(reported),
            Fault::ReportsEndChallenges if state == DeliveryState::Failed => {
                for key in noted {
                    held.challenges.remove(&key);
                }
            }
            _ => {}
        }
        held.reports.insert(message, (reported.state, until));
        Ok(reported)
    }

    async fn delivery(
        &self,
        key: &ChallengeKey,
        now: Timestamp,
    ) -> Result<Option<Delivery>, StoreError> {
        let state = self.state();
        let noted = state.notes.get(&self.key(key));
        let noted = noted.filter(|(_, until)| self.is_live(*until, now));
        Ok(noted.map(|(sent, _)| {
            let message = sent.message.map(|message| self.message(&message));
            let report = message.and_then(|message| state.reports.get(&message));
            let report = report.filter(|(_, until)| self.is_live(*until, now));
            Delivery::of(sent.clone(), report.map(|(state, _)| *state))
        }))
    }

    async fn purge_deliveries(&self, before: Timestamp, limit: u32) -> Result<u64, StoreError> {
        let mut state = self.state();
        let mut left = match self.fault {
            Fault::PurgesWithoutBound => u64::MAX,
            _ => u64::from(limit),
        };
        let most = left;
        let mut stays = |until: Timestamp| {
            let is_over = until <= before || self.has(Fault::PurgesWhatCounts);
            let goes = is_over && left > 0;
            left -= u64::from(goes);
            !goes
        };
        state.notes.retain(|_, (_, until)| stays(*until));
        state.reports.retain(|_, (_, until)| stays(*until));
        Ok((most - left).min(u64::from(limit)))
    }
}

impl Broken {
    /// Where a message's reports are kept.
    fn message(&self, message: &MessageKey) -> MessageKey {
        match self.fault {
            Fault::MixesReportsUp => MessageKey::from_bytes([0; 16]),
            _ => *message,
        }
    }

    fn is_live(&self, until: Timestamp, now: Timestamp) -> bool {
        now < until || self.has(Fault::NeverOver)
    }
}
