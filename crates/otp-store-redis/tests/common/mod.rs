//! What several tests of this crate need.
#![allow(dead_code, reason = "each test file uses some of it")]

use otp_core::Backend as _;
use otp_core::challenge::{Attempt, Guess, Rejection};
use otp_core::conformance::scene::{Scene, digest, kid};
use otp_core::{ChallengeStore as _, StoreError, StoreErrorKind, Timestamp};
use otp_store_redis::{RedisStore, RedisStoreBuilder};
use otp_testkit::Redis;
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

/// The 500 ms that an operation may take, and what a machine may add that is busy with other tests.
pub(crate) const BOUND: Duration = Duration::from_millis(1_000);

pub(crate) async fn connect(redis: &Redis) -> Arc<RedisStore> {
    open(RedisStore::builder(&redis.url())).await
}

pub(crate) async fn open(builder: RedisStoreBuilder) -> Arc<RedisStore> {
    Arc::new(builder.connect().await.unwrap())
}

pub(crate) fn keys(redis: &Redis) -> Vec<String> {
    let keys = redis.must(&["KEYS", "*"]);
    keys.lines().map(str::to_owned).collect()
}

/// A guess that may fail.
pub(crate) async fn try_guess(
    scene: &Scene<RedisStore>,
    code: u8,
    now: Timestamp,
) -> Result<Attempt, StoreError> {
    let digests = [(kid(), digest(code))];
    scene
        .store
        .attempt(&Guess::new(&scene.key, &digests), &[], now)
        .await
}

pub(crate) fn is_unavailable<T>(result: &Result<T, StoreError>) -> bool {
    kind(result) == Some(StoreErrorKind::Unavailable)
}

pub(crate) fn kind<T>(result: &Result<T, StoreError>) -> Option<StoreErrorKind> {
    result.as_ref().err().map(|error| error.kind)
}

pub(crate) fn is_unknown(attempt: &Attempt) -> bool {
    otp_core::conformance::scene::rejection(attempt) == Some(Rejection::Unknown)
}

/// An error with all that is behind it, as a careless log would print it.
pub(crate) fn told(error: &StoreError) -> String {
    let mut text = format!("{error} {error:?}");
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(&format!(" {cause} {cause:?}"));
        source = cause.source();
    }
    text
}

/// Asks until the store answers: nothing is restarted, and it has half a minute.
pub(crate) async fn heals(store: &RedisStore) {
    let tries = async {
        while store.ping().await.is_err() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), tries)
        .await
        .expect("the store did not come back");
}
