//! When a route leaves a provider out, and when it asks it again.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may fail"
)]

mod route_world;

use otp_core::{DeliveryListener, DeliveryState, Report, SendErrorKind as Kind, Sender};
use otp_providers::Route;
use otp_providers::route::{LegState, Tuning};
use route_world::{Does, SECOND, World, message};

const IN: &str = "+919876543210";

fn states(route: &Route) -> Vec<LegState> {
    route.health().into_iter().map(|leg| leg.state).collect()
}

/// WHK-5 (`timeout_then_fallback_budget`), S2: a time-out counts as sent, so nobody else is asked; after five of them
/// callers wait no more.
#[tokio::test(start_paused = true)]
async fn a_provider_that_never_answers_is_left_out() {
    let world = World::new();
    let (_, a) = world.provider("a", &[Does::GivesUp(8 * SECOND)]);
    let (_, b) = world.provider("b", &[Does::Takes]);
    let route = world.route([a, b]);
    for n in 0..7 {
        route.send(&message(IN)).await.unwrap();
        let asked = if n < 5 { "a" } else { "b" };
        assert_eq!(world.asked(), [asked], "message {n}");
    }
}

/// The same for one that would answer after nobody waits.
#[tokio::test(start_paused = true)]
async fn a_provider_that_is_cut_off_is_left_out() {
    let world = World::new();
    let (_, a) = world.provider("a", &[Does::TakesAfter(3_600 * SECOND)]);
    let (_, b) = world.provider("b", &[Does::Takes]);
    let route = world.route([a, b]);
    for n in 0..6 {
        route.send(&message(IN)).await.unwrap();
        assert_eq!(world.asked(), [if n < 5 { "a" } else { "b" }]);
    }
}

/// S3: a provider that takes all and delivers none is left out; what lies in the number says nothing, and one message
/// that arrives ends the row.
#[tokio::test(start_paused = true)]
async fn messages_that_do_not_arrive_open_the_breaker() {
    let failed = Report::new("m1", DeliveryState::Failed);
    let unreachable = Report::failed("m1", Kind::Unreachable);
    let arrived = Report::new("m1", DeliveryState::Delivered);
    let world = World::new();
    let (_, a) = world.provider("a", &[Does::Takes]);
    let (_, b) = world.provider("b", &[Does::Takes]);
    let route = world.route([a, b]);
    let hear = |report: &Report, times| (0..times).for_each(|_| route.heard("a", report));
    hear(&failed, 19);
    hear(&arrived, 1);
    hear(&unreachable, 100);
    hear(&Report::new("m1", DeliveryState::Sent), 100);
    hear(&failed, 19);
    assert_eq!(states(&route), [LegState::Closed, LegState::Closed]);
    hear(&failed, 1);
    assert!(matches!(states(&route)[0], LegState::Open { .. }));
    assert_eq!(states(&route)[1], LegState::Closed);
    route.send(&message(IN)).await.unwrap();
    assert_eq!(world.asked(), ["b"]);
}

/// The table of `Tuning`: after how many answers of a class the breaker opens, and which ones end a row.
#[tokio::test(start_paused = true)]
async fn what_opens_the_breaker() {
    use Kind::*;
    for (kind, opens_after, ends_a_row) in [
        (InvalidNumber, None, true),
        (Unreachable, None, true),
        (TemplateProblem, None, true),
        (RateLimited, None, false),
        (Transient, Some(5), false),
        (AuthOrConfig, Some(5), false),
        (InsufficientCredit, Some(1), false),
    ] {
        let world = World::new();
        // One that names a wait is not tried again: a message is one answer.
        let refuses = |kind| Does::Throttles(kind, 2 * SECOND);
        let (scripted, a) = world.provider("a", &[refuses(kind)]);
        let route = world.route([a]);
        let mut opened = None;
        for n in 1..=20 {
            route.send(&message(IN)).await.unwrap_err();
            let open = matches!(states(&route)[0], LegState::Open { .. });
            opened = opened.or(open.then_some(n));
        }
        assert_eq!(opened, opens_after, "{kind:?}");
        if opens_after.is_none() {
            let row = [AuthOrConfig; 4].into_iter().chain([kind, AuthOrConfig]);
            scripted.now_does(row.map(refuses));
            for _ in 0..6 {
                route.send(&message(IN)).await.unwrap_err();
            }
            let closed = states(&route) == [LegState::Closed];
            assert_eq!(closed, ends_a_row, "{kind:?}");
        }
    }
}

/// A provider that takes its time, and says that it has the message, is no failing one.
#[tokio::test(start_paused = true)]
async fn slow_with_a_receipt_is_not_failing() {
    let world = World::new();
    let (_, a) = world.provider("a", &[Does::TakesAfter(8 * SECOND)]);
    let route = world.route([a]);
    for _ in 0..10 {
        route.send(&message(IN)).await.unwrap();
    }
    assert_eq!(states(&route), [LegState::Closed]);
}

/// WHK-5 (`breaker_opens_heals`): the chain goes around an open breaker at once; one message finds out, and heals it.
#[tokio::test(start_paused = true)]
async fn breaker_opens_heals() {
    let world = World::new();
    let (first, a) = world.provider("a", &[Does::Refuses(Kind::Transient)]);
    let (_, b) = world.provider("b", &[Does::Takes]);
    let route = world.route([a, b]);
    for _ in 0..3 {
        route.send(&message(IN)).await.unwrap();
    }
    let row = ["a", "a", "b", "a", "a", "b", "a", "b"];
    assert_eq!(world.asked(), row, "the fifth failure is not tried again");
    let retry_in = 30 * SECOND;
    assert_eq!(states(&route)[0], LegState::Open { retry_in });
    route.send(&message(IN)).await.unwrap();
    assert_eq!(world.asked(), ["b"]);

    tokio::time::advance(30 * SECOND).await;
    assert_eq!(states(&route)[0], LegState::HalfOpen);
    first.now_does([Does::TakesAfter(SECOND)]);
    let (one, two) = (message(IN), message(IN));
    let (probe, other) = tokio::join!(route.send(&one), route.send(&two));
    assert_eq!(probe.unwrap().reference.as_deref(), Some("a"));
    assert_eq!(other.unwrap().reference.as_deref(), Some("b"));
    assert_eq!(states(&route), [LegState::Closed; 2]);
}

/// A caller that goes away in the middle of a probe leaves neither a place taken nor a breaker half open.
#[tokio::test(start_paused = true)]
async fn a_caller_that_goes_away_leaves_nothing() {
    let world = World::new();
    let tuning = Tuning::default().in_flight(1).failures(1);
    let script = [Does::Refuses(Kind::Transient), Does::TakesAfter(5 * SECOND)];
    let (first, a) = world.tuned("a", &script, tuning);
    let route = world.route([a]);
    assert!(route.send(&message(IN)).await.is_err());
    tokio::time::advance(30 * SECOND).await;
    let message = message(IN);
    tokio::select! {
        biased;
        _ = route.send(&message) => unreachable!("it takes five seconds"),
        () = tokio::task::yield_now() => {}
    }
    assert_eq!(route.health()[0].in_flight, 0);
    first.now_does([Does::Takes]);
    assert!(route.send(&message).await.is_ok(), "another one probes");
}
