//! A limit that says nothing tells nothing.
#![cfg(feature = "testing")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail"
)]

mod common;

use common::{DAY, HOUR, MINUTE, SECOND, World, ask, from_ip, phone, send, wait, world};
use otp_core::limit::{Dimension, OnExceed};
use otp_core::policy::Policy;
use otp_core::{Channel, Client, Start, Started};
use std::time::Duration;

fn silent() -> World {
    let limits = [
        send(&[Dimension::Phone], 1, MINUTE).on_exceed(OnExceed::Silent),
        send(&[Dimension::Phone], 3, HOUR).on_exceed(OnExceed::Silent),
    ];
    world(Policy::builder().limits(limits).build().unwrap())
}

/// What a client sees of an answer, but for the id, which is random.
fn shown(started: &Started) -> (Channel, Duration, Duration, bool) {
    (
        started.channel,
        started.expires_in,
        started.resend_in,
        started.replayed,
    )
}

/// THR-13: an answer does not tell whether the number had messages before: not a first one, not a retry, not one
/// over another channel, not after the day's floor was reached.
#[tokio::test]
async fn phone_limit_silent_mode_identical() {
    let world = silent();
    let starts = || {
        let start = || Start::new(phone(1)).with_client(from_ip("192.0.2.1"));
        [
            start(),
            start().with_idempotency_key("k"),
            start().with_idempotency_key("k"),
            start().with_channel(Channel::Voice),
        ]
    };
    let mut quiet = Vec::new();
    for start in starts() {
        world.clock.advance(10 * SECOND);
        quiet.push(shown(&world.auth.start(start).await.unwrap()));
    }
    let sent = world.sent();
    assert_eq!(sent, 1);
    for start in starts() {
        world.clock.advance(DAY);
        let mut loud = Vec::new();
        loud.push(shown(&world.auth.start(start.clone()).await.unwrap()));
        world.clock.advance(10 * SECOND);
        loud.push(shown(&world.auth.start(start).await.unwrap()));
        assert!(
            loud.iter().all(|loud| quiet.contains(loud)),
            "{loud:?} {quiet:?}"
        );
    }
    assert!(world.sent() > sent);
    world.clock.advance(DAY);
    for _ in 0..15 {
        world.clock.advance(HOUR);
        let started = ask(&world, &phone(1), Client::new()).await.unwrap();
        assert_eq!(shown(&started), quiet[0]);
    }
}

/// THR-13: a message that was kept back leaves a challenge that takes no code, with the answer of a wrong one.
#[tokio::test]
async fn a_silenced_challenge_takes_no_code() {
    let world = silent();
    let (_, code) = world.started(&phone(1)).await;
    let silenced = world.start(&phone(1)).await;
    assert_eq!(world.sent(), 1);
    let refused = world.verify(&phone(1), silenced.challenge_id, &code).await;
    assert!(common::is_rejected(&refused));
}

/// THR-13: where a limit that speaks refuses too, it tells its own wait and not that of the silent one.
#[tokio::test]
async fn a_silent_limit_lends_its_wait_to_no_other() {
    let limits = [
        send(&[Dimension::Phone], 1, DAY).on_exceed(OnExceed::Silent),
        send(&[Dimension::Address], 2, MINUTE),
    ];
    let world = world(Policy::builder().limits(limits).build().unwrap());
    let client = || from_ip("192.0.2.1");
    ask(&world, &phone(1), client()).await.unwrap();
    ask(&world, &phone(2), client()).await.unwrap();
    for n in [1, 3] {
        assert_eq!(wait(ask(&world, &phone(n), client()).await), MINUTE);
    }
}
