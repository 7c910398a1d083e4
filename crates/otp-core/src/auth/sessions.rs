//! What happens to a session after the login, but for its renewal.

use super::{AuthenticateError, Identity, OtpAuth, SessionView};
use crate::session::Revoke;
use crate::{Action, Client, Event, Outcome, RefreshToken, SessionId, StoreError, UserId};

impl OtpAuth {
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
            if session.is_none_or(|session| session.user != self.owner(&claims.user)) {
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
        self.end(&Revoke::User(self.owner(user)), Some(user), None)
            .await
    }

    /// Ends one session of this user; says whether there was one.
    ///
    /// # Errors
    /// The store's own.
    pub async fn revoke(&self, user: &UserId, session: &SessionId) -> Result<bool, StoreError> {
        let which = Revoke::OwnSession(self.owner(user), *session);
        Ok(self.end(&which, Some(user), Some(*session)).await? > 0)
    }

    /// The live sessions of a user, newest first.
    ///
    /// # Errors
    /// The store's own.
    pub async fn sessions(&self, user: &UserId) -> Result<Vec<SessionView>, StoreError> {
        let owner = self.owner(user);
        let sessions = self.0.sessions.list(&owner, self.0.clock.now()).await?;
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
