//! The tables: made once by however many nodes, beside the host's own, and by the plain text as well.
#![cfg(all(
    feature = "migrate",
    any(feature = "postgres", feature = "mysql", feature = "sqlite")
))]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test fails by panicking, and tells what it saw"
)]

mod common;

use common::{command, everywhere, patient, sqlite_url, try_command};
use otp_core::conformance::scene::{MS, RIGHT, Scene, T, report, sent};
use otp_core::{Delivery, DeliveryState, DeliveryStore as _};
use otp_store_sql::{Database, SqlStore, migrations};
use std::sync::Arc;

async fn works(database: &Database) {
    let store = Arc::new(SqlStore::new(database));
    let scene = Scene::new(&store);
    scene.opened(RIGHT, T).await;
    scene.accepted(RIGHT, T).await;
}

/// FLT-9: nodes that start together make the tables once.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nodes_migrate_at_once() {
    for (server, url) in everywhere() {
        let mut nodes = tokio::task::JoinSet::new();
        for _ in 0..6 {
            let url = url.clone();
            nodes.spawn(async move {
                let database = Database::connect(patient(url)).await.unwrap();
                database.migrate().await.map(|()| database)
            });
        }
        for migrated in nodes.join_all().await {
            let database = migrated.unwrap_or_else(|error| panic!("{server}: {error:?}"));
            works(&database).await;
        }
    }
}

/// A server that may not change tables can ask what is missing, before there is any and after.
#[tokio::test(flavor = "multi_thread")]
async fn pending_tells_what_is_still_to_run() {
    for (server, url) in everywhere() {
        let database = Database::connect(patient(url)).await.unwrap();
        let all = migrations(database.dialect());
        assert_eq!(database.pending().await.unwrap(), all, "{server}");
        database.migrate().await.unwrap();
        assert_eq!(database.pending().await.unwrap(), [], "{server}");
    }
}

/// The host's migrations have numbers of their own, in the table where sqlx puts them.
#[tokio::test(flavor = "multi_thread")]
async fn the_hosts_first_migration_is_not_ours() {
    for (server, url) in everywhere() {
        let bytes = if url.starts_with("postgres") {
            "BYTEA"
        } else {
            "BLOB"
        };
        let table = format!(
            "CREATE TABLE _sqlx_migrations (version BIGINT PRIMARY KEY, description TEXT NOT NULL, \
             installed_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP, success BOOLEAN NOT NULL, \
             checksum {bytes} NOT NULL, execution_time BIGINT NOT NULL)"
        );
        command(&url, table).await;
        let first = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
                     VALUES (1, 'the host', TRUE, '00', 1)";
        command(&url, first).await;
        let database = Database::connect(patient(&url)).await.unwrap();
        database
            .migrate()
            .await
            .unwrap_or_else(|error| panic!("{server}: {error:?}"));
        database.migrate().await.unwrap();
        works(&database).await;
        let again = try_command(&url, first.to_owned()).await;
        assert!(again.is_err(), "{server}: the host's row is where it was");
    }
}

/// FLT-9: a database that a newer version has migrated is not refused.
#[tokio::test(flavor = "multi_thread")]
async fn a_newer_version_may_have_been_here() {
    for (server, url) in everywhere() {
        let database = common::database(&url).await;
        let newer = "INSERT INTO _otp_migrations (version, description, success, checksum, execution_time) \
                     VALUES (9000, 'from the future', TRUE, '00', 1)";
        command(&url, newer).await;
        database
            .migrate()
            .await
            .unwrap_or_else(|error| panic!("{server}: {error:?}"));
        works(&database).await;
    }
}

/// FLT-9: a database of the first version is brought up to date, and keeps what is in it.
#[tokio::test(flavor = "multi_thread")]
async fn a_database_of_the_first_version_is_upgraded() {
    for (server, url) in everywhere() {
        let database = common::database(&url).await;
        for back in [
            "DROP TABLE otp_messages",
            "DROP TABLE otp_reports",
            "DELETE FROM _otp_migrations WHERE version > 1",
        ] {
            command(&url, back).await;
        }
        let store = Arc::new(SqlStore::new(&database));
        let scene = Scene::new(&store);
        scene.opened(RIGHT, T).await;
        let (message, named) = sent(T);
        let noted = store.note(&scene.key, &named, T + MS, T).await;
        assert!(noted.is_err(), "{server}: there is no table");
        assert_eq!(database.pending().await.unwrap()[0].version, 2, "{server}");
        database
            .migrate()
            .await
            .unwrap_or_else(|error| panic!("{server}: {error:?}"));
        assert_eq!(database.pending().await.unwrap(), [], "{server}");
        scene.note(&named, T + MS, T).await;
        report(&*store, &message, DeliveryState::Read, T + MS, T).await;
        let told = Delivery::of(named, Some(DeliveryState::Read));
        assert_eq!(scene.delivery(T).await, Some(told), "{server}");
        scene.accepted(RIGHT, T).await;
    }
}

/// A team with a migrator of its own runs the text as it is.
#[tokio::test(flavor = "multi_thread")]
async fn the_plain_text_makes_the_tables() {
    for (_, url) in everywhere() {
        let database = Database::connect(patient(&url)).await.unwrap();
        for step in migrations(database.dialect()) {
            command(&url, step.sql).await;
        }
        works(&database).await;
    }
}

/// MySQL commits every definition by itself: a node that was killed between two of them leaves a step that is noted
/// as begun. The next node takes it up again.
#[cfg(feature = "mysql")]
#[tokio::test(flavor = "multi_thread")]
async fn a_step_that_was_cut_short_is_run_again() {
    let url = common::mysql_database();
    let noted = "CREATE TABLE _otp_migrations (version BIGINT PRIMARY KEY, description TEXT NOT NULL, \
                 installed_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP, success BOOLEAN NOT NULL, \
                 checksum BLOB NOT NULL, execution_time BIGINT NOT NULL); \
                 INSERT INTO _otp_migrations (version, description, success, checksum, execution_time) \
                 VALUES (1, 'initial', FALSE, '00', -1)";
    command(&url, noted).await;
    let database = Database::connect(patient(&url)).await.unwrap();
    let step = migrations(database.dialect())[0].sql;
    let cut = step
        .find("CREATE TABLE IF NOT EXISTS otp_sessions")
        .unwrap();
    command(&url, &step[..cut]).await;
    assert_eq!(database.pending().await.unwrap().len(), 2);
    database.migrate().await.unwrap();
    assert_eq!(database.pending().await.unwrap(), []);
    works(&database).await;
}

/// FLT-9: a new SQLite file that many nodes open at the same instant is opened by all of them.
#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn nodes_open_a_new_file_at_once() {
    for round in 0..20 {
        let url = sqlite_url();
        let together = Arc::new(tokio::sync::Barrier::new(8));
        let mut nodes = tokio::task::JoinSet::new();
        for _ in 0..8 {
            let (url, together) = (url.clone(), Arc::clone(&together));
            nodes.spawn(async move {
                together.wait().await;
                Database::connect(patient(url)).await
            });
        }
        for opened in nodes.join_all().await {
            opened.unwrap_or_else(|error| panic!("round {round}: {error:?}"));
        }
    }
}

/// FLT-9: wherever the connection of a node that migrates is cut, the next node takes it up and brings it to its end.
#[cfg(all(feature = "postgres", feature = "mysql"))]
#[tokio::test(flavor = "multi_thread")]
async fn a_migration_that_is_cut_anywhere_is_taken_up() {
    let fresh = [common::postgres_database, common::mysql_database];
    for fresh in fresh {
        let mut cut = 0;
        for bytes in (0..).step_by(200) {
            let url = fresh();
            let (proxy, through) = common::faults::proxied(&url);
            let node = Database::connect(patient(through)).await.unwrap();
            proxy.set(otp_testkit::Fault::CutAfter(bytes));
            let whole = node.migrate().await.is_ok();
            proxy.set(otp_testkit::Fault::None);
            let next = Database::connect(patient(&url)).await.unwrap();
            let migrated = next.migrate().await;
            assert!(migrated.is_ok(), "after {bytes} bytes: {migrated:?}");
            if whole {
                works(&next).await;
                break;
            }
            cut += 1;
        }
        assert!(cut > 3, "{cut} cuts");
    }
}
