//! The store suite on a real Cluster of three masters and three replicas.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]
#![cfg(feature = "cluster")]

use otp_store_redis::RedisStore;
use otp_testkit::RedisCluster;
use std::sync::OnceLock;
use std::time::Duration;

fn cluster() -> &'static RedisCluster {
    static CLUSTER: OnceLock<RedisCluster> = OnceLock::new();
    CLUSTER.get_or_init(RedisCluster::start)
}

/// Six servers and all tests share the machine's two cores.
async fn store() -> RedisStore {
    RedisStore::builder(&cluster().url())
        .with_operation_timeout(Duration::from_secs(5))
        .connect()
        .await
        .unwrap()
}

otp_core::store_suite!(store, rounds = 10, several_steps);
