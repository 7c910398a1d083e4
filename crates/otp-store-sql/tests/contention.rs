//! Callers in each other's way, and callers that go away.
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

use common::{database, patient};
use otp_core::challenge::Rejection;
use otp_core::conformance::scene::{RIGHT, Scene, T, WRONG, cell, drain, is_accepted, secs};
use otp_core::limit::{Cell, Count, Decision};
use otp_core::{
    ChallengeStore, PhoneNumber, Profile, Resolved, SecretKey, StoreErrorKind, UserDirectory as _,
};
use otp_store_sql::{SqlStore, SqlUsers, UserKeys};
use std::sync::Arc;

/// VER-1, P5: a caller that goes away after its first await takes nothing back.
#[tokio::test(flavor = "current_thread")]
async fn attempt_survives_handler_rollback() {
    for (server, url) in common::everywhere() {
        let store = Arc::new(
            SqlStore::connect(patient(&url).max_connections(1))
                .await
                .unwrap(),
        );
        database(&url).await;
        let scene = Scene::new(&store);
        scene.opened(RIGHT, T).await;
        for expected in [1, 0] {
            {
                let mut guess = std::pin::pin!(scene.guess(WRONG, &[], T));
                let pending = std::future::poll_fn(|context| {
                    std::task::Poll::Ready(guess.as_mut().poll(context).is_pending())
                });
                assert!(pending.await, "{server}");
            }
            // One connection, and callers are served in their order: the abandoned guess comes first.
            if expected == 1 {
                assert_eq!(
                    scene.rejected(WRONG, T).await,
                    (Rejection::Wrong, expected),
                    "{server}"
                );
            }
        }
        assert_eq!(
            scene.rejected(RIGHT, T).await.0,
            Rejection::Locked,
            "{server}"
        );
    }
}

/// FLT-7: sqlx asks MySQL for rows met, not changed; the winner is still one.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn found_rows_winner_once() {
    let store = Arc::new(SqlStore::new(&database(&common::mysql_database()).await));
    for _ in 0..10 {
        let scene = Arc::new(Scene::new(&store));
        scene.opened(RIGHT, T).await;
        let mut callers = tokio::task::JoinSet::new();
        for _ in 0..32 {
            let scene = Arc::clone(&scene);
            callers.spawn(async move { is_accepted(&scene.guess(RIGHT, &[], T).await) });
        }
        let won = callers
            .join_all()
            .await
            .into_iter()
            .filter(|won| *won)
            .count();
        assert_eq!(won, 1);
    }
}

/// FLT-7, P4: verbs over the same limits in every order do not deadlock; with a stranger who locks them the wrong way
/// round the server ends one of the two, and the verb begins again.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn deadlock_storm_progress() {
    for (server, url) in [
        ("Postgres", common::postgres_database()),
        ("MariaDB", common::mysql_database()),
    ] {
        let database = database(&url).await;
        let before = deadlocks(&url).await;
        let store = Arc::new(SqlStore::new(&database));
        let limits: Vec<Cell> = (0..6)
            .map(|_| cell(Count::All, &[(600, secs(60))]))
            .collect();
        let mut callers = tokio::task::JoinSet::new();
        for caller in 0..32 {
            let (store, mut mine) = (Arc::clone(&store), limits.clone());
            callers.spawn(async move {
                for round in 0..10 {
                    mine.rotate_left((caller + round) % 6);
                    if caller % 2 == 0 {
                        mine.reverse();
                    }
                    let charged = store.charge(&mine, T).await.unwrap();
                    assert_eq!(charged, Decision::Admitted);
                    store.purge_challenges(T - secs(86_400), 10).await.unwrap();
                }
            });
        }
        callers.join_all().await;
        assert_eq!(
            deadlocks(&url).await,
            before,
            "{server}: our own verbs never deadlock"
        );
        strangled(&store, &url, &limits).await;
        println!(
            "{server}: {} deadlocks with a stranger",
            deadlocks(&url).await - before
        );
        let left = drain(&*store, &limits[0], T).await;
        assert_eq!(
            left,
            600 - 32 * 10 - 8 * 5,
            "{server}: each charge counts once"
        );
    }
}

/// Charges while a stranger locks the same rows, highest first.
async fn strangled(store: &Arc<SqlStore>, url: &str, limits: &[Cell]) {
    let mut keys: Vec<_> = limits.iter().map(|limit| *limit.key.as_bytes()).collect();
    keys.sort_unstable();
    keys.reverse();
    let update = |key: &[u8; 16]| {
        let hex: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
        let key = if url.starts_with("postgres") {
            format!("'\\x{hex}'")
        } else {
            format!("X'{hex}'")
        };
        format!("UPDATE otp_limits SET forgotten_at = forgotten_at + 1 WHERE cell_key = {key};")
    };
    let statements: String = keys.iter().map(update).collect();
    let mut all = tokio::task::JoinSet::new();
    for _ in 0..2 {
        let (url, statements) = (url.to_owned(), format!("BEGIN; {statements} COMMIT;"));
        all.spawn(async move {
            for _ in 0..20 {
                // The server may end the stranger in place of us.
                let _ = common::try_command(&url, statements.clone()).await;
            }
        });
    }
    for _ in 0..8 {
        let (store, limits) = (Arc::clone(store), limits.to_vec());
        all.spawn(async move {
            for _ in 0..5 {
                while let Err(error) = store.charge(&limits, T).await {
                    // Its retries are bounded; it says that nothing happened, and may be asked again.
                    assert_eq!(error.kind, StoreErrorKind::Contended, "{error:?}");
                }
            }
        });
    }
    all.join_all().await;
}

async fn deadlocks(url: &str) -> i64 {
    use sqlx::Connection as _;
    if url.starts_with("postgres") {
        let mut link = sqlx::PgConnection::connect(url).await.unwrap();
        let ask = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()";
        return sqlx::query_scalar(ask).fetch_one(&mut link).await.unwrap();
    }
    let mut link = sqlx::MySqlConnection::connect(url).await.unwrap();
    let ask = "SELECT CAST(variable_value AS SIGNED) FROM information_schema.global_status \
               WHERE variable_name = 'INNODB_DEADLOCKS'";
    sqlx::query_scalar(ask).fetch_one(&mut link).await.unwrap()
}

/// FLT-7: a statement that is a transaction by itself, and was undone for a deadlock, is begun again as well: a login
/// does not fail because the row of its user is changed from the other end.
#[tokio::test(flavor = "multi_thread")]
async fn a_statement_alone_is_begun_again() {
    use sqlx::Connection as _;
    let url = common::mysql_database();
    let secret = || SecretKey::generate().unwrap();
    let keys = UserKeys::new(&secret(), "s1".parse().unwrap(), &secret()).unwrap();
    let users = SqlUsers::new(&database(&url).await, "default", keys);
    let phone = PhoneNumber::parse("+989123456789", None).unwrap();
    let made = users.create(&phone, &Profile::default()).await.unwrap();
    for other in 10..60 {
        let other = PhoneNumber::parse(&format!("+9891234567{other}"), None).unwrap();
        users.create(&other, &Profile::default()).await.unwrap();
    }
    let mut stranger = sqlx::MySqlConnection::connect(&url).await.unwrap();
    // The row, and when the login waits for it behind its index, the index.
    let change = |what| {
        let id = &made.user.id;
        let change =
            format!("UPDATE otp_users SET {what} WHERE tenant = 'default' AND id = '{id}'");
        sqlx::raw_sql(sqlx::AssertSqlSafe(change))
    };
    sqlx::raw_sql("BEGIN").execute(&mut stranger).await.unwrap();
    let row = change("created_at = created_at + 1");
    row.execute(&mut stranger).await.unwrap();
    let login = tokio::spawn(async move { users.resolve(&phone).await });
    let mut watcher = sqlx::MySqlConnection::connect(&url).await.unwrap();
    let waiting = "SELECT COUNT(*) FROM information_schema.innodb_trx WHERE trx_state = 'LOCK WAIT' \
                   AND trx_query LIKE 'UPDATE otp_users SET last_login%'";
    let waits = || sqlx::query_scalar::<_, i64>(waiting);
    while waits().fetch_one(&mut watcher).await.unwrap() == 0 {}
    let index = change("phone_index = REVERSE(phone_index)");
    index.execute(&mut stranger).await.unwrap();
    sqlx::raw_sql("ROLLBACK")
        .execute(&mut stranger)
        .await
        .unwrap();
    let known = login.await.unwrap().unwrap();
    assert!(matches!(known, Resolved::Known(user) if user.id == made.user.id));
}
