//! The verbs on challenges and limits: each locks, runs the pure function, writes.
//!
//! The limits are locked first, in the order of their keys, and the challenge after them: everywhere, so that no two
//! verbs wait for each other. Not the other way round, though limits are shared by more: a challenge that is not there
//! yet cannot be locked, and is inserted at the end.

use super::SqlStore;
use super::limits::Held;
use super::purge::{CHALLENGES, LIMITS, purge_both};
use super::record::{self, Stored};
use crate::STORE;
use crate::dialect::args;
use crate::fault::Fault;
use crate::verb::{Ended, Tx, Verb};
use otp_core::challenge::{
    self, Attempt, ChallengeKey, ChallengeRecord, Digest, Guess, NewChallenge, Opened, Put,
};
use otp_core::limit::{self, Cell, Decision};
use otp_core::{
    Backend, ChallengeStore, KeyId, Reach, StoreError, StoreErrorKind, Timestamp, async_trait,
};

#[async_trait]
impl ChallengeStore for SqlStore {
    async fn open(
        &self,
        challenge: &NewChallenge,
        cells: &[Cell],
        now: Timestamp,
    ) -> Result<Opened, StoreError> {
        let (new, cells) = (challenge.clone(), cells.to_vec());
        self.db.transact(Open { new, cells, now }).await
    }

    async fn attempt(
        &self,
        guess: &Guess<'_>,
        cells: &[Cell],
        now: Timestamp,
    ) -> Result<Attempt, StoreError> {
        let verb = Try {
            key: *guess.key,
            digests: guess.digests.to_vec(),
            cells: cells.to_vec(),
            now,
        };
        self.db.transact(verb).await
    }

    async fn approve(
        &self,
        guess: &Guess<'_>,
        guessed_at: Timestamp,
        cells: &[Cell],
        now: Timestamp,
    ) -> Result<Attempt, StoreError> {
        let verb = Approve {
            key: *guess.key,
            digests: guess.digests.to_vec(),
            guessed_at,
            cells: cells.to_vec(),
            now,
        };
        self.db.transact(verb).await
    }

    async fn charge(&self, cells: &[Cell], now: Timestamp) -> Result<Decision, StoreError> {
        let cells = cells.to_vec();
        self.db.transact(Charge { cells, now }).await
    }

    async fn refund(
        &self,
        key: &ChallengeKey,
        digest: &Digest,
        cells: &[Cell],
        _now: Timestamp,
    ) -> Result<(), StoreError> {
        let verb = Refund {
            key: *key,
            digest: *digest,
            cells: cells.to_vec(),
        };
        self.db.transact(verb).await
    }

    async fn purge_challenges(&self, before: Timestamp, limit: u32) -> Result<u64, StoreError> {
        purge_both(self, before, limit, (CHALLENGES, LIMITS)).await
    }
}

#[async_trait]
impl Backend for SqlStore {
    async fn ping(&self) -> Result<Timestamp, StoreError> {
        let rows = self.db.read(&self.db.0.sql.ping, args![&[0; 16]]).await?;
        let time = rows.first().map(|row| row.columns().int()).transpose();
        let time = time.map_err(StoreError::from)?;
        let time = time.ok_or_else(|| StoreError::new(STORE, StoreErrorKind::Corrupt))?;
        Ok(Timestamp::from_millis(time))
    }

    /// By a write that meets no row. With SQLite it waits its turn for the one write lock.
    async fn ready(&self) -> Result<(), StoreError> {
        let (sql, nobody) = (&self.db.0.sql.ready, args![&[0; 16]]);
        self.db.ask_writer(sql, nobody).await
    }

    fn reach(&self) -> Reach {
        if self.db.is_private() {
            Reach::Process
        } else {
            Reach::Shared
        }
    }
}

struct Open {
    new: NewChallenge,
    cells: Vec<Cell>,
    now: Timestamp,
}

#[async_trait]
impl Verb for Open {
    type Output = Opened;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Ended<Opened>, Fault> {
        let key = &self.new.key;
        let mut held = Held::lock(tx, &self.cells).await?;
        let stored = find(tx, key).await?;
        let found = stored.as_ref().map(|stored| &stored.record);
        match challenge::open(found, &self.new, &mut held.charged(), self.now) {
            Put::Keep(opened) => Ok(Ended::Undone(opened)),
            Put::Store(record, opened) => {
                held.write(tx).await?;
                put(tx, key, stored.as_ref(), &record).await?;
                Ok(Ended::Kept(opened))
            }
        }
    }
}

struct Try {
    key: ChallengeKey,
    digests: Vec<(KeyId, Digest)>,
    cells: Vec<Cell>,
    now: Timestamp,
}

#[async_trait]
impl Verb for Try {
    type Output = Attempt;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Ended<Attempt>, Fault> {
        let mut held = Held::lock(tx, &self.cells).await?;
        let stored = find(tx, &self.key).await?;
        let found = stored.as_ref().map(|stored| &stored.record);
        let mut record = found.cloned();
        let guess = Guess::new(&self.key, &self.digests);
        let attempt = challenge::attempt(record.as_mut(), &guess, &mut held.charged(), self.now);
        if matches!(attempt, Attempt::Refused(_)) {
            return Ok(Ended::Undone(attempt));
        }
        let mut kept = held.write(tx).await?;
        if let Some(record) = record.filter(|record| Some(record) != found) {
            put(tx, &self.key, stored.as_ref(), &record).await?;
            kept = true;
        }
        Ok(if kept {
            Ended::Kept(attempt)
        } else {
            Ended::Undone(attempt)
        })
    }
}

struct Approve {
    key: ChallengeKey,
    digests: Vec<(KeyId, Digest)>,
    guessed_at: Timestamp,
    cells: Vec<Cell>,
    now: Timestamp,
}

#[async_trait]
impl Verb for Approve {
    type Output = Attempt;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Ended<Attempt>, Fault> {
        let mut held = Held::lock(tx, &self.cells).await?;
        let stored = find(tx, &self.key).await?;
        let mut record = stored.as_ref().map(|stored| stored.record.clone());
        let guess = Guess::new(&self.key, &self.digests);
        let (charged, at) = (&mut held.charged(), self.guessed_at);
        let attempt = challenge::approve(record.as_mut(), &guess, at, charged, self.now);
        let (Attempt::Accepted { .. }, Some(record)) = (&attempt, record) else {
            return Ok(Ended::Undone(attempt));
        };
        held.write(tx).await?;
        put(tx, &self.key, stored.as_ref(), &record).await?;
        Ok(Ended::Kept(attempt))
    }
}

struct Charge {
    cells: Vec<Cell>,
    now: Timestamp,
}

#[async_trait]
impl Verb for Charge {
    type Output = Decision;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Ended<Decision>, Fault> {
        let mut held = Held::lock(tx, &self.cells).await?;
        let decision = limit::charge(&mut held.charged(), self.now);
        if decision != Decision::Admitted {
            return Ok(Ended::Undone(decision));
        }
        held.write(tx).await?;
        Ok(Ended::Kept(decision))
    }
}

struct Refund {
    key: ChallengeKey,
    digest: Digest,
    cells: Vec<Cell>,
}

#[async_trait]
impl Verb for Refund {
    type Output = ();

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Ended<()>, Fault> {
        let mut held = Held::lock(tx, &self.cells).await?;
        let Some(stored) = find(tx, &self.key).await? else {
            return Ok(Ended::Undone(()));
        };
        let Some(withdrawn) = challenge::withdraw(&stored.record, &self.digest) else {
            return Ok(Ended::Undone(()));
        };
        limit::refund(&mut held.charged(), withdrawn.charged_at);
        held.write(tx).await?;
        match withdrawn.left {
            Some(record) => put(tx, &self.key, Some(&stored), &record).await?,
            None => {
                let mut args = record::key(&self.key);
                args.push(stored.rev.into());
                let delete = &tx.sql.challenge.delete;
                won(tx.execute(delete, args).await?)?;
            }
        }
        Ok(Ended::Kept(()))
    }
}

async fn find(tx: &mut Tx<'_>, key: &ChallengeKey) -> Result<Option<Stored>, Fault> {
    let lock = &tx.sql.challenge.lock;
    let rows = tx.rows(lock, record::key(key)).await?;
    rows.first().map(Stored::read).transpose()
}

/// Writes over the revision that was read, or where nothing was; anything else was overtaken and begins again. The
/// predicate decides, not the lock alone, so it holds on servers whose locks are not what they seem as well.
async fn put(
    tx: &mut Tx<'_>,
    key: &ChallengeKey,
    stored: Option<&Stored>,
    record: &ChallengeRecord,
) -> Result<(), Fault> {
    let Some(stored) = stored else {
        let insert = &tx.sql.challenge.insert;
        return won(tx.execute(insert, record::values(key, record, 0)).await?);
    };
    let mut values = record::values(key, record, stored.rev.wrapping_add(1));
    values.push(stored.rev.into());
    let update = &tx.sql.challenge.update;
    won(tx.execute(update, values).await?)
}

/// The revision always changes, so rows met and rows changed are the same number (sqlx asks MySQL for the former).
pub(super) fn won(rows: u64) -> Result<(), Fault> {
    if rows == 1 {
        Ok(())
    } else {
        Err(Fault::overtaken())
    }
}
