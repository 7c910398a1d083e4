//! The verbs on sessions. A session that is ended is deleted: to every verb it is as if it had never been.

use super::SqlStore;
use super::purge::{SESSIONS, purge};
use crate::dialect::args;
use crate::fault::Fault;
use crate::link::Row;
use crate::statements::given;
use crate::verb::{Ended, Tx, Verb};
use otp_core::session::{self, Revoke, Rotate, Rotation, SessionRecord};
use otp_core::{
    SessionId, SessionStore, StoreError, StoreErrorKind, Timestamp, UserId, async_trait,
};
use std::time::Duration;

/// What this version writes, and all that it reads (FLT-9).
const FORMAT: i64 = 1;

#[async_trait]
impl SessionStore for SqlStore {
    async fn create(&self, session: &SessionRecord, _now: Timestamp) -> Result<(), StoreError> {
        let args = args![
            session.id.as_bytes(),
            FORMAT,
            session.user.as_str(),
            i64::try_from(session.counter).unwrap_or(i64::MAX),
            session.created_at.as_millis(),
            session.rotated_at.as_millis(),
            session.idle_expires_at.as_millis(),
            session.expires_at.as_millis(),
            millis(session.idle),
            session.amr.join("\n"),
            session.device_info.clone(),
        ];
        match self.db.single(|sql| &sql.session.insert, args).await {
            Ok(_) => Ok(()),
            Err(fault) if fault.duplicate => Err(fault.finally(StoreErrorKind::Corrupt).into()),
            Err(fault) => Err(fault.into()),
        }
    }

    async fn rotate(&self, presented: &Rotate, now: Timestamp) -> Result<Rotation, StoreError> {
        if let Some(session) = claim(self, presented, now).await? {
            return Ok(Rotation::Rotated(session));
        }
        let verb = Turn {
            presented: *presented,
            now,
        };
        self.db.transact(verb).await
    }

    async fn revoke(&self, which: &Revoke, now: Timestamp) -> Result<u64, StoreError> {
        if let Some(count) = end(self, which, now).await? {
            return Ok(count);
        }
        let which = which.clone();
        self.db.transact(End { which, now }).await
    }

    async fn find(
        &self,
        session: &SessionId,
        now: Timestamp,
    ) -> Result<Option<SessionRecord>, StoreError> {
        let find = &self.db.0.sql.session.find;
        let rows = self.db.read(find, args![session.as_bytes()]).await?;
        let found = rows.first().map(read).transpose()?;
        Ok(found.filter(|session| session.is_live(now)))
    }

    async fn list(&self, user: &UserId, now: Timestamp) -> Result<Vec<SessionRecord>, StoreError> {
        let args = args![user.as_str(), now.as_millis(), now.as_millis()];
        let rows = self.db.read(&self.db.0.sql.session.of_user, args).await?;
        Ok(rows.iter().map(read).collect::<Result<_, _>>()?)
    }

    async fn purge_sessions(&self, before: Timestamp, limit: u32) -> Result<u64, StoreError> {
        purge(self, before, limit, SESSIONS).await
    }
}

/// The common case in one statement, whose predicate is the whole rule; no row means anything else.
async fn claim(
    store: &SqlStore,
    presented: &Rotate,
    now: Timestamp,
) -> Result<Option<SessionRecord>, StoreError> {
    let Ok(counter) = i64::try_from(presented.counter) else {
        return Ok(None);
    };
    if store.db.0.sql.session.claim.is_none() {
        return Ok(None);
    }
    let now = now.as_millis();
    let args = args![now, now, presented.session.as_bytes(), counter, now, now];
    let rows = store
        .db
        .single(|sql| given(sql.session.claim.as_ref()), args)
        .await?;
    Ok(rows.first().map(read).transpose()?)
}

/// The common case in one statement, likewise: a session that is there ends.
async fn end(store: &SqlStore, which: &Revoke, now: Timestamp) -> Result<Option<u64>, StoreError> {
    if store.db.0.sql.session.end.is_none() {
        return Ok(None);
    }
    let rows = match which {
        Revoke::Session(id) => {
            let args = args![id.as_bytes()];
            let ended = store.db.single(|sql| given(sql.session.end.as_ref()), args);
            ended.await?
        }
        Revoke::OwnSession(user, id) => {
            let args = args![id.as_bytes(), user.as_str()];
            let ended = store
                .db
                .single(|sql| given(sql.session.end_own.as_ref()), args);
            ended.await?
        }
        _ => return Ok(None),
    };
    let ended = |row: &Row| {
        let mut columns = row.columns();
        let (idle, absolute) = (columns.int()?, columns.int()?);
        Ok::<_, Fault>(u64::from(now.as_millis() < idle.min(absolute)))
    };
    Ok(rows.first().map(ended).transpose()?)
}

struct Turn {
    presented: Rotate,
    now: Timestamp,
}

#[async_trait]
impl Verb for Turn {
    type Output = Rotation;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Ended<Rotation>, Fault> {
        let id = self.presented.session;
        let mut found = lock(tx, &id).await?;
        let before = found.as_ref().map(|session| session.counter);
        let rotation = session::rotate(found.as_mut(), &self.presented, self.now);
        match &rotation {
            Rotation::Rotated(session) => {
                let counter = |counter: Option<u64>| counter.and_then(|c| i64::try_from(c).ok());
                let (Some(next), Some(before)) = (counter(Some(session.counter)), counter(before))
                else {
                    return Err(Fault::corrupt("a counter out of range"));
                };
                let args = args![
                    next,
                    session.rotated_at.as_millis(),
                    session.idle_expires_at.as_millis(),
                    id.as_bytes(),
                    before,
                ];
                if tx.execute(&tx.sql.session.rotate, args).await? != 1 {
                    return Err(Fault::overtaken());
                }
                Ok(Ended::Kept(rotation))
            }
            Rotation::Reused(_) => {
                tx.execute(&tx.sql.session.delete, args![id.as_bytes()])
                    .await?;
                Ok(Ended::Kept(rotation))
            }
            Rotation::Repeated(_) | Rotation::Dead => Ok(Ended::Undone(rotation)),
        }
    }
}

struct End {
    which: Revoke,
    now: Timestamp,
}

#[async_trait]
impl Verb for End {
    type Output = u64;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Ended<u64>, Fault> {
        let (found, delete, args) = match &self.which {
            Revoke::Session(id) => {
                let found = lock(tx, id).await?.into_iter().collect();
                (found, &tx.sql.session.delete, args![id.as_bytes()])
            }
            Revoke::OwnSession(user, id) => {
                let own = lock(tx, id).await?.filter(|session| session.user == *user);
                let found = own.into_iter().collect();
                (found, &tx.sql.session.delete, args![id.as_bytes()])
            }
            Revoke::User(user) => {
                let all = &tx.sql.session.of_user_lock;
                let rows = tx.rows(all, args![user.as_str()]).await?;
                let found: Vec<_> = rows.iter().map(read).collect::<Result<_, _>>()?;
                (found, &tx.sql.session.delete_of_user, args![user.as_str()])
            }
            _ => return Err(Fault::new(StoreErrorKind::Misconfigured)),
        };
        if found.is_empty() {
            return Ok(Ended::Undone(0));
        }
        tx.execute(delete, args).await?;
        let live = found.iter().filter(|session| session.is_live(self.now));
        Ok(Ended::Kept(live.count() as u64))
    }
}

async fn lock(tx: &mut Tx<'_>, id: &SessionId) -> Result<Option<SessionRecord>, Fault> {
    let lock = &tx.sql.session.lock;
    let rows = tx.rows(lock, args![id.as_bytes()]).await?;
    rows.first().map(read).transpose()
}

fn read(row: &Row) -> Result<SessionRecord, Fault> {
    let mut columns = row.columns();
    let id = SessionId::from_bytes(columns.array()?);
    if columns.int()? != FORMAT {
        return Err(Fault::corrupt("a session of another version"));
    }
    let user = UserId::new(columns.text()?);
    let user = user.map_err(|_| Fault::corrupt("a user id that is none"))?;
    let counter = columns.int()?;
    let created_at = Timestamp::from_millis(columns.int()?);
    let zero = Duration::ZERO;
    let mut session = SessionRecord::new(id, user, zero, zero, created_at);
    session.counter = counter
        .try_into()
        .map_err(|_| Fault::corrupt("a counter out of range"))?;
    session.rotated_at = Timestamp::from_millis(columns.int()?);
    session.idle_expires_at = Timestamp::from_millis(columns.int()?);
    session.expires_at = Timestamp::from_millis(columns.int()?);
    session.idle = Duration::from_millis(columns.int()?.try_into().unwrap_or(0));
    let amr = columns.text()?;
    session.amr = amr.split_terminator('\n').map(str::to_owned).collect();
    session.device_info = columns.opt_text()?;
    Ok(session)
}

/// Bounded, so that adding it to an instant of any near millennium does not overflow.
fn millis(idle: Duration) -> i64 {
    i64::try_from(idle.as_millis())
        .unwrap_or(i64::MAX)
        .min(i64::MAX >> 2)
}
