//! Challenges, limits, messages and sessions.

mod challenges;
mod deliveries;
mod limits;
mod purge;
mod record;
mod sessions;
mod tally;

use crate::{Database, SqlOptions};
use otp_core::StoreError;

/// Challenges, limits, messages and sessions in a database: a [`Store`](otp_core::Store).
///
/// ```
/// # #[cfg(all(feature = "sqlite", feature = "migrate"))]
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), otp_core::StoreError> {
/// use otp_core::{SessionStore, Timestamp};
/// use otp_store_sql::{Database, SqlStore};
///
/// let database = Database::connect("sqlite::memory:").await?;
/// database.migrate().await?;
/// let store = SqlStore::new(&database);
/// assert_eq!(store.purge_sessions(Timestamp::from_secs(0), 1_000).await?, 0);
/// # Ok(())
/// # }
/// # #[cfg(not(all(feature = "sqlite", feature = "migrate")))]
/// # fn main() {}
/// ```
#[derive(Clone, Debug)]
pub struct SqlStore {
    pub(crate) db: Database,
}

impl SqlStore {
    /// The store in `database`, whose tables are there already: `Database::migrate` makes them.
    #[must_use]
    pub fn new(database: &Database) -> Self {
        Self {
            db: database.clone(),
        }
    }

    /// Connects for this store alone. Where users or the audit are in the same database, make one [`Database`] and share
    /// its connections: [`SqlStore::new`].
    ///
    /// # Errors
    /// As [`Database::connect`].
    pub async fn connect(options: impl Into<SqlOptions>) -> Result<Self, StoreError> {
        Ok(Self::new(&Database::connect(options).await?))
    }
}
