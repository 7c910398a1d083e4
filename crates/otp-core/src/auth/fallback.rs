//! The same code over another channel, for a message that does not arrive.

use super::delivery::unknown;
use super::spending::refusal;
use super::start::Issue;
use super::{Moment, OtpAuth};
use crate::challenge::{ChallengeKey, OpenState};
use crate::limit::{Asked, Decision, Subject};
use crate::policy::Fallback;
use crate::{
    Action, Channel, Client, DeliveryState, Event, Message, Outcome, Receipt, Report, Sent,
    StoreError, Timestamp,
};

/// A message that has some time to arrive.
struct Watched {
    key: ChallengeKey,
    sent: Sent,
    message: Message,
    client: Client,
    expires_at: Timestamp,
}

impl OtpAuth {
    /// Has a message followed, if the policy wants its kind followed and its provider can say that it arrived.
    pub(super) fn watch(
        &self,
        moment: &Moment,
        issue: &Issue<'_>,
        state: OpenState,
        sent: Sent,
        message: Message,
    ) {
        let follow = (self.0.policy.fallback(), &self.0.follow.background);
        let (Some(fallback), Some(background)) = follow else {
            return;
        };
        // The second message is charged like any other: before `next_at` no limit admits it.
        let wait = fallback.after.max(state.next_at.since(moment.now));
        let in_time = moment.now + wait < state.expires_at;
        // A land line that can be called is sent nothing else.
        let numbers = self.0.policy.numbers();
        let admitted = numbers.admit(&message.to, Some(fallback.to)).is_ok();
        if sent.channel != fallback.from || sent.reference.is_none() || !in_time || !admitted {
            return;
        }
        let (auth, fallback) = (self.clone(), *fallback);
        let watched = Watched {
            key: issue.key,
            sent,
            message,
            client: issue.client.clone(),
            expires_at: state.expires_at,
        };
        let slept = background.sleep(wait);
        background.spawn(async move {
            slept.await;
            auth.fall_back(fallback, watched).await;
        });
    }

    async fn fall_back(&self, fallback: Fallback, mut watched: Watched) {
        let due = self.is_due(&watched).await;
        // After the provider was asked, which takes time.
        let moment = self.moment();
        let phone = watched.message.to.clone();
        let known = moment.know(self, &phone);
        let tell = |outcome| {
            let mut event = Event::new(moment.now, Action::Fallback, outcome)
                .by_client(&watched.client)
                .about_phone(known.phone, known.key);
            event.challenge = self.told_id(watched.key.id);
            event.channel = Some(fallback.to);
            event.purpose = Some(watched.key.purpose);
            self.record(event);
        };
        match due {
            Err(error) => return tell(Outcome::StoreFailed(error.kind)),
            Ok(due) if !due || moment.now >= watched.expires_at => return,
            Ok(_) => {}
        }
        let subject = moment.subject(self, Some(&known), &watched.client);
        let exempts = self.0.policy.compiled().exempts_known();
        let asked = self.asked(exempts, known.phone).await;
        if let Err(refused) = self.charge(&moment, &subject, asked).await {
            return tell(refused);
        }
        watched.message.channel = fallback.to;
        watched.message.expires_in = watched.expires_at.since(moment.now);
        match self.0.carrier.hand_over(&watched.message).await {
            // What it cost stays charged: to give it back would take back the code, which is good.
            Err(error) => tell(Outcome::NotDelivered(error.kind)),
            Ok(receipt) => {
                tell(Outcome::Done);
                self.note_fallback(&moment, &watched, receipt).await;
                if let Some(outcome) = self.report(&moment, &subject, asked).await {
                    tell(outcome);
                }
            }
        }
    }

    /// Whether the message has not arrived, is the newest of its challenge, and its code was not used: see
    /// `has_been_read`.
    async fn is_due(&self, watched: &Watched) -> Result<bool, StoreError> {
        let now = self.0.clock.now();
        let delivery = self.looked_up(&watched.key, now).await?;
        Ok(delivery
            .is_some_and(|delivery| delivery.sent == watched.sent && !delivery.state.has_arrived()))
    }

    /// Charges a message, or says why it may not go.
    async fn charge(
        &self,
        moment: &Moment,
        subject: &Subject<'_>,
        asked: Asked,
    ) -> Result<(), Outcome> {
        let cells = self.0.policy.compiled().of_send(subject, asked);
        match self.0.challenges.charge(&cells.cells, moment.now).await {
            Ok(Decision::Admitted) => Ok(()),
            Ok(Decision::Refused(refusals)) => {
                let limited = self.limited(&cells, &refusals, moment.now);
                Err(refusal(&cells, &refusals, &limited))
            }
            Err(error) => Err(Outcome::StoreFailed(error.kind)),
        }
    }

    async fn note_fallback(&self, moment: &Moment, watched: &Watched, receipt: Receipt) {
        let channel = watched.message.channel;
        let sent = self.sent(&moment.keys, receipt, channel, moment.now);
        let noted = self.note(&watched.key, &sent, watched.expires_at, moment.now);
        if let Err(error) = noted.await {
            unknown(&error);
        }
    }

    /// Whoever gave the right code has read the message that it was in. All nodes learn of it this way, and none sends
    /// it again. Nobody waits for this.
    pub(super) fn has_been_read(&self, key: ChallengeKey, channel: Channel) {
        let follow = (self.0.policy.fallback(), &self.0.follow.background);
        let (Some(fallback), Some(background)) = follow else {
            return;
        };
        if fallback.from != channel {
            return;
        }
        let auth = self.clone();
        background.spawn(async move {
            if let Err(error) = auth.read_by_its_owner(&key, channel).await {
                unknown(&error);
            }
        });
    }

    async fn read_by_its_owner(
        &self,
        key: &ChallengeKey,
        channel: Channel,
    ) -> Result<(), StoreError> {
        let delivery = self.0.deliveries.delivery(key, self.0.clock.now()).await?;
        let sent = delivery.map(|delivery| delivery.sent);
        let Some(sent) = sent.filter(|sent| sent.channel == channel) else {
            return Ok(());
        };
        let Some(reference) = sent.reference else {
            return Ok(());
        };
        let report = Report::new(reference, DeliveryState::Read);
        self.reported(&sent.provider, &[report]).await
    }
}
