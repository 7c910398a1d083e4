//! Opening a challenge, and sending another code for one.

use super::{Known, Moment, OtpAuth, Resend, Start, StartError, Started};
use crate::challenge::{ChallengeKey, Digest, NewChallenge, OpenState, Opened, Opening};
use crate::keys::CodeBinding;
use crate::limit::{Act, RequestCells, Tally};
use crate::policy::Binding;
use crate::{
    Action, ChallengeId, Channel, Client, Code, EntropyError, Event, Message, Outcome, Purpose,
    SendErrorKind, Timestamp,
};
use std::sync::atomic::Ordering;
use std::time::Duration;

/// What `start` and `resend` have in common.
struct Issue<'a> {
    key: ChallengeKey,
    opening: Opening,
    request: Option<[u8; 16]>,
    channel: Option<Channel>,
    remember_me: bool,
    known: &'a Known<'a>,
    client: &'a Client,
    action: Action,
}

impl OtpAuth {
    /// Opens a challenge and sends its code. One store round trip.
    ///
    /// # Errors
    /// [`StartError`]. After [`Delivery`](StartError::Delivery) nothing is left of the challenge, and the limits are
    /// as before.
    pub async fn start(&self, start: Start) -> Result<Started, StartError> {
        let moment = self.moment();
        let known = moment.know(self, &start.phone);
        let channel = self
            .channel(start.channel)?
            .or_else(|| self.0.policy.channels().first().copied());
        let request = request_tag(
            &moment,
            &known,
            start.purpose,
            start.idempotency_key.as_deref(),
        )?;
        let key = ChallengeKey {
            id: self.new_id(&moment, &known, start.purpose, request)?,
            phone: known.key,
            purpose: usable(start.purpose)?,
        };
        let issue = Issue {
            key,
            opening: Opening::Start,
            request,
            channel,
            remember_me: start.remember_me,
            known: &known,
            client: &start.client,
            action: Action::Send,
        };
        self.issue(&moment, issue).await
    }

    /// Sends another code for a challenge that lives. It refills no guesses. One store round trip.
    ///
    /// # Errors
    /// [`StartError`]. After [`Delivery`](StartError::Delivery) the code before is good again, and the limits are as
    /// before.
    pub async fn resend(&self, resend: Resend) -> Result<Started, StartError> {
        let moment = self.moment();
        let known = moment.know(self, &resend.phone);
        let purpose = usable(resend.purpose)?;
        let id = resend
            .challenge
            .or_else(|| self.id_of_phone(&moment.keys, &known.key, purpose));
        let issue = Issue {
            key: ChallengeKey {
                id: id.ok_or(StartError::ChallengeRequired)?,
                phone: known.key,
                purpose,
            },
            opening: Opening::Resend,
            request: None,
            channel: self.channel(resend.channel)?,
            remember_me: false,
            known: &known,
            client: &resend.client,
            action: Action::Resend,
        };
        self.issue(&moment, issue).await
    }

    async fn issue(&self, moment: &Moment, issue: Issue<'_>) -> Result<Started, StartError> {
        let Moment { now, keys } = moment;
        let digits = self.0.digits.load(Ordering::Relaxed);
        let code = Code::draw(digits)?;
        let (kid, digest) = keys.current_code_digest(&self.binding(&issue.key, code.expose()));
        let rules = self.0.policy.code();
        let new = NewChallenge {
            key: issue.key,
            opening: issue.opening,
            request: issue.request,
            channel: issue.channel,
            remember_me: issue.remember_me,
            digest,
            kid,
            expires_at: *now + rules.lifetime,
            tries: rules.tries,
            previous_until: *now + rules.previous_valid_for,
        };
        let subject = moment.subject(self, Some(issue.known), issue.client);
        let cells = self.0.policy.compiled().cells(Act::Send, &subject);
        let opened = self.0.challenges.open(&new, &cells.cells, *now).await;
        let opened = opened
            .inspect_err(|error| self.tell(moment, &issue, Outcome::StoreFailed(error.kind)))?;
        match opened {
            Opened::Stored(state) => {
                self.deliver(moment, &issue, &cells, &digest, state, code)
                    .await
            }
            Opened::Replayed(state) => {
                self.tell(moment, &issue, Outcome::Replayed);
                // A retry of what a silent limit kept back was never stored; one that was must look no different.
                if self.silent_cooldown().is_some() {
                    return Ok(self.as_if_started(&issue, *now));
                }
                Ok(self.started(issue.key.id, state, *now, true))
            }
            Opened::NotLive => {
                self.tell(moment, &issue, Outcome::NotLive);
                Err(StartError::NotLive)
            }
            Opened::Refused(refusals) => {
                let limited = self.limited(&cells, &refusals, *now);
                self.tell(moment, &issue, Outcome::Limited(limited.limit.clone()));
                if cells.all_silent(&refusals) {
                    return Ok(self.as_if_started(&issue, *now));
                }
                Err(StartError::Limited(limited))
            }
        }
    }

    async fn deliver(
        &self,
        moment: &Moment,
        issue: &Issue<'_>,
        cells: &RequestCells<'_>,
        digest: &Digest,
        state: OpenState,
        code: Code,
    ) -> Result<Started, StartError> {
        let mut message = Message::new(
            issue.known.phone.clone(),
            code,
            issue.key.id,
            self.0.policy.code().lifetime,
        );
        message.channel = state.channel;
        message.purpose = issue.key.purpose;
        let sent = self.0.sender.send(&message).await;
        let Err(error) = sent else {
            self.tell(moment, issue, Outcome::Done);
            return Ok(self.started(issue.key.id, state, moment.now, false));
        };
        self.tell(moment, issue, Outcome::NotDelivered(error.kind));
        // A number that cannot be one costs its asker a message: asking for others like it is not free.
        let given_back = match error.kind {
            SendErrorKind::InvalidNumber => &[],
            _ => cells.cells.as_slice(),
        };
        let refund = self
            .0
            .challenges
            .refund(&issue.key, digest, given_back, moment.now);
        // If this fails too, the client waits longer than it had to; nothing is given away.
        if let Err(error) = refund.await {
            self.tell(moment, issue, Outcome::StoreFailed(error.kind));
        }
        Err(StartError::Delivery(error))
    }

    fn started(
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
    fn silent_cooldown(&self) -> Option<Duration> {
        let start = Timestamp::from_millis(0);
        let mut silent = self.0.policy.compiled().silent().peekable();
        silent.peek()?;
        let wait = |(count, rates): (_, &[_])| {
            let mut tally = Tally::empty(count, rates);
            tally.charge(count, rates, start);
            tally.admitted_from(count, rates, start).since(start)
        };
        silent.map(wait).max()
    }

    pub(super) fn binding<'a>(&'a self, key: &'a ChallengeKey, code: &'a str) -> CodeBinding<'a> {
        let purpose = key.purpose.as_str();
        CodeBinding {
            tenant: &self.0.tenant,
            challenge: &key.id,
            phone: &key.phone,
            purpose,
            code,
        }
    }

    /// The id of the challenge to open: the phone's one, the request's one, or a new one.
    fn new_id(
        &self,
        moment: &Moment,
        known: &Known<'_>,
        purpose: Purpose,
        request: Option<[u8; 16]>,
    ) -> Result<ChallengeId, EntropyError> {
        match (self.id_of_phone(&moment.keys, &known.key, purpose), request) {
            (Some(id), _) => Ok(id),
            (None, Some(tag)) => Ok(moment.keys.derived_challenge_id(&[b"request", &tag])),
            (None, None) => ChallengeId::random(),
        }
    }

    fn channel(&self, wanted: Option<Channel>) -> Result<Option<Channel>, StartError> {
        match wanted {
            Some(channel) if !self.0.policy.channels().contains(&channel) => {
                Err(StartError::ChannelRefused)
            }
            wanted => Ok(wanted),
        }
    }

    fn tell(&self, moment: &Moment, issue: &Issue<'_>, outcome: Outcome) {
        let mut event = Event::new(moment.now, issue.action, outcome)
            .by_client(issue.client)
            .about_phone(issue.known.phone, issue.known.key);
        event.challenge = Some(issue.key.id);
        event.channel = issue.channel;
        event.purpose = Some(issue.key.purpose);
        self.record(event);
    }
}

/// A registration ticket is opened by a right code, never by a request.
const fn usable(purpose: Purpose) -> Result<Purpose, StartError> {
    match purpose {
        Purpose::Registration => Err(StartError::PurposeReserved),
        purpose => Ok(purpose),
    }
}

/// What tells a retry from a new request: the client's key, for this phone and purpose only.
fn request_tag(
    moment: &Moment,
    known: &Known<'_>,
    purpose: Purpose,
    key: Option<&str>,
) -> Result<Option<[u8; 16]>, StartError> {
    let Some(key) = key else { return Ok(None) };
    if key.is_empty() || key.len() > 255 || !key.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(StartError::IdempotencyKey);
    }
    let parts = [
        known.key.as_bytes().as_slice(),
        purpose.as_str().as_bytes(),
        key.as_bytes(),
    ];
    Ok(Some(moment.keys.request_tag(&parts)))
}

impl OtpAuth {
    /// Whether `verify` and `resend` need the id that `start` returned.
    #[must_use]
    pub fn needs_challenge_id(&self) -> bool {
        self.0.policy.binding() == Binding::Challenge
    }
}
