//! What a client is told of a code that it asked for, also where a limit says nothing of what happened.

use super::start::Issue;
use super::{Moment, OtpAuth, StartError, Started};
use crate::challenge::{OpenState, Opened};
use crate::limit::{RequestCells, Tally};
use crate::{ChallengeId, Channel, DeliveryState, Outcome, Timestamp};
use std::time::Duration;

impl OtpAuth {
    pub(super) async fn not_sent(
        &self,
        moment: &Moment,
        issue: &Issue<'_>,
        cells: &RequestCells<'_>,
        opened: Opened,
    ) -> Result<Started, StartError> {
        match opened {
            // The message stays behind.
            Opened::Stored(state) => Ok(self.started(issue.key.id, state, moment.now, false)),
            Opened::Replayed(state) => {
                self.tell(moment, issue, Outcome::Replayed);
                // A retry of what a silent limit kept back was never stored; one that was must look no different.
                if self.0.policy.compiled().hides_traffic() {
                    return Ok(self.as_if_started(issue, moment.now));
                }
                let started = self.started(issue.key.id, state, moment.now, true);
                let delivery = self.present(&issue.key, moment.now).await;
                Ok(Started {
                    delivery: delivery.unwrap_or(started.delivery),
                    ..started
                })
            }
            Opened::NotLive => {
                self.tell(moment, issue, Outcome::NotLive);
                Err(StartError::NotLive)
            }
            Opened::Refused(refusals) => {
                let limited = self.tell_limited(moment, issue, cells, &refusals);
                if cells.all_silent(&refusals) {
                    return Ok(self.as_if_started(issue, moment.now));
                }
                Err(StartError::Limited(limited))
            }
        }
    }

    pub(super) fn started(
        &self,
        challenge_id: ChallengeId,
        state: OpenState,
        now: Timestamp,
        replayed: bool,
    ) -> Started {
        Started {
            challenge_id,
            channel: state.channel,
            expires_in: state.expires_at.since(now),
            resend_in: self
                .silent_cooldown()
                .unwrap_or_else(|| state.next_at.since(now)),
            replayed,
            delivery: DeliveryState::Accepted,
            previous: None,
        }
    }

    /// What a silent limit answers: nothing in it differs from a code that was sent.
    fn as_if_started(&self, issue: &Issue<'_>, now: Timestamp) -> Started {
        let channel = issue
            .channel
            .or_else(|| self.0.policy.channels().first().copied());
        let state = OpenState {
            channel: channel.unwrap_or(Channel::Sms),
            expires_at: now + self.0.policy.code().lifetime,
            next_at: now,
        };
        self.started(issue.key.id, state, now, false)
    }

    /// Under a silent limit the real wait would tell what the limit hides: everybody is told the first one.
    pub(super) fn silent_cooldown(&self) -> Option<Duration> {
        let start = Timestamp::from_millis(0);
        let mut silent = self.0.policy.compiled().told_as_first().peekable();
        silent.peek()?;
        let wait = |(count, rates): (_, &[_])| {
            let mut tally = Tally::empty(count, rates);
            tally.charge(count, rates, start);
            tally.admitted_from(count, rates, start).since(start)
        };
        silent.map(wait).max()
    }
}
