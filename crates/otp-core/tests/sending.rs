//! Messages are limited: per phone, per address, whatever the spelling, the channel or the network.
#![cfg(feature = "testing")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail"
)]

mod common;

use common::{
    DAY, HOUR, MILLI, MINUTE, SECOND, Setup, World, built, device, from_ip, phone, standard, world,
};
use otp_core::limit::{Act, Dimension, Limit, OnExceed};
use otp_core::policy::Policy;
use otp_core::{Channel, Client, Clock, PhoneNumber, Purpose, Start, StartError, Started};
use proptest::prelude::*;
use std::time::Duration;

fn send(key: &[Dimension], quota: u32, window: Duration) -> Limit {
    Limit::new(Act::Send, key.iter().copied(), quota, window)
}

async fn ask(world: &World, phone: &PhoneNumber, client: Client) -> Result<Started, StartError> {
    world
        .auth
        .start(Start::new(phone.clone()).with_client(client))
        .await
}

fn wait(refused: Result<Started, StartError>) -> Duration {
    match refused {
        Err(StartError::Limited(limited)) => limited.retry_after,
        other => panic!("a limit should refuse: {other:?}"),
    }
}

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

/// THR-2: phone and address both must admit; a refusal by one charges nothing to the other.
#[tokio::test]
async fn and_semantics_matrix() {
    let limits = [
        send(&[Dimension::Phone], 2, HOUR),
        send(&[Dimension::Address], 3, HOUR),
    ];
    let (a, b) = (|| from_ip("192.0.2.1"), || from_ip("192.0.2.2"));
    let world = world(Policy::builder().limits(limits).build().unwrap());
    for _ in 0..2 {
        ask(&world, &phone(1), a()).await.unwrap();
    }
    // The phone refuses, from wherever; the address is not charged for it.
    for client in [a(), b(), Client::new(), a(), b(), b(), b()] {
        assert_eq!(wait(ask(&world, &phone(1), client).await), HOUR);
    }
    ask(&world, &phone(2), a()).await.unwrap();
    // Now the address refuses; the phones are not charged for it.
    for n in [1, 2, 3, 3, 3, 3] {
        assert_eq!(wait(ask(&world, &phone(n), a()).await), HOUR);
    }
    for n in [2, 3, 3] {
        ask(&world, &phone(n), b()).await.unwrap();
    }
    assert_eq!(world.sent(), 6);
}

/// THR-2: "per address and number" is a limit on the pair, beside those on each.
#[tokio::test]
async fn tuples_limit_the_pair() {
    let limits = [
        send(&[Dimension::Phone, Dimension::Address], 1, HOUR),
        send(&[Dimension::Address, Dimension::Device], 2, HOUR),
    ];
    let world = world(Policy::builder().limits(limits).build().unwrap());
    let client = |ip: &str, id: &str| from_ip(ip).with_device_id(id);
    ask(&world, &phone(1), client("192.0.2.1", "d"))
        .await
        .unwrap();
    wait(ask(&world, &phone(1), client("192.0.2.1", "e")).await);
    ask(&world, &phone(1), client("192.0.2.2", "d"))
        .await
        .unwrap();
    ask(&world, &phone(2), client("192.0.2.1", "d"))
        .await
        .unwrap();
    wait(ask(&world, &phone(3), client("192.0.2.1", "d")).await);
    ask(&world, &phone(3), client("192.0.2.1", "e"))
        .await
        .unwrap();
}

/// THR-2: what a dimension takes for the same.
#[tokio::test]
async fn ipv6_rotation_in_64_same_key() {
    use Dimension::{Address, Country, Device, Network, Prefix};
    let net = |ip| from_ip(ip);
    let cases: [(Dimension, Client, Client, bool); 12] = [
        (
            Address,
            net("2001:db8:1:2::1"),
            net("2001:db8:1:2:ffff:ffff:ffff:ffff"),
            true,
        ),
        (
            Address,
            net("2001:db8:1:2::1"),
            net("2001:db8:1:3::1"),
            false,
        ),
        (Address, net("192.0.2.1"), net("192.0.2.2"), false),
        (Address, net("192.0.2.1"), net("::ffff:192.0.2.1"), true),
        (
            Address,
            net("::ffff:192.0.2.1"),
            net("::ffff:192.0.2.2"),
            false,
        ),
        (
            Network,
            net("2001:db8:1:2::1"),
            net("2001:db8:1:ffff::1"),
            true,
        ),
        (Network, net("2001:db8:1::1"), net("2001:db8:2::1"), false),
        (Network, net("192.0.2.1"), net("192.0.2.255"), true),
        (Network, net("192.0.2.1"), net("192.0.3.1"), false),
        (Device, device("a"), device("a"), true),
        (Device, device("a"), device("b"), false),
        (Address, Client::new(), Client::new(), false),
    ];
    for (key, one, two, same) in cases {
        let world = world(
            Policy::builder()
                .limits([send(&[key], 1, HOUR)])
                .build()
                .unwrap(),
        );
        ask(&world, &phone(1), one.clone()).await.unwrap();
        let second = ask(&world, &phone(2), two.clone()).await;
        assert_eq!(second.is_err(), same, "{key:?} {one:?} {two:?}");
    }
    for (key, other, same) in [
        (Prefix, "+919876500001", true),
        (Prefix, "+919876600001", false),
        (Country, "+919123456789", true),
        (Country, "+989123456789", false),
    ] {
        let world = world(
            Policy::builder()
                .limits([send(&[key], 1, HOUR)])
                .build()
                .unwrap(),
        );
        ask(&world, &phone(2), Client::new()).await.unwrap();
        let other_phone = PhoneNumber::parse(other, None).unwrap();
        let second = ask(&world, &other_phone, Client::new()).await;
        assert_eq!(second.is_err(), same, "{key:?} {other}");
    }
}

/// THR-2: tenants share the deployment's quota, and nothing else.
#[tokio::test]
async fn tenants_and_the_whole() {
    let limits = [
        send(&[Dimension::Tenant], 2, HOUR),
        send(&[Dimension::Global], 3, HOUR),
    ];
    let mut setup = Setup::new(Policy::builder().limits(limits).build().unwrap());
    let north = setup.node();
    setup.tenant = "south";
    let south = setup.node();
    ask(&north, &phone(1), Client::new()).await.unwrap();
    ask(&north, &phone(1), Client::new()).await.unwrap();
    wait(ask(&north, &phone(2), Client::new()).await);
    ask(&south, &phone(1), Client::new()).await.unwrap();
    wait(ask(&south, &phone(2), Client::new()).await);
}

/// THR-2: messages and guesses have quotas of their own; `any` counts both and refreshes too.
#[tokio::test]
async fn any_counts_every_act() {
    let limit = Limit::new(Act::Any, [Dimension::Address], 4, HOUR);
    let world = world(Policy::builder().limit(limit).build().unwrap());
    let client = || from_ip("192.0.2.1");
    let login = world.login_from(&phone(1), client()).await;
    ask(&world, &phone(2), client()).await.unwrap();
    let token = login.tokens.refresh.expose();
    // The message of the login was asked for from nowhere: guess, message and refresh were three.
    world.auth.refresh(token, &client()).await.unwrap();
    world.auth.reject_input(Act::Send, &client()).await.unwrap();
    let refused = world
        .auth
        .reject_input(Act::Verify, &client())
        .await
        .unwrap_err();
    assert_eq!(refused.retry_after, HOUR);
    assert!(world.auth.refresh(token, &client()).await.is_err());
    assert_eq!(wait(ask(&world, &phone(3), client()).await), HOUR);
}

/// VER-6: a request that cannot be read costs its address what a failed guess does, and no phone anything.
#[tokio::test]
async fn malformed_requests_cost_the_address() {
    let world = standard();
    let client = || from_ip("192.0.2.1");
    for _ in 0..30 {
        world
            .auth
            .reject_input(Act::Verify, &client())
            .await
            .unwrap();
    }
    let refused = world
        .auth
        .reject_input(Act::Verify, &client())
        .await
        .unwrap_err();
    assert_eq!(refused.retry_after, HOUR);
    world
        .auth
        .reject_input(Act::Verify, &from_ip("192.0.2.2"))
        .await
        .unwrap();
    world
        .auth
        .reject_input(Act::Verify, &Client::new())
        .await
        .unwrap();
    ask(&world, &phone(1), client()).await.unwrap();
}

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
