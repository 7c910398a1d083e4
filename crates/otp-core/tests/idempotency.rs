//! The same request again.
#![cfg(feature = "testing")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail"
)]

mod common;

use common::{HOUR, MINUTE, SECOND, World, built, phone, standard};
use otp_core::policy::Binding;
use otp_core::{Purpose, Start, StartError, Started};
use std::sync::Arc;

fn keyed(n: u32, key: &str) -> Start {
    Start::new(phone(n)).with_idempotency_key(key)
}

async fn start(world: &World, start: Start) -> Started {
    world.auth.start(start).await.unwrap()
}

/// HTP-6: the same request sends once and has one answer; another phone, purpose or key is another request.
#[tokio::test]
async fn double_submit_one_sms() {
    let world = standard();
    let first = start(&world, keyed(1, "k1")).await;
    world.clock.advance(10 * SECOND);
    let retry = start(&world, keyed(1, "k1")).await;
    assert!(retry.replayed && !first.replayed);
    assert_eq!(retry.challenge_id, first.challenge_id);
    assert_eq!(retry.expires_in, first.expires_in - 10 * SECOND);
    assert_eq!(retry.resend_in, first.resend_in - 10 * SECOND);
    assert_eq!(world.sent(), 1);
    let other = start(&world, keyed(2, "k1")).await;
    assert_ne!(other.challenge_id, first.challenge_id);
    world.clock.advance(HOUR);
    let step_up = keyed(2, "k1").with_purpose(Purpose::StepUp);
    assert_ne!(
        start(&world, step_up).await.challenge_id,
        other.challenge_id
    );
    world.clock.advance(HOUR);
    assert_ne!(
        start(&world, keyed(1, "k2")).await.challenge_id,
        first.challenge_id
    );
    assert_eq!(world.sent(), 4);
}

/// HTP-6: a retry after the code expired is a new request; one after a resend is still the same.
#[tokio::test]
async fn a_key_is_good_as_long_as_its_code() {
    for binding in [Binding::Challenge, Binding::Phone] {
        let world = built(|p| p.binding(binding));
        let first = start(&world, keyed(1, "k1")).await;
        world.clock.advance(MINUTE);
        world.resend(&phone(1), first.challenge_id).await.unwrap();
        assert!(start(&world, keyed(1, "k1")).await.replayed);
        world.clock.advance(5 * MINUTE - common::MILLI);
        assert!(start(&world, keyed(1, "k1")).await.replayed);
        assert_eq!(world.sent(), 2);
        world.clock.advance(common::MILLI);
        let again = start(&world, keyed(1, "k1")).await;
        assert!(!again.replayed);
        assert_eq!(world.sent(), 3);
        assert!(
            world
                .verify(&phone(1), again.challenge_id, &world.code())
                .await
                .is_ok()
        );
    }
}

/// HTP-6: 64 submissions at once send one message.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn parallel_submits_one_sms() {
    let world = Arc::new(standard());
    let submit = |_| {
        let world = world.clone();
        tokio::spawn(async move { start(&world, keyed(1, "k1")).await })
    };
    let submitted: Vec<_> = (0..64).map(submit).collect();
    let mut fresh = 0;
    for started in submitted {
        fresh += usize::from(!started.await.unwrap().replayed);
    }
    assert_eq!((fresh, world.sent()), (1, 1));
}

/// HTP-6: a key is visible ASCII of a bounded length; anything else is refused before it costs anything.
#[tokio::test]
async fn unusable_keys() {
    let world = standard();
    for key in [
        "",
        " ",
        "two words",
        "é",
        "a\nb",
        "\u{7f}",
        &"k".repeat(256),
    ] {
        let refused = world.auth.start(keyed(1, key)).await;
        assert!(
            matches!(refused, Err(StartError::IdempotencyKey)),
            "{key:?}"
        );
    }
    assert!(world.store.calls().is_empty());
    start(&world, keyed(1, &"k".repeat(255))).await;
}

/// HTP-6, I7: after a failed delivery the client's retry with the same key sends, under either binding, also when
/// another code was alive.
#[tokio::test]
async fn a_retry_after_a_failed_delivery_sends() {
    for binding in [Binding::Challenge, Binding::Phone] {
        for live_before in [false, true] {
            let world = built(|p| p.binding(binding));
            if live_before {
                world.start(&phone(1)).await;
                world.clock.advance(MINUTE);
            }
            let sent = world.sent();
            world.sender.refuse(true);
            assert!(world.auth.start(keyed(1, "k1")).await.is_err());
            world.sender.refuse(false);
            let retry = start(&world, keyed(1, "k1")).await;
            assert!(!retry.replayed, "{binding:?} {live_before}");
            assert_eq!(world.sent(), sent + 1);
            let verified = world
                .verify(&phone(1), retry.challenge_id, &world.code())
                .await;
            assert!(verified.is_ok());
        }
    }
}

/// HTP-6, R4: when the store's answer was lost, nothing was sent: the client's retry with the same key sends, and costs
/// one message in all.
#[tokio::test]
async fn a_retry_after_a_lost_answer_sends() {
    for binding in [Binding::Challenge, Binding::Phone] {
        let world = built(|p| p.binding(binding));
        world.store.lose_opened(true);
        for _ in 0..3 {
            assert!(world.auth.start(keyed(1, "k1")).await.is_err());
        }
        world.store.lose_opened(false);
        let retry = start(&world, keyed(1, "k1")).await;
        assert!(!retry.replayed, "{binding:?}");
        assert_eq!(world.sent(), 1);
        let verified = world
            .verify(&phone(1), retry.challenge_id, &world.code())
            .await;
        assert!(verified.is_ok());
    }
}

/// THR-8, R4: the same for a resend: the code that its owner has is good, for no other went out.
#[tokio::test]
async fn a_resend_whose_answer_is_lost_leaves_the_code_before() {
    let world = standard();
    let (id, code) = world.started(&phone(1)).await;
    world.clock.advance(MINUTE);
    world.store.lose_opened(true);
    assert!(world.resend(&phone(1), id).await.is_err());
    world.store.lose_opened(false);
    assert_eq!(world.sent(), 1);
    assert!(world.verify(&phone(1), id, &code).await.is_ok());
}
