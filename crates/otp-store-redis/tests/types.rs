//! What every type promises: a handle goes to any thread and can be printed, without an address or a password in it.

use otp_core::Store;
use otp_store_redis::{Durability, RedisStore, RedisStoreBuilder};
use std::fmt::Debug;

const fn handle<T: Clone + Debug + Send + Sync + 'static>() {}
const fn store<T: Store>() {}

const _: () = {
    handle::<RedisStore>();
    handle::<RedisStoreBuilder>();
    handle::<Durability>();
    store::<RedisStore>();
};

#[test]
fn a_builder_shows_no_password() {
    let builder = RedisStore::builder("redis://user:not-a-password@127.0.0.1");
    let shown = format!("{builder:?}");
    assert!(shown.contains("operation_timeout"), "{shown}");
    assert!(!shown.contains("not-a-password"), "{shown}");
}
