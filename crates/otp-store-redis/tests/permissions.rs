//! The permissions that the docs ask for are enough.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod common;

use common::open;
use otp_core::Backend as _;
use otp_core::conformance::scene::{
    GRACE, RIGHT, Scene, T, WRONG, cell, is_accepted, report, secs, sent, signed_in, ten, user,
};
use otp_core::limit::Count;
use otp_core::session::{Revoke, Rotate};
use otp_core::{ChallengeStore as _, DeliveryState, SessionStore as _};
use otp_store_redis::{Durability, RedisStore};
use otp_testkit::{Redis, RedisPair};
use std::sync::Arc;
use std::time::Duration;

/// As in the crate's docs, with what a Cluster needs besides.
fn permit(server: &Redis, more: &[&str]) {
    let user = "ACL SETUSER otp on >right +@read +@write +@scripting +@transaction +@connection +info +time +wait ~otp:*";
    let words: Vec<_> = user.split(' ').chain(more.iter().copied()).collect();
    server.must(&words);
}

fn as_user(url: &str) -> String {
    url.replace("://", "://otp:right@")
}

async fn everything(store: Arc<RedisStore>) {
    store.ping().await.unwrap();
    store.ready().await.unwrap();
    let scene = Scene::new(&store);
    let cells = [ten(), cell(Count::Distinct(7), &[(3, secs(60))])];
    scene.open(&scene.start(RIGHT, T), &cells, T).await;
    scene.guess(WRONG, &cells, T).await;
    scene.open(&scene.resend(WRONG, T), &cells, T).await;
    scene.refund(WRONG, &cells, T).await;
    scene.guess(RIGHT, &cells, T).await;
    scene.opened(RIGHT, T).await;
    assert!(is_accepted(&scene.approve(RIGHT, T, &cells, T).await));
    let ((message, named), until) = (sent(T), T + secs(60));
    scene.note(&named, until, T).await;
    report(&*store, &message, DeliveryState::Read, until, T).await;
    assert!(scene.delivery(T).await.is_some());
    store.charge(&cells, T).await.unwrap();
    let owner = user();
    let session = signed_in(&*store, &owner, T).await;
    for _ in 0..2 {
        let rotate = Rotate::new(session.id, 0, GRACE);
        store.rotate(&rotate, T).await.unwrap();
    }
    assert_eq!(store.list(&owner, T).await.unwrap().len(), 1);
    assert!(store.find(&session.id, T).await.unwrap().is_some());
    let (one, all) = (Revoke::Session(session.id), Revoke::User(owner));
    assert_eq!(store.revoke(&one, T).await.unwrap(), 1);
    assert_eq!(store.revoke(&one, T).await.unwrap(), 0);
    assert_eq!(store.revoke(&all, T).await.unwrap(), 0);
    assert_eq!(store.revoke(&all, T).await.unwrap(), 0);
}

#[tokio::test]
async fn a_user_of_one_server() {
    let redis = Redis::start();
    permit(&redis, &[]);
    everything(open(RedisStore::builder(&as_user(&redis.url()))).await).await;
}

#[tokio::test]
async fn a_user_who_waits_for_replicas() {
    let pair = RedisPair::start();
    permit(&pair.master, &[]);
    let url = as_user(&pair.master.url());
    let durability = Durability::Replicated {
        replicas: 1,
        timeout: Duration::from_secs(2),
    };
    let builder = RedisStore::builder(&url).with_durability(durability);
    everything(open(builder.with_operation_timeout(Duration::from_secs(5))).await).await;
}

#[cfg(feature = "sentinel")]
#[tokio::test]
async fn a_user_behind_sentinels() {
    let sentinel = otp_testkit::RedisSentinel::start();
    permit(&sentinel.pair.master, &[]);
    everything(open(RedisStore::builder(&as_user(&sentinel.url()))).await).await;
}

#[cfg(feature = "cluster")]
#[tokio::test(flavor = "multi_thread")]
async fn a_user_of_a_cluster() {
    let cluster = otp_testkit::RedisCluster::start();
    for node in cluster.nodes() {
        permit(node, &["+cluster|slots", "+asking"]);
    }
    let store = open(RedisStore::builder(&as_user(&cluster.url()))).await;
    everything(store).await;
}
