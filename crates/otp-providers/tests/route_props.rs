//! Whatever the providers do, and however many callers there are at a time.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may fail"
)]

mod route_world;

use otp_core::{ChallengeId, Clock, Receipt, SendError, SendErrorKind as Kind, Sender};
use otp_providers::Route;
use otp_providers::route::Tuning;
use proptest::prelude::*;
use route_world::{CODE, Does, Got, SECOND, World, message};
use std::future::poll_fn;
use std::task::Poll;
use std::time::Duration;

const NAMES: [&str; 3] = ["a", "b", "c"];

/// A caller: when it comes, for how long its code is good, and whether it is a patient one.
type Caller = (u64, u64, bool);

fn does() -> impl Strategy<Value = Does> {
    let millis = || (0_u64..12_000).prop_map(Duration::from_millis);
    let refusals = vec![
        Kind::InvalidNumber,
        Kind::Unreachable,
        Kind::RateLimited,
        Kind::AuthOrConfig,
        Kind::InsufficientCredit,
        Kind::TemplateProblem,
        Kind::Transient,
        Kind::Transient,
    ];
    let kind = || proptest::sample::select(refusals.clone());
    prop_oneof![
        2 => Just(Does::Takes),
        6 => kind().prop_map(Does::Refuses),
        4 => (kind(), millis()).prop_map(|(kind, time)| Does::RefusesAfter(kind, time)),
        2 => millis().prop_map(|wait| Does::Throttles(Kind::Transient, wait / 8)),
        2 => millis().prop_map(Does::GivesUp),
        2 => millis().prop_map(Does::TakesAfter),
    ]
}

fn scripts() -> impl Strategy<Value = [Vec<Does>; 3]> {
    let script = || proptest::collection::vec(does(), 1..12);
    [script(), script(), script()]
}

fn callers() -> impl Strategy<Value = Vec<Caller>> {
    let caller = (0_u64..40_000, 0_u64..40_000, any::<bool>());
    proptest::collection::vec(caller, 1..12)
}

fn id(n: usize) -> ChallengeId {
    ChallengeId::from_bytes([u8::try_from(n).unwrap(); 16])
}

/// What one caller was told, after how long; nothing if it went away.
type Told = Option<(Result<Receipt, SendError>, Duration)>;

#[allow(clippy::disallowed_methods, reason = "this time is not the real one")]
async fn call(world: &World, route: &Route, n: usize, caller: Caller) -> Told {
    let (comes, validity, stays) = caller;
    tokio::time::sleep(Duration::from_millis(comes)).await;
    let mut message = message("+919876543210");
    message.challenge_id = id(n);
    message.expires_in = Duration::from_millis(validity);
    let begun = world.clock.now();
    let patience = if stays { 60 * SECOND } else { SECOND };
    let told = tokio::time::timeout(patience, route.send(&message)).await;
    Some((told.ok()?, world.clock.now().since(begun)))
}

fn simulate(scripts: &[Vec<Does>; 3], callers: &[Caller]) -> (Vec<Got>, Vec<Told>, u32) {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    let runtime = builder.enable_time().start_paused(true).build().unwrap();
    runtime.block_on(async {
        let world = World::new();
        let tuning = Tuning::default().in_flight(2).failures(3).open_for(SECOND);
        let legs = [0, 1, 2].map(|n| world.tuned(NAMES[n], &scripts[n], tuning).1);
        let route = world.route(legs);
        let calls = callers.iter().enumerate();
        let mut calls: Vec<_> = calls
            .map(|(n, caller)| Box::pin(call(&world, &route, n, *caller)))
            .collect();
        let mut told: Vec<Option<Told>> = calls.iter().map(|_| None).collect();
        poll_fn(|cx| {
            for (call, told) in calls.iter_mut().zip(&mut told) {
                if told.is_none()
                    && let Poll::Ready(end) = call.as_mut().poll(cx)
                {
                    *told = Some(end);
                }
            }
            match told.iter().all(Option::is_some) {
                true => Poll::Ready(()),
                false => Poll::Pending,
            }
        })
        .await;
        let left = route.health().iter().map(|leg| leg.in_flight).sum();
        let got = world.outbox.lock().unwrap().clone();
        (got, told.into_iter().flatten().collect(), left)
    })
}

/// What the callers were promised, of the one who is `n`th.
fn kept(n: usize, got: &[Got], told: &Told, caller: &Caller) -> Result<(), TestCaseError> {
    let mine = got.iter().filter(|g| g.message.challenge_id == id(n));
    let mine: Vec<_> = mine.collect();
    let validity = Duration::from_millis(caller.1);
    for name in NAMES {
        prop_assert!(mine.iter().filter(|g| g.provider == name).count() <= 2);
    }
    prop_assert!(
        mine.is_sorted_by_key(|g| g.provider),
        "a chain has an order"
    );
    for g in &mine {
        let spent = g.at.since(mine[0].at);
        prop_assert_eq!(g.message.expires_in, validity.saturating_sub(spent));
        prop_assert!(!g.message.expires_in.is_zero(), "after it expired");
        prop_assert_eq!(g.message.code.expose(), CODE);
    }
    for g in mine.iter().rev().skip(1) {
        let refused = refusal(g.does);
        let goes_on = refused.is_some_and(|kind| kind != Kind::InvalidNumber);
        prop_assert!(goes_on, "sent again after {:?}", g.does);
    }
    let Some((result, took)) = told else {
        return Ok(());
    };
    // The runtime's timer is late by a millisecond each time.
    let late = Duration::from_millis(20);
    let patience = Duration::from_secs(10).min(validity / 2);
    prop_assert!(*took <= patience + late, "waited {:?}", took);
    let last = mine.last().map(|g| g.does);
    if let Some(Does::RefusesAfter(..)) = last
        && *took + late > patience
    {
        return Ok(()); // It may have been cut off: both are right.
    }
    let refused = last.map_or(Some(Kind::Transient), refusal);
    prop_assert_eq!(result.is_err(), refused.is_some(), "{:?}", result);
    let invalid = result
        .as_ref()
        .is_err_and(|e| e.kind == Kind::InvalidNumber);
    prop_assert_eq!(invalid, refused == Some(Kind::InvalidNumber));
    Ok(())
}

fn refusal(does: Does) -> Option<Kind> {
    match does {
        Does::Refuses(kind) | Does::RefusesAfter(kind, _) | Does::Throttles(kind, _) => Some(kind),
        Does::Takes | Does::GivesUp(_) | Does::TakesAfter(_) => None,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_500))]

    /// WHK-5, S1, S2: a message that may have been taken is never sent again; `InvalidNumber` reaches no second
    /// provider; no provider gets a message more than twice; all of them carry one code, and none is sent after it
    /// expired; nobody waits longer than ten seconds; `Ok` is told to those whose message was taken, and to no others.
    #[test]
    fn each_message_goes_as_promised(scripts in scripts(), callers in callers()) {
        let (got, told, left) = simulate(&scripts, &callers);
        prop_assert_eq!(left, 0, "places are given back");
        for (n, (told, caller)) in told.iter().zip(&callers).enumerate() {
            kept(n, &got, told, caller)?;
        }
    }
}
