//! The same for sessions.

use super::{Broken, Fault};
use otp_core::session::{self, Revoke, Rotate, Rotation, SessionRecord};
use otp_core::{
    SessionId, SessionStore, StoreError, StoreErrorKind, Timestamp, UserId, async_trait,
};
use std::cmp::Reverse;

#[async_trait]
impl SessionStore for Broken {
    async fn create(&self, session: &SessionRecord, _now: Timestamp) -> Result<(), StoreError> {
        let mut state = self.state();
        if state.sessions.contains_key(&session.id) && !self.has(Fault::OverwritesSessions) {
            return Err(StoreError::new("broken", StoreErrorKind::Corrupt));
        }
        state.sessions.insert(session.id, session.clone());
        Ok(())
    }

    async fn rotate(&self, presented: &Rotate, now: Timestamp) -> Result<Rotation, StoreError> {
        let read = || self.state().sessions.get(&presented.session).cloned();
        let mut record = read();
        let mut presented = *presented;
        let mut at = now;
        match (self.fault, &record) {
            (Fault::RotatesTwice, _) => tokio::task::yield_now().await,
            (Fault::GrandparentsHaveGrace, Some(record)) if presented.counter < record.counter => {
                presented.counter = record.counter - 1;
            }
            (Fault::RotatesTheDead, Some(record)) => at = now.min(record.rotated_at),
            _ => {}
        }
        let mut state = self.state();
        if !self.has(Fault::RotatesTwice) {
            record = state.sessions.get(&presented.session).cloned();
        }
        let before = record.clone();
        let mut rotation = session::rotate(record.as_mut(), &presented, at);
        if let (Fault::MovesTheAbsoluteEnd, Rotation::Rotated(rotated)) =
            (self.fault, &mut rotation)
        {
            rotated.expires_at = now + session_length(rotated);
            record = Some(rotated.clone());
        }
        if matches!(rotation, Rotation::Reused(_)) && self.has(Fault::NeverRevokesOnReuse) {
            record = before;
        }
        let kept = record.map(|record| (record.id, record));
        state.sessions.extend(kept);
        Ok(rotation)
    }

    async fn revoke(&self, which: &Revoke, now: Timestamp) -> Result<u64, StoreError> {
        let meant = |session: &SessionRecord| match which {
            Revoke::Session(id) => session.id == *id,
            Revoke::OwnSession(user, id) => {
                let own = session.user == *user || self.has(Fault::StrangersEndSessions);
                own && session.id == *id
            }
            Revoke::User(user) => session.user == *user,
            other => panic!("{other:?}"),
        };
        let mut state = self.state();
        let live = state.sessions.values_mut();
        let mut live: Vec<_> = live.filter(|s| meant(s) && s.is_live(now)).collect();
        if self.has(Fault::EndsOneOfMany) {
            live.truncate(1);
        }
        for session in &mut live {
            session.revoked_at = Some(now);
        }
        Ok(live.len() as u64)
    }

    async fn find(
        &self,
        session: &SessionId,
        now: Timestamp,
    ) -> Result<Option<SessionRecord>, StoreError> {
        let state = self.state();
        let found = state.sessions.get(session);
        Ok(found.filter(|session| session.is_live(now)).cloned())
    }

    async fn list(&self, user: &UserId, now: Timestamp) -> Result<Vec<SessionRecord>, StoreError> {
        let state = self.state();
        let listed = |session: &&SessionRecord| {
            session.user == *user && (session.is_live(now) || self.has(Fault::ListsTheDead))
        };
        let mut list: Vec<_> = state.sessions.values().filter(listed).cloned().collect();
        list.sort_by_key(|session| Reverse(session.created_at));
        Ok(list)
    }

    async fn purge_sessions(&self, before: Timestamp, limit: u32) -> Result<u64, StoreError> {
        let mut state = self.state();
        let dead = |session: &&SessionRecord| match self.fault {
            Fault::PurgesWhatCounts => session.rotated_at < before,
            _ => session.idle_expires_at <= before,
        };
        let dead = state.sessions.values().filter(dead).map(|s| s.id);
        let dead: Vec<_> = dead.take(limit as usize).collect();
        for id in &dead {
            state.sessions.remove(id);
        }
        Ok(dead.len() as u64)
    }
}

fn session_length(session: &SessionRecord) -> std::time::Duration {
    session.expires_at.since(session.created_at)
}
