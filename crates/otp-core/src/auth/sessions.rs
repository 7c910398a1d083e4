//! What happens to a session after the login.

use super::{AuthenticateError, Identity, Moment, OtpAuth, RefreshError, Refreshed, SessionView};
use crate::keys::random_bytes;
use crate::limit::{Act, Decision};
use crate::session::{Revoke, Rotate, Rotation, SessionRecord};
use crate::{
    Action, Client, Event, Outcome, RefreshToken, SessionId, StoreError, TokenError, UserId,
};

impl OtpAuth {
    /// Exchanges a refresh token for the next pair of tokens. One store round trip, and the host's user look-up.
    ///
    /// The token before is answered for a moment longer with the same successor, so that two tabs and a lost reply
    /// do no harm; any older one was stolen, or its thief came first, and ends the session (RFC 9700 §4.14.2).
    ///
    /// # Errors
    /// [`RefreshError`].
    pub async fn refresh(&self, token: &str, client: &Client) -> Result<Refreshed, RefreshError> {
        let moment = self.moment();
        self.admit_refresh(&moment, client).await?;
        let opened = RefreshToken::open(&moment.keys, &self.0.tenant, client.device_id(), token);
        let Ok(opened) = opened else {
            self.record(
                Event::new(moment.now, Action::Refresh, Outcome::InvalidToken).by_client(client),
            );
            return Err(RefreshError::Rejected);
        };
        let tell = |outcome, session: Option<&SessionRecord>| {
            let event = Event::new(moment.now, Action::Refresh, outcome).by_client(client);
            self.record(match session {
                Some(session) => event.about_user(&session.user, Some(session.id)),
                None => event,
            });
        };
        let rotate = Rotate::new(
            opened.session,
            opened.counter,
            self.0.policy.session().grace,
        );
        let rotation = self.0.sessions.rotate(&rotate, moment.now).await;
        let session =
            match rotation.inspect_err(|error| tell(Outcome::StoreFailed(error.kind), None))? {
                Rotation::Rotated(session) | Rotation::Repeated(session) => session,
                Rotation::Reused(session) => {
                    tell(Outcome::Reused, Some(&session));
                    return Err(RefreshError::Rejected);
                }
                Rotation::Dead => {
                    tell(Outcome::InvalidToken, None);
                    return Err(RefreshError::Rejected);
                }
            };
        let user = self.0.users.find(&session.user).await;
        let user = user.inspect_err(|_| tell(Outcome::DirectoryFailed, Some(&session)))?;
        let Some(user) = user.filter(|user| !user.disabled) else {
            tell(Outcome::Disabled, Some(&session));
            let which = Revoke::Session(session.id);
            let revoked = self.0.sessions.revoke(&which, moment.now).await;
            revoked.inspect_err(|error| tell(Outcome::StoreFailed(error.kind), Some(&session)))?;
            return Err(RefreshError::Rejected);
        };
        let device = client.device_id().filter(|_| opened.bound);
        let tokens = random_bytes()
            .map_err(TokenError::from)
            .and_then(|name| self.tokens(&moment, &session, &user, device, &name));
        let tokens = tokens.inspect_err(|_| tell(Outcome::TokenFailed, Some(&session)))?;
        tell(Outcome::Done, Some(&session));
        Ok(Refreshed {
            tokens,
            session: session.id,
            user,
        })
    }

    async fn admit_refresh(&self, moment: &Moment, client: &Client) -> Result<(), RefreshError> {
        let cells = self
            .0
            .policy
            .compiled()
            .cells(Act::Refresh, &moment.subject(self, None, client));
        if cells.cells.is_empty() {
            return Ok(());
        }
        let tell = |outcome| {
            self.record(Event::new(moment.now, Action::Refresh, outcome).by_client(client))
        };
        let decision = self.0.challenges.charge(&cells.cells, moment.now).await;
        match decision.inspect_err(|error| tell(Outcome::StoreFailed(error.kind)))? {
            Decision::Admitted => Ok(()),
            Decision::Refused(refusals) => {
                let limited = self.limited(&cells, &refusals, moment.now);
                tell(Outcome::Limited(limited.limit.clone()));
                Err(limited.into())
            }
        }
    }

    /// Checks an access token. No round trip, or one where the policy checks sessions.
    ///
    /// # Errors
    /// [`AuthenticateError`]; answer every one but a failed store alike.
    pub async fn authenticate(&self, token: &str) -> Result<Identity, AuthenticateError> {
        let moment = self.moment();
        let refused = |outcome| self.record(Event::new(moment.now, Action::Authenticate, outcome));
        let claims = self.0.rules.check(moment.keys.tokens(), token, moment.now);
        let claims = claims.inspect_err(|_| refused(Outcome::InvalidToken))?;
        if self.0.policy.session().checked {
            let session = self.0.sessions.find(&claims.session, moment.now).await;
            let session = session.inspect_err(|error| refused(Outcome::StoreFailed(error.kind)))?;
            if session.is_none_or(|session| session.user != claims.user) {
                refused(Outcome::InvalidToken);
                return Err(AuthenticateError::SessionEnded);
            }
        }
        Ok(Identity {
            user: claims.user,
            session: claims.session,
            roles: claims.roles,
            amr: claims.amr,
            auth_time: claims.auth_time,
            expires_at: claims.expires_at,
        })
    }

    /// Ends a session. Its refresh token is dead at once; its access token too where the policy checks sessions, and
    /// otherwise when it expires.
    ///
    /// # Errors
    /// The store's own.
    pub async fn logout(&self, session: &SessionId) -> Result<(), StoreError> {
        self.end(&Revoke::Session(*session), None, Some(*session))
            .await
            .map(|_| ())
    }

    /// Ends the session of a refresh token. A token that is not one of ours ends nothing, and is no error.
    ///
    /// # Errors
    /// The store's own.
    pub async fn logout_token(&self, token: &str, client: &Client) -> Result<(), StoreError> {
        let keys = self.0.keys.keys();
        match RefreshToken::open(&keys, &self.0.tenant, client.device_id(), token) {
            Ok(opened) => self.logout(&opened.session).await,
            Err(_) => Ok(()),
        }
    }

    /// Ends all sessions of a user; says how many.
    ///
    /// # Errors
    /// The store's own.
    pub async fn logout_all(&self, user: &UserId) -> Result<u64, StoreError> {
        self.end(&Revoke::User(user.clone()), Some(user), None)
            .await
    }

    /// Ends one session of this user; says whether there was one.
    ///
    /// # Errors
    /// The store's own.
    pub async fn revoke(&self, user: &UserId, session: &SessionId) -> Result<bool, StoreError> {
        let which = Revoke::OwnSession(user.clone(), *session);
        Ok(self.end(&which, Some(user), Some(*session)).await? > 0)
    }

    /// The live sessions of a user, newest first.
    ///
    /// # Errors
    /// The store's own.
    pub async fn sessions(&self, user: &UserId) -> Result<Vec<SessionView>, StoreError> {
        let sessions = self.0.sessions.list(user, self.0.clock.now()).await?;
        Ok(sessions.into_iter().map(SessionView::from).collect())
    }

    async fn end(
        &self,
        which: &Revoke,
        user: Option<&UserId>,
        session: Option<SessionId>,
    ) -> Result<u64, StoreError> {
        let now = self.0.clock.now();
        let ended = self.0.sessions.revoke(which, now).await;
        let outcome = ended
            .as_ref()
            .map_or_else(|error| Outcome::StoreFailed(error.kind), |_| Outcome::Done);
        let mut event = Event::new(now, Action::Logout, outcome);
        event.user = user.cloned();
        event.session = session;
        self.record(event);
        ended
    }
}
