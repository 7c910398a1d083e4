//! What a limit goes by: numbers, addresses, networks, devices, tenants, and several together.
#![cfg(feature = "testing")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail"
)]

mod common;

use common::{HOUR, Setup, ask, device, from_ip, phone, send, standard, wait, world};
use otp_core::limit::{Act, Dimension, Limit};
use otp_core::policy::Policy;
use otp_core::{Client, PhoneNumber};

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
