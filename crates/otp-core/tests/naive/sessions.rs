//! Sessions in a list.

use super::Naive;
use otp_core::session::{Revoke, Rotate, Rotation, SessionRecord};
use otp_core::{
    SessionId, SessionStore, StoreError, StoreErrorKind, Timestamp, UserId, async_trait,
};
use std::cmp::Reverse;

#[async_trait]
impl SessionStore for Naive {
    async fn create(&self, session: &SessionRecord, _now: Timestamp) -> Result<(), StoreError> {
        let mut state = self.state();
        if state.sessions.iter().any(|other| other.id == session.id) {
            return Err(StoreError::new("naive", StoreErrorKind::Corrupt));
        }
        state.sessions.push(session.clone());
        Ok(())
    }

    async fn rotate(&self, presented: &Rotate, now: Timestamp) -> Result<Rotation, StoreError> {
        let mut state = self.state();
        let mut live = state.sessions.iter_mut().filter(|s| lives(s, now));
        let Some(session) = live.find(|session| session.id == presented.session) else {
            return Ok(Rotation::Dead);
        };
        let behind = session.counter.checked_sub(presented.counter);
        let in_grace = now < session.rotated_at + presented.grace;
        Ok(match behind {
            None => Rotation::Dead,
            Some(0) => {
                session.counter += 1;
                session.rotated_at = now;
                session.idle_expires_at = (now + session.idle).min(session.expires_at);
                Rotation::Rotated(session.clone())
            }
            Some(1) if in_grace => Rotation::Repeated(session.clone()),
            Some(_) => {
                session.revoked_at = Some(now);
                Rotation::Reused(session.clone())
            }
        })
    }

    async fn revoke(&self, which: &Revoke, now: Timestamp) -> Result<u64, StoreError> {
        let mut ended = 0;
        for session in &mut self.state().sessions {
            let meant = match which {
                Revoke::Session(id) => session.id == *id,
                Revoke::OwnSession(user, id) => session.id == *id && session.user == *user,
                Revoke::User(user) => session.user == *user,
                other => panic!("{other:?}"),
            };
            if meant && lives(session, now) {
                session.revoked_at = Some(now);
                ended += 1;
            }
        }
        Ok(ended)
    }

    async fn find(
        &self,
        session: &SessionId,
        now: Timestamp,
    ) -> Result<Option<SessionRecord>, StoreError> {
        let state = self.state();
        let found = state.sessions.iter().find(|other| other.id == *session);
        Ok(found.filter(|session| lives(session, now)).cloned())
    }

    async fn list(&self, user: &UserId, now: Timestamp) -> Result<Vec<SessionRecord>, StoreError> {
        let state = self.state();
        let listed = state
            .sessions
            .iter()
            .filter(|session| session.user == *user);
        let mut listed: Vec<_> = listed.filter(|s| lives(s, now)).cloned().collect();
        listed.sort_by_key(|session| Reverse(session.created_at));
        Ok(listed)
    }

    async fn purge_sessions(&self, _before: Timestamp, _limit: u32) -> Result<u64, StoreError> {
        Ok(0)
    }
}

fn lives(session: &SessionRecord, now: Timestamp) -> bool {
    session.revoked_at.is_none() && now < session.idle_expires_at && now < session.expires_at
}
