//! Trying a code, and what follows from the right one.

use super::{Confirmed, Known, Moment, OtpAuth, Verified, Verify, VerifyError};
use crate::challenge::{Attempt, ChallengeKey, Guess, NewChallenge, Opening, Rejection};
use crate::limit::{Act, Refusal, RequestCells};
use crate::policy::SignUp;
use crate::{
    Action, ChallengeId, Channel, Client, Created, Event, Outcome, Profile, Purpose, Resolved,
    StoreError, Ticket,
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
                    let ticket = ticket.inspect_err(|error| tell(failure(error)))?;
                    tell(Outcome::RegistrationRequired);
                    return Ok(Verified::RegistrationRequired {
                        ticket,
                        expires_in: TICKET_LIFETIME,
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
        self.attempt(moment, &tried)
            .await
            .map(|proof| (key, proof))
            .map_err(|miss| match miss {
                Miss::Limited(limited) => VerifyError::Limited(limited),
                Miss::Store(error) => VerifyError::Store(error),
                Miss::Rejected { tries_left, .. } => {
                    let told = self.0.policy.tells_tries_left().then(|| tries_left.into());
                    VerifyError::Rejected { tries_left: told }
                }
            })
    }

    /// Counts a try and compares. Tells the audit of every miss.
    pub(super) async fn attempt(&self, moment: &Moment, tried: &Try<'_>) -> Result<Proof, Miss> {
        let digests = moment
            .keys
            .code_digests(&self.binding(&tried.key, tried.secret));
        let subject = moment.subject(self, Some(tried.known), tried.client);
        let cells = self.0.policy.compiled().cells(Act::Verify, &subject);
        let attempt = self
            .0
            .challenges
            .attempt(&Guess::new(&tried.key, &digests), &cells.cells, moment.now)
            .await;
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
            Ok(Attempt::Refused(refusals)) => self.refused(&cells, &refusals, moment),
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

    /// A ticket is a challenge whose code is 256 random bits, bound to the phone and to the device that verified.
    async fn open_ticket(
        &self,
        moment: &Moment,
        known: &Known<'_>,
        client: &Client,
        proof: Proof,
    ) -> Result<Ticket, VerifyError> {
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
        let new = NewChallenge {
            key,
            opening: Opening::Start,
            request: None,
            channel: Some(proof.channel),
            remember_me: proof.remember_me,
            digest,
            kid,
            expires_at: moment.now + TICKET_LIFETIME,
            tries: self.0.policy.code().tries,
            previous_until: moment.now,
        };
        self.0.challenges.open(&new, &[], moment.now).await?;
        Ok(ticket)
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

    fn tell_tried(&self, moment: &Moment, tried: &Try<'_>, outcome: Outcome) {
        let mut event = Event::new(moment.now, tried.action, outcome)
            .by_client(tried.client)
            .about_phone(tried.known.phone, tried.known.key);
        event.challenge = Some(tried.key.id);
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
