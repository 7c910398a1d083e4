//! Retries of a start, and messages that no provider took.
#![cfg(feature = "testing")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail"
)]

mod common;

use common::{HOUR, MINUTE, SECOND, World, built, from_ip, is_rejected, phone, standard, wrong};
use otp_core::policy::Binding;
use otp_core::{
    Action, Channel, Outcome, Purpose, Resend, SendErrorKind, Start, StartError, Started,
};

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
    let world = std::sync::Arc::new(standard());
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

/// I7, WHK-5: what no provider took is given back, once: the very next start is admitted, and has the whole budget.
#[tokio::test]
async fn a_failed_delivery_costs_nothing() {
    for binding in [Binding::Challenge, Binding::Phone] {
        let world = built(|p| p.binding(binding));
        let ask = || Start::new(phone(1)).with_client(from_ip("192.0.2.1"));
        for _ in 0..30 {
            world.sender.refuse(true);
            match world.auth.start(ask()).await {
                Err(StartError::Delivery(error)) => {
                    assert_eq!(error.kind, SendErrorKind::Transient)
                }
                other => panic!("{other:?}"),
            }
        }
        world.sender.refuse(false);
        assert_eq!(start(&world, ask()).await.resend_in, 30 * SECOND);
        for wait in [30 * SECOND, MINUTE] {
            world.clock.advance(wait);
            start(&world, ask()).await;
        }
        let fourth = world.auth.start(ask()).await;
        assert!(
            matches!(fourth, Err(StartError::Limited(_))),
            "given back once, not twice"
        );
        assert_eq!(world.sent(), 3);
    }
}

/// I7: given back is what this message cost, not what the one before did.
#[tokio::test]
async fn a_refund_leaves_the_other_charges() {
    let world = standard();
    world.start(&phone(1)).await;
    world.clock.advance(30 * SECOND);
    world.sender.refuse(true);
    assert!(world.auth.start(Start::new(phone(1))).await.is_err());
    world.sender.refuse(false);
    assert_eq!(world.start(&phone(1)).await.resend_in, MINUTE);
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

/// VER-8, I7: a resend that was not delivered leaves the code before as it was: good, and with its guesses.
#[tokio::test]
async fn a_failed_resend_restores_the_code() {
    let world = standard();
    let (id, code) = world.started(&phone(1)).await;
    for n in 0..2 {
        assert!(is_rejected(
            &world.verify(&phone(1), id, &wrong(&code, n)).await
        ));
    }
    world.clock.advance(MINUTE);
    world.sender.refuse(true);
    for _ in 0..10 {
        assert!(matches!(
            world.resend(&phone(1), id).await,
            Err(StartError::Delivery(_))
        ));
    }
    let others = |events: &[(Action, Outcome)]| {
        events
            .iter()
            .filter(|(action, _)| *action == Action::Resend)
            .count()
    };
    assert_eq!(others(&world.happened()), 10);
    assert!(
        world.verify(&phone(1), id, &code).await.is_ok(),
        "one guess was left"
    );
}

/// VER-8: nor are guesses given back by a resend that failed.
#[tokio::test]
async fn a_failed_resend_refills_no_guesses() {
    let world = standard();
    let (id, code) = world.started(&phone(1)).await;
    world.clock.advance(MINUTE);
    for n in 0..3 {
        world.sender.refuse(true);
        assert!(world.resend(&phone(1), id).await.is_err());
        assert!(is_rejected(
            &world.verify(&phone(1), id, &wrong(&code, n)).await
        ));
    }
    assert!(is_rejected(&world.verify(&phone(1), id, &code).await));
}

/// A message over another channel that was not delivered changes nothing: not the channel that the session will
/// name, not the length of the session.
#[tokio::test]
async fn a_failed_delivery_leaves_no_trace_on_the_code_before() {
    let world = built(|p| p.binding(Binding::Phone));
    let (id, code) = world.started(&phone(1)).await;
    world.clock.advance(MINUTE);
    world.sender.refuse(true);
    let voice = Resend::new(phone(1), None).with_channel(Channel::Voice);
    assert!(world.auth.resend(voice).await.is_err());
    let remembered = Start::new(phone(1))
        .with_remember_me(true)
        .with_channel(Channel::Voice);
    assert!(world.auth.start(remembered).await.is_err());
    let login = common::signed_in(world.verify(&phone(1), id, &code).await.unwrap());
    let identity = world
        .auth
        .authenticate(login.tokens.access.expose())
        .await
        .unwrap();
    assert_eq!(identity.amr, ["otp", "sms"]);
    let ordinary = world.auth.policy().session().ordinary;
    assert_eq!(login.tokens.refresh_expires_in, ordinary.idle);
}
