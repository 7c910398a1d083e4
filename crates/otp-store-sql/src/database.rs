//! A database that the store, the users and the audit share.

use crate::dialect::Value;
use crate::fault::Fault;
use crate::link::{Link, Row, Sql};
use crate::options::SqlOptions;
use crate::pool::{Connector, Lent, Pool};
use crate::statements::Statements;
use crate::verb::step_aside;
use crate::{Dialect, STORE};
use otp_core::{StoreError, StoreErrorKind};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;

/// SQLite: connections that read while the one writer writes.
const READERS: u32 = 4;

/// A database, reached. Cheap to clone; [`SqlStore`](crate::SqlStore), [`SqlUsers`](crate::SqlUsers) and
/// [`SqlAudit`](crate::SqlAudit) share one.
///
/// ```
/// # #[cfg(feature = "sqlite")]
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), otp_core::StoreError> {
/// use otp_store_sql::{Database, Dialect};
///
/// let database = Database::connect("sqlite::memory:").await?;
/// assert_eq!(database.dialect(), Dialect::Sqlite);
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "sqlite"))]
/// # fn main() {}
/// ```
#[derive(Clone, Debug)]
pub struct Database(pub(crate) Arc<Inner>);

#[derive(Debug)]
pub(crate) struct Inner {
    dialect: Dialect,
    writers: Pool,
    /// SQLite only: elsewhere the writers read as well.
    readers: Option<Pool>,
    pub(crate) sql: Statements,
    pub(crate) op_timeout: Duration,
    /// A database in memory lives as long as a connection to it does.
    anchor: Option<tokio::sync::Mutex<Link>>,
    #[cfg(feature = "migrate")]
    pub(crate) connector: Connector,
}

impl Database {
    /// Connects, and warns through `tracing` where the server is set up to lose what it has answered.
    ///
    /// # Errors
    /// [`StoreErrorKind::Misconfigured`] for a URL or credentials that cannot work, [`StoreErrorKind::Unavailable`]
    /// for a server that is not there.
    pub async fn connect(options: impl Into<SqlOptions>) -> Result<Self, StoreError> {
        let options = options.into();
        let inner = Inner::new(&options).await?;
        let database = Self(Arc::new(inner));
        database.reach().await?;
        database.refuse_if_narrow().await?;
        database.warn_if_lossy().await?;
        Ok(database)
    }

    /// The SQL that is spoken.
    #[must_use]
    pub fn dialect(&self) -> Dialect {
        self.0.dialect
    }

    /// Whether it lives in this process's memory alone.
    pub(crate) fn is_private(&self) -> bool {
        self.0.anchor.is_some()
    }

    /// Rows of one statement that changes nothing.
    pub(crate) async fn read(&self, sql: &Sql, args: Vec<Value>) -> Result<Vec<Row>, StoreError> {
        self.ask(self.0.reader(), sql, args).await
    }

    /// The same, on a connection that writes.
    pub(crate) async fn ask_writer(&self, sql: &Sql, args: Vec<Value>) -> Result<(), StoreError> {
        self.ask(self.0.writer(), sql, args).await.map(drop)
    }

    async fn ask(&self, pool: &Pool, sql: &Sql, args: Vec<Value>) -> Result<Vec<Row>, StoreError> {
        let once = async || {
            let mut lent = pool.lend().await?;
            let rows = lent.link.rows(sql, args.clone()).await;
            self.0
                .settle(pool, lent, rows.map_err(Fault::before_commit))
        };
        let asked = async {
            match once().await {
                // A connection that was cut while it lay idle: asking twice does no harm.
                Err(fault) if fault.may_go_again() => once().await,
                asked => asked,
            }
        };
        self.0.within(asked).await.map_err(StoreError::from)
    }

    /// Opens the first connection, which says whether any can be had; with SQLite it makes the file, and of several
    /// that turn a new one to WAL at once SQLite lets no more than one wait for the others.
    async fn reach(&self) -> Result<(), Fault> {
        let first = async {
            let mut tried = 0;
            loop {
                tried += 1;
                match self.0.writers.lend().await {
                    Ok(lent) => {
                        self.0.writers.give_back(lent);
                        return Ok(());
                    }
                    Err(fault) if fault.is_contention() => {
                        step_aside(tried).await;
                    }
                    Err(fault) => return Err(fault),
                }
            }
        };
        self.0.within(first).await
    }

    /// Whoever names a device in letters that such a database has not could not be signed in.
    async fn refuse_if_narrow(&self) -> Result<(), StoreError> {
        if self.answers_yes(self.0.sql.narrow.as_ref()).await? {
            let error = StoreError::new(STORE, StoreErrorKind::Misconfigured);
            return Err(error.with_source("the encoding of the database is not UTF8"));
        }
        Ok(())
    }

    /// FLT-4, P2: a server may be set up to forget what it has answered.
    async fn warn_if_lossy(&self) -> Result<(), StoreError> {
        if self.answers_yes(self.0.sql.durability.as_ref()).await? {
            tracing::warn!(
                target: "otp",
                dialect = ?self.0.dialect,
                "this server answers before a commit is on its disk: a crash forgets the last guesses and sessions"
            );
        }
        Ok(())
    }

    async fn answers_yes(&self, question: Option<&Sql>) -> Result<bool, StoreError> {
        let Some(question) = question else {
            return Ok(false);
        };
        let rows = self.read(question, Vec::new()).await?;
        match rows.first() {
            Some(row) => Ok(row.columns().int()? != 0),
            None => Ok(false),
        }
    }
}

impl Inner {
    async fn new(options: &SqlOptions) -> Result<Self, StoreError> {
        let misconfigured =
            |error| StoreError::new(STORE, StoreErrorKind::Misconfigured).with_source(error);
        let dialect = Dialect::of_url(&options.url)
            .ok_or_else(|| StoreError::new(STORE, StoreErrorKind::Misconfigured))?;
        // Each copy of the options reaches the same database, also one in memory.
        let connector = Connector::of(options).map_err(misconfigured)?;
        let sqlite = dialect == Dialect::Sqlite;
        let private =
            sqlite && (options.url.contains(":memory:") || options.url.contains("mode=memory"));
        let anchor = match private {
            true => Some(connector.open().await.map_err(Fault::before_commit)?),
            false => None,
        };
        let writers = if sqlite { 1 } else { options.max_connections };
        Ok(Self {
            dialect,
            writers: Pool::new(connector.clone(), writers),
            readers: (sqlite && !private).then(|| Pool::new(connector.clone(), READERS)),
            sql: Statements::of(dialect),
            op_timeout: options.op_timeout,
            anchor: anchor.map(tokio::sync::Mutex::new),
            #[cfg(feature = "migrate")]
            connector,
        })
    }

    /// A connection that no statement's time is bounded on, for migrations.
    #[cfg(feature = "migrate")]
    pub(crate) async fn open_unbounded(&self) -> Result<Link, Fault> {
        let mut link = self.connector.open().await.map_err(Fault::before_commit)?;
        if self.dialect == Dialect::Postgres {
            let unbounded = "SET statement_timeout = 0; SET lock_timeout = 0; \
                             SET idle_in_transaction_session_timeout = 0";
            link.command(unbounded)
                .await
                .map_err(Fault::before_commit)?;
        }
        if self.dialect == Dialect::Sqlite {
            link.command("PRAGMA busy_timeout = 60000")
                .await
                .map_err(Fault::before_commit)?;
        }
        Ok(link)
    }

    pub(crate) const fn writer(&self) -> &Pool {
        &self.writers
    }

    fn reader(&self) -> &Pool {
        self.readers.as_ref().unwrap_or(&self.writers)
    }

    /// Gives a connection back, unless it may be broken.
    pub(crate) fn settle<T>(
        &self,
        pool: &Pool,
        lent: Lent,
        result: Result<T, Fault>,
    ) -> Result<T, Fault> {
        if !matches!(&result, Err(fault) if !fault.spoken) {
            pool.give_back(lent);
        }
        result
    }

    /// Bounds a step by the operation time-out. What it held is dropped, and its connection with it.
    pub(crate) async fn within<T>(
        &self,
        step: impl Future<Output = Result<T, Fault>>,
    ) -> Result<T, Fault> {
        match timeout(self.op_timeout, step).await {
            Ok(result) => result,
            Err(elapsed) => Err(Fault::caused(StoreErrorKind::Unavailable, elapsed)),
        }
    }
}
