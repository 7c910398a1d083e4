//! Tenants that share a database share no row of it.
#![cfg(all(
    feature = "migrate",
    any(feature = "postgres", feature = "mysql", feature = "sqlite")
))]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test fails by panicking, and tells what it saw"
)]

mod common;

use common::{database, everywhere};
use otp_core::policy::Policy;
use otp_core::testing::CapturingSender;
use otp_core::{
    Keys, MemoryStore, MemoryUsers, OtpAuth, PhoneNumber, Profile, SecretKey, UserDirectory as _,
};
use otp_store_sql::{SqlUsers, UserKeys};
use std::sync::Arc;

/// Whether a login may be of a tenant of this name.
fn is_admitted(tenant: &str) -> bool {
    let keys = Arc::new(Keys::generate().unwrap());
    let (store, users) = (MemoryStore::new(), MemoryUsers::new());
    let policy = Policy::standard().for_countries(["IR".parse().unwrap()]);
    let auth = OtpAuth::builder(store, CapturingSender::new(), users, keys);
    auth.policy(policy).tenant(tenant).build().is_ok()
}

/// STO-5: names that a database may take for one, as MariaDB does with blanks at the end, are two tenants or none.
#[tokio::test(flavor = "multi_thread")]
async fn names_that_are_alike_are_two_tenants_or_none() {
    let index = SecretKey::generate().unwrap();
    let keys = || UserKeys::new(&index, "s1".parse().unwrap(), &index).unwrap();
    let phone = PhoneNumber::parse("+989123456789", None).unwrap();
    for (server, url) in everywhere() {
        let database = database(&url).await;
        let users = SqlUsers::new(&database, "a", keys());
        let made = users.create(&phone, &Profile::default()).await.unwrap();
        for alike in ["A", "á", "a\u{301}", "a a", "a ", " a", "a\t", "a\u{a0}"] {
            if is_admitted(alike) {
                let others = SqlUsers::new(&database, alike, keys());
                let found = others.disable(&made.user.id, true).await.unwrap();
                assert!(!found, "{server} takes {alike:?} for another");
            }
        }
        assert!(users.find(&made.user.id).await.unwrap().is_some());
    }
    assert!(
        ["a", "A", "á", "a\u{301}", "a a"]
            .iter()
            .all(|name| is_admitted(name))
    );
}
