//! Sentinels whose master dies.
#![cfg(feature = "sentinel")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod common;

use common::{heals, is_unknown, open};
use otp_core::conformance::scene::{RIGHT, Scene, T, signed_in, user};
use otp_core::{SessionStore as _, StoreErrorKind};
use otp_store_redis::RedisStore;
use otp_testkit::{Fault, Proxy, RedisSentinel};

/// FLT-5, I10: the store follows the Sentinels to the new master; codes from before are dead, new ones work.
#[tokio::test(flavor = "multi_thread")]
async fn sentinel_failover_is_followed() {
    let watched = RedisSentinel::start();
    let store = open(RedisStore::builder(&watched.url())).await;
    let scene = Scene::new(&store);
    scene.opened(RIGHT, T).await;
    let owner = user();
    let session = signed_in(&*store, &owner, T).await;
    watched.pair.master.must(&["WAIT", "1", "1000"]);
    watched.fail_over();
    heals(&store).await;
    assert!(is_unknown(&scene.guess(RIGHT, &[], T).await));
    assert_eq!(
        store.find(&session.id, T).await.unwrap(),
        Some(session),
        "it was replicated"
    );
    scene.opened(RIGHT, T).await;
    scene.accepted(RIGHT, T).await;
}

/// R7: the old master comes back as it was, before the Sentinels have told it; nobody is sent there.
#[tokio::test(flavor = "multi_thread")]
async fn the_old_master_is_not_asked_again() {
    let watched = RedisSentinel::start();
    let store = open(RedisStore::builder(&watched.url())).await;
    watched.fail_over();
    heals(&store).await;
    watched.pair.master.restart();
    let scene = Scene::new(&store);
    scene.opened(RIGHT, T).await;
    scene.accepted(RIGHT, T).await;
    let keys = watched.pair.replica.must(&["DBSIZE"]);
    assert_ne!(keys, "0");
}

/// FLT-8, I10: Sentinels that cannot be reached, and say nothing, keep nobody from those that can, also when the master
/// changes.
#[tokio::test(flavor = "multi_thread")]
async fn silent_sentinels_are_passed_over() {
    let watched = RedisSentinel::start();
    let silent: Vec<_> = (0..2)
        .map(|_| Proxy::to(watched.sentinels[0].port()))
        .collect();
    silent.iter().for_each(|proxy| proxy.set(Fault::BlackHole));
    let hosts: Vec<_> = silent.iter().map(Proxy::address).collect();
    let url = watched.url();
    let url = url.replace(
        "redis+sentinel://",
        &format!("redis+sentinel://{},", hosts.join(",")),
    );
    let store = open(RedisStore::builder(&url)).await;
    watched.fail_over();
    heals(&store).await;
    let scene = Scene::new(&store);
    scene.opened(RIGHT, T).await;
    scene.accepted(RIGHT, T).await;
}

/// The Sentinels' password and the master's are two: each is shown to its own alone.
#[tokio::test(flavor = "multi_thread")]
async fn sentinels_have_a_login_of_their_own() {
    let watched = RedisSentinel::start();
    watched
        .pair
        .master
        .must(&["CONFIG", "SET", "requirepass", "the-masters"]);
    watched.guard("otp", "the-sentinels");
    let url = watched
        .url()
        .replace("redis+sentinel://", "redis+sentinel://:the-masters@");
    let builder = RedisStore::builder(&url);
    for (user, password) in [(Some("otp"), "the-masters"), (None, "the-sentinels")] {
        let refused = builder.clone().with_sentinel_login(user, password);
        let error = refused.connect().await.unwrap_err();
        assert_eq!(error.kind, StoreErrorKind::Misconfigured, "{error:?}");
        assert!(!format!("{error:?}").contains("the-"), "{error:?}");
    }
    assert!(builder.clone().connect().await.is_err(), "as nobody");
    let store = open(builder.with_sentinel_login(Some("otp"), "the-sentinels")).await;
    let scene = Scene::new(&store);
    scene.opened(RIGHT, T).await;
    scene.accepted(RIGHT, T).await;
}
