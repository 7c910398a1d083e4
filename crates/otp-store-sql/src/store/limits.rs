//! The tallies of one verb: locked in the order of their keys, worked on, written back where they changed.

use super::tally;
use crate::dialect::Value;
use crate::fault::Fault;
use crate::verb::Tx;
use otp_core::limit::{Cell, Charged, Tally};
use std::collections::BTreeMap;

/// What was stored under the verb's keys, and what is made of it.
pub(super) struct Held<'c> {
    cells: &'c [Cell],
    /// Nothing where there is no row.
    stored: BTreeMap<[u8; 16], Option<Vec<u8>>>,
    tallies: Vec<Tally>,
}

/// New rows: key, tally, and when it can be forgotten.
type Rows = Vec<[Value; 3]>;

impl<'c> Held<'c> {
    /// Locks the rows of `cells`, lowest key first, so that no two verbs wait for each other.
    ///
    /// A row that is not there cannot be locked. MySQL makes it first (an insert at the end would wait for it out of
    /// order); elsewhere it is inserted when it is written, and whoever comes second begins again.
    pub(super) async fn lock(tx: &mut Tx<'_>, cells: &'c [Cell]) -> Result<Self, Fault> {
        let keys = cells.iter().map(|cell| (*cell.key.as_bytes(), None));
        let mut stored: BTreeMap<_, Option<Vec<u8>>> = keys.collect();
        if !stored.is_empty() {
            let keys = || stored.keys().map(Value::from).collect::<Vec<_>>();
            if let Some(seed) = &tx.sql.limit.seed {
                tx.execute(&seed.of(stored.len()), keys()).await?;
            }
            let read = tx.sql.limit.read.of(stored.len());
            for row in tx.rows(&read, keys()).await? {
                let mut columns = row.columns();
                stored.insert(columns.array()?, Some(columns.bytes()?));
            }
        }
        let of = |cell: &Cell| {
            let row = stored.get(cell.key.as_bytes()).and_then(Option::as_deref);
            tally::decode(row.unwrap_or_default(), cell)
        };
        let tallies = cells.iter().map(of).collect::<Result<_, _>>()?;
        Ok(Self {
            cells,
            stored,
            tallies,
        })
    }

    /// As the pure functions take them.
    pub(super) fn charged(&mut self) -> Vec<Charged<'_>> {
        self.cells.iter().zip(&mut self.tallies).collect()
    }

    /// Writes what changed, and settles that what was not there was not there; says whether anything was written. A
    /// verb that keeps anything, or answers by more than these cells, must call it.
    pub(super) async fn write(&self, tx: &mut Tx<'_>) -> Result<bool, Fault> {
        let (new, changed) = self.changes()?;
        // The new ones first: after them nothing is waited for any more.
        if !new.is_empty() {
            let insert = tx.sql.limit.insert.of(new.len());
            let asked = new.len() as u64;
            if tx
                .execute(&insert, new.iter().flatten().cloned().collect())
                .await?
                != asked
            {
                return Err(Fault::overtaken());
            }
        }
        if !changed.is_empty() {
            let write = tx.sql.limit.write.of(changed.len());
            tx.execute(&write, changed.iter().flatten().cloned().collect())
                .await?;
        }
        Ok(!new.is_empty() || !changed.is_empty())
    }

    /// What is to be inserted, and what is to be written over, each in the order of the keys.
    fn changes(&self) -> Result<(Rows, Rows), Fault> {
        let mut changes = BTreeMap::new();
        for (cell, tally) in self.cells.iter().zip(&self.tallies) {
            let row = self
                .stored
                .get(cell.key.as_bytes())
                .and_then(Option::as_ref);
            let empty = *tally == Tally::empty(cell.count, &cell.rates);
            let unused = row.is_none_or(Vec::is_empty) && empty;
            let (bytes, forgotten_at) = if unused {
                (Vec::new(), 0)
            } else {
                let forgotten_at = tally.forgotten_at(&cell.rates);
                (tally::encode(tally)?, forgotten_at.as_millis())
            };
            // A row that was not there is made also where it is not used: what was read of it was not locked, and only
            // making it proves that it was still so.
            if row != Some(&bytes) {
                let key = Value::from(cell.key.as_bytes());
                let values = [key, bytes.into(), forgotten_at.into()];
                changes.insert(*cell.key.as_bytes(), (row.is_none(), values));
            }
        }
        let (new, changed): (Vec<_>, Vec<_>) = changes.into_values().partition(|(new, _)| *new);
        let values = |rows: Vec<(bool, [Value; 3])>| rows.into_iter().map(|(_, row)| row).collect();
        Ok((values(new), values(changed)))
    }
}
