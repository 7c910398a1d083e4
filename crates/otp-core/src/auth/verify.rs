//! Trying a code, and signing in with it.

use super::{Confirmed, Known, Login, Moment, OtpAuth, Tokens, Verified, Verify, VerifyError};
use crate::challenge::{Attempt, ChallengeKey, Guess, NewChallenge, Opening, Rejection};
use crate::keys::two_random_names;
use crate::limit::{Act, Refusal, RequestCells};
use crate::policy::SignUp;
use crate::session::SessionRecord;
use crate::token::Subject;
use crate::{
    Action, ChallengeId, Channel, Client, Created, EntropyError, Event, Outcome, Profile, Purpose,
};
use crate::{RefreshToken, Resolved, SessionId, StoreError, Ticket, TokenError, User};
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
        match resolved.inspect_err(|_| tell(Outcome::DirectoryFailed))? {
            Resolved::Known(user) => self
                .sign_in(&moment, &known, &verify.client, proof, user, false)
                .await
                .map(Verified::SignedIn),
            Resolved::New => match self.0.policy.sign_up() {
                SignUp::Auto => {
                    let created = self
                        .0
                        .users
                        .create(&verify.phone, &Profile::default())
                        .await;
                    let Created { user, created } =
                        created.inspect_err(|_| tell(Outcome::DirectoryFailed))?;
                    self.sign_in(&moment, &known, &verify.client, proof, user, created)
                        .await
                        .map(Verified::SignedIn)
                }
                SignUp::Ticket => {
                    let ticket = self
                        .open_ticket(&moment, &known, &verify.client, proof)
                        .await;
                    let ticket = ticket.inspect_err(|error| tell(failure(error)))?;
                    tell(Outcome::RegistrationRequired);
                    Ok(Verified::RegistrationRequired {
                        ticket,
                        expires_in: TICKET_LIFETIME,
                    })
                }
                SignUp::Deny => {
                    tell(Outcome::RegistrationClosed);
                    Err(VerifyError::RegistrationClosed)
                }
            },
        }
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

    /// Makes the session and its first tokens. Every login has a session of its own, with a new id.
    pub(super) async fn sign_in<E>(
        &self,
        moment: &Moment,
        known: &Known<'_>,
        client: &Client,
        proof: Proof,
        user: User,
        is_new_user: bool,
    ) -> Result<Login, E>
    where
        E: From<StoreError> + From<TokenError> + From<EntropyError> + From<Disabled>,
    {
        let action = if is_new_user && self.0.policy.sign_up() == SignUp::Ticket {
            Action::Register
        } else {
            Action::Verify
        };
        let tell = |outcome, session| {
            let event = Event::new(moment.now, action, outcome).by_client(client);
            let mut event = event
                .about_phone(known.phone, known.key)
                .about_user(&user.id, session);
            event.channel = Some(proof.channel);
            event.purpose = Some(Purpose::Login);
            self.record(event);
        };
        if user.disabled {
            tell(Outcome::Disabled, None);
            return Err(Disabled.into());
        }
        let [id, token] = two_random_names()?;
        let id = SessionId::from_bytes(id);
        let length = self.0.policy.session_length(proof.remember_me);
        let session = SessionRecord::new(
            id,
            user.id.clone(),
            length.idle,
            length.absolute,
            moment.now,
        )
        .with_amr(methods(proof.channel))
        .with_device_info(client.device_info().map(ToOwned::to_owned));
        // Made before the session is stored: a token that cannot be made leaves no session behind.
        let tokens = self.tokens(moment, &session, &user, client.device_id(), &token);
        let tokens = tokens.inspect_err(|_| tell(Outcome::TokenFailed, None))?;
        let stored = self.0.sessions.create(&session, moment.now).await;
        stored.inspect_err(|error| tell(Outcome::StoreFailed(error.kind), None))?;
        tell(Outcome::Done, Some(id));
        Ok(Login {
            tokens,
            session: id,
            user,
            is_new_user,
        })
    }

    /// The tokens of a session at its present counter; the access token is called `name`.
    pub(super) fn tokens(
        &self,
        moment: &Moment,
        session: &SessionRecord,
        user: &User,
        device: Option<&str>,
        name: &[u8; 16],
    ) -> Result<Tokens, TokenError> {
        let Moment { now, keys } = moment;
        let rules = &self.0.rules;
        let subject = Subject::new(&user.id, session.id, session.created_at)
            .with_roles(&user.roles)
            .with_amr(&session.amr);
        Ok(Tokens {
            access: rules.issue_named(keys.tokens(), &subject, name, *now)?,
            refresh: RefreshToken::mint(keys, &self.0.tenant, device, session.id, session.counter),
            access_expires_in: rules.access_ttl(),
            refresh_expires_in: session.idle_expires_at.since(*now),
        })
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

/// The account is closed; each operation has its own word for it.
pub(super) struct Disabled;

impl From<Disabled> for VerifyError {
    fn from(_: Disabled) -> Self {
        Self::Disabled
    }
}

fn failure(error: &VerifyError) -> Outcome {
    match error {
        VerifyError::Store(error) => Outcome::StoreFailed(error.kind),
        _ => Outcome::TokenFailed,
    }
}

/// Authentication method references (RFC 8176): a one-time code, and by what it came where that has a name.
fn methods(channel: Channel) -> Vec<String> {
    let by = match channel {
        Channel::Sms => Some("sms"),
        Channel::Voice => Some("tel"),
        Channel::WhatsApp => None,
    };
    std::iter::once("otp")
        .chain(by)
        .map(ToOwned::to_owned)
        .collect()
}
