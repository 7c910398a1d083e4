//! Whether the chain is what was written.

use super::SqlAudit;
use super::entry::{Broken, Entry, START};
use crate::dialect::args;
use otp_core::StoreError;

/// Rows that are read at once.
const PAGE: i64 = 500;

/// The end of a chain at some instant. Kept elsewhere, it proves later that nothing was cut off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ChainHead {
    /// The number of the last row; rows are numbered from 1.
    pub seq: i64,
    /// Its hash.
    pub hash: [u8; 32],
}

impl ChainHead {
    /// The end that was noted earlier: the row `seq` with this hash.
    #[must_use]
    pub const fn new(seq: i64, hash: [u8; 32]) -> Self {
        Self { seq, hash }
    }
}

/// A chain that holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AuditReport {
    /// How many rows it has.
    pub rows: u64,
    /// How many of them no longer say whom they were about: as many as [`SqlAudit::erase`] and
    /// [`SqlAudit::forget`] said, or somebody else erased.
    pub erased: u64,
    /// Its end.
    pub head: ChainHead,
}

/// A chain that does not hold, or could not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VerifyError {
    /// From this row on nothing is proved.
    #[error("the audit chain is broken at row {seq}: {broken:?}")]
    Broken {
        /// Which row.
        seq: i64,
        /// What is wrong with it.
        broken: Broken,
    },
    /// The database did not answer.
    #[error("the audit chain could not be read")]
    Store(#[from] StoreError),
}

impl SqlAudit {
    /// Reads a tenant's chain from its first row, and checks every byte of it. With a head that was noted earlier it
    /// also proves that nothing since then was cut off.
    ///
    /// ```
    /// use otp_store_sql::{ChainHead, SqlAudit, VerifyError};
    ///
    /// /// `noted` is what the last run returned, kept where this database's administrators cannot write.
    /// async fn nightly(audit: &SqlAudit, noted: Option<(i64, [u8; 32])>) -> Result<(i64, [u8; 32]), VerifyError> {
    ///     let noted = noted.map(|(seq, hash)| ChainHead::new(seq, hash));
    ///     let report = audit.verify("default", noted.as_ref()).await?;
    ///     Ok((report.head.seq, report.head.hash))
    /// }
    /// ```
    ///
    /// # Errors
    /// [`VerifyError`] says where it is broken first.
    pub async fn verify(
        &self,
        tenant: &str,
        noted: Option<&ChainHead>,
    ) -> Result<AuditReport, VerifyError> {
        let end = self.head(tenant).await?;
        let broken = |seq, broken| VerifyError::Broken { seq, broken };
        let mut at = ChainHead {
            seq: 0,
            hash: START,
        };
        let mut erased = 0;
        while at.seq < end.seq {
            let page = args![tenant, at.seq, PAGE.min(end.seq - at.seq)];
            let rows = self.db.read(&self.db.0.sql.audit.page, page).await?;
            if rows.is_empty() {
                return Err(broken(at.seq + 1, Broken::Gap));
            }
            for row in &rows {
                let entry = Entry::read(row).map_err(|_| broken(at.seq + 1, Broken::Row))?;
                if entry.seq != at.seq + 1 {
                    return Err(broken(at.seq + 1, Broken::Gap));
                }
                let checked = entry.check(&self.keys, tenant, &at.hash);
                checked.map_err(|why| broken(entry.seq, why))?;
                at = ChainHead {
                    seq: entry.seq,
                    hash: entry.hash,
                };
                erased += u64::from(entry.is_erased());
                if noted.is_some_and(|noted| noted.seq == at.seq && noted.hash != at.hash) {
                    return Err(broken(at.seq, Broken::Head));
                }
            }
        }
        if at != end || noted.is_some_and(|noted| noted.seq > end.seq) {
            return Err(broken(end.seq, Broken::Head));
        }
        Ok(AuditReport {
            rows: at.seq.unsigned_abs(),
            erased,
            head: at,
        })
    }

    /// Where the chain says that it ends. Rows that are appended meanwhile are not looked at.
    async fn head(&self, tenant: &str) -> Result<ChainHead, StoreError> {
        let head = self.db.read(&self.db.0.sql.audit.head_read, args![tenant]);
        let rows = head.await?;
        let Some(row) = rows.first() else {
            return Ok(ChainHead {
                seq: 0,
                hash: START,
            });
        };
        let mut columns = row.columns();
        Ok(ChainHead {
            seq: columns.int()?,
            hash: columns.array()?,
        })
    }
}
