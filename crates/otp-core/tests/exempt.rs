//! Limits that leave known numbers alone, and limits that refuse nobody.
#![cfg(feature = "testing")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail"
)]

mod common;

use common::{DAY, HOUR, MINUTE, Recorder, World, ask, phone, send, world, wrong};
use otp_core::limit::{Counts, Dimension, Limit, OnExceed};
use otp_core::policy::{Policy, PolicyBuilder, Prices};
use otp_core::{Action, Client, Outcome, PhoneNumber, Start, StartError, Started};
use std::time::Duration;

/// Three messages a day for each prefix, but for known numbers.
fn cap() -> Limit {
    send(&[Dimension::Prefix], 3, DAY)
        .on_exceed(OnExceed::Silent)
        .exempting_known()
}

fn capped(change: impl FnOnce(PolicyBuilder) -> PolicyBuilder) -> World {
    world(change(Policy::builder().limit(cap())).build().unwrap())
}

async fn known(world: &World, phone: &PhoneNumber) {
    world.login(phone).await;
    world.clock.advance(DAY);
    world.happened();
}

/// The prefix's messages for the day, by strangers.
async fn used_up(world: &World) {
    for n in 100..103 {
        world.start(&phone(n)).await;
    }
    world.happened();
}

/// What a client sees of a start but for its id.
fn shown(started: &Started) -> (otp_core::Channel, Duration, Duration, bool) {
    (
        started.channel,
        started.expires_in,
        started.resend_in,
        started.replayed,
    )
}

/// All that somebody sees who plays with a number and never learns its code.
async fn seen(world: &World, phone: &PhoneNumber) -> Vec<String> {
    let mut seen = Vec::new();
    let start = || Start::new(phone.clone()).with_idempotency_key("k");
    let started = world.auth.start(start()).await.unwrap();
    seen.push(format!("{:?}", shown(&started)));
    let code = wrong(&otp_core::Code::parse("123456").unwrap(), 7);
    for _ in 0..4 {
        let guess = world.verify(phone, started.challenge_id, &code).await;
        seen.push(format!("{guess:?}"));
    }
    seen.push(format!(
        "{:?}",
        shown(&world.auth.start(start()).await.unwrap())
    ));
    for pause in [1, 30, 60, 600] {
        world.clock.advance(Duration::from_secs(pause));
        let resent = world.resend(phone, started.challenge_id).await;
        seen.push(format!("{:?}", resent.map(|started| shown(&started))));
        let asked = ask(world, phone, Client::new()).await;
        seen.push(format!("{:?}", asked.map(|started| shown(&started))));
    }
    seen
}

/// THR-11, THR-16: where a prefix is used up, known numbers are sent their codes and others none, and whoever asks
/// sees no difference: not in the first answer, nor in a retry, a guess, a resend or a second start.
#[tokio::test]
async fn known_numbers_are_exempt_and_nobody_sees_it() {
    let worlds = [capped(|p| p), capped(|p| p)];
    let mut both = Vec::new();
    for (world, is_known) in worlds.iter().zip([true, false]) {
        known(world, &phone(if is_known { 1 } else { 2 })).await;
        used_up(world).await;
        let sent = world.sent();
        both.push(seen(world, &phone(1)).await);
        assert_eq!(world.sent() > sent, is_known);
        let told = Outcome::Limited("send by prefix".into());
        let limited = world.happened().contains(&(Action::Send, told));
        assert_eq!(limited, !is_known);
    }
    assert_eq!(both[0], both[1]);
}

/// THR-11, THR-16: the same while there is room: a known number's messages use nothing up, and the directory is asked
/// once for each start, for all alike.
#[tokio::test]
async fn known_numbers_use_nothing_up() {
    let world = capped(|p| p);
    known(&world, &phone(1)).await;
    let calls = world.users.calls();
    for _ in 0..5 {
        world.start(&phone(1)).await;
        world.clock.advance(HOUR);
    }
    assert_eq!(world.users.calls() - calls, 5);
    used_up(&world).await;
    assert_eq!(world.users.calls() - calls, 8);
    let last = world.sent();
    world.start(&phone(104)).await;
    assert_eq!(world.sent(), last);

    let plain = common::standard();
    plain.start(&phone(1)).await;
    assert_eq!(plain.users.calls(), 0, "asked where no limit needs it");
}

/// THR-11: a directory that cannot answer knows nobody.
#[tokio::test]
async fn without_a_directory_nobody_is_known() {
    let world = capped(|p| p);
    known(&world, &phone(1)).await;
    used_up(&world).await;
    world.users.fail(true);
    let sent = world.sent();
    world.start(&phone(1)).await;
    assert_eq!(world.sent(), sent);
}

/// THR-11: no number is exempt from its own limits or from the spend cap; a message that stays behind spends nothing.
#[tokio::test]
async fn known_numbers_have_their_own_limits() {
    let spend = Limit::new(otp_core::limit::Act::Send, [Dimension::Global], 600, DAY);
    let world = capped(|p| {
        p.prices(Prices::new("EUR", 100))
            .limit(spend.counting(Counts::Spend))
    });
    world.login(&phone(1)).await;
    let again = ask(&world, &phone(1), Client::new()).await;
    assert!(matches!(again, Err(StartError::Limited(_))), "{again:?}");
    for n in 2..20 {
        world.start(&phone(n)).await;
    }
    // 300 for two strangers and one that has become known, nothing for the others.
    world.clock.advance(MINUTE);
    world.start(&phone(1)).await;
    world.clock.advance(10 * MINUTE);
    world.start(&phone(1)).await;
    world.happened();
    let sent = world.sent();
    world.clock.advance(HOUR);
    world.start(&phone(1)).await;
    assert_eq!(world.sent(), sent + 1);
    world.clock.advance(HOUR);
    for n in [1, 30] {
        let refused = ask(&world, &phone(n), Client::new()).await;
        assert!(
            matches!(refused, Err(StartError::Limited(_))),
            "{refused:?}"
        );
        let outcome = world.happened().pop().unwrap().1;
        assert!(
            matches!(outcome, Outcome::SpendCapReached(_)),
            "{outcome:?}"
        );
    }
}

/// THR-11: a known number gives nothing back of what it was not charged.
#[tokio::test]
async fn known_numbers_give_nothing_back() {
    let conversion = send(&[Dimension::Prefix], 4, DAY)
        .giving_back(3)
        .on_exceed(OnExceed::Silent)
        .exempting_known();
    let world = world(Policy::builder().limit(conversion).build().unwrap());
    known(&world, &phone(1)).await;
    for n in 100..104 {
        world.start(&phone(n)).await;
    }
    world.login(&phone(1)).await;
    let sent = world.sent();
    world.start(&phone(104)).await;
    assert_eq!(world.sent(), sent, "the prefix is still paused");
    world.clock.advance(DAY);
    world.login(&phone(105)).await;
}

fn reporting() -> World {
    let limit = send(&[Dimension::Prefix], 2, HOUR).on_exceed(OnExceed::Report);
    world(Policy::builder().limit(limit).build().unwrap())
}

/// THR-11: a limit that is only reported refuses nobody; what it would have refused is told, and counted by metrics.
#[test]
fn a_reported_limit_only_tells() {
    let recorder = Recorder::default();
    metrics::with_local_recorder(&recorder, || {
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        runtime.unwrap().block_on(async {
            let world = reporting();
            for n in 0..2 {
                world.start(&phone(n)).await;
            }
            assert_eq!(world.happened(), vec![(Action::Send, Outcome::Done); 2]);
            world.start(&phone(2)).await;
            let would = Outcome::WouldRefuse("send by prefix".into());
            let told = [(Action::Send, Outcome::Done), (Action::Send, would)];
            assert_eq!(world.happened(), told);
            assert_eq!(world.sent(), 3);
            world.clock.advance(HOUR);
            world.start(&phone(3)).await;
            assert_eq!(world.happened(), [(Action::Send, Outcome::Done)]);
        });
    });
    let told = recorder.seen();
    let told = told.iter().find(|(name, _)| name.contains("would_refuse"));
    assert_eq!(told.map(|(_, count)| *count), Some(1.0));
}

/// THR-11, THR-15: it costs one round trip after a message that was sent, none after one that was not, and its failure
/// is told and fails nothing.
#[tokio::test]
async fn a_reported_limit_fails_nothing() {
    let world = reporting();
    world.start(&phone(1)).await;
    assert_eq!(world.store.calls(), ["open", "charge"]);
    world.store.fail(&["charge"]);
    world.start(&phone(2)).await;
    let (_, outcome) = world.happened().pop().unwrap();
    assert!(matches!(outcome, Outcome::StoreFailed(_)), "{outcome:?}");
    world.store.fail(&[]);
    world.store.calls();
    world.sender.refuse(true);
    assert!(ask(&world, &phone(3), Client::new()).await.is_err());
    assert_eq!(world.store.calls(), ["open", "refund"]);
}
