//! Servers that are killed and restarted in a storm: nothing that was answered is lost, and all is well again without
//! a restart of ours.
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

use common::faults::{healed, try_guess, usual_store};
use otp_core::challenge::Rejection;
use otp_core::conformance::scene::{RIGHT, Scene, T, cell, drain, secs, signed_in, user};
use otp_core::limit::{Cell, Count, Decision};
use otp_core::{ChallengeStore, SessionStore, StoreErrorKind};
use otp_store_sql::SqlStore;
use otp_testkit::{MariaDb, Postgres};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

/// Charges from eight callers until `killed` is called after `enough` answers; says how many were answered.
async fn storm(
    store: &Arc<SqlStore>,
    limit: &Cell,
    enough: u32,
    kill: impl FnOnce(),
) -> (u32, u32) {
    let (acked, unknown) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicU32::new(0)));
    let mut callers = tokio::task::JoinSet::new();
    let over = Arc::new(AtomicBool::new(false));
    for _ in 0..8 {
        let (store, limit) = (Arc::clone(store), limit.clone());
        let (acked, unknown) = (Arc::clone(&acked), Arc::clone(&unknown));
        let over = Arc::clone(&over);
        callers.spawn(async move {
            while !over.load(Ordering::SeqCst) {
                match store.charge(std::slice::from_ref(&limit), T).await {
                    Ok(Decision::Admitted) => acked.fetch_add(1, Ordering::SeqCst),
                    Ok(Decision::Refused(_)) => panic!("the quota is larger than that"),
                    Err(_) => {
                        unknown.fetch_add(1, Ordering::SeqCst);
                        break;
                    }
                };
            }
        });
    }
    while acked.load(Ordering::SeqCst) < enough {
        tokio::task::yield_now().await;
    }
    tokio::task::block_in_place(kill);
    over.store(true, Ordering::SeqCst);
    callers.join_all().await;
    (acked.load(Ordering::SeqCst), unknown.load(Ordering::SeqCst))
}

/// What is left of `quota` after the storm tells what was counted: all that was answered, at most what was asked.
async fn counted(store: &SqlStore, limit: &Cell, quota: u32, (acked, unknown): (u32, u32)) {
    healed(store).await;
    let counted = quota - drain(store, limit, T).await;
    println!("{acked} answered, {unknown} unknown, {counted} counted");
    assert!(
        counted >= acked,
        "{} that were answered are lost",
        acked - counted
    );
    assert!(counted <= acked + unknown, "counted twice");
}

/// P1: SIGKILL for Postgres in a storm; 0 of what was answered is lost.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn postgres_killed_loses_nothing_answered() {
    let server = Postgres::start();
    let store = usual_store(&server.url()).await;
    let scene = Scene::new(&store);
    scene.opened(RIGHT, T).await;
    scene.accepted(RIGHT, T).await;
    let session = signed_in(&*store, &user(), T).await;
    let limit = cell(Count::All, &[(1_500, secs(86_400))]);
    let told = storm(&store, &limit, 400, || server.kill()).await;
    let refused = try_guess(&store, &scene.key, RIGHT, &[]).await;
    assert_eq!(
        refused.err().map(|error| error.kind),
        Some(StoreErrorKind::Unavailable)
    );
    server.restart();
    counted(&store, &limit, 1_500, told).await;
    // VER-3: what was used stays used.
    assert_eq!(scene.rejected(RIGHT, T).await.0, Rejection::Used);
    assert_eq!(store.find(&session.id, T).await.unwrap(), Some(session));
}

/// M1: SIGKILL for MariaDB in a storm; 0 of what was answered is lost.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn mariadb_killed_loses_nothing_answered() {
    let server = MariaDb::start();
    let store = usual_store(&server.url()).await;
    let scene = Scene::new(&store);
    scene.opened(RIGHT, T).await;
    scene.accepted(RIGHT, T).await;
    let limit = cell(Count::All, &[(1_500, secs(86_400))]);
    let told = storm(&store, &limit, 400, || server.kill()).await;
    server.restart();
    counted(&store, &limit, 1_500, told).await;
    assert_eq!(scene.rejected(RIGHT, T).await.0, Rejection::Used);
}

/// P3: a restart under load; refused while it lasts, well again soon after, by itself.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn postgres_restarted_heals() {
    let server = Postgres::start();
    let store = usual_store(&server.url()).await;
    for fast in [true, false] {
        let limit = cell(Count::All, &[(1_500, secs(86_400))]);
        let told = storm(&store, &limit, 200, || {
            if fast {
                server.restart_fast();
            } else {
                server.restart();
            }
        });
        // Callers whose connection broke before their commit begin again: many do not notice the restart.
        let told = told.await;
        println!("healed after {:?}", healed(&store).await);
        counted(&store, &limit, 1_500, told).await;
    }
}
