//! I6 to I11.

use crate::history::*;
use otp_core::{ChallengeId, SessionId};
use otp_faults::check::leaks;
use otp_faults::history::{Call, Chain, ChallengeLoss, Evidence, Reply, SessionLoss};
use std::time::Duration;

#[test]
fn i6_a_failure_sends_nothing() {
    let mut failed = history()
        .then(Call::Start {
            phone: 0,
            reply: Reply::Failed,
        })
        .holds();
    failed.0.entries.last_mut().unwrap().sent = 1;
    failed.violates("I6");
}

#[test]
fn i7_messages_are_paid_for() {
    let start = |n: u8| Call::Start {
        phone: 0,
        reply: Reply::Done(ChallengeId::from_bytes([n; 16])),
    };
    let four = (1..=4)
        .fold(history(), |history, n| history.then(start(n)))
        .holds();
    four.clone().then(start(5)).violates("I7");
    four.clone()
        .then(start(5))
        .loses(20, 30, ChallengeLoss::Dead, SessionLoss::Back)
        .holds();
    let mut twice = four;
    twice.0.entries.last_mut().unwrap().sent = 2;
    twice.violates("I7");
}

#[test]
fn i8_secrets_are_found() {
    let secrets = [
        ("code", "1234567890".to_owned()),
        ("token", "abc.def.ghijklmnop".to_owned()),
    ];
    assert_eq!(leaks("x=\"1234567890\"", &secrets).len(), 1);
    assert_eq!(
        leaks("ok\nbearer abc.def.ghijklmnop\n1234567890", &secrets).len(),
        2
    );
    assert!(leaks("xyz.def.ghijklmnop 123456789", &secrets).is_empty());
    let found = leaks("code 1234567890", &secrets);
    assert!(!found.concat().contains("1234567890"));
    History(Evidence {
        leaks: found,
        ..Evidence::default()
    })
    .violates("I8");
}

#[test]
fn i9_to_i10() {
    let mut endless = history();
    endless.0.endless.push("a key".to_owned());
    endless.violates("I9");
    let healed = |took| {
        let mut history = history();
        history.0.healed = vec![Some(Duration::from_secs(1)), took];
        history
    };
    healed(Some(Duration::from_secs(29))).holds();
    healed(Some(Duration::from_secs(31))).violates("I10");
    healed(None).violates("I10");
}

#[test]
fn i11_each_login_has_one_record() {
    let audited = |logins: &[SessionId]| {
        let mut history = signed_in();
        let logins = logins.to_vec();
        history.0.chain = Some(Chain {
            logins,
            ..Chain::default()
        });
        history
    };
    audited(&[S]).holds();
    audited(&[]).violates("I11");
    audited(&[S, S]).violates("I11");
    let mut unheard = audited(&[S]);
    unheard.0.chain.as_mut().unwrap().sessions = vec![OTHER];
    unheard.violates("I11");
    let mut broken = audited(&[S]);
    broken.0.chain.as_mut().unwrap().broken = Some("a gap".to_owned());
    broken.violates("I11");
    let mut dropped = audited(&[S]);
    dropped.0.chain.as_mut().unwrap().dropped = 1;
    dropped.violates("I11");
}
