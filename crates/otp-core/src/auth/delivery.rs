//! What becomes of messages after somebody took them.

use super::background::Background;
use super::carrier::Carrier;
use super::start::Issue;
use super::{Moment, OtpAuth, StartError};
use crate::challenge::{ChallengeKey, OpenState, RETENTION};
use crate::{
    Action, ChallengeId, Channel, Delivery, DeliveryListener, DeliveryPoll, DeliveryState, Keys,
    Message, PhoneNumber, Purpose, Receipt, Report, Sent, StoreError, Timestamp,
};
use std::sync::Arc;

/// How messages are followed.
#[derive(Default)]
pub(super) struct Follow {
    pub(super) tracks: bool,
    pub(super) listeners: Vec<Arc<dyn DeliveryListener>>,
    pub(super) polls: Vec<Arc<dyn DeliveryPoll>>,
    pub(super) background: Option<Background>,
}

impl OtpAuth {
    /// Whether it is kept what becomes of messages.
    #[must_use]
    pub fn tracks_delivery(&self) -> bool {
        self.0.follow.tracks
    }

    /// Takes what a provider reports of its messages: it is kept, counted, and told to the listeners if it is news.
    /// That is all it does: a report can neither verify nor extend, unlock or resend anything. Whether it is the
    /// provider's is for the caller to know; see [`DeliveryWebhook`](crate::DeliveryWebhook). One store round trip for
    /// each report.
    ///
    /// # Errors
    /// The store's own. Those before it were kept; the same reports again do no harm.
    pub async fn reported(&self, provider: &str, reports: &[Report]) -> Result<(), StoreError> {
        let Moment { now, keys } = self.moment();
        let until = now + self.0.policy.code().lifetime + RETENTION;
        for report in reports {
            let message = keys.message_key(provider, &report.reference);
            let store = &self.0.deliveries;
            let reported = store.report(&message, report.state, until, now).await?;
            if reported.is_news() {
                count(provider, report.state);
                for listener in &self.0.follow.listeners {
                    listener.heard(provider, report);
                }
            }
        }
        Ok(())
    }

    /// How far the newest message of a challenge has come; nothing if no message of it is known. Where nothing final is
    /// known and its provider can be asked ([`delivery_poll`](super::Builder::delivery_poll)), it is.
    ///
    /// For whoever owns the challenge, and where a limit is silent for nobody: it tells whether a message was sent.
    ///
    /// # Errors
    /// The store's own. A provider that does not answer is no error.
    pub async fn delivery(
        &self,
        phone: &PhoneNumber,
        challenge: ChallengeId,
        purpose: Purpose,
    ) -> Result<Option<DeliveryState>, StoreError> {
        let moment = self.moment();
        let key = ChallengeKey {
            id: challenge,
            phone: moment.know(self, phone).key,
            purpose,
        };
        let delivery = self.looked_up(&key, moment.now).await?;
        Ok(delivery.map(|delivery| delivery.state))
    }

    /// Hands a message over, keeps which one carries the code, and has it watched. Says what had become of the message
    /// before. Once it was taken nothing can fail for a code of ours; one that a provider checks is lost if its
    /// reference is.
    pub(super) async fn hand_over(
        &self,
        moment: &Moment,
        issue: &Issue<'_>,
        state: OpenState,
        message: Message,
    ) -> Result<Option<DeliveryState>, StartError> {
        let taken = self.0.carrier.hand_over(&message).await;
        let receipt = taken.map_err(StartError::Delivery)?;
        let needed = matches!(self.0.carrier, Carrier::Verifier(_));
        if !needed && !self.0.follow.tracks {
            return Ok(None);
        }
        let sent = self.sent(&moment.keys, receipt, state.channel, moment.now);
        if needed && sent.reference.is_none() {
            return Err(StartError::NoReference);
        }
        let previous = match issue.action {
            Action::Resend => self.present(&issue.key, moment.now).await,
            _ => None,
        };
        match self
            .note(&issue.key, &sent, state.expires_at, moment.now)
            .await
        {
            Ok(()) => self.watch(moment, issue, state, sent, message),
            Err(error) if needed => return Err(StartError::Store(error)),
            Err(error) => unknown(&error),
        }
        Ok(previous)
    }

    /// A message that was taken at `at`.
    pub(super) fn sent(
        &self,
        keys: &Keys,
        receipt: Receipt,
        channel: Channel,
        at: Timestamp,
    ) -> Sent {
        let provider = match (&self.0.carrier, receipt.provider) {
            (Carrier::Sender(_), Some(provider)) => provider,
            (carrier, _) => carrier.name().to_owned(),
        };
        let message = receipt.reference.map(|reference| {
            let key = keys.message_key(&provider, &reference);
            (reference, key)
        });
        let sent = Sent::new(provider, channel, at);
        match message {
            Some((reference, key)) => sent.named(reference, key),
            None => sent,
        }
    }

    pub(super) async fn note(
        &self,
        key: &ChallengeKey,
        sent: &Sent,
        expires_at: Timestamp,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let until = expires_at + RETENTION;
        self.0.deliveries.note(key, sent, until, now).await
    }

    /// What a client may be told of the newest message. Nothing where the number alone asks for another one: whoever
    /// knows it would learn what reached its owner. Nor where a limit hides whether there was a message at all.
    pub(super) async fn present(
        &self,
        key: &ChallengeKey,
        now: Timestamp,
    ) -> Option<DeliveryState> {
        let limits = self.0.policy.compiled();
        let hidden = limits.hides_traffic() || limits.exempts_known();
        if !self.0.follow.tracks || !self.needs_challenge_id() || hidden {
            return None;
        }
        let delivery = self.0.deliveries.delivery(key, now).await;
        let delivery = delivery.inspect_err(unknown).ok().flatten();
        delivery.map(|delivery| delivery.state)
    }

    /// The newest message of a challenge. Its provider is asked if that may bring something new.
    pub(super) async fn looked_up(
        &self,
        key: &ChallengeKey,
        now: Timestamp,
    ) -> Result<Option<Delivery>, StoreError> {
        let Some(delivery) = self.0.deliveries.delivery(key, now).await? else {
            return Ok(None);
        };
        let Delivery { sent, state } = &delivery;
        let mut polls = self.0.follow.polls.iter();
        let poll = polls.find(|poll| poll.provider() == sent.provider);
        let (Some(poll), Some(reference), DeliveryState::Accepted | DeliveryState::Sent) =
            (poll, &sent.reference, state)
        else {
            return Ok(Some(delivery));
        };
        match poll.poll(&[reference]).await {
            Ok(mut reports) => {
                reports.retain(|report| report.reference == *reference);
                self.reported(&sent.provider, &reports).await?;
                let states = reports.iter().map(|report| report.state);
                let state = states.fold(*state, DeliveryState::max);
                Ok(Some(Delivery { state, ..delivery }))
            }
            Err(error) => {
                tracing::warn!(target: "otp", provider = sent.provider, kind = ?error.kind, "a provider did not say what became of a message");
                Ok(Some(delivery))
            }
        }
    }
}

fn count(provider: &str, state: DeliveryState) {
    let labels = [
        ("provider", metrics::SharedString::from(provider.to_owned())),
        ("state", metrics::SharedString::const_str(state.as_str())),
    ];
    metrics::counter!("otp_deliveries_total", &labels).increment(1);
}

/// What becomes of a message will not be known, or is not now.
pub(super) fn unknown(error: &StoreError) {
    tracing::warn!(target: "otp", %error, "the store does not say what becomes of a message");
}
