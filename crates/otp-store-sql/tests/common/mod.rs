//! Databases for tests: thrown away after.
#![allow(dead_code, unreachable_pub, reason = "each test file uses some of it")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test fails by panicking, and tells what it saw"
)]

#[cfg(all(feature = "postgres", feature = "mysql", feature = "migrate"))]
pub mod faults;

use otp_store_sql::{Database, SqlOptions, SqlStore};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// Long enough for a storm of callers on a busy machine.
pub const PATIENT: Duration = Duration::from_secs(20);

pub fn patient(url: impl Into<String>) -> SqlOptions {
    SqlOptions::new(url).op_timeout(PATIENT).max_connections(16)
}

/// A name that no other test of this process has.
pub fn fresh(prefix: &str) -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let next = NEXT.fetch_add(1, Ordering::Relaxed);
    format!("{prefix}_{}_{next}", std::process::id())
}

/// Where a SQLite file of this test goes.
pub fn sqlite_url() -> String {
    let directory = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("sqlite");
    std::fs::create_dir_all(&directory).unwrap();
    let file = directory.join(fresh("store") + ".db");
    format!("sqlite:{}", file.display())
}

pub async fn sqlite() -> SqlStore {
    shared(&sqlite_url()).await
}

/// A store in the database at `url`, with its tables.
pub async fn shared(url: &str) -> SqlStore {
    SqlStore::new(&database(url).await)
}

/// The database at `url`, with its tables.
pub async fn database(url: &str) -> Database {
    let database = Database::connect(patient(url)).await.unwrap();
    database.migrate().await.unwrap();
    database
}

/// An empty database of its own on each server of this build: its name, and its URL.
pub fn everywhere() -> Vec<(&'static str, String)> {
    vec![
        #[cfg(feature = "sqlite")]
        ("SQLite", sqlite_url()),
        #[cfg(feature = "postgres")]
        ("Postgres", postgres_database()),
        #[cfg(feature = "mysql")]
        ("MariaDB", mysql_database()),
    ]
}

#[cfg(feature = "postgres")]
pub fn postgres_database() -> String {
    use sqlx::{Connection as _, Executor as _};
    let (url, name) = (otp_testkit::postgres_url(), fresh("otp"));
    let statement = sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}"));
    blocking(async move {
        let mut link = sqlx::PgConnection::connect(&url).await.unwrap();
        link.execute(statement).await.unwrap();
        of_database(&url, &name)
    })
}

#[cfg(feature = "mysql")]
pub fn mysql_database() -> String {
    use sqlx::{Connection as _, Executor as _};
    let (url, name) = (otp_testkit::mysql_url(), fresh("otp"));
    let statement = sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}"));
    blocking(async move {
        let mut link = sqlx::MySqlConnection::connect(&url).await.unwrap();
        link.execute(statement).await.unwrap();
        of_database(&url, &name)
    })
}

/// The same server's other database.
fn of_database(url: &str, name: &str) -> String {
    let (server, _) = url.rsplit_once('/').unwrap();
    format!("{server}/{name}")
}

/// On a thread and a runtime of its own: the caller may be on one, and may not be.
fn blocking<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> T {
    let run = || {
        let mut builder = tokio::runtime::Builder::new_current_thread();
        builder.enable_all().build().unwrap().block_on(work)
    };
    std::thread::spawn(run).join().unwrap()
}

/// One command to a server outside of the store.
pub async fn command(url: &str, sql: impl Into<String>) {
    try_command(url, sql.into()).await.unwrap();
}

/// The same, which may fail.
pub async fn try_command(url: &str, sql: String) -> Result<(), sqlx::Error> {
    use sqlx::{Connection as _, Executor as _};
    let sql = sqlx::raw_sql(sqlx::AssertSqlSafe(sql));
    match url.split_once(':').map(|(scheme, _)| scheme) {
        #[cfg(feature = "postgres")]
        Some("postgres") => {
            let mut link = sqlx::PgConnection::connect(url).await?;
            link.execute(sql).await.map(drop)
        }
        #[cfg(feature = "mysql")]
        Some("mysql") => {
            let mut link = sqlx::MySqlConnection::connect(url).await?;
            link.execute(sql).await.map(drop)
        }
        #[cfg(feature = "sqlite")]
        Some("sqlite") => {
            let mut link = sqlx::SqliteConnection::connect(&format!("{url}?mode=rwc")).await?;
            link.execute(sql).await.map(drop)
        }
        _ => panic!("no such server in this build"),
    }
}

/// Every value of every table of ours, one to a line; bytes in hex, and as the text that they may be.
pub async fn dump(url: &str) -> String {
    const TABLES: [&str; 9] = [
        "otp_challenges",
        "otp_limits",
        "otp_messages",
        "otp_reports",
        "otp_sessions",
        "otp_users",
        "otp_consents",
        "otp_audit",
        "otp_audit_heads",
    ];
    let mut dump = String::new();
    for table in TABLES {
        let all = sqlx::AssertSqlSafe(format!("SELECT * FROM {table}"));
        match url.split_once(':').map(|(scheme, _)| scheme) {
            #[cfg(feature = "postgres")]
            Some("postgres") => values::<sqlx::Postgres>(url, all, &mut dump).await,
            #[cfg(feature = "mysql")]
            Some("mysql") => values::<sqlx::MySql>(url, all, &mut dump).await,
            #[cfg(feature = "sqlite")]
            Some("sqlite") => values::<sqlx::Sqlite>(url, all, &mut dump).await,
            _ => panic!("no such server in this build"),
        }
    }
    dump
}

async fn values<DB: sqlx::Database>(url: &str, sql: sqlx::AssertSqlSafe<String>, dump: &mut String)
where
    for<'c> &'c mut DB::Connection: sqlx::Executor<'c, Database = DB>,
    for<'r> i64: sqlx::Decode<'r, DB> + sqlx::Type<DB>,
    for<'r> String: sqlx::Decode<'r, DB> + sqlx::Type<DB>,
    for<'r> Vec<u8>: sqlx::Decode<'r, DB> + sqlx::Type<DB>,
    usize: sqlx::ColumnIndex<DB::Row>,
{
    use sqlx::{Connection as _, Row as _};
    use std::fmt::Write as _;
    let mut link = DB::Connection::connect(url).await.unwrap();
    for row in sqlx::raw_sql(sql).fetch_all(&mut link).await.unwrap() {
        for at in 0..row.len() {
            if let Ok(Some(number)) = row.try_get::<Option<i64>, _>(at) {
                writeln!(dump, "{number}").unwrap();
            } else if let Ok(Some(text)) = row.try_get::<Option<String>, _>(at) {
                writeln!(dump, "{text}").unwrap();
            } else if let Ok(Some(bytes)) = row.try_get::<Option<Vec<u8>>, _>(at) {
                let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
                writeln!(dump, "{hex}\n{}", String::from_utf8_lossy(&bytes)).unwrap();
            }
        }
    }
}
