//! Taking out of rows what they say of persons. The rows stay, and the chain still verifies.

use super::SqlAudit;
use crate::STORE;
use crate::dialect::args;
use crate::fault::Fault;
use crate::link::Row;
use crate::verb::{Ended, Tx, Verb};
use otp_core::{PhoneKey, StoreError, StoreErrorKind, Timestamp, UserId, async_trait};
use std::sync::Arc;
use std::time::Duration;

/// Rows of one transaction at most: a user of years has more than one can take within its time.
const BATCH: u32 = 1_000;

/// How long an erasure waits for what was recorded before it.
const SETTLED: Duration = Duration::from_secs(10);

impl SqlAudit {
    /// Takes out of this tenant's rows what they say of a user, and of a number if it is given; says how many rows
    /// were about them. The rows stay, without it, and the chain still verifies.
    ///
    /// What this process has recorded so far is written first, for ten seconds at most; what waits in another's queue is
    /// not seen. It goes in batches: after an error call it again.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn erase(&self, user: &UserId, phone: Option<PhoneKey>) -> Result<u64, StoreError> {
        self.settle().await?;
        let batch = About {
            tenant: Arc::clone(&self.tenant),
            user: user.as_str().to_owned(),
            phone: phone.map(|key| key.as_bytes().to_vec()),
        };
        let mut erased = 0;
        loop {
            let some = self.db.transact(batch.clone()).await?;
            erased += some;
            if some < u64::from(BATCH) {
                return Ok(erased);
            }
        }
    }

    /// Takes out of this tenant's rows from before an instant what they say of persons: numbers, users, addresses and
    /// devices; says how many rows there were. What happened stays, and the chain still verifies. Call it once a day, with
    /// the time for which your law or your policy lets such things be kept (GDPR article 5(1)(e)).
    ///
    /// It goes in batches: after an error call it again.
    ///
    /// # Errors
    /// [`StoreError`] when the database does not answer.
    pub async fn forget(&self, before: Timestamp) -> Result<u64, StoreError> {
        let (mut forgotten, mut after) = (0, 0);
        loop {
            let batch = Older {
                tenant: Arc::clone(&self.tenant),
                before,
                after,
            };
            let (some, last) = self.db.transact(batch).await?;
            forgotten += some;
            if some < u64::from(BATCH) {
                return Ok(forgotten);
            }
            after = last;
        }
    }

    async fn settle(&self) -> Result<(), StoreError> {
        let written = tokio::time::timeout(SETTLED, self.flush()).await;
        written.map_err(|elapsed| {
            StoreError::new(STORE, StoreErrorKind::Unavailable).with_source(elapsed)
        })
    }
}

/// Of a person, out of how many rows. Those have nothing left to be found by.
#[derive(Clone)]
struct About {
    tenant: Arc<str>,
    user: String,
    phone: Option<Vec<u8>>,
}

#[async_trait]
impl Verb for About {
    type Output = u64;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Ended<u64>, Fault> {
        let about = args![
            &*self.tenant,
            self.user.as_str(),
            &*self.tenant,
            self.phone.clone(),
            i64::from(BATCH),
        ];
        let found = tx.rows(&tx.sql.audit.about, about).await?;
        let (erased, _) = erase(tx, &self.tenant, &found).await?;
        Ok(match erased {
            0 => Ended::Undone(0),
            erased => Ended::Kept(erased),
        })
    }
}

/// Of anybody, out of how many old rows behind `after`, and which was the last.
#[derive(Clone)]
struct Older {
    tenant: Arc<str>,
    before: Timestamp,
    after: i64,
}

#[async_trait]
impl Verb for Older {
    type Output = (u64, i64);

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Ended<(u64, i64)>, Fault> {
        let before = self.before.as_millis();
        let older = args![&*self.tenant, self.after, before, i64::from(BATCH)];
        let found = tx.rows(&tx.sql.audit.older, older).await?;
        let erased = erase(tx, &self.tenant, &found).await?;
        Ok(match erased.0 {
            0 => Ended::Undone(erased),
            _ => Ended::Kept(erased),
        })
    }
}

async fn erase(tx: &mut Tx<'_>, tenant: &str, found: &[Row]) -> Result<(u64, i64), Fault> {
    let mut last = 0;
    let mut rows = args![tenant];
    for row in found {
        last = row.columns().int()?;
        rows.push(last.into());
    }
    if found.is_empty() {
        return Ok((0, last));
    }
    let erase = tx.sql.audit.erase.of(found.len());
    Ok((tx.execute(&erase, rows).await?, last))
}
