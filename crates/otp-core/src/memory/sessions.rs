//! Sessions in memory.

use super::shards::lock;
use super::uniform::UniformMap;
use super::{MemoryStore, STORE};
use crate::session::{self, Revoke, Rotate, Rotation, SessionRecord};
use crate::{SessionId, SessionStore, StoreError, StoreErrorKind, Timestamp, UserId};
use async_trait::async_trait;
use std::collections::{BTreeSet, HashMap};

/// Dead sessions that one call clears away: more than it can add.
const CLEARED_AT_ONCE: u32 = 4;

/// A session that ended is removed: to every verb it is as if it had never been.
#[derive(Debug, Default)]
pub(super) struct Sessions {
    by_id: UniformMap<SessionId, SessionRecord>,
    by_user: HashMap<UserId, Vec<SessionId>>,
    by_end: BTreeSet<(Timestamp, SessionId)>,
}

#[async_trait]
impl SessionStore for MemoryStore {
    async fn create(&self, session: &SessionRecord, now: Timestamp) -> Result<(), StoreError> {
        let mut sessions = lock(&self.sessions);
        sessions.clear(now, CLEARED_AT_ONCE);
        if sessions.by_id.contains_key(&session.id) {
            return Err(StoreError::new(STORE, StoreErrorKind::Corrupt));
        }
        if sessions.by_id.len() >= self.most_sessions {
            return Err(StoreError::new(STORE, StoreErrorKind::Unavailable));
        }
        sessions.insert(session.clone());
        Ok(())
    }

    async fn rotate(&self, presented: &Rotate, now: Timestamp) -> Result<Rotation, StoreError> {
        let mut sessions = lock(&self.sessions);
        let found = sessions.by_id.get_mut(&presented.session);
        let before = found.as_ref().map(|session| end(session));
        let rotation = session::rotate(found, presented, now);
        match (&rotation, before) {
            (Rotation::Reused(_), _) => {
                sessions.remove(&presented.session);
            }
            (Rotation::Rotated(session), Some(before)) => sessions.move_end(before, session),
            _ => {}
        }
        Ok(rotation)
    }

    async fn revoke(&self, which: &Revoke, now: Timestamp) -> Result<u64, StoreError> {
        let mut sessions = lock(&self.sessions);
        let ids = match which {
            Revoke::Session(id) => vec![*id],
            Revoke::OwnSession(user, id) => {
                let own = sessions
                    .by_id
                    .get(id)
                    .is_some_and(|session| session.user == *user);
                if own { vec![*id] } else { Vec::new() }
            }
            Revoke::User(user) => sessions.by_user.get(user).cloned().unwrap_or_default(),
        };
        let ended = ids
            .iter()
            .filter_map(|id| sessions.remove(id))
            .filter(|session| session.is_live(now));
        Ok(ended.count() as u64)
    }

    async fn find(
        &self,
        session: &SessionId,
        now: Timestamp,
    ) -> Result<Option<SessionRecord>, StoreError> {
        let sessions = lock(&self.sessions);
        Ok(sessions
            .by_id
            .get(session)
            .filter(|session| session.is_live(now))
            .cloned())
    }

    async fn list(&self, user: &UserId, now: Timestamp) -> Result<Vec<SessionRecord>, StoreError> {
        let sessions = lock(&self.sessions);
        let ids = sessions
            .by_user
            .get(user)
            .map(Vec::as_slice)
            .unwrap_or_default();
        let live = ids
            .iter()
            .filter_map(|id| sessions.by_id.get(id))
            .filter(|session| session.is_live(now));
        let mut live: Vec<_> = live.cloned().collect();
        live.sort_by_key(|session| std::cmp::Reverse(session.created_at));
        Ok(live)
    }

    async fn purge_sessions(&self, before: Timestamp, limit: u32) -> Result<u64, StoreError> {
        Ok(lock(&self.sessions).clear(before, limit))
    }
}

impl Sessions {
    fn insert(&mut self, session: SessionRecord) {
        self.by_user
            .entry(session.user.clone())
            .or_default()
            .push(session.id);
        self.by_end.insert((end(&session), session.id));
        self.by_id.insert(session.id, session);
    }

    fn remove(&mut self, id: &SessionId) -> Option<SessionRecord> {
        let session = self.by_id.remove(id)?;
        self.by_end.remove(&(end(&session), session.id));
        if let Some(ids) = self.by_user.get_mut(&session.user) {
            ids.retain(|other| other != id);
            if ids.is_empty() {
                self.by_user.remove(&session.user);
            }
        }
        Some(session)
    }

    fn move_end(&mut self, before: Timestamp, session: &SessionRecord) {
        self.by_end.remove(&(before, session.id));
        self.by_end.insert((end(session), session.id));
    }

    fn clear(&mut self, now: Timestamp, most: u32) -> u64 {
        let mut gone = 0;
        while gone < u64::from(most) {
            let Some((_, id)) = self.by_end.first().filter(|(end, _)| *end <= now).copied() else {
                break;
            };
            self.remove(&id);
            gone += 1;
        }
        gone
    }
}

/// When it dies unless it is refreshed: mostly long before its absolute end.
fn end(session: &SessionRecord) -> Timestamp {
    session.idle_expires_at.min(session.expires_at)
}
