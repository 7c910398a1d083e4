//! Sessions.
//!
//! A session is a hash under its own key; what changes is in fields of its own. A user's index says where to look, and
//! never what is: it is written before the session, and an id may outlast its session until the session's absolute
//! end. So whoever reads the index finds every session that had begun, and asks each record whether it lives. On a
//! Cluster the index is in another slot: a session that begins while all of a user's are ended may live after.

use crate::RedisStore;
use crate::arguments::millis;
use crate::config::Durability;
use crate::error::Trouble;
use crate::key;
use crate::link::Lanes;
use crate::script::{CREATE, ENROL, FIND, REVOKE, REVOKE_ALL, ROTATE};
use crate::session_row::{fields, parsed, record, whole_millis};
use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use otp_core::session::{Revoke, Rotate, Rotation, SessionRecord};
use otp_core::{SessionId, SessionStore, StoreError, Timestamp, UserId, async_trait};
use redis::Value;
use std::cmp::Reverse;
use std::sync::Arc;

/// How often sessions may begin while all are being ended.
const ROUNDS: usize = 8;

/// On a Cluster: steps that are under way at once for one verb. A user's index keeps who signed out until the session's
/// absolute end, so that there may be many.
const AT_ONCE: usize = 32;

#[async_trait]
impl SessionStore for RedisStore {
    async fn create(&self, session: &SessionRecord, now: Timestamp) -> Result<(), StoreError> {
        let permit = self.lanes.enter()?;
        let (index, now) = (key::user(&session.user), millis(now).to_string());
        let keys = vec![key::session(&session.id)];
        let mut arguments = vec![now.clone()];
        arguments.extend(fields(session));
        arguments.push(session.id.to_string());
        let created = if self.lanes.is_cluster {
            let ends = millis(session.expires_at).to_string();
            let enrol = ENROL.on(vec![index], vec![now, session.id.to_string(), ends]);
            let lanes = Arc::clone(&self.lanes);
            let steps = async move {
                lanes.write(&enrol).await?;
                lanes.write(&CREATE.on(keys, arguments)).await
            };
            self.lanes.whole(permit, steps).await?
        } else {
            let keys = [keys, vec![index]].concat();
            self.lanes.write(&CREATE.on(keys, arguments)).await?
        };
        match parsed::<u64>(created)? {
            1 => Ok(()),
            _ => Err(Trouble::Taken.into()),
        }
    }

    async fn rotate(&self, presented: &Rotate, now: Timestamp) -> Result<Rotation, StoreError> {
        let _permit = self.lanes.enter()?;
        let arguments = vec![
            millis(now).to_string(),
            presented.counter.to_string(),
            presented.counter.saturating_add(1).to_string(),
            whole_millis(presented.grace).to_string(),
        ];
        let keys = vec![key::session(&presented.session)];
        let answer = self.lanes.write(&ROTATE.on(keys, arguments)).await?;
        let mut row: Vec<Option<String>> = parsed(answer)?;
        let outcome = row.first_mut().and_then(Option::take);
        let row = row.into_iter().skip(1).collect();
        let record = || record(presented.session, row)?.ok_or_else(|| Trouble::Reply.into());
        match outcome.as_deref() {
            Some("dead") => Ok(Rotation::Dead),
            Some("rotated") => record().map(Rotation::Rotated),
            Some("repeated") => record().map(Rotation::Repeated),
            Some("reused") => {
                let mut record: SessionRecord = record()?;
                record.revoked_at = Some(now);
                Ok(Rotation::Reused(record))
            }
            _ => Err(Trouble::Reply.into()),
        }
    }

    async fn revoke(&self, which: &Revoke, now: Timestamp) -> Result<u64, StoreError> {
        let permit = self.lanes.enter()?;
        match which {
            Revoke::Session(id) => revoke_one(&self.lanes, None, id, now).await,
            Revoke::OwnSession(user, id) => revoke_one(&self.lanes, Some(user), id, now).await,
            Revoke::User(user) => {
                let (lanes, user) = (Arc::clone(&self.lanes), user.clone());
                let steps = async move {
                    if lanes.is_cluster {
                        revoke_each(&lanes, &user, now).await
                    } else {
                        revoke_all(&lanes, &user, now).await
                    }
                };
                self.lanes.whole(permit, steps).await
            }
            _ => Err(Trouble::Foreign.into()),
        }
    }

    async fn find(
        &self,
        session: &SessionId,
        now: Timestamp,
    ) -> Result<Option<SessionRecord>, StoreError> {
        let _permit = self.lanes.enter()?;
        let found = self.lanes.sessions(vec![*session]).await?;
        Ok(found.into_iter().find(|session| session.is_live(now)))
    }

    async fn list(&self, user: &UserId, now: Timestamp) -> Result<Vec<SessionRecord>, StoreError> {
        let permit = self.lanes.enter()?;
        let (lanes, owner) = (Arc::clone(&self.lanes), user.clone());
        let steps = async move {
            let ids = lanes.enrolled(&owner, now).await?;
            lanes.sessions(ids).await
        };
        let mut found = self.lanes.whole(permit, steps).await?;
        found.retain(|session| session.user == *user && session.is_live(now));
        found.sort_by_key(|session| Reverse(session.created_at));
        Ok(found)
    }

    /// Nothing to do: the server removes what is dead by itself.
    async fn purge_sessions(&self, _before: Timestamp, _limit: u32) -> Result<u64, StoreError> {
        Ok(0)
    }
}

async fn revoke_one(
    lanes: &Lanes,
    owner: Option<&UserId>,
    id: &SessionId,
    now: Timestamp,
) -> Result<u64, StoreError> {
    let mut keys = vec![key::session(id)];
    keys.extend(owner.filter(|_| !lanes.is_cluster).map(key::user));
    let owner = owner.map(UserId::as_str).unwrap_or_default();
    let arguments = vec![
        millis(now).to_string(),
        owner.to_owned(),
        id.to_string(),
        lanes.waits().to_owned(),
    ];
    parsed(lanes.write(&REVOKE.on(keys, arguments)).await?)
}

/// On one server: all at once, once we know all keys.
async fn revoke_all(lanes: &Lanes, user: &UserId, now: Timestamp) -> Result<u64, StoreError> {
    let mut ids: Vec<SessionId> = Vec::new();
    for _ in 0..ROUNDS {
        let keys = [key::user(user)]
            .into_iter()
            .chain(ids.iter().map(key::session));
        let mut arguments = vec![
            millis(now).to_string(),
            user.to_string(),
            lanes.waits().to_owned(),
        ];
        arguments.extend(ids.iter().map(SessionId::to_string));
        let call = REVOKE_ALL.on(keys.collect(), arguments);
        match lanes.write(&call).await? {
            Value::Array(known) => ids = session_ids(Value::Array(known))?,
            ended => return parsed(ended),
        }
    }
    Err(Trouble::Contended.into())
}

/// On a Cluster: each by itself. Each ends once, whoever else is at it; one that cannot be reached keeps none of the
/// others alive.
async fn revoke_each(lanes: &Lanes, user: &UserId, now: Timestamp) -> Result<u64, StoreError> {
    let ids = lanes.enrolled(user, now).await?;
    let ends = ids.iter().map(|id| revoke_one(lanes, Some(user), id, now));
    let ends: Vec<_> = ends.collect();
    let ended = stream::iter(ends).buffer_unordered(AT_ONCE);
    let ended: Vec<Result<u64, StoreError>> = ended.collect().await;
    ended.into_iter().sum()
}

impl Lanes {
    /// To a script: whether replicas are waited for.
    const fn waits(&self) -> &'static str {
        match self.durability {
            Durability::Local => "0",
            Durability::Replicated { .. } => "1",
        }
    }

    /// The sessions that may be this user's.
    async fn enrolled(&self, user: &UserId, now: Timestamp) -> Result<Vec<SessionId>, StoreError> {
        let mut range = redis::cmd("ZRANGEBYSCORE");
        range
            .arg(key::user(user))
            .arg(format!("({}", millis(now)))
            .arg("+inf");
        session_ids(self.command(range).await?)
    }

    /// What is kept of these: on one server as it is at one instant.
    async fn sessions(&self, ids: Vec<SessionId>) -> Result<Vec<SessionRecord>, StoreError> {
        let in_one = if self.is_cluster { 1 } else { ids.len().max(1) };
        let looks: Vec<_> = ids.chunks(in_one).map(|ids| self.look(ids)).collect();
        let looks = stream::iter(looks).buffered(AT_ONCE);
        let found: Vec<Vec<SessionRecord>> = looks.try_collect().await?;
        Ok(found.into_iter().flatten().collect())
    }

    /// One script's part of it.
    async fn look(&self, ids: &[SessionId]) -> Result<Vec<SessionRecord>, StoreError> {
        let keys = ids.iter().map(key::session).collect();
        let rows: Vec<Vec<Option<String>>> = parsed(self.read(&FIND.on(keys, Vec::new())).await?)?;
        let records = ids.iter().zip(rows).map(|(id, row)| record(*id, row));
        records.filter_map(Result::transpose).collect()
    }
}

fn session_ids(reply: Value) -> Result<Vec<SessionId>, StoreError> {
    let ids: Vec<String> = parsed(reply)?;
    let id = |id: String| id.parse().map_err(|_| Trouble::Reply.into());
    ids.into_iter().map(id).collect()
}
