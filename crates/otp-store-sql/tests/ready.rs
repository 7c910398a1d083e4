//! Whether the server would take a write: what health checks ask.
#![cfg(all(
    feature = "postgres",
    feature = "mysql",
    feature = "sqlite",
    feature = "migrate"
))]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod common;

use common::{command, database, everywhere, patient, sqlite_url};
use otp_core::Backend as _;
use otp_store_sql::SqlStore;
use otp_testkit::{MariaDb, Postgres};

/// Without its tables it is not.
#[tokio::test(flavor = "multi_thread")]
async fn a_database_with_its_tables_is_ready() {
    for (server, url) in everywhere() {
        let bare = SqlStore::connect(patient(&url)).await.unwrap();
        assert!(bare.ready().await.is_err(), "{server}");
        database(&url).await;
        bare.ready().await.unwrap();
    }
}

/// Asks until the answer is this one: a server takes a setting in its own time.
async fn becomes(store: &SqlStore, ready: bool) {
    for _ in 0..100_000 {
        if store.ready().await.is_ok() == ready {
            return;
        }
        tokio::task::yield_now().await;
    }
    panic!("ready is not {ready}");
}

/// FLT-4: Postgres that was told to take no writes, before it was connected to and after.
#[tokio::test]
async fn a_postgres_for_reading_is_not_ready() {
    let server = Postgres::start();
    let store = SqlStore::new(&database(&server.url()).await);
    store.ready().await.unwrap();
    command(
        &server.url(),
        "ALTER SYSTEM SET default_transaction_read_only = on",
    )
    .await;
    command(&server.url(), "SELECT pg_reload_conf()").await;
    becomes(&store, false).await;
    store.ping().await.unwrap();
    let late = SqlStore::connect(patient(server.url())).await.unwrap();
    assert!(late.ready().await.is_err());
    // `ALTER SYSTEM` is allowed there, and so is to read the file again.
    command(
        &server.url(),
        "ALTER SYSTEM RESET default_transaction_read_only",
    )
    .await;
    command(&server.url(), "SELECT pg_reload_conf()").await;
    becomes(&store, true).await;
    assert!(late.ready().await.is_ok());
}

/// FLT-4: a Postgres that follows another.
#[tokio::test]
async fn a_hot_standby_is_not_ready() {
    let server = Postgres::start();
    let store = SqlStore::new(&database(&server.url()).await);
    let directory = {
        use sqlx::Connection as _;
        let mut link = sqlx::PgConnection::connect(&server.url()).await.unwrap();
        let asked = sqlx::query_scalar("SHOW data_directory").fetch_one(&mut link);
        let directory: String = asked.await.unwrap();
        directory
    };
    std::fs::write(format!("{directory}/standby.signal"), "").unwrap();
    server.restart_fast();
    store.ping().await.unwrap();
    assert!(store.ready().await.is_err());
}

/// FLT-4: a replica of MySQL or MariaDB.
#[tokio::test]
async fn a_mariadb_for_reading_is_not_ready() {
    let server = MariaDb::start();
    database(&server.url()).await;
    // Whoever may do anything may write there as well.
    command(
        &server.url(),
        "CREATE USER app@'127.0.0.1' IDENTIFIED BY 'app'",
    )
    .await;
    command(&server.url(), "GRANT ALL ON otp.* TO app@'127.0.0.1'").await;
    let url = server.url().replace("otp:otp@", "app:app@");
    let store = SqlStore::connect(patient(url)).await.unwrap();
    store.ready().await.unwrap();
    command(&server.url(), "SET GLOBAL read_only = 1").await;
    store.ping().await.unwrap();
    assert!(store.ready().await.is_err());
    command(&server.url(), "SET GLOBAL read_only = 0").await;
    store.ready().await.unwrap();
}

/// FLT-4: a file that this process may only read.
#[tokio::test]
async fn a_file_for_reading_is_not_ready() {
    let url = sqlite_url();
    let keeper = SqlStore::new(&database(&url).await);
    let reader = SqlStore::connect(patient(format!("{url}?mode=ro"))).await;
    let reader = reader.unwrap();
    reader.ping().await.unwrap();
    assert!(reader.ready().await.is_err());
    keeper.ready().await.unwrap();
}
