//! The tables' definitions, and how they are brought up to date.

use crate::fault::Fault;
use crate::link::Link;
use crate::{Database, Dialect};
use otp_core::{StoreError, StoreErrorKind};
use sqlx::SqlSafeStr as _;
use sqlx::migrate::{MigrateError, MigrationType, Migrator};

/// Not sqlx's own table: the host's first migration has the same number as ours.
const TABLE: &str = "_otp_migrations";

/// One numbered step of the tables' definition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Migration {
    /// Its number; they are run in this order.
    pub version: i64,
    /// What it does.
    pub name: &'static str,
    /// Its text.
    pub sql: &'static str,
}

macro_rules! steps {
    ($dialect:literal: $($version:literal $name:literal $file:literal),+ $(,)?) => {
        &[$(Migration {
            version: $version,
            name: $name,
            sql: include_str!(concat!("../migrations/", $dialect, "/", $file)),
        }),+]
    };
}

/// The steps for a dialect, for a team that runs its own migrator. The same text lies in the crate's
/// `migrations/` directory.
///
/// ```
/// use otp_store_sql::{Dialect, migrations};
///
/// let first = migrations(Dialect::Postgres)[0];
/// assert_eq!(first.version, 1);
/// assert!(first.sql.contains("CREATE TABLE otp_challenges"));
/// ```
#[must_use]
pub const fn migrations(dialect: Dialect) -> &'static [Migration] {
    match dialect {
        Dialect::Postgres => steps!(
            "postgres":
            1 "initial" "0001_initial.sql",
            2 "deliveries" "0002_deliveries.sql",
        ),
        Dialect::MySql => steps!(
            "mysql":
            1 "initial" "0001_initial.sql",
            2 "deliveries" "0002_deliveries.sql",
        ),
        Dialect::Sqlite => steps!(
            "sqlite":
            1 "initial" "0001_initial.sql",
            2 "deliveries" "0002_deliveries.sql",
        ),
    }
}

impl Database {
    /// Brings the tables up to date. Any number of nodes may call it at once: one does it, the others wait.
    ///
    /// What was done is kept in a table of our own, `_otp_migrations`. A database that a newer version has migrated
    /// is left as it is, so that old nodes start during a rolling upgrade.
    ///
    /// # Errors
    /// [`StoreErrorKind::Misconfigured`] if a step fails or was changed after it ran;
    /// [`StoreErrorKind::Unavailable`] if the server is not there.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        // A connection of its own: a migration may take longer than a verb may.
        let mut link = self.0.open_unbounded().await?;
        run(&mut link)
            .await
            .map_err(|error| Fault::from(error).into())
    }

    /// The steps that [`migrate`](Self::migrate) has still to take, for servers that may not change tables: all of
    /// them where its own table is missing, also if somebody ran the plain `.sql`.
    ///
    /// ```
    /// # #[cfg(feature = "sqlite")]
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), otp_core::StoreError> {
    /// let database = otp_store_sql::Database::connect("sqlite::memory:").await?;
    /// assert_eq!(database.pending().await?[0].version, 1);
    /// database.migrate().await?;
    /// assert!(database.pending().await?.is_empty());
    /// # Ok(())
    /// # }
    /// # #[cfg(not(feature = "sqlite"))]
    /// # fn main() {}
    /// ```
    ///
    /// # Errors
    /// [`StoreErrorKind::Unavailable`] if the server does not answer.
    pub async fn pending(&self) -> Result<Vec<Migration>, StoreError> {
        let taken = format!("SELECT version FROM {TABLE} WHERE success").into();
        let taken = match self.read(&taken, Vec::new()).await {
            Ok(rows) => rows,
            // There is no such table.
            Err(error) if error.kind == StoreErrorKind::Misconfigured => Vec::new(),
            Err(error) => return Err(error),
        };
        let taken = taken.iter().map(|row| row.columns().int());
        let taken = taken.collect::<Result<Vec<_>, _>>()?;
        let mut steps = migrations(self.dialect()).to_vec();
        steps.retain(|step| !taken.contains(&step.version));
        Ok(steps)
    }
}

async fn run(link: &mut Link) -> Result<(), MigrateError> {
    let migrator = migrator(link.dialect());
    match link {
        #[cfg(feature = "postgres")]
        Link::Postgres(link) => migrator.run_direct(None, &mut **link, false).await,
        #[cfg(feature = "mysql")]
        Link::MySql(link) => under_a_lock(link, &migrator).await,
        #[cfg(feature = "sqlite")]
        Link::Sqlite(link) => alone(link, &migrator).await,
    }
}

/// sqlx waits for its lock with a time-out of -1, which MySQL takes for ever and MariaDB for not at all. The lock is
/// the connection's, and goes with it.
#[cfg(feature = "mysql")]
async fn under_a_lock(
    link: &mut sqlx::MySqlConnection,
    migrator: &Migrator,
) -> Result<(), MigrateError> {
    let lock = "SELECT CAST(GET_LOCK(CONCAT('otp:', MD5(DATABASE())), 60) AS SIGNED)";
    let locked: Option<i64> = sqlx::query_scalar(lock).fetch_one(&mut *link).await?;
    if locked != Some(1) {
        return Err(sqlx::Error::PoolTimedOut.into());
    }
    forget_unfinished(link, migrator).await?;
    migrator.run_direct(None, link, false).await
}

/// MySQL commits a step piece by piece. One whose node was killed in the middle is noted as begun, and sqlx refuses
/// to go on from there; ours can be run again, and under the lock nobody else runs them.
#[cfg(feature = "mysql")]
async fn forget_unfinished(
    link: &mut sqlx::MySqlConnection,
    migrator: &Migrator,
) -> Result<(), MigrateError> {
    use sqlx::migrate::Migrate as _;
    link.ensure_migrations_table(TABLE).await?;
    let forget = format!("DELETE FROM {TABLE} WHERE version = ? AND success = FALSE");
    let forget = crate::link::Sql::from(forget);
    for step in migrator.iter() {
        let unfinished = sqlx::query(sqlx::AssertSqlSafe(forget.clone())).bind(step.version);
        unfinished.execute(&mut *link).await?;
    }
    Ok(())
}

/// sqlx takes no lock on SQLite: the write lock around all steps is one.
#[cfg(feature = "sqlite")]
async fn alone(link: &mut sqlx::SqliteConnection, migrator: &Migrator) -> Result<(), MigrateError> {
    use sqlx::Connection as _;
    let mut all = link.begin_with("BEGIN IMMEDIATE").await?;
    migrator.run_direct(None, &mut *all, false).await?;
    Ok(all.commit().await?)
}

fn migrator(dialect: Dialect) -> Migrator {
    let step = |step: &Migration| {
        sqlx::migrate::Migration::new(
            step.version,
            step.name.into(),
            MigrationType::Simple,
            step.sql.into_sql_str(),
            false,
        )
    };
    let mut migrator = Migrator::with_migrations(migrations(dialect).iter().map(step).collect());
    migrator.dangerous_set_table_name(TABLE);
    migrator.set_ignore_missing(true);
    migrator
}

impl From<MigrateError> for Fault {
    fn from(error: MigrateError) -> Self {
        match error {
            MigrateError::Execute(error) => Self::before_commit(error),
            error => Self::caused(StoreErrorKind::Misconfigured, error),
        }
    }
}
