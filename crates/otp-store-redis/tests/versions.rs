//! Two versions on one server: what the other one wrote.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod common;

use common::{connect, is_unknown, keys, kind, try_guess};
use otp_core::challenge::{Guess, Opened};
use otp_core::conformance::scene::{
    GRACE, RIGHT, Scene, T, cell, digest, is_accepted, kid, secs, signed_in, user,
};
use otp_core::limit::Count;
use otp_core::session::{Revoke, Rotate};
use otp_core::{ChallengeStore as _, SessionStore as _, StoreErrorKind};
use otp_testkit::Redis;

/// FLT-9: what another version wrote is unknown, not a panic; what nobody can have written is told as such.
#[tokio::test]
async fn records_of_another_version_are_unknown() {
    let redis = Redis::start();
    let store = connect(&redis).await;
    let scene = Scene::new(&store);
    scene.opened(RIGHT, T).await;
    let key = keys(&redis).remove(0);
    let record = redis.must(&["GET", &key]);
    assert!(record.contains("\"e\":\"1"), "{record}");
    redis.must(&[
        "SET",
        &key,
        &record.replace("\"e\":\"1", "\"e\":\"9"),
        "EX",
        "60",
    ]);
    assert!(is_unknown(&scene.guess(RIGHT, &[], T).await));
    redis.must(&["SET", &key, "rubbish", "EX", "60"]);
    let guessed = try_guess(&scene, RIGHT, T).await;
    assert_eq!(kind(&guessed), Some(StoreErrorKind::Corrupt));
    redis.must(&["DEL", &key]);
    redis.must(&["LPUSH", &key, "rubbish"]);
    assert_ne!(
        kind(&try_guess(&scene, RIGHT, T).await),
        Some(StoreErrorKind::Misconfigured)
    );
    redis.must(&["DEL", &key]);
    let opened = scene.open(&scene.start(RIGHT, T), &[], T).await;
    assert!(matches!(opened, Opened::Stored(_)));
}

/// FLT-9: a session of another version is a failure, stays as it is, and keeps none of the others alive.
#[tokio::test]
async fn a_session_of_another_version_is_a_failure() {
    let redis = Redis::start();
    let store = connect(&redis).await;
    let owner = user();
    let foreign = signed_in(&*store, &owner, T).await;
    let key = keys(&redis).into_iter().find(|key| key.ends_with(":s"));
    let key = key.unwrap();
    let ours = signed_in(&*store, &owner, T).await;
    redis.must(&["HSET", &key, "v", "2"]);
    let before = redis.must(&["HGETALL", &key]);
    let rotate = Rotate::new(foreign.id, 0, GRACE);
    let kinds = [
        kind(&store.find(&foreign.id, T).await),
        kind(&store.list(&owner, T).await),
        kind(&store.rotate(&rotate, T).await),
        kind(&store.revoke(&Revoke::Session(foreign.id), T).await),
        kind(
            &store
                .revoke(&Revoke::OwnSession(owner.clone(), foreign.id), T)
                .await,
        ),
        kind(&store.revoke(&Revoke::User(owner.clone()), T).await),
    ];
    assert_eq!(kinds, [Some(StoreErrorKind::Corrupt); 6]);
    assert_eq!(redis.must(&["HGETALL", &key]), before);
    assert_eq!(store.find(&ours.id, T).await.unwrap(), None);
    // Once it is understood, it is found and ended.
    redis.must(&["HDEL", &key, "v"]);
    assert_eq!(store.list(&owner, T).await.unwrap(), [foreign]);
    assert_eq!(store.revoke(&Revoke::User(owner), T).await.unwrap(), 1);
}

/// FLT-9, THR-15: a tally of another version is a failure, and not an empty budget; nothing is written beside it.
#[tokio::test]
async fn a_tally_of_another_version_is_a_failure() {
    let redis = Redis::start();
    let store = connect(&redis).await;
    let scene = Scene::new(&store);
    for count in [
        Count::All,
        Count::Spend(1),
        Count::Streak,
        Count::Distinct(7),
    ] {
        redis.must(&["FLUSHALL"]);
        let cells = [cell(count, &[(3, secs(60))])];
        scene.open(&scene.start(RIGHT, T), &[], T).await;
        store.charge(&cells, T).await.unwrap();
        let key = keys(&redis).into_iter().find(|key| key.ends_with(":l"));
        let key = key.unwrap();
        for foreign in [r#"{"v":2,"t":[1,2,3]}"#, "{}", "", "2[1,2,3]", "null"] {
            redis.must(&["SET", &key, foreign, "PX", "60000"]);
            let digests = [(kid(), digest(RIGHT))];
            let guess = Guess::new(&scene.key, &digests);
            let kinds = [
                kind(&store.charge(&cells, T).await),
                kind(&store.open(&scene.resend(RIGHT, T), &cells, T).await),
                kind(&store.attempt(&guess, &cells, T).await),
            ];
            assert_eq!(kinds, [Some(StoreErrorKind::Corrupt); 3], "{foreign}");
            assert_eq!(redis.must(&["GET", &key]), foreign);
        }
        redis.must(&["DEL", &key]);
        let guessed = scene.guess(RIGHT, &cells, T).await;
        assert!(is_accepted(&guessed), "{count:?}: {guessed:?}");
    }
}
