//! What the docs say of sessions when writes are lost is what happens.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod common;

use common::{connect, heals};
use otp_core::SessionStore as _;
use otp_core::conformance::scene::{GRACE, T, secs, signed_in, user};
use otp_core::session::{Revoke, Rotate, Rotation};
use otp_testkit::RedisOptions;

/// FLT-5: after an old snapshot the token that was issued in between is dead, the one before it is good again whatever
/// the grace, and a session that was ended lives.
#[tokio::test]
async fn an_old_snapshot_takes_sessions_back() {
    let redis = RedisOptions::new().with("save", "3600 1000000").start();
    let store = connect(&redis).await;
    let rotated = signed_in(&*store, &user(), T).await;
    let ended = signed_in(&*store, &user(), T).await;
    redis.must(&["SAVE"]);
    let first = Rotate::new(rotated.id, 0, GRACE);
    assert!(matches!(
        store.rotate(&first, T).await.unwrap(),
        Rotation::Rotated(_)
    ));
    assert_eq!(
        store.revoke(&Revoke::Session(ended.id), T).await.unwrap(),
        1
    );
    redis.kill();
    redis.restart();
    heals(&store).await;
    let late = T + GRACE + secs(3_600);
    let second = Rotate::new(rotated.id, 1, GRACE);
    assert_eq!(store.rotate(&second, late).await.unwrap(), Rotation::Dead);
    assert!(matches!(
        store.rotate(&first, late).await.unwrap(),
        Rotation::Rotated(_)
    ));
    assert_eq!(store.find(&ended.id, late).await.unwrap(), Some(ended));
}
