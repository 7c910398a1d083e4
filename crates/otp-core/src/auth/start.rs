//! Opening a challenge, and sending another code for one.

use super::{Known, Moment, OtpAuth, Resend, Start, StartError, Started, TestNumber};
use crate::challenge::{ChallengeKey, Digest, NewChallenge, OpenState, Opened, Opening};
use crate::keys::CodeBinding;
use crate::limit::{Asked, RequestCells};
use crate::policy::Binding;
use crate::{
    Action, ChallengeId, Channel, Client, Code, EntropyError, Event, Locale, Message, Outcome,
    Purpose, SendErrorKind, Timestamp,
};
use std::sync::atomic::Ordering;
use std::time::Duration;

/// What `start` and `resend` have in common.
pub(super) struct Issue<'a> {
    pub(super) key: ChallengeKey,
    opening: Opening,
    request: Option<[u8; 16]>,
    pub(super) channel: Option<Channel>,
    locale: Option<Locale>,
    remember_me: bool,
    pub(super) known: &'a Known<'a>,
    test: Option<&'a TestNumber>,
    pub(super) client: &'a Client,
    pub(super) action: Action,
}

impl OtpAuth {
    /// Opens a challenge and sends its code. One store round trip; a second one where the policy has limits that are
    /// only reported, or for a message that stays behind because only known numbers would be sent one.
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
            locale: start.locale,
            remember_me: start.remember_me,
            known: &known,
            test: self.test_number(&moment, &start.phone, start.purpose),
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
            locale: resend.locale,
            remember_me: false,
            known: &known,
            test: self.test_number(&moment, &resend.phone, purpose),
            client: &resend.client,
            action: Action::Resend,
        };
        self.issue(&moment, issue).await
    }

    async fn issue(&self, moment: &Moment, issue: Issue<'_>) -> Result<Started, StartError> {
        let code = match issue.test {
            Some(test) => test.code(),
            None => {
                self.admit_number(moment, &issue)?;
                Code::draw(self.0.digits.load(Ordering::Relaxed))?
            }
        };
        let new = self.new_challenge(moment, &issue, &code);
        let subject = moment.subject(self, Some(issue.known), issue.client);
        let limits = self.0.policy.compiled();
        let mut asked = match issue.test {
            Some(_) => Asked::Test,
            None => self.asked(limits.exempts_known(), issue.known.phone).await,
        };
        let (cells, opened) = loop {
            let cells = limits.of_send(&subject, asked);
            let opened = self.0.challenges.open(&new, &cells.cells, moment.now).await;
            if let Err(error) = &opened {
                self.tell(moment, &issue, Outcome::StoreFailed(error.kind));
                self.take_back(moment, &issue, &cells, &new.digest).await;
            }
            let opened = opened?;
            match &opened {
                // A known number would have been sent a code: all but the message happens as it would have.
                Opened::Refused(refusals) if cells.all_exempt(refusals) => {
                    self.tell_limited(moment, &issue, &cells, refusals);
                    asked = Asked::Withheld;
                }
                _ => break (cells, opened),
            }
        };
        match opened {
            Opened::Stored(state) if issue.test.is_some() => {
                self.tell(moment, &issue, Outcome::TestNumber);
                Ok(self.started(issue.key.id, state, moment.now, false))
            }
            Opened::Stored(state) if asked != Asked::Withheld => {
                let started = self
                    .deliver(moment, &issue, &cells, &new.digest, state, code)
                    .await?;
                if let Some(outcome) = self.report(moment, &subject, asked).await {
                    self.tell(moment, &issue, outcome);
                }
                Ok(started)
            }
            other => self.not_sent(moment, &issue, &cells, other).await,
        }
    }

    /// Nobody knows whether it is there. The client's retry of a request would be answered as if its code had been sent,
    /// and the code before is dead in favour of one that went to nobody: it is taken back, if it is there. Should that
    /// fail too, so it stays until the code's end.
    async fn take_back(
        &self,
        moment: &Moment,
        issue: &Issue<'_>,
        cells: &RequestCells<'_>,
        digest: &Digest,
    ) {
        if issue.request.is_some() || issue.opening == Opening::Resend {
            let store = &self.0.challenges;
            let taken = store.refund(&issue.key, digest, &cells.cells, moment.now);
            let _ = taken.await;
        }
    }

    fn new_challenge(&self, moment: &Moment, issue: &Issue<'_>, code: &Code) -> NewChallenge {
        let Moment { now, keys } = moment;
        let secret = match issue.test {
            Some(_) => code.expose(),
            None => self.0.carrier.secret(code),
        };
        let end = *now + self.0.policy.code().lifetime;
        let (kid, digest) = keys.current_code_digest(&self.binding(&issue.key, secret));
        let rules = self.0.policy.code();
        NewChallenge {
            key: issue.key,
            opening: issue.opening,
            request: issue.request,
            channel: issue.channel,
            remember_me: issue.remember_me,
            digest,
            kid,
            expires_at: issue.test.map_or(end, |test| test.end(end)),
            tries: rules.tries,
            previous_until: match rules.previous_valid_for {
                // Not even for as long as another node's clock is behind this one.
                Duration::ZERO => Timestamp::from_millis(0),
                time => *now + time,
            },
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
        message.locale = issue.locale.or(self.0.policy.default_locale());
        let error = match self.hand_over(moment, issue, state, message).await {
            Ok(previous) => {
                self.tell(moment, issue, Outcome::Done);
                let started = self.started(issue.key.id, state, moment.now, false);
                return Ok(Started {
                    previous,
                    ..started
                });
            }
            Err(error) => error,
        };
        self.tell(moment, issue, failure(&error));
        // A number that cannot be one costs its asker a message: asking for others like it is not free. So does a
        // message that was taken, whatever failed after that.
        let given_back = match &error {
            StartError::Delivery(error) if error.kind != SendErrorKind::InvalidNumber => {
                cells.cells.as_slice()
            }
            _ => &[],
        };
        let refund = self
            .0
            .challenges
            .refund(&issue.key, digest, given_back, moment.now);
        // If this fails too, the client waits longer than it had to; nothing is given away.
        if let Err(failed) = refund.await {
            self.tell(moment, issue, Outcome::StoreFailed(failed.kind));
        }
        Err(error)
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

    pub(super) fn tell(&self, moment: &Moment, issue: &Issue<'_>, outcome: Outcome) {
        let mut event = Event::new(moment.now, issue.action, outcome)
            .by_client(issue.client)
            .about_phone(issue.known.phone, issue.known.key);
        event.challenge = self.told_id(issue.key.id);
        event.channel = issue.channel;
        event.purpose = Some(issue.key.purpose);
        self.record(event);
    }
}

fn failure(error: &StartError) -> Outcome {
    match error {
        StartError::Delivery(error) => Outcome::NotDelivered(error.kind),
        StartError::Store(error) => Outcome::StoreFailed(error.kind),
        _ => Outcome::NotDelivered(SendErrorKind::Transient),
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
