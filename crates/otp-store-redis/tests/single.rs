//! The store suite on one Redis server.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use otp_store_redis::RedisStore;

async fn store() -> RedisStore {
    let url = otp_testkit::redis_url();
    RedisStore::connect(&url).await.unwrap()
}

otp_core::store_suite!(store);
