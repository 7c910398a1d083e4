//! Messages when a server was another one before, or holds what another version wrote.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod common;

use common::{connect, heals, is_unknown, keys, kind};
use otp_core::conformance::scene::{RIGHT, Scene, T, report, secs, sent};
use otp_core::{Delivery, DeliveryState, DeliveryStore as _, StoreErrorKind};
use otp_testkit::{Redis, RedisOptions};

/// R2, WHK-2: after an old snapshot a note from before is unknown, as its challenge is, and may not be the newest. What
/// was reported of a message stays true.
#[tokio::test]
async fn an_old_snapshot_revives_no_message() {
    let redis = RedisOptions::new().with("save", "3600 1000000").start();
    let store = connect(&redis).await;
    let scene = Scene::new(&store);
    let ((old, first), (_, second), until) = (sent(T), sent(T), T + secs(3_600));
    scene.opened(RIGHT, T).await;
    scene.note(&first, until, T).await;
    report(&*store, &old, DeliveryState::Delivered, until, T).await;
    redis.must(&["SAVE"]);
    scene.note(&second, until, T).await;
    redis.kill();
    redis.restart();
    heals(&store).await;
    assert!(keys(&redis).len() >= 3, "the snapshot was read");
    assert!(is_unknown(&scene.approve(RIGHT, T, &[], T).await));
    assert_eq!(scene.delivery(T).await, None);
    let late = report(&*store, &old, DeliveryState::Sent, until, T).await;
    assert_eq!(late.before, Some(DeliveryState::Delivered));
    scene.note(&second, until, T).await;
    assert_eq!(scene.delivery(T).await, Some(Delivery::of(second, None)));
}

/// FLT-9: a state that this version does not know is a failure: no panic, and the newer word is not lost.
#[tokio::test]
async fn a_state_of_another_version_is_a_failure() {
    let redis = Redis::start();
    let store = connect(&redis).await;
    let scene = Scene::new(&store);
    let ((message, named), until) = (sent(T), T + secs(3_600));
    scene.note(&named, until, T).await;
    let key = format!("otp:{{{message}}}:r");
    let foreign = format!(r#"{{"s":"framed","x":{}}}"#, until.as_millis());
    redis.must(&["SET", &key, &foreign, "PX", "60000"]);
    let corrupt = Some(StoreErrorKind::Corrupt);
    let reported = store.report(&message, DeliveryState::Read, until, T).await;
    assert_eq!(kind(&reported), corrupt);
    let delivery = store.delivery(&scene.key, T).await;
    assert_eq!(kind(&delivery), corrupt);
    assert_eq!(redis.must(&["GET", &key]), foreign);
    for nonsense in ["", "{}", "[", r#"{"s":1,"x":"y"}"#] {
        redis.must(&["SET", &key, nonsense, "PX", "60000"]);
        let reported = store.report(&message, DeliveryState::Read, until, T).await;
        assert_eq!(kind(&reported), corrupt, "{nonsense}");
        let delivery = store.delivery(&scene.key, T).await;
        assert_eq!(kind(&delivery), corrupt, "{nonsense}");
    }
    // When it is over it is nothing, whatever it was.
    redis.must(&["SET", &key, &foreign, "PX", "60000"]);
    let anew = report(
        &*store,
        &message,
        DeliveryState::Sent,
        until + secs(1),
        until,
    )
    .await;
    assert_eq!(anew.before, None);
    let note = keys(&redis).into_iter().find(|key| key.contains(":d:"));
    redis.must(&["SET", &note.unwrap(), "[", "PX", "60000"]);
    assert_eq!(kind(&store.delivery(&scene.key, T).await), corrupt);
}
