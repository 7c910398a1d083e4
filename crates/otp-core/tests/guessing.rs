//! Guessing at one phone: in parallel, from everywhere, with resends, for weeks.
#![cfg(feature = "testing")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail"
)]

mod common;

use common::{
    DAY, HOUR, MILLI, MINUTE, WRONG, World, built, evaluated, guess, guess_all_day, phone,
    standard, wrong,
};
use otp_core::challenge::Rejection;
use otp_core::policy::{Binding, SignUp};
use otp_core::{
    Action, ChallengeId, Outcome, Purpose, Register, RegisterError, Start, Ticket, Timestamp,
    Verify, VerifyError,
};
use std::time::Duration;

/// THR-3: 20 a day whatever the attacker does; he is told when the first of them leaves the window.
#[tokio::test]
async fn guesses_from_1000_ips_one_phone() {
    let world = standard();
    let began = otp_core::Clock::now(&world.clock);
    let (compared, limited) = guess_all_day(&world).await;
    assert_eq!(compared, 20);
    let now = otp_core::Clock::now(&world.clock);
    assert_eq!(limited.retry_after, DAY - now.since(began));
    world.clock.advance(MINUTE);
    let (id, code) = world.started(&phone(1)).await;
    for n in 0..1000 {
        assert!(guess(&world, 5000 + n, id, wrong(&code, 0)).await.is_err());
    }
    assert!(
        guess(&world, 0, id, code).await.is_err(),
        "nor is the right code looked at"
    );
    assert_eq!(evaluated(&world), 0);
}

/// VER-8, THR-3: in any 24 hours of five days at most 20 guesses are compared, however starts and resends are mixed.
#[tokio::test]
async fn k_guesses_then_resend_loop_hits_day_cap() {
    for binding in [Binding::Challenge, Binding::Phone] {
        for per_code in 1..=3 {
            let world = built(|p| p.binding(binding));
            guess_for_days(&world, per_code).await;
            let compared: Vec<Timestamp> = world
                .events
                .take()
                .into_iter()
                .filter(|event| event.outcome == WRONG)
                .map(|event| event.at)
                .collect();
            for (n, first) in compared.iter().enumerate().skip(20) {
                assert!(first.since(compared[n - 20]) >= DAY);
            }
            assert!(
                compared.len() >= 50,
                "the attack is a real one: {binding:?} {per_code} {}",
                compared.len()
            );
        }
    }
}

async fn guess_for_days(world: &World, per_code: u32) {
    let mut open: Option<ChallengeId> = None;
    for n in 0..5 * 24 * 20 {
        world.clock.advance(3 * MINUTE);
        let resent = match open {
            Some(id) => world.resend(&phone(1), id).await.ok(),
            None => None,
        };
        let started = match resent {
            Some(resent) => Some(resent),
            None => world.auth.start(Start::new(phone(1))).await.ok(),
        };
        open = started.map(|started| started.challenge_id);
        let Some(id) = open else { continue };
        for k in 0..per_code {
            let _ = guess(world, n, id, wrong(&world.code(), k.into())).await;
        }
    }
}

/// VER-8: a resend refills neither the challenge's guesses nor the phone's.
#[tokio::test]
async fn resend_keeps_phone_budget() {
    let world = standard();
    let (id, code) = world.started(&phone(1)).await;
    guess(&world, 0, id, wrong(&code, 0)).await.unwrap();
    world.clock.advance(MINUTE);
    world.resend(&phone(1), id).await.unwrap();
    for k in 0..5 {
        guess(&world, 0, id, wrong(&world.code(), k)).await.unwrap();
    }
    assert_eq!(evaluated(&world), 3);
    world.clock.advance(HOUR);
    let (_, limited) = guess_all_day(&world).await;
    assert!(limited.retry_after < DAY);
    world.happened();
    world.clock.advance(limited.retry_after);
    let (compared, _) = guess_all_day(&world).await;
    assert_eq!(compared, 1, "one guess was a minute older than the rest");
}

/// THR-5.
#[tokio::test]
async fn success_does_not_refill_day_budget() {
    let world = standard();
    let mut failed = 0;
    while failed < 19 {
        let (id, code) = world.started(&phone(1)).await;
        for k in 0..3.min(19 - failed) {
            guess(&world, 0, id, wrong(&code, k)).await.unwrap();
            failed += 1;
        }
        world.clock.advance(HOUR);
    }
    world.login(&phone(1)).await;
    world.clock.advance(HOUR);
    let (id, code) = world.started(&phone(1)).await;
    assert!(
        guess(&world, 0, id, wrong(&code, 0)).await.is_ok(),
        "the twentieth"
    );
    assert!(guess(&world, 0, id, wrong(&code, 1)).await.is_err());
}

/// THR-4: signing in, proving again, changing the number and registering spend one budget.
#[tokio::test]
async fn every_route_consumes_same_budget() {
    let world = built(|p| p.sign_up(SignUp::Ticket));
    let (id, code) = world.started(&phone(1)).await;
    let ticket = common::ticket(world.verify(&phone(1), id, &code).await.unwrap());
    let mut compared = 0;
    for n in 0.. {
        let route = n % 4;
        let limited = if route == 3 && n < 12 {
            let forged = Ticket::draw(ticket.challenge_id()).unwrap();
            register(&world, forged).await
        } else {
            world.clock.advance(HOUR);
            let purpose = common::PURPOSES[route % 3];
            let start = Start::new(phone(1)).with_purpose(purpose);
            let Ok(started) = world.auth.start(start).await else {
                continue;
            };
            let mut limited = false;
            for k in 0..3 {
                limited |= try_route(&world, purpose, started.challenge_id, k).await;
            }
            limited
        };
        compared += evaluated(&world);
        if limited {
            break;
        }
    }
    assert_eq!(compared, 20);
    for purpose in common::PURPOSES {
        assert!(try_route(&world, purpose, ChallengeId::random().unwrap(), 0).await);
    }
    assert!(register(&world, ticket).await);
}

async fn try_route(world: &World, purpose: Purpose, id: ChallengeId, k: u64) -> bool {
    let verify = Verify::new(phone(1), Some(id), wrong(&world.code(), k));
    let error = match purpose {
        Purpose::Login => world.auth.verify(verify).await.unwrap_err(),
        purpose => world.auth.confirm(verify, purpose).await.unwrap_err(),
    };
    matches!(error, VerifyError::Limited(_))
}

async fn register(world: &World, ticket: Ticket) -> bool {
    let register = Register::new(phone(1), ticket, common::agreed());
    let error = world.auth.register(register).await.unwrap_err();
    matches!(error, RegisterError::Limited(_))
}

/// VER-8: a wrong guess moves no expiry.
#[tokio::test]
async fn a_wrong_guess_extends_nothing() {
    let world = standard();
    let (id, code) = world.started(&phone(1)).await;
    world.clock.advance(5 * MINUTE - MILLI);
    guess(&world, 0, id, wrong(&code, 0)).await.unwrap();
    world.clock.advance(MILLI);
    guess(&world, 0, id, code).await.unwrap();
    let last = world.happened().pop().unwrap();
    assert_eq!(
        last,
        (Action::Verify, Outcome::Rejected(Rejection::Expired))
    );
}

/// VER-1: each k that a policy may choose is the number of guesses, and the next right one is too late.
#[tokio::test]
async fn exactly_k_guesses() {
    for tries in 1..=10_u8 {
        for wrongs in [tries - 1, tries] {
            let world = built(|p| p.tries(tries));
            let (id, code) = world.started(&phone(1)).await;
            for k in 0..wrongs {
                guess(&world, 0, id, wrong(&code, k.into())).await.unwrap();
            }
            assert_eq!(evaluated(&world), usize::from(wrongs));
            assert_eq!(
                world.verify(&phone(1), id, &code).await.is_ok(),
                wrongs < tries
            );
        }
    }
}

/// THR-13: a caller who was refused is admitted at the instant that he was told, and not before.
#[tokio::test]
async fn retry_after_exact() {
    let world = standard();
    let (_, limited) = guess_all_day(&world).await;
    let soon = limited.retry_after - Duration::from_millis(1);
    world.clock.advance(soon);
    let (id, code) = world.started(&phone(1)).await;
    assert!(guess(&world, 0, id, code.clone()).await.is_err());
    world.clock.advance(Duration::from_millis(1));
    assert!(world.verify(&phone(1), id, &code).await.is_ok());
}
