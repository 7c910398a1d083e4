//! Clearing away: bounded batches that can be repeated.

use super::SqlStore;
use crate::dialect::{Value, args};
use crate::fault::Fault;
use crate::link::{Row, Sql};
use crate::statements::{Many, Statements};
use crate::verb::{Ended, Tx, Verb};
use otp_core::{StoreError, Timestamp, async_trait};

/// Rows that one transaction removes at most.
const BATCH: u32 = 500;

/// What is purged: how it is picked, and how it goes.
#[derive(Clone, Copy)]
pub(super) struct Purged {
    pick: fn(&Statements) -> &Sql,
    key: fn(&Row) -> Result<Vec<Value>, Fault>,
    delete: fn(&Statements) -> &Many,
}

/// A key of one column.
fn one_column(row: &Row) -> Result<Vec<Value>, Fault> {
    Ok(args![row.columns().bytes()?])
}

/// A challenge's key.
fn three_columns(row: &Row) -> Result<Vec<Value>, Fault> {
    let mut columns = row.columns();
    Ok(args![columns.bytes()?, columns.bytes()?, columns.text()?])
}

pub(super) const CHALLENGES: Purged = Purged {
    pick: |sql| &sql.challenge.forgotten,
    key: three_columns,
    delete: |sql| &sql.challenge.purge,
};

pub(super) const LIMITS: Purged = Purged {
    pick: |sql| &sql.limit.forgotten,
    key: one_column,
    delete: |sql| &sql.limit.purge,
};

pub(super) const MESSAGES: Purged = Purged {
    pick: |sql| &sql.message.forgotten,
    key: three_columns,
    delete: |sql| &sql.message.purge,
};

pub(super) const REPORTS: Purged = Purged {
    pick: |sql| &sql.report.forgotten,
    key: one_column,
    delete: |sql| &sql.report.purge,
};

pub(super) const SESSIONS: Purged = Purged {
    pick: |sql| &sql.session.dead,
    key: one_column,
    delete: |sql| &sql.session.purge,
};

struct Purge {
    before: i64,
    most: u32,
    purged: Purged,
}

#[async_trait]
impl Verb for Purge {
    /// How many were picked, and how many of them went.
    type Output = (u64, u64);

    /// Picks, then deletes by key and only what still may go. Postgres passes over what others hold; MySQL goes through
    /// the primary key in its order, as everywhere (`+ 0` keeps it from the index on the instant).
    async fn run(&self, tx: &mut Tx<'_>) -> Result<Ended<(u64, u64)>, Fault> {
        let pick = (self.purged.pick)(tx.sql);
        let picked = tx
            .rows(pick, args![self.before, i64::from(self.most)])
            .await?;
        if picked.is_empty() {
            return Ok(Ended::Undone((0, 0)));
        }
        let keys = picked
            .iter()
            .map(self.purged.key)
            .collect::<Result<Vec<_>, _>>()?;
        let delete = (self.purged.delete)(tx.sql).of(picked.len());
        let mut args: Vec<_> = keys.into_iter().flatten().collect();
        args.push(self.before.into());
        let gone = tx.execute(&delete, args).await?;
        Ok(Ended::Kept((picked.len() as u64, gone)))
    }
}

/// Of two kinds, one after the other; `limit` is for both together.
pub(super) async fn purge_both(
    store: &SqlStore,
    before: Timestamp,
    limit: u32,
    (first, second): (Purged, Purged),
) -> Result<u64, StoreError> {
    let gone = purge(store, before, limit, first).await?;
    let left = u64::from(limit).saturating_sub(gone);
    let left = u32::try_from(left).unwrap_or(u32::MAX);
    Ok(gone + purge(store, before, left, second).await?)
}

/// Batch after batch, each its own transaction, until `limit` went or nothing is left.
pub(super) async fn purge(
    store: &SqlStore,
    before: Timestamp,
    limit: u32,
    purged: Purged,
) -> Result<u64, StoreError> {
    let (mut gone, mut left) = (0, limit);
    while left > 0 {
        let most = left.min(BATCH);
        let before = before.as_millis();
        let verb = Purge {
            before,
            most,
            purged,
        };
        let (picked, went) = store.db.transact(verb).await?;
        gone += went;
        left -= most;
        if picked < u64::from(most) {
            break;
        }
    }
    Ok(gone)
}
