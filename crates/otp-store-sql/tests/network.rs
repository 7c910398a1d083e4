//! Servers that are silent, and connections that are cut: bounded, counted once or not at all, and well again after.
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

use common::database;
use common::faults::{healed, proxied, try_guess, usual};
use otp_core::challenge::{Attempt, Rejection};
use otp_core::conformance::scene::{
    RIGHT, Scene, T, TRIES, WRONG, cell, drain, secs, signed_in, user,
};
use otp_core::limit::Count;
use otp_core::{
    Action, AuditSink as _, ChallengeStore, Event, Outcome, SecretKey, SessionStore as _,
    StoreErrorKind,
};
use otp_store_sql::{AuditKeys, Database, SqlAudit, SqlOptions, SqlStore};
use otp_testkit::{Fault, Proxy};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// FLT-8: a server that says nothing costs each caller the operation time-out, and is forgotten when it speaks again.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn blackhole_store_bounded_latency_and_heal() {
    for (server, url) in [
        ("Postgres", common::postgres_database()),
        ("MariaDB", common::mysql_database()),
    ] {
        let (proxy, through) = proxied(&url);
        database(&url).await;
        let store = Arc::new(SqlStore::connect(usual(&through)).await.unwrap());
        let scene = Scene::new(&store);
        scene.opened(RIGHT, T).await;
        proxy.set(Fault::BlackHole);
        let mut callers = tokio::task::JoinSet::new();
        for _ in 0..50 {
            let store = Arc::clone(&store);
            callers.spawn(async move {
                let since = Instant::now();
                let cells = [cell(Count::All, &[(1, secs(60))])];
                let refused = store.charge(&cells, T).await.unwrap_err();
                assert_eq!(refused.kind, StoreErrorKind::Unavailable);
                since.elapsed()
            });
        }
        let longest = callers.join_all().await.into_iter().max().unwrap();
        assert!(longest < Duration::from_secs(3), "{server}: {longest:?}");
        proxy.set(Fault::None);
        println!(
            "{server}: at most {longest:?}, healed after {:?}",
            healed(&store).await
        );
        scene.accepted(RIGHT, T).await;
    }
}

/// N1, FLT-6, VER-1: the connection is cut after each number of bytes that the server sends. A guess whose answer is
/// lost was counted once or not at all; one that was answered, once.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_connection_cut_anywhere_counts_once_at_most() {
    for (server, url) in [
        ("Postgres", common::postgres_database()),
        ("MariaDB", common::mysql_database()),
    ] {
        let cut = Cut::new(&url).await;
        let mut seen = [0; 3];
        // In long steps to the first that is answered, then back in short ones to one whose answer was lost.
        let mut bytes: usize = 0;
        loop {
            let end = cut.guess_after(bytes).await;
            seen[end as usize] += 1;
            if matches!(end, End::Answered) {
                break;
            }
            bytes += 70;
        }
        while seen[End::Counted as usize] == 0 && bytes > 0 {
            bytes = bytes.saturating_sub(4);
            seen[cut.guess_after(bytes).await as usize] += 1;
        }
        let [answered, counted, not] = seen;
        println!("{server}: {answered} answered, of the others {counted} counted and {not} not");
        assert!(answered > 0 && counted > 0 && not > 0, "{server}: {seen:?}");
    }
}

/// How a guess over a cut connection ended.
#[derive(Clone, Copy)]
enum End {
    Answered,
    Counted,
    NotCounted,
}

/// A store whose connection is cut, and the same without.
struct Cut {
    proxy: Proxy,
    direct: Arc<SqlStore>,
    store: SqlStore,
}

impl Cut {
    async fn new(url: &str) -> Self {
        let (proxy, through) = proxied(url);
        let direct = Arc::new(SqlStore::new(&database(url).await));
        // What is cut falls silent: each such guess lasts as long as it may.
        let one = SqlOptions::new(through).op_timeout(Duration::from_millis(250));
        let one = one.max_connections(1);
        let mut store = SqlStore::connect(one.clone()).await;
        for _ in 0..20 {
            if store.is_err() {
                store = SqlStore::connect(one.clone()).await;
            }
        }
        let store = store.unwrap();
        Self {
            proxy,
            direct,
            store,
        }
    }

    async fn guess_after(&self, bytes: usize) -> End {
        let budget = || [cell(Count::WrongGuesses, &[(20, secs(60))])];
        // A new connection took the place of the one before: its statements are prepared first.
        healed(&self.store).await;
        let warm = Scene::new(&self.direct);
        let _ = try_guess(&self.store, &warm.key, WRONG, &budget()).await;
        let (scene, budget) = (Scene::new(&self.direct), budget());
        scene.opened(RIGHT, T).await;
        self.proxy.set(Fault::CutAfter(bytes));
        let guess = try_guess(&self.store, &scene.key, WRONG, &budget).await;
        self.proxy.set(Fault::None);
        let (_, left) = scene.rejected(WRONG, T).await;
        let before = TRIES - 1 - left;
        let charged = 20 - drain(&*self.direct, &budget[0], T).await;
        assert_eq!(
            u32::from(before),
            charged,
            "half a step after {bytes} bytes"
        );
        match (guess, before) {
            (Ok(Attempt::Rejected { reason, .. }), 1) => {
                assert_eq!(reason, Rejection::Wrong);
                End::Answered
            }
            (Err(error), counted @ 0..=1) => {
                assert_eq!(error.kind, StoreErrorKind::Unavailable, "{error:?}");
                if counted == 1 {
                    End::Counted
                } else {
                    End::NotCounted
                }
            }
            other => panic!("after {bytes} bytes: {other:?}"),
        }
    }
}

/// LOG-5: events that are written over a connection that is cut again and again are each there once, in one chain.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_audit_over_a_cut_connection_is_one_chain() {
    for (server, url) in [
        ("Postgres", common::postgres_database()),
        ("MariaDB", common::mysql_database()),
    ] {
        let (proxy, through) = proxied(&url);
        database(&url).await;
        let database = Database::connect(usual(&through)).await.unwrap();
        let keys = AuditKeys::new("a1".parse().unwrap(), &SecretKey::generate().unwrap());
        let audit = SqlAudit::start(&database, "default", keys);
        let mut recorded = 0;
        for bytes in (0..1_600).step_by(80) {
            proxy.set(Fault::CutAfter(bytes));
            for _ in 0..3 {
                audit.record(&Event::new(T, Action::Verify, Outcome::Done));
                recorded += 1;
            }
            // Some are written before the cut, some meanwhile, the rest after it.
            let _ = tokio::time::timeout(Duration::from_millis(60), audit.flush()).await;
            proxy.set(Fault::None);
            audit.flush().await;
        }
        let report = audit.verify("default", None).await.unwrap();
        assert_eq!((report.rows, audit.dropped()), (recorded, 0), "{server}");
    }
}

/// FLT-8: a SQLite file that another process has locked costs each caller the operation time-out, holds up nothing else
/// of this process, and is used again when it is free.
#[cfg(feature = "sqlite")]
#[tokio::test(flavor = "current_thread")]
async fn a_locked_file_costs_bounded_time() {
    use sqlx::Connection as _;
    let url = common::sqlite_url();
    let store = Arc::new(SqlStore::new(&database(&url).await));
    let hasty = Arc::new(SqlStore::connect(usual(&url)).await.unwrap());
    let session = signed_in(&*store, &user(), T).await;
    let mut other = sqlx::SqliteConnection::connect(&url).await.unwrap();
    sqlx::raw_sql("BEGIN IMMEDIATE")
        .execute(&mut other)
        .await
        .unwrap();
    let mut callers = tokio::task::JoinSet::new();
    for _ in 0..50 {
        let store = Arc::clone(&hasty);
        callers.spawn(async move {
            let cells = [cell(Count::All, &[(1, secs(60))])];
            store.charge(&cells, T).await.is_err()
        });
    }
    let since = Instant::now();
    let mut stalled = Duration::ZERO;
    while !callers.is_empty() {
        let tick = Instant::now();
        let _ = tokio::time::timeout(Duration::from_millis(5), callers.join_next()).await;
        stalled = stalled.max(tick.elapsed());
        // Who reads does not wait.
        assert!(hasty.find(&session.id, T).await.unwrap().is_some());
    }
    println!("{:?}, at most {stalled:?} without a tick", since.elapsed());
    // One after the other they would take 25 s, and one that held up the thread would hold it for its half second.
    assert!(
        since.elapsed() < Duration::from_secs(10),
        "{:?}",
        since.elapsed()
    );
    assert!(stalled < Duration::from_millis(450), "{stalled:?}");
    sqlx::raw_sql("COMMIT").execute(&mut other).await.unwrap();
    healed(&hasty).await;
}
