//! Locking: what closes a number, for whom, for how long, and what does not.
#![cfg(feature = "testing")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail"
)]

mod common;

use common::{DAY, HOUR, MILLI, MINUTE, from_ip, guess, guess_all_day, phone, standard, wrong};
use otp_core::{ChallengeId, Client, Code, Start, Verify, VerifyError};

/// THR-3: after 100 failures in a row the number is closed to unknown clients, and heals by itself.
#[tokio::test]
async fn hundred_consecutive_disables() {
    let world = standard();
    let mut compared = 0;
    let closed = loop {
        let (n, limited) = guess_all_day(&world).await;
        compared += n;
        if limited.retry_after > DAY {
            break limited;
        }
        world.clock.advance(DAY);
    };
    assert_eq!(compared, 100);
    world.clock.advance(2 * DAY);
    let (id, code) = world.started(&phone(1)).await;
    let refused = guess(&world, 0, id, code).await.unwrap_err();
    assert_eq!(refused.retry_after, closed.retry_after - 2 * DAY);
    world.login(&phone(2)).await;
    world.clock.advance(refused.retry_after - MILLI);
    let (id, code) = world.started(&phone(1)).await;
    assert!(guess(&world, 0, id, code.clone()).await.is_err());
    world.clock.advance(MILLI);
    assert!(world.verify(&phone(1), id, &code).await.is_ok());
    world.clock.advance(HOUR);
    assert_eq!(guess_all_day(&world).await.0, 20);
}

/// THR-3, THR-5: a success sets back the failures in a row, and nothing else.
#[tokio::test]
async fn success_resets_the_streak() {
    let world = standard();
    for _ in 0..8 {
        assert_eq!(guess_all_day(&world).await.0, 20);
        world.clock.advance(DAY);
        world.login(&phone(1)).await;
        world.clock.advance(HOUR);
    }
}

/// THR-7, THR-8: a stranger who starts, resends and guesses at challenges of his own, or at nothing, leaves the
/// victim's code and its guesses alone.
#[tokio::test]
async fn stranger_resend_keeps_victim_code() {
    let world = standard();
    let (id, code) = world.started(&phone(1)).await;
    guess(&world, 1, id, wrong(&code, 0)).await.unwrap();
    guess(&world, 1, id, wrong(&code, 1)).await.unwrap();
    world.clock.advance(MINUTE);
    let (strange, other) = world.started(&phone(1)).await;
    world.clock.advance(MINUTE);
    world.resend(&phone(1), strange).await.unwrap();
    for k in 0..3 {
        guess(&world, 666, strange, wrong(&other, k)).await.unwrap();
    }
    assert!(world.verify(&phone(1), id, &code).await.is_ok());
}

/// THR-7: guesses at challenges that do not exist, or are over, cost the one who guesses and not the owner.
#[tokio::test]
async fn guesses_at_nothing_lock_nobody_out() {
    let world = standard();
    let (id, code) = world.started(&phone(1)).await;
    let stranger = from_ip("203.0.113.9");
    for n in 0..40 {
        let nothing = ChallengeId::random().unwrap();
        let verify = Verify::new(phone(1), Some(nothing), wrong(&code, n));
        let refused = world
            .auth
            .verify(verify.with_client(stranger.clone()))
            .await;
        match refused.unwrap_err() {
            VerifyError::Rejected { .. } => assert!(n < 30),
            VerifyError::Limited(limited) => {
                assert!(n >= 30);
                assert_eq!(
                    (limited.retry_after, &*limited.limit),
                    (HOUR, "verify by address, failures")
                );
            }
            other => panic!("{other}"),
        }
    }
    for n in 0..1000 {
        guess(&world, n, ChallengeId::random().unwrap(), code.clone())
            .await
            .unwrap();
    }
    assert!(world.verify(&phone(1), id, &code).await.is_ok());
    world.clock.advance(HOUR);
    assert_eq!(guess_all_day(&world).await.0, 20);
}

/// THR-2: an address fails at ten phones an hour and no more; those it failed at before stay open to it.
#[tokio::test]
async fn one_address_many_phones() {
    let world = standard();
    let client = from_ip("203.0.113.9");
    let fail = async |n| {
        let id = Some(ChallengeId::random().unwrap());
        let verify = Verify::new(phone(n), id, Code::parse("000000").unwrap());
        match world
            .auth
            .verify(verify.with_client(client.clone()))
            .await
            .unwrap_err()
        {
            VerifyError::Limited(limited) => Err(limited.retry_after),
            _ => Ok(()),
        }
    };
    for n in 0..10 {
        assert_eq!(fail(n).await, Ok(()));
        world.clock.advance(MINUTE);
    }
    assert_eq!(fail(10).await, Err(50 * MINUTE));
    assert_eq!(fail(3).await, Ok(()));
    world.clock.advance(50 * MINUTE);
    assert_eq!(fail(10).await, Ok(()));
}

/// VER-9: a guess at nothing does what a guess at something does: the same verb, as many digests and limits.
#[tokio::test]
async fn dummy_path_same_op_count() {
    let world = standard();
    let (id, code) = world.started(&phone(1)).await;
    let client = || from_ip("192.0.2.7");
    let mut traces = Vec::new();
    for (phone, id) in [
        (phone(1), id),
        (phone(1), ChallengeId::random().unwrap()),
        (phone(2), id),
        (phone(3), ChallengeId::random().unwrap()),
    ] {
        world.store.calls();
        let verify = Verify::new(phone, Some(id), wrong(&code, 0)).with_client(client());
        assert!(common::is_rejected(&world.auth.verify(verify).await));
        traces.push(world.store.traced());
    }
    assert!(
        traces
            .iter()
            .all(|trace| *trace == traces[0] && trace.len() == 1),
        "{traces:?}"
    );
    assert_eq!(world.users.calls(), 0);
}

/// STO-3: a request that a limit refuses ends there: one store verb, no directory, no message, no token.
#[tokio::test]
async fn limited_request_does_no_hash_work() {
    let world = standard();
    let client = from_ip("192.0.2.7");
    for n in 0..30 {
        let nothing = Verify::new(
            phone(n % 10),
            ChallengeId::random().ok(),
            Code::draw(6).unwrap(),
        );
        let _ = world.auth.verify(nothing.with_client(client.clone())).await;
    }
    let (id, code) = world.started(&phone(1)).await;
    let (sent, asked) = (world.sent(), world.users.calls());
    world.store.calls();
    let verify = Verify::new(phone(1), Some(id), code).with_client(client);
    let limited = world.auth.verify(verify).await;
    assert!(matches!(limited, Err(VerifyError::Limited(_))));
    let limited = world
        .auth
        .start(Start::new(phone(1)).with_client(Client::new()))
        .await;
    assert!(limited.is_err());
    assert_eq!(world.store.calls(), ["attempt", "open"]);
    assert_eq!((world.sent(), world.users.calls()), (sent, asked));
}
