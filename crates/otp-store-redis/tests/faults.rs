//! What breaks around the store, and what must hold all the same.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod common;

use common::{connect, heals, is_unavailable, is_unknown, keys, open, try_guess};
use futures_util::future::join_all;
use otp_core::challenge::Rejection;
use otp_core::conformance::scene::{RIGHT, Scene, T, TRIES, WRONG, is_accepted, rejection, ten};
use otp_core::{Backend as _, ChallengeStore as _, StoreErrorKind};
use otp_store_redis::RedisStore;
use otp_testkit::{Fault, Proxy, Redis, RedisOptions, RedisPair};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// R1: killed in a storm of verifies and back without its data: nobody is let in twice, everything that was asked in
/// between failed closed, and a fresh login works.
#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_restarts_empty_lets_nobody_in_twice() {
    killed_in_a_storm(&Redis::start()).await;
}

/// R3: the same with every write on disk: the restart brings the records back, and they are dead all the same.
#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_restarts_whole_lets_nobody_in_twice() {
    killed_in_a_storm(&RedisOptions::new().durable().start()).await;
}

async fn killed_in_a_storm(redis: &Redis) {
    let store = connect(redis).await;
    let scenes: Vec<_> = (0..200).map(|_| Scene::new(&store)).collect();
    for scene in &scenes {
        scene.opened(RIGHT, T).await;
    }
    let accepted = Arc::new(AtomicUsize::new(0));
    let storm = scenes.iter().cloned().map(|scene| {
        let accepted = Arc::clone(&accepted);
        tokio::spawn(async move {
            let (mut wins, mut wrong) = (0, 0);
            for n in 0..40 {
                let code = if n % 4 == 3 { RIGHT } else { WRONG };
                match try_guess(&scene, code, T).await {
                    Ok(attempt) if is_accepted(&attempt) => wins += 1,
                    Ok(attempt) => {
                        wrong += usize::from(rejection(&attempt) == Some(Rejection::Wrong))
                    }
                    Err(error) => assert_eq!(error.kind, StoreErrorKind::Unavailable),
                }
            }
            accepted.fetch_add(wins, Ordering::SeqCst);
            (wins, wrong)
        })
    });
    let storm: Vec<_> = storm.collect();
    redis.kill();
    redis.restart();
    for outcome in join_all(storm).await {
        let (wins, wrong) = outcome.unwrap();
        assert!(wins <= 1, "I1: {wins}");
        assert!(wrong <= usize::from(TRIES), "I2: {wrong}");
    }
    heals(&store).await;
    for scene in &scenes {
        let late = scene.guess(RIGHT, &[], T).await;
        assert!(is_unknown(&late), "I1: {late:?}");
    }
    for key in keys(redis) {
        assert_ne!(redis.must(&["TTL", &key]), "-1", "I9");
    }
    let fresh = Scene::new(&store);
    fresh.opened(RIGHT, T).await;
    fresh.accepted(RIGHT, T).await;
}

/// R2: a snapshot from before the code was used does not bring it back.
#[tokio::test]
async fn an_old_snapshot_revives_no_code() {
    let redis = RedisOptions::new().with("save", "3600 1000000").start();
    let store = connect(&redis).await;
    let (used, unused) = (Scene::new(&store), Scene::new(&store));
    used.opened(RIGHT, T).await;
    unused.opened(RIGHT, T).await;
    redis.must(&["SAVE"]);
    used.accepted(RIGHT, T).await;
    redis.kill();
    redis.restart();
    heals(&store).await;
    assert!(keys(&redis).len() >= 2, "the snapshot was read");
    assert!(is_unknown(&used.guess(RIGHT, &[], T).await));
    assert!(is_unknown(&unused.guess(RIGHT, &[], T).await));
    // A new code for the same phone works, under the same id as well.
    unused.opened(RIGHT, T).await;
    unused.accepted(RIGHT, T).await;
}

/// R4: the reply is lost: the guess was counted, and the caller knows nothing.
#[tokio::test]
async fn a_lost_reply_is_a_counted_guess() {
    let redis = Redis::start();
    let proxy = Proxy::to(redis.port());
    let behind = open(RedisStore::builder(&format!("redis://{}", proxy.address()))).await;
    let scene = Scene::new(&behind);
    scene.opened(RIGHT, T).await;
    scene.guess(WRONG, &[], T).await; // The script is known.
    for fault in [Fault::DropReply, Fault::CutAfter(3)] {
        proxy.set(fault);
        assert!(
            is_unavailable(&try_guess(&scene, WRONG, T).await),
            "{fault:?}"
        );
        proxy.set(Fault::None);
        heals(&behind).await;
    }
    let direct = Scene {
        store: connect(&redis).await,
        key: scene.key,
    };
    assert_eq!(direct.rejected(RIGHT, T).await, (Rejection::Locked, 0));
}

/// R4: the reply to the right guess is lost: it was used up.
#[tokio::test]
async fn a_lost_success_is_used_up() {
    let redis = Redis::start();
    let proxy = Proxy::to(redis.port());
    let behind = open(RedisStore::builder(&format!("redis://{}", proxy.address()))).await;
    let scene = Scene::new(&behind);
    scene.opened(RIGHT, T).await;
    scene.guess(WRONG, &[], T).await;
    proxy.set(Fault::DropReply);
    assert!(is_unavailable(&try_guess(&scene, RIGHT, T).await));
    proxy.set(Fault::None);
    heals(&behind).await;
    assert_eq!(scene.rejected(RIGHT, T).await.0, Rejection::Used);
}

/// R6, FLT-5, VER-3: the master used the code, its replica never heard of it and is promoted.
#[tokio::test]
async fn failover_used_code_not_accepted() {
    let pair = RedisPair::start();
    let master = connect(&pair.master).await;
    let scene = Scene::new(&master);
    scene.opened(RIGHT, T).await;
    assert_eq!(pair.master.must(&["WAIT", "1", "1000"]), "1");
    let deaf = pair.replica.stop_cont();
    scene.accepted(RIGHT, T).await;
    pair.master.kill();
    drop(deaf);
    pair.promote();
    let store = connect(&pair.replica).await;
    let promoted = Scene {
        store,
        key: scene.key,
    };
    assert!(is_unknown(&promoted.guess(RIGHT, &[], T).await));
    promoted.opened(RIGHT, T).await;
    promoted.accepted(RIGHT, T).await;
}

/// R9: the memory is full: refused, nothing counted, nothing compared; and it goes on when there is room.
#[tokio::test]
async fn a_full_server_fails_closed() {
    let redis = Redis::start();
    let store = connect(&redis).await;
    let (scene, limited) = (Scene::new(&store), ten());
    scene
        .open(&scene.start(RIGHT, T), std::slice::from_ref(&limited), T)
        .await;
    redis.must(&["CONFIG", "SET", "maxmemory", "1"]);
    let other = Scene::new(&store);
    let opened = store
        .open(&other.start(RIGHT, T), std::slice::from_ref(&limited), T)
        .await;
    assert!(is_unavailable(&opened), "{opened:?}");
    let guessed = try_guess(&scene, WRONG, T).await;
    assert!(is_unavailable(&guessed), "{guessed:?}");
    assert!(is_unavailable(
        &store.charge(std::slice::from_ref(&limited), T).await
    ));
    redis.must(&["CONFIG", "SET", "maxmemory", "0"]);
    assert_eq!(
        scene.rejected(WRONG, T).await,
        (Rejection::Wrong, TRIES - 1)
    );
    let left = otp_core::conformance::scene::drain(&*store, &limited, T).await;
    assert_eq!(left, 9, "limits intact");
}

/// R10, FLT-8: a server that hangs makes nobody wait longer than an operation may take, and is used again after.
#[tokio::test(flavor = "multi_thread")]
async fn a_hung_server_costs_bounded_time() {
    let redis = Redis::start();
    let store = connect(&redis).await;
    let scene = Scene::new(&store);
    scene.opened(RIGHT, T).await;
    let stopped = redis.stop_cont();
    for _ in 0..3 {
        let pings = join_all((0..50).map(|_| store.ping()));
        let pings = tokio::time::timeout(common::BOUND, pings).await;
        assert!(pings.expect("in time").iter().all(is_unavailable));
    }
    drop(stopped);
    heals(&store).await;
    scene.accepted(RIGHT, T).await;
}

/// R7, FLT-8: packets vanish: the connection looks alive and is not. It is given up, and a new one heals.
#[tokio::test(flavor = "multi_thread")]
async fn a_black_hole_costs_bounded_time() {
    let redis = Redis::start();
    let proxy = Proxy::to(redis.port());
    let url = format!("redis://{}", proxy.address());
    let builder = RedisStore::builder(&url).with_connection_timeout(Duration::from_millis(800));
    let store = open(builder).await;
    let scene = Scene::new(&store);
    scene.opened(RIGHT, T).await;
    proxy.set(Fault::BlackHole);
    for _ in 0..5 {
        let guess = tokio::time::timeout(common::BOUND, try_guess(&scene, WRONG, T));
        assert!(is_unavailable(&guess.await.expect("in time")));
    }
    proxy.set(Fault::None);
    heals(&store).await;
    scene.accepted(RIGHT, T).await;
}

/// FLT-8: refused and reset connections fail at once, and heal.
#[tokio::test]
async fn a_reset_heals() {
    let redis = Redis::start();
    let proxy = Proxy::to(redis.port());
    let store = open(RedisStore::builder(&format!("redis://{}", proxy.address()))).await;
    for _ in 0..5 {
        proxy.set(Fault::Reset);
        assert!(is_unavailable(&store.ping().await));
        proxy.set(Fault::None);
        heals(&store).await;
    }
}

/// FLT-8: late, but in time.
#[tokio::test]
async fn a_slow_network_is_only_slow() {
    let redis = Redis::start();
    let proxy = Proxy::to(redis.port());
    let store = open(RedisStore::builder(&format!("redis://{}", proxy.address()))).await;
    proxy.set(Fault::Delay(Duration::from_millis(20)));
    let scene = Scene::new(&store);
    scene.opened(RIGHT, T).await;
    scene.accepted(RIGHT, T).await;
}
