//! Signing a user in: the session and its tokens.

use super::verify::Proof;
use super::{Known, Login, Moment, OtpAuth, RegisterError, Tokens, VerifyError, count};
use crate::keys::two_random_names;
use crate::policy::SignUp;
use crate::session::SessionRecord;
use crate::token::Subject;
use crate::{
    Action, Channel, Client, EntropyError, Event, Outcome, Purpose, RefreshToken, SessionId,
    StoreError, TokenError, User,
};

/// Why nobody was signed in after the proof; each operation has its own words for it.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub(super) enum SignInError {
    #[error("the account is closed")]
    Disabled,
    Store(#[from] StoreError),
    Token(#[from] TokenError),
    Entropy(#[from] EntropyError),
}

macro_rules! said_as {
    ($($error:ident),*) => {$(
        impl From<SignInError> for $error {
            fn from(error: SignInError) -> Self {
                match error {
                    SignInError::Disabled => Self::Disabled,
                    SignInError::Store(error) => Self::Store(error),
                    SignInError::Token(error) => Self::Token(error),
                    SignInError::Entropy(error) => Self::Entropy(error),
                }
            }
        }
    )*};
}

said_as!(VerifyError, RegisterError);

impl OtpAuth {
    /// Makes the session and its first tokens. Every login has a session of its own, with a new id.
    pub(super) async fn sign_in(
        &self,
        moment: &Moment,
        known: &Known<'_>,
        client: &Client,
        proof: Proof,
        user: User,
        is_new_user: bool,
    ) -> Result<Login, SignInError> {
        let user = self.without_test_roles(moment.now, user);
        let action = if is_new_user && self.0.policy.sign_up() == SignUp::Ticket {
            Action::Register
        } else {
            Action::Verify
        };
        let event = |outcome, session| {
            let event = Event::new(moment.now, action, outcome).by_client(client);
            let mut event = event
                .about_phone(known.phone, known.key)
                .about_user(&user.id, session);
            event.channel = Some(proof.channel);
            event.purpose = Some(Purpose::Login);
            event
        };
        let tell = |outcome, session| self.record(event(outcome, session));
        if user.disabled {
            tell(Outcome::Disabled, None);
            return Err(SignInError::Disabled);
        }
        let [id, token] = two_random_names()?;
        let id = SessionId::from_bytes(id);
        let length = self.0.policy.session_length(proof.remember_me);
        let end = self.end_for(moment, known.phone, moment.now + length.absolute);
        let session = SessionRecord::new(
            id,
            self.owner(&user.id),
            length.idle,
            end.since(moment.now),
            moment.now,
        )
        .with_amr(methods(proof.channel))
        .with_device_info(client.device_info().map(ToOwned::to_owned));
        // Made before the session is stored: a token that cannot be made leaves no session behind.
        let tokens = self.tokens(moment, &session, &user, client.device_id(), &token);
        let tokens = tokens.inspect_err(|_| tell(Outcome::TokenFailed, None))?;
        // Before the session: there may be a login told of that came to nothing, and never one that is not told of.
        if let Some(required) = &self.0.required {
            let kept = required.append(&event(Outcome::Done, Some(id))).await;
            kept.inspect_err(|error| tell(Outcome::StoreFailed(error.kind), Some(id)))?;
        }
        let stored = self.0.sessions.create(&session, moment.now).await;
        stored.inspect_err(|error| tell(Outcome::StoreFailed(error.kind), Some(id)))?;
        match self.0.required {
            Some(_) => count(&event(Outcome::Done, Some(id))),
            None => tell(Outcome::Done, Some(id)),
        }
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
            .with_amr(&session.amr)
            .until(session.expires_at);
        Ok(Tokens {
            access: rules.issue_named(keys.tokens(), &subject, name, *now)?,
            refresh: RefreshToken::mint(
                keys,
                &self.0.tenant,
                device,
                &user.id,
                session.id,
                session.counter,
            ),
            access_expires_in: rules.access_ttl().min(session.expires_at.since(*now)),
            refresh_expires_in: session.idle_expires_at.since(*now),
        })
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
