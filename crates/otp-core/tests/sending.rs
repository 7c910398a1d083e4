//! Messages are limited: per phone, per address, whatever the spelling, the channel or the network.
#![cfg(feature = "testing")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail"
)]

mod common;

use common::{MILLI, MINUTE, ask, built, from_ip, phone, standard, wait};
use otp_core::{Channel, Client, Clock, Purpose, Start, StartError};
use proptest::prelude::*;
use std::time::Duration;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// THR-6, THR-13: over random schedules of starts and resends on all channels, no window ever holds more than
    /// its quota, and who was refused is admitted at the instant that he was told and not a millisecond earlier.
    #[test]
    fn send_budget_prop_any_window(steps in prop::collection::vec((0..4_u8, 0..7_200_000_u64), 1..80)) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(schedule(&steps));
    }
}

async fn schedule(steps: &[(u8, u64)]) {
    let world = standard();
    let (mut sent, mut open): (Vec<i64>, _) = (Vec::new(), None);
    for (kind, gap) in steps {
        // Short gaps as often as long ones: the square root of a uniform draw is not, its square is.
        let gap = gap * gap / 7_200_000;
        world.clock.advance(Duration::from_millis(gap));
        let attempt = async |open: Option<_>| match (kind, open) {
            (0, Some(id)) => world.resend(&phone(1), id).await,
            (1, _) => {
                world
                    .auth
                    .start(Start::new(phone(1)).with_channel(Channel::Voice))
                    .await
            }
            (2, _) => {
                world
                    .auth
                    .start(Start::new(phone(1)).with_purpose(Purpose::StepUp))
                    .await
            }
            _ => ask(&world, &phone(1), from_ip("192.0.2.1")).await,
        };
        let mut started = attempt(open).await;
        if let Err(StartError::Limited(limited)) = &started {
            world.clock.advance(limited.retry_after - MILLI);
            assert_eq!(wait(ask(&world, &phone(1), Client::new()).await), MILLI);
            world.clock.advance(MILLI);
            started = ask(&world, &phone(1), Client::new()).await;
            assert!(started.is_ok(), "{started:?}");
        }
        if let Ok(started) = started {
            sent.push(world.clock.now().as_millis());
            open = (*kind != 2).then_some(started.challenge_id);
        }
    }
    assert_eq!(world.sent(), sent.len());
    for (quota, window) in [
        (1, 30_000),
        (2, 90_000),
        (3, 600_000),
        (5, 3_600_000),
        (10, 86_400_000),
    ] {
        for pair in sent.windows(quota + 1) {
            assert!(
                pair[quota] - pair[0] >= window,
                "{quota} in {window}: {sent:?}"
            );
        }
    }
}

/// THR-6: one budget for SMS, WhatsApp, calls and every purpose.
#[tokio::test]
async fn channels_share_budget() {
    let world = standard();
    let starts = [
        Start::new(phone(1)),
        Start::new(phone(1)).with_channel(Channel::Voice),
        Start::new(phone(1))
            .with_channel(Channel::WhatsApp)
            .with_purpose(Purpose::StepUp),
        Start::new(phone(1))
            .with_channel(Channel::Voice)
            .with_purpose(Purpose::ChangePhone),
        Start::new(phone(1)).with_channel(Channel::WhatsApp),
    ];
    for (n, start) in starts.into_iter().enumerate() {
        let started = world.auth.start(start).await;
        assert_eq!(started.is_ok(), n < 3, "{n}");
        world.clock.advance(MINUTE);
    }
}

/// THR-1: one subscriber has one budget, however the number is written.
#[tokio::test]
async fn limits_hit_across_spellings() {
    let world = built(|p| p.default_region("IR".parse().unwrap()));
    let spellings = [
        "+98 912 345 6789",
        "0912-345-6789",
        "00989123456789",
        "۰۹۱۲۳۴۵۶۷۸۹",
        "+98\u{a0}(912)\u{a0}345\u{a0}6789",
        "\u{200f}09123456789\u{200e}",
        "٠٩١٢٣٤٥٦٧٨٩",
    ];
    for (n, spelling) in spellings.into_iter().enumerate() {
        let phone = world.auth.phone(spelling, None).unwrap();
        assert_eq!(
            ask(&world, &phone, Client::new()).await.is_ok(),
            n < 3,
            "{spelling}"
        );
        world.clock.advance(MINUTE);
    }
    assert_eq!(world.sent(), 3);
}
