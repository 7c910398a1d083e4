//! A master that is made a replica while connections to it are open, as a managed service does it: no Sentinel, and
//! nobody closes them.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod common;

use common::open;
use otp_core::ChallengeStore as _;
use otp_core::conformance::scene::{RIGHT, Scene, T};
use otp_store_redis::{Durability, RedisStore};
use otp_testkit::{Proxy, RedisPair};
use std::time::Duration;

/// FLT-8, I10: whoever hears that a server takes no writes any more asks its address anew.
async fn is_left(durability: Durability) {
    let pair = RedisPair::start();
    let address = Proxy::to(pair.master.port());
    let builder = RedisStore::builder(&format!("redis://{}", address.address()));
    let builder = builder.with_operation_timeout(Duration::from_secs(5));
    let store = open(builder.with_durability(durability)).await;
    for _ in 0..16 {
        Scene::new(&store).opened(RIGHT, T).await;
    }
    pair.promote();
    let of = pair.replica.port().to_string();
    pair.master.must(&["REPLICAOF", "127.0.0.1", &of]);
    address.lead_to(pair.replica.port());
    // Of several connections each hears it for itself.
    for _ in 0..16 {
        let scene = Scene::new(&store);
        let heals = async {
            while store.open(&scene.start(RIGHT, T), &[], T).await.is_err() {
                tokio::task::yield_now().await;
            }
        };
        let heals = tokio::time::timeout(Duration::from_secs(30), heals);
        heals.await.expect("the store writes to the new master");
    }
}

#[tokio::test]
async fn a_demoted_master_is_left() {
    is_left(Durability::Local).await;
}

#[tokio::test]
async fn a_demoted_master_is_left_where_replicas_are_waited_for() {
    is_left(Durability::Replicated {
        replicas: 1,
        timeout: Duration::from_secs(2),
    })
    .await;
}
