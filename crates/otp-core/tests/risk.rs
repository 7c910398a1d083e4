//! What a policy gives an attacker, and what lies under it whatever it says.
#![cfg(feature = "testing")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail")]

mod common;

use common::{DAY, HOUR, MILLI, MINUTE, Recorder, phone, world};
use otp_core::limit::{Act, Dimension, Limit};
use otp_core::policy::{Floor, Policy, PolicyBuilder, PolicyError};
use otp_core::{Start, StartError};
use std::time::Duration;

type Change = fn(PolicyBuilder) -> PolicyBuilder;

fn refused(change: Change) -> PolicyError {
    change(Policy::builder()).build().unwrap_err()
}

fn accepted(change: Change) -> Policy {
    change(Policy::builder()).build().unwrap()
}

fn send(quota: u32, window: Duration) -> Limit {
    Limit::new(Act::Send, [Dimension::Phone], quota, window)
}

/// THR-3: what a policy gives an attacker is computed, told when it starts, and exposed as a metric.
#[test]
fn policy_prints_risk() {
    let standard = Policy::standard();
    assert_eq!(standard.risk().guesses_per_day, 20);
    close(standard.risk().per_day, 2.0e-5);
    close(standard.risk().per_year, 0.00727);
    let strict = Policy::strict();
    assert_eq!(strict.risk().guesses_per_day, 10);
    close(strict.risk().per_year, 3.65e-5);
    for policy in [standard, strict] {
        let (recorder, per_year) = (Recorder::default(), policy.risk().per_year);
        metrics::with_local_recorder(&recorder, || world(policy));
        let told = recorder.seen()["otp_policy_risk_per_year{}"];
        assert!((told - per_year).abs() < f64::EPSILON);
    }
}

/// THR-3: what is weaker than 1 % a year needs a reason, and says by how much.
#[test]
fn too_risky_without_a_reason() {
    let two_codes: Change = |p| p.previous_valid_for(MINUTE);
    match refused(two_codes) {
        PolicyError::TooRisky { per_year } => close(per_year, 0.0145),
        other => panic!("{other}"),
    }
    let reason = "the old client cannot keep two codes apart";
    let policy = two_codes(Policy::builder())
        .accept_risk(reason)
        .build()
        .unwrap();
    assert_eq!(policy.accepted_risk(), Some(reason));
    assert_eq!(policy.risk().codes_alive, 2);
    close(
        accepted(|p| p.previous_valid_for(MINUTE).code_digits(7))
            .risk()
            .per_year,
        0.00146,
    );
}

/// THR-3: without the floor only messages bound the guesses: 3 for each of 5 an hour.
#[test]
fn without_floor_needs_a_reason_and_is_counted() {
    for floor in [Floor::Messages, Floor::Guesses, Floor::Addresses] {
        let without = Policy::builder().without_floor(floor);
        let error = without.clone().build().unwrap_err();
        assert_eq!(error, PolicyError::FloorNeedsReason(floor));
        let policy = without
            .accept_risk("load from one machine")
            .build()
            .unwrap();
        for limit in floor.limits() {
            assert!(!policy.limits().contains(&limit));
        }
    }
    let bare = Policy::builder()
        .without_floor(Floor::Guesses)
        .without_floor(Floor::Messages)
        .accept_risk("a test of the arithmetic")
        .build()
        .unwrap();
    assert_eq!(bare.risk().guesses_per_day, 3 * 5 * 24);
    let unlimited = Policy::builder()
        .limits([])
        .without_floor(Floor::Guesses)
        .without_floor(Floor::Messages)
        .accept_risk("a test of the arithmetic")
        .build()
        .unwrap();
    close(unlimited.risk().per_year, 1.0);
}

/// THR-3, THR-6: a policy with its own wide limits, or none, still sends ten messages a day and no more.
#[tokio::test]
async fn floor_stays_under_custom_limits() {
    for limits in [vec![], vec![send(1000, DAY)]] {
        let policy = Policy::builder().limits(limits).build().unwrap();
        assert_eq!(policy.risk().guesses_per_day, 20);
        let world = world(policy);
        for _ in 0..10 {
            world.start(&phone(1)).await;
        }
        let eleventh = world.auth.start(Start::new(phone(1))).await;
        assert!(matches!(eleventh, Err(StartError::Limited(l)) if l.retry_after == DAY));
    }
}

/// THR-2: of two limits on the same thing the stricter wins, in whichever order they are written.
#[tokio::test]
async fn the_stricter_wins() {
    for limits in [[send(2, DAY), send(9, HOUR)], [send(9, HOUR), send(2, DAY)]] {
        let world = world(Policy::builder().limits(limits).build().unwrap());
        world.start(&phone(1)).await;
        world.start(&phone(1)).await;
        world.clock.advance(DAY - MILLI);
        let third = world.auth.start(Start::new(phone(1))).await;
        assert!(matches!(third, Err(StartError::Limited(l)) if l.retry_after == MILLI));
        world.clock.advance(MILLI);
        world.start(&phone(1)).await;
    }
}

fn close(value: f64, expected: f64) {
    assert!(
        (value / expected - 1.0).abs() < 0.005,
        "{value} is not {expected}"
    );
}
