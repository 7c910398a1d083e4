//! Whether the server would take a write: what health checks ask.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod common;

use common::{connect, is_unavailable, keys, open};
use otp_core::Backend as _;
use otp_store_redis::{Durability, RedisStore};
use otp_testkit::{Redis, RedisOptions, RedisPair, until};
use std::time::Duration;

/// It leaves nothing behind.
#[tokio::test]
async fn a_server_that_takes_writes_is_ready() {
    let redis = Redis::start();
    let store = connect(&redis).await;
    store.ready().await.unwrap();
    redis.must(&["SCRIPT", "FLUSH"]);
    store.ready().await.unwrap();
    assert!(keys(&redis).is_empty());
}

/// FLT-4: too few replicas, or no room: it answers, and would refuse every verb.
#[tokio::test]
async fn a_server_that_refuses_writes_is_not_ready() {
    let redis = Redis::start();
    let store = connect(&redis).await;
    for (setting, refuses, takes) in [("min-replicas-to-write", "1", "0"), ("maxmemory", "1", "0")]
    {
        redis.must(&["CONFIG", "SET", setting, refuses]);
        store.ping().await.unwrap();
        let ready = store.ready().await;
        assert!(is_unavailable(&ready), "{setting}: {ready:?}");
        redis.must(&["CONFIG", "SET", setting, takes]);
        store.ready().await.unwrap();
    }
}

/// FLT-4: a snapshot that failed, as on a full disk, and the server takes no writes until one succeeds.
#[tokio::test]
async fn a_server_without_a_disk_is_not_ready() {
    let redis = RedisOptions::new().with("save", "3600 1").start();
    let store = connect(&redis).await;
    store.ready().await.unwrap();
    // A directory in the place of its file cannot be written over.
    let directory = redis.must(&["CONFIG", "GET", "dir"]);
    let place = std::path::Path::new(directory.lines().nth(1).unwrap()).join("dump.rdb");
    std::fs::create_dir_all(place.join("full")).unwrap();
    redis.must(&["BGSAVE"]);
    until("the failure", Duration::from_secs(60), || {
        redis
            .info("persistence", "rdb_last_bgsave_status")
            .as_deref()
            == Some("err")
    });
    let ready = store.ready().await;
    assert!(is_unavailable(&ready), "{ready:?}");
    std::fs::remove_dir_all(place).unwrap();
    redis.must(&["SAVE"]);
    store.ready().await.unwrap();
}

/// FLT-8: a master that was made a replica is not; its address is asked anew, and may lead to the new master.
#[tokio::test]
async fn a_replica_is_not_ready() {
    let pair = RedisPair::start();
    let store = connect(&pair.master).await;
    store.ready().await.unwrap();
    pair.promote();
    let of = pair.replica.port().to_string();
    pair.master.must(&["REPLICAOF", "127.0.0.1", &of]);
    assert!(is_unavailable(&store.ready().await));
    assert!(is_unavailable(&store.ready().await));
    pair.master.must(&["REPLICAOF", "NO", "ONE"]);
    store.ready().await.unwrap();
}

/// FLT-5: where replicas are waited for, no verb succeeds without them.
#[tokio::test]
async fn without_its_replicas_it_is_not_ready() {
    let pair = RedisPair::start();
    let builder = RedisStore::builder(&pair.master.url()).with_durability(Durability::Replicated {
        replicas: 1,
        timeout: Duration::from_secs(2),
    });
    let store = open(builder.with_operation_timeout(Duration::from_secs(5))).await;
    store.ready().await.unwrap();
    pair.replica.kill();
    assert!(is_unavailable(&store.ready().await));
}

/// FLT-4: one of a Cluster's masters is enough: its share of the numbers is sent no code.
#[cfg(feature = "cluster")]
#[tokio::test(flavor = "multi_thread")]
async fn every_master_of_a_cluster_is_asked() {
    let cluster = otp_testkit::RedisCluster::start();
    let store = open(RedisStore::builder(&cluster.url())).await;
    store.ready().await.unwrap();
    for node in cluster.nodes() {
        if node.info("replication", "role").as_deref() != Some("master") {
            continue;
        }
        node.must(&["CONFIG", "SET", "min-replicas-to-write", "9"]);
        let ready = store.ready().await;
        assert!(is_unavailable(&ready), "{ready:?}");
        node.must(&["CONFIG", "SET", "min-replicas-to-write", "0"]);
    }
    store.ready().await.unwrap();
}
