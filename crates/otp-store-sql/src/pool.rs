//! A few connections that are kept open.
//!
//! Not sqlx's own pool: that one pings each connection when it is given back, which is a round trip for every verb,
//! and waits for the answer without a limit, which a network that swallows packets turns into a pool without
//! connections. Here a connection is kept only when it is known to be idle; any other is closed at once.

use crate::fault::Fault;
use crate::link::Link;
use crate::options::SqlOptions;
use otp_core::StoreErrorKind;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

/// A connection that lay idle for longer is asked whether it still lives. Servers and firewalls cut idle ones.
const FRESH: Duration = Duration::from_secs(10);

pub(crate) struct Pool {
    connector: Connector,
    places: Arc<Semaphore>,
    // The one used last is taken first: what a quiet time does not need grows old, and is closed by the server.
    idle: Mutex<Vec<(Link, Instant)>>,
}

/// How to open one. Copies open the same database.
#[derive(Clone)]
pub(crate) enum Connector {
    #[cfg(feature = "postgres")]
    Postgres(Box<sqlx::postgres::PgConnectOptions>),
    #[cfg(feature = "mysql")]
    MySql(Box<sqlx::mysql::MySqlConnectOptions>, Duration),
    #[cfg(feature = "sqlite")]
    Sqlite(Box<sqlx::sqlite::SqliteConnectOptions>),
}

/// A connection that is lent out. Unless it is given back it is closed.
pub(crate) struct Lent {
    pub(crate) link: Link,
    _place: OwnedSemaphorePermit,
}

impl Pool {
    pub(crate) fn new(connector: Connector, most: u32) -> Self {
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        Self {
            connector,
            places: Arc::new(Semaphore::new(most.clamp(1, Semaphore::MAX_PERMITS))),
            idle: Mutex::default(),
        }
    }

    /// An idle connection, or a new one. The caller bounds the wait.
    pub(crate) async fn lend(&self) -> Result<Lent, Fault> {
        let place = Arc::clone(&self.places).acquire_owned().await;
        let place = place.map_err(|closed| Fault::caused(StoreErrorKind::Unavailable, closed))?;
        while let Some((mut link, since)) = self.take() {
            if since.elapsed() < FRESH || link.ping().await.is_ok() {
                return Ok(Lent {
                    link,
                    _place: place,
                });
            }
        }
        // Boxed: with TLS and log-in in it this future has tens of kilobytes, and every verb's would have them.
        let opened = Box::pin(self.connector.open()).await;
        let link = opened.map_err(Fault::before_commit)?;
        Ok(Lent {
            link,
            _place: place,
        })
    }

    /// Keeps a connection that has nothing under way.
    pub(crate) fn give_back(&self, lent: Lent) {
        let Lent { link, _place } = lent;
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.push((link, Instant::now()));
    }

    fn take(&self) -> Option<(Link, Instant)> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.pop()
    }
}

impl Connector {
    pub(crate) async fn open(&self) -> Result<Link, sqlx::Error> {
        use sqlx::ConnectOptions as _;
        match self {
            #[cfg(feature = "postgres")]
            Self::Postgres(options) => Ok(Link::Postgres(Box::new(options.connect().await?))),
            #[cfg(feature = "mysql")]
            Self::MySql(options, op_timeout) => {
                let mut link = Link::MySql(Box::new(options.connect().await?));
                mysql_session(&mut link, *op_timeout).await?;
                Ok(link)
            }
            #[cfg(feature = "sqlite")]
            Self::Sqlite(options) => Ok(Link::Sqlite(Box::new(options.connect().await?))),
        }
    }

    /// The server at the options' URL.
    pub(crate) fn of(options: &SqlOptions) -> Result<Self, sqlx::Error> {
        use crate::Dialect;
        match Dialect::of_url(&options.url) {
            #[cfg(feature = "postgres")]
            Some(Dialect::Postgres) => postgres(options),
            #[cfg(feature = "mysql")]
            Some(Dialect::MySql) => mysql(options),
            #[cfg(feature = "sqlite")]
            Some(Dialect::Sqlite) => sqlite(options),
            _ => Err(sqlx::Error::Configuration(
                "no dialect of this build has this URL's scheme".into(),
            )),
        }
    }
}

/// Statements and locks end on the server too, and so does a transaction whose node went silent while it held locks.
#[cfg(feature = "postgres")]
fn postgres(options: &SqlOptions) -> Result<Connector, sqlx::Error> {
    use sqlx::ConnectOptions as _;
    let most = options.op_timeout.as_millis().max(1);
    let parsed: sqlx::postgres::PgConnectOptions = options.url.parse()?;
    let settings = [
        ("statement_timeout", most.to_string()),
        ("lock_timeout", most.to_string()),
        (
            "idle_in_transaction_session_timeout",
            most.saturating_mul(4).to_string(),
        ),
        ("default_transaction_isolation", "read committed".to_owned()),
    ];
    let connect = parsed.options(settings).disable_statement_logging();
    Ok(Connector::Postgres(Box::new(connect)))
}

#[cfg(feature = "mysql")]
fn mysql(options: &SqlOptions) -> Result<Connector, sqlx::Error> {
    use sqlx::ConnectOptions as _;
    let url = options.url.replacen("mariadb:", "mysql:", 1);
    let parsed: sqlx::mysql::MySqlConnectOptions = url.parse()?;
    let connect = parsed.disable_statement_logging();
    Ok(Connector::MySql(Box::new(connect), options.op_timeout))
}

/// READ COMMITTED, because it takes no gap locks: those deadlock where rows are seeded. A connection that a silent
/// node left behind, with its locks, is closed after half a minute; this pool asks before it uses one that old.
///
/// A server can be set up so that a statement by itself is not committed, and so that text which is too long is cut.
#[cfg(feature = "mysql")]
async fn mysql_session(link: &mut Link, op_timeout: Duration) -> Result<(), sqlx::Error> {
    let seconds = i64::try_from(op_timeout.as_millis().div_ceil(1_000)).unwrap_or(i64::MAX);
    link.command("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED")
        .await?;
    let settings = "SET SESSION innodb_lock_wait_timeout = ?, SESSION wait_timeout = 30, \
                    SESSION autocommit = 1, SESSION completion_type = 'NO_CHAIN', \
                    SESSION sql_mode = CONCAT(@@SESSION.sql_mode, ',STRICT_ALL_TABLES')";
    let args = crate::dialect::args![seconds.max(1)];
    link.execute(&settings.into(), args).await.map(drop)
}

/// WAL and FULL: a commit is on the disk before it is answered, and readers do not wait for the writer.
#[cfg(feature = "sqlite")]
fn sqlite(options: &SqlOptions) -> Result<Connector, sqlx::Error> {
    use sqlx::ConnectOptions as _;
    use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
    let parsed: SqliteConnectOptions = options.url.parse()?;
    let connect = parsed
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(options.op_timeout)
        .foreign_keys(true)
        .disable_statement_logging();
    Ok(Connector::Sqlite(Box::new(connect)))
}

impl fmt::Debug for Connector {
    /// It holds a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connector").finish_non_exhaustive()
    }
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool")
            .field("places", &self.places.available_permits())
            .finish_non_exhaustive()
    }
}
