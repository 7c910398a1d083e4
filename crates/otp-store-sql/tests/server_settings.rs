//! Servers whose own settings are not the usual ones.
#![cfg(all(feature = "postgres", feature = "mysql", feature = "migrate"))]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test fails by panicking, and tells what it saw"
)]

mod common;

use common::{command, database, patient};
use otp_core::conformance::scene::{T, cell, drain, secs, signed_in, user};
use otp_core::limit::{Count, Decision};
use otp_core::session::{Rotate, Rotation};
use otp_core::{
    ChallengeStore as _, Consent, PhoneNumber, Profile, SecretKey, SessionStore as _,
    StoreErrorKind, UserDirectory as _,
};
use otp_store_sql::{Database, SqlStore, SqlUsers, UserKeys};
use otp_testkit::{MariaDb, Postgres};
use std::io;
use std::sync::{Arc, Mutex};

/// FLT-4: a session that was answered is there for every node, whatever the server does with a statement by itself.
#[tokio::test(flavor = "multi_thread")]
async fn a_server_without_autocommit_keeps_what_was_answered() {
    let server = MariaDb::start();
    let url = server.url();
    let node = SqlStore::new(&database(&url).await);
    command(&url, "SET GLOBAL autocommit = 0").await;
    command(&url, "SET GLOBAL completion_type = 'CHAIN'").await;
    let store = SqlStore::connect(patient(&url)).await.unwrap();
    let session = signed_in(&store, &user(), T).await;
    assert_eq!(node.find(&session.id, T).await.unwrap(), Some(session));
}

/// Text that does not fit is an error, and is not cut: half a version of a consent is another one.
#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_cuts_text_is_told_not_to() {
    let server = MariaDb::start();
    let url = server.url();
    command(&url, "SET GLOBAL sql_mode = ''").await;
    let secret = || SecretKey::generate().unwrap();
    let keys = UserKeys::new(&secret(), "s1".parse().unwrap(), &secret()).unwrap();
    let users = SqlUsers::new(&database(&url).await, "default", keys);
    let phone = PhoneNumber::parse("+989123456789", None).unwrap();
    let made = users.create(&phone, &Profile::default()).await.unwrap();
    let consent = Consent::new("terms", "3".repeat(192));
    assert!(users.consent(&made.user.id, &consent).await.is_err());
    let record = users.record(&made.user.id).await.unwrap().unwrap();
    assert_eq!(record.consents, []);
}

/// What a client says of itself is in any letters: a database that has not all of them would let only some sign in.
#[tokio::test]
async fn a_database_without_unicode_is_refused() {
    let (url, name) = (common::postgres_database(), common::fresh("narrow"));
    let narrow = format!("CREATE DATABASE {name} ENCODING 'LATIN1' TEMPLATE template0 LOCALE 'C'");
    command(&url, narrow).await;
    let (server, _) = url.rsplit_once('/').unwrap();
    let refused = Database::connect(patient(format!("{server}/{name}"))).await;
    let error = refused.expect_err("its encoding is not UTF8");
    assert_eq!(error.kind, StoreErrorKind::Misconfigured);
    assert!(format!("{error:?}").contains("UTF8"));
}

/// FLT-4, P2: what a crash would take back, though it was answered, is told at start.
#[tokio::test]
async fn a_server_that_forgets_is_told_of() {
    let postgres = Postgres::start_with(&["-c", "fsync=on"]);
    assert!(!is_told(&postgres.url()).await);
    let lazy = "ALTER DATABASE postgres SET synchronous_commit = off";
    command(&postgres.url(), lazy).await;
    assert!(is_told(&postgres.url()).await);

    let (plain, binary_log) = (MariaDb::start(), MariaDb::start_with(&["--log-bin"]));
    assert!(!is_told(&plain.url()).await);
    let lazy = "SET GLOBAL innodb_flush_log_at_trx_commit = 2";
    command(&plain.url(), lazy).await;
    assert!(is_told(&plain.url()).await);
    // By default its binary log is not on the disk when a commit is answered, and what it lacks is undone.
    assert!(is_told(&binary_log.url()).await);
    command(&binary_log.url(), "SET GLOBAL sync_binlog = 1").await;
    assert!(!is_told(&binary_log.url()).await);
}

async fn is_told(url: &str) -> bool {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_writer(move || writer.clone())
        .finish();
    let guard = tracing::subscriber::set_default(subscriber);
    Database::connect(patient(url)).await.unwrap();
    drop(guard);
    let said = log.0.lock().unwrap().clone();
    String::from_utf8(said)
        .unwrap()
        .contains("before a commit is on its disk")
}

/// Everything that is logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// FLT-8: a server that closes idle connections sooner than we look whether they live costs nobody a call.
#[tokio::test]
async fn a_connection_closed_for_idleness_is_replaced() {
    let url = common::postgres_database();
    let (_, name) = url.rsplit_once('/').unwrap();
    let impatient = format!("ALTER DATABASE {name} SET idle_session_timeout = 50");
    command(&url, impatient).await;
    let store = SqlStore::new(&database(&url).await);
    let session = signed_in(&store, &user(), T).await;
    for counter in 0..3 {
        let cells = [cell(Count::All, &[(9, secs(60))])];
        let charged = store.charge(&cells, T).await;
        assert!(charged.is_ok(), "a transaction: {charged:?}");
        connections_end(&url).await;
        let found = store.list(&user(), T).await;
        assert!(found.is_ok(), "a look: {found:?}");
        connections_end(&url).await;
        let rotate = Rotate::new(session.id, counter, secs(10));
        let rotated = store.rotate(&rotate, T).await;
        let is_first = matches!(&rotated, Ok(Rotation::Rotated(_)));
        assert!(is_first, "a statement alone: {rotated:?}");
        connections_end(&url).await;
    }
}

/// Waits until nobody but the one who asks is connected.
async fn connections_end(url: &str) {
    use sqlx::Connection as _;
    let others = "SELECT COUNT(*) FROM pg_stat_activity \
                  WHERE datname = current_database() AND pid <> pg_backend_pid()";
    loop {
        let mut link = sqlx::PgConnection::connect(url).await.unwrap();
        let count = sqlx::query_scalar(others).fetch_one(&mut link);
        let left: i64 = count.await.unwrap();
        link.close().await.unwrap();
        if left == 0 {
            return;
        }
    }
}

/// FLT-4: a binary log of statements takes nothing of ours: that is how the server is set up, not that it is away.
#[tokio::test]
async fn a_binary_log_of_statements_is_a_setting() {
    let server = MariaDb::start_with(&["--log-bin", "--binlog-format=STATEMENT"]);
    let database = Database::connect(patient(server.url())).await.unwrap();
    let error = database.migrate().await.unwrap_err();
    assert_eq!(error.kind, StoreErrorKind::Misconfigured, "{error:?}");
}

/// FLT-4, P4: whatever isolation a server gives by itself, verbs in each other's way come to their end, and count once.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn isolation_is_not_the_servers() {
    let (postgres, mariadb) = (common::postgres_database(), MariaDb::start());
    let (_, name) = postgres.rsplit_once('/').unwrap();
    let strict =
        format!("ALTER DATABASE {name} SET default_transaction_isolation = 'serializable'");
    command(&postgres, strict).await;
    let strict = "SET GLOBAL TRANSACTION ISOLATION LEVEL SERIALIZABLE";
    command(&mariadb.url(), strict).await;
    for url in [postgres, mariadb.url()] {
        let store = Arc::new(SqlStore::new(&database(&url).await));
        let limit = cell(Count::All, &[(100, secs(60))]);
        let mut callers = tokio::task::JoinSet::new();
        for _ in 0..64 {
            let cells = [limit.clone(), cell(Count::All, &[(1, secs(60))])];
            let store = Arc::clone(&store);
            callers.spawn(async move { store.charge(&cells, T).await });
        }
        for charged in callers.join_all().await {
            assert_eq!(charged.unwrap(), Decision::Admitted);
        }
        assert_eq!(drain(&*store, &limit, T).await, 36);
    }
}
