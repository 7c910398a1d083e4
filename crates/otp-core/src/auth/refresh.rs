//! Renewing a session: refresh-token rotation.

use super::{Moment, OtpAuth, RefreshError, Refreshed};
use crate::keys::random_bytes;
use crate::limit::Decision;
use crate::session::{Revoke, Rotate, Rotation, SessionRecord};
use crate::token::{OpenedRefreshToken, Subject};
use crate::{Action, Client, Event, Outcome, RefreshToken, TokenError, User};

impl OtpAuth {
    /// Exchanges a refresh token for the next pair of tokens. One store round trip, and the host's user look-up.
    ///
    /// The token before is answered for a moment longer with the same successor, so that two tabs and a lost reply
    /// do no harm; any older one was stolen, or its thief came first, and ends the session (RFC 9700 §4.14.2).
    ///
    /// # Errors
    /// [`RefreshError`]. While the host's directory is down nothing is rotated: the token stays good.
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
        let tell = |outcome| {
            let event = Event::new(moment.now, Action::Refresh, outcome).by_client(client);
            self.record(event.about_user(&opened.user, Some(opened.session)));
        };
        // All that can fail comes before the rotation: a client that was not answered still holds a good token.
        let user = self.present_user(&moment, &opened, &tell).await?;
        let subject = Subject::new(&user.id, opened.session, moment.now).with_roles(&user.roles);
        let name = random_bytes().map_err(TokenError::from);
        let name = name.and_then(|name| subject.check().map(|()| name));
        let name = name.inspect_err(|_| tell(Outcome::TokenFailed))?;
        let session = self.rotate(&moment, &opened, &tell).await?;
        let device = client.device_id().filter(|_| opened.bound);
        let tokens = self.tokens(&moment, &session, &user, device, &name);
        let tokens = tokens.inspect_err(|_| tell(Outcome::TokenFailed))?;
        tell(Outcome::Done);
        Ok(Refreshed {
            tokens,
            session: session.id,
            user,
        })
    }

    /// The user as the directory has them now. One who is gone or disabled loses the session.
    async fn present_user(
        &self,
        moment: &Moment,
        opened: &OpenedRefreshToken,
        tell: &(impl Fn(Outcome) + Sync),
    ) -> Result<User, RefreshError> {
        let user = self.0.users.find(&opened.user).await;
        let user = user.inspect_err(|_| tell(Outcome::DirectoryFailed))?;
        if let Some(user) = user.filter(|user| !user.disabled) {
            return Ok(self.without_test_roles(moment.now, user));
        }
        tell(Outcome::Disabled);
        let which = Revoke::Session(opened.session);
        let revoked = self.0.sessions.revoke(&which, moment.now).await;
        revoked.inspect_err(|error| tell(Outcome::StoreFailed(error.kind)))?;
        Err(RefreshError::Rejected)
    }

    async fn rotate(
        &self,
        moment: &Moment,
        opened: &OpenedRefreshToken,
        tell: &(impl Fn(Outcome) + Sync),
    ) -> Result<SessionRecord, RefreshError> {
        let grace = self.0.policy.session().grace;
        let rotate = Rotate::new(opened.session, opened.counter, grace);
        let rotation = self.0.sessions.rotate(&rotate, moment.now).await;
        match rotation.inspect_err(|error| tell(Outcome::StoreFailed(error.kind)))? {
            Rotation::Rotated(session) | Rotation::Repeated(session) => Ok(session),
            Rotation::Reused(_) => {
                tell(Outcome::Reused);
                Err(RefreshError::Rejected)
            }
            Rotation::Dead => {
                tell(Outcome::InvalidToken);
                Err(RefreshError::Rejected)
            }
        }
    }

    async fn admit_refresh(&self, moment: &Moment, client: &Client) -> Result<(), RefreshError> {
        let cells = self
            .0
            .policy
            .compiled()
            .of_refresh(&moment.subject(self, None, client));
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
}
