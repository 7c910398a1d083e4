//! Trying a code, and what follows from the right one.

use super::carrier::Carrier;
use super::{Confirmed, Known, Moment, OtpAuth, Verified, Verify, VerifyError};
use crate::challenge::{Attempt, ChallengeKey, Guess, NewChallenge, Opening, Rejection};
use crate::limit::{Refusal, RequestCells, Subject};
use crate::policy::SignUp;
use crate::{
    Action, ChallengeId, Channel, Client, Created, Event, Outcome, Profile, Purpose, Resolved,
    StoreError, Ticket, Timestamp,
};
use std::borrow::Cow;
use std::time::Duration;

/// How long a registration ticket is good for.
const TICKET_LIFETIME: Duration = Duration::from_secs(600);

/// A code or a ticket that is tried.
pub(super) struct Try<'a> {
    pub(super) key: ChallengeKey,
    pub(super) secret: &'a str,
    pub(super) known: &'a Known<'a>,
    pub(super) client: &'a Client,
    pub(super) action: Action,
}

/// The secret was right: how it had been asked for.
#[derive(Clone, Copy)]
pub(super) struct Proof {
    pub(super) channel: Channel,
    pub(super) remember_me: bool,
}

/// The secret was not right, or was not looked at.
pub(super) enum Miss {
    Rejected {
        reason: Rejection,
        tries_left: u8,
        proved: bool,
    },
    Limited(super::Limited),
    Store(StoreError),
}

impl OtpAuth {
    /// Tries a login code. One store round trip for the guess; if it is right, one for the session.
    ///
    /// # Errors
    /// [`VerifyError`]; in none of its cases is anybody signed in.
    pub async fn verify(&self, verify: Verify) -> Result<Verified, VerifyError> {
        let moment = self.moment();
        let known = moment.know(self, &verify.phone);
        let (key, proof) = self.prove(&moment, &known, &verify, Purpose::Login).await?;
        let tell = |outcome| self.tell_verified(&moment, &known, &verify, key, outcome);
        let resolved = self.0.users.resolve(&verify.phone).await;
        let (user, is_new) = match resolved.inspect_err(|_| tell(Outcome::DirectoryFailed))? {
            Resolved::Known(user) => (user, false),
            Resolved::New => match self.0.policy.sign_up() {
                SignUp::Auto => {
                    let nothing = Profile::default();
                    let created = self.0.users.create(&verify.phone, &nothing).await;
                    let Created { user, created } =
                        created.inspect_err(|_| tell(Outcome::DirectoryFailed))?;
                    (user, created)
                }
                SignUp::Ticket => {
                    let ticket = self
                        .open_ticket(&moment, &known, &verify.client, proof)
                        .await;
                    let (ticket, expires_at) = ticket.inspect_err(|error| tell(failure(error)))?;
                    tell(Outcome::RegistrationRequired);
                    return Ok(Verified::RegistrationRequired {
                        ticket,
                        expires_in: expires_at.since(moment.now),
                    });
                }
                SignUp::Deny => {
                    tell(Outcome::RegistrationClosed);
                    return Err(VerifyError::RegistrationClosed);
                }
            },
        };
        let login = self.sign_in(&moment, &known, &verify.client, proof, user, is_new);
        Ok(Verified::SignedIn(login.await?))
    }

    /// Tries a code for something else than signing in: a step-up, a new number. It makes no session; what the proof
    /// is good for is the host's to say. One store round trip.
    ///
    /// # Errors
    /// [`VerifyError`].
    pub async fn confirm(
        &self,
        verify: Verify,
        purpose: Purpose,
    ) -> Result<Confirmed, VerifyError> {
        if !matches!(purpose, Purpose::StepUp | Purpose::ChangePhone) {
            return Err(VerifyError::Rejected { tries_left: None });
        }
        let moment = self.moment();
        let known = moment.know(self, &verify.phone);
        let (key, _) = self.prove(&moment, &known, &verify, purpose).await?;
        self.tell_verified(&moment, &known, &verify, key, Outcome::Done);
        Ok(Confirmed {
            phone: verify.phone,
            purpose,
            at: moment.now,
        })
    }

    async fn prove(
        &self,
        moment: &Moment,
        known: &Known<'_>,
        verify: &Verify,
        purpose: Purpose,
    ) -> Result<(ChallengeKey, Proof), VerifyError> {
        let id = verify
            .challenge
            .or_else(|| self.id_of_phone(&moment.keys, &known.key, purpose));
        let id = id.ok_or(VerifyError::ChallengeRequired)?;
        let key = ChallengeKey {
            id,
            phone: known.key,
            purpose,
        };
        let secret = verify.code.expose();
        let tried = Try {
            key,
            secret,
            known,
            client: &verify.client,
            action: Action::Verify,
        };
        let test = self.test_number(moment, known.phone, purpose);
        let proof = match &self.0.carrier {
            _ if test.is_some() => self.attempt(moment, &tried).await,
            Carrier::Sender(_) => self.attempt(moment, &tried).await,
            Carrier::Verifier(verifier) => {
                let checked = self.check(moment, &tried, &**verifier, &verify.code);
                checked.await.map_err(VerifyError::NotChecked)?
            }
        };
        let proof = proof.map_err(|miss| match miss {
            Miss::Limited(limited) => VerifyError::Limited(limited),
            Miss::Store(error) => VerifyError::Store(error),
            Miss::Rejected { tries_left, .. } => {
                let told = self.0.policy.tells_tries_left().then(|| tries_left.into());
                VerifyError::Rejected { tries_left: told }
            }
        })?;
        match test {
            Some(_) => self.tell_tried(moment, &tried, Outcome::TestNumber),
            None => self.has_been_read(key, proof.channel),
        }
        Ok((key, proof))
    }

    /// Counts a try and compares. Tells the audit of every miss.
    pub(super) async fn attempt(&self, moment: &Moment, tried: &Try<'_>) -> Result<Proof, Miss> {
        let digests = moment
            .keys
            .code_digests(&self.binding(&tried.key, tried.secret));
        let subject = moment.subject(self, Some(tried.known), tried.client);
        let cells = self.cells_of_guess(moment, tried, &subject).await;
        let attempt = self
            .0
            .challenges
            .attempt(&Guess::new(&tried.key, &digests), &cells.cells, moment.now)
            .await;
        self.settled(moment, tried, &cells, attempt)
    }

    pub(super) async fn cells_of_guess(
        &self,
        moment: &Moment,
        tried: &Try<'_>,
        subject: &Subject<'_>,
    ) -> RequestCells<'_> {
        let limits = self.0.policy.compiled();
        let (phone, purpose) = (tried.known.phone, tried.key.purpose);
        let sent = match purpose {
            // A ticket was never sent: its code was, and that has given back already.
            Purpose::Registration => None,
            _ if self.test_number(moment, phone, purpose).is_some() => None,
            _ => Some(self.asked(limits.gives_back_by_known(), phone).await),
        };
        limits.of_guess(subject, sent)
    }

    /// What a try came to. Tells the audit of every miss.
    pub(super) fn settled(
        &self,
        moment: &Moment,
        tried: &Try<'_>,
        cells: &RequestCells<'_>,
        attempt: Result<Attempt, StoreError>,
    ) -> Result<Proof, Miss> {
        let (miss, outcome) = match attempt {
            Ok(Attempt::Accepted {
                channel,
                remember_me,
            }) => {
                return Ok(Proof {
                    channel,
                    remember_me,
                });
            }
            Ok(Attempt::Rejected {
                reason,
                tries_left,
                proved,
            }) => (
                Miss::Rejected {
                    reason,
                    tries_left,
                    proved,
                },
                Outcome::Rejected(reason),
            ),
            Ok(Attempt::Refused(refusals)) => self.refused(cells, &refusals, moment),
            Err(error) => {
                let outcome = Outcome::StoreFailed(error.kind);
                (Miss::Store(error), outcome)
            }
        };
        self.tell_tried(moment, tried, outcome);
        Err(miss)
    }

    fn refused(
        &self,
        cells: &RequestCells<'_>,
        refusals: &[Refusal],
        moment: &Moment,
    ) -> (Miss, Outcome) {
        let limited = self.limited(cells, refusals, moment.now);
        let outcome = Outcome::Limited(limited.limit.clone());
        (Miss::Limited(limited), outcome)
    }

    /// A ticket is a challenge whose code is 256 random bits, bound to the phone and to the device that verified. With it
    /// comes when it ends.
    async fn open_ticket(
        &self,
        moment: &Moment,
        known: &Known<'_>,
        client: &Client,
        proof: Proof,
    ) -> Result<(Ticket, Timestamp), VerifyError> {
        let id = ChallengeId::random()?;
        let ticket = Ticket::draw(id)?;
        let key = ChallengeKey {
            id,
            phone: known.key,
            purpose: Purpose::Registration,
        };
        let secret = ticket_secret(&ticket, client);
        let (kid, digest) = moment
            .keys
            .current_code_digest(&self.binding(&key, &secret));
        let expires_at = self.end_for(moment, known.phone, moment.now + TICKET_LIFETIME);
        let new = NewChallenge {
            key,
            opening: Opening::Start,
            request: None,
            channel: Some(proof.channel),
            remember_me: proof.remember_me,
            digest,
            kid,
            expires_at,
            tries: self.0.policy.code().tries,
            previous_until: moment.now,
        };
        self.0.challenges.open(&new, &[], moment.now).await?;
        Ok((ticket, expires_at))
    }

    fn tell_verified(
        &self,
        moment: &Moment,
        known: &Known<'_>,
        verify: &Verify,
        key: ChallengeKey,
        outcome: Outcome,
    ) {
        let tried = Try {
            key,
            secret: "",
            known,
            client: &verify.client,
            action: Action::Verify,
        };
        self.tell_tried(moment, &tried, outcome);
    }

    pub(super) fn tell_tried(&self, moment: &Moment, tried: &Try<'_>, outcome: Outcome) {
        let mut event = Event::new(moment.now, tried.action, outcome)
            .by_client(tried.client)
            .about_phone(tried.known.phone, tried.known.key);
        event.challenge = self.told_id(tried.key.id);
        event.purpose = Some(tried.key.purpose);
        self.record(event);
    }
}

/// What a ticket's digest is made of.
pub(super) fn ticket_secret<'a>(ticket: &'a Ticket, client: &Client) -> Cow<'a, str> {
    match client.device_id() {
        Some(device) => Cow::Owned(format!("{}.{device}", ticket.secret())),
        None => Cow::Borrowed(ticket.secret()),
    }
}

fn failure(error: &VerifyError) -> Outcome {
    match error {
        VerifyError::Store(error) => Outcome::StoreFailed(error.kind),
        _ => Outcome::TokenFailed,
    }
}
