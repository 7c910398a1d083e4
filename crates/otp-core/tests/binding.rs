//! A code opens what it was made for, and nothing else.
#![cfg(feature = "testing")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail"
)]

mod common;

use common::{MINUTE, PURPOSES, Setup, World, built, is_rejected, phone, standard, wrong};
use otp_core::policy::{Binding, Policy};
use otp_core::{ChallengeId, Code, PhoneNumber, Purpose, Start, Verify, VerifyError};
use std::collections::HashSet;

/// Where a code is shown.
#[derive(Clone)]
struct Place {
    tenant: usize,
    phone: PhoneNumber,
    purpose: Purpose,
}

impl Place {
    async fn start(&self, tenants: &[World]) -> (ChallengeId, Code) {
        let start = Start::new(self.phone.clone()).with_purpose(self.purpose);
        let started = tenants[self.tenant].auth.start(start).await.unwrap();
        (started.challenge_id, tenants[self.tenant].code())
    }

    async fn opens(&self, tenants: &[World], id: ChallengeId, code: &Code) -> bool {
        let verify = Verify::new(self.phone.clone(), Some(id), code.clone());
        let auth = &tenants[self.tenant].auth;
        match self.purpose {
            Purpose::Login => auth.verify(verify).await.is_ok(),
            purpose => auth.confirm(verify, purpose).await.is_ok(),
        }
    }
}

/// Two tenants over one store, with one set of keys.
fn tenants(policy: &Policy) -> Vec<World> {
    let mut setup = Setup::new(policy.clone());
    let mut tenant = |name| {
        setup.tenant = name;
        setup.node()
    };
    vec![tenant("north"), tenant("south")]
}

/// VER-5: phone x purpose x tenant x challenge. Whatever is exchanged, alone or with others, the code opens nothing;
/// and its own door still opens with it afterwards.
#[tokio::test]
async fn code_of_a_for_b_matrix() {
    for binding in [Binding::Challenge, Binding::Phone] {
        let policy = Policy::builder().binding(binding).code_digits(10);
        let policy = policy.build().unwrap();
        for purpose in PURPOSES {
            for other in PURPOSES.into_iter().filter(|other| *other != purpose) {
                for flips in 1..16_u8 {
                    exchanged(&policy, purpose, other, flips).await;
                }
            }
        }
    }
}

async fn exchanged(policy: &Policy, purpose: Purpose, other: Purpose, flips: u8) {
    let flipped = |bit: u8| flips >> bit & 1 == 1;
    let tenants = tenants(policy);
    let own = Place {
        tenant: 0,
        phone: phone(1),
        purpose,
    };
    let (id, code) = own.start(&tenants).await;
    let shown = Place {
        tenant: usize::from(flipped(0)),
        phone: phone(if flipped(1) { 2 } else { 1 }),
        purpose: if flipped(2) { other } else { purpose },
    };
    let what = format!("{purpose:?} {other:?} {flips:04b}");
    let mut shown_id = id;
    if flipped(3) {
        tenants[0].clock.advance(MINUTE);
        shown_id = shown.start(&tenants).await.0;
    }
    assert!(!shown.opens(&tenants, shown_id, &code).await, "{what}");
    let replaced = policy.binding() == Binding::Phone && flips == 0b1000;
    assert_eq!(own.opens(&tenants, id, &code).await, !replaced, "{what}");
}

/// VER-8, VER-5: of two challenges for one phone each takes its own code and not the other's.
#[tokio::test]
async fn two_challenges_of_one_phone() {
    let world = standard();
    let (first, one) = world.started(&phone(1)).await;
    world.clock.advance(MINUTE);
    let (second, two) = world.started(&phone(1)).await;
    assert_ne!(first, second);
    if one.expose() != two.expose() {
        assert!(is_rejected(&world.verify(&phone(1), first, &two).await));
        assert!(is_rejected(&world.verify(&phone(1), second, &one).await));
    }
    assert!(world.verify(&phone(1), second, &two).await.is_ok());
    assert!(world.verify(&phone(1), first, &one).await.is_ok());
}

/// VER-5: bound to phones there is one challenge for each purpose, the newest; whoever sends the id of another
/// challenge gets no further than without.
#[tokio::test]
async fn bound_to_phones() {
    let world = built(|p| p.binding(Binding::Phone).code_digits(8));
    assert!(!world.auth.needs_challenge_id());
    let (first, old) = world.started(&phone(1)).await;
    world.clock.advance(MINUTE);
    let (second, new) = world.started(&phone(1)).await;
    assert_eq!(first, second);
    let verify = |code: &Code| world.auth.verify(Verify::new(phone(1), None, code.clone()));
    assert!(is_rejected(&verify(&old).await));
    let other = ChallengeId::random().unwrap();
    assert!(is_rejected(&world.verify(&phone(1), other, &new).await));
    assert!(verify(&new).await.is_ok());
    assert!(is_rejected(&verify(&new).await));
}

/// VER-7: the number of guesses left is told where the policy says so, and only about one's own challenge.
#[tokio::test]
async fn tries_left() {
    let world = built(|p| p.tell_tries_left(true));
    let (id, code) = world.started(&phone(1)).await;
    let told = async |id, n| match world.verify(&phone(1), id, &wrong(&code, n)).await {
        Err(VerifyError::Rejected { tries_left, .. }) => tries_left,
        other => panic!("{other:?}"),
    };
    assert_eq!(told(ChallengeId::random().unwrap(), 0).await, Some(0));
    assert_eq!(told(id, 0).await, Some(2));
    assert_eq!(told(id, 1).await, Some(1));
    assert_eq!(told(id, 2).await, Some(0));
    assert_eq!(told(id, 3).await, Some(0));
}

/// VER-7: wrong, expired, used, unknown and locked are one answer.
#[tokio::test]
async fn failures_are_one_answer() {
    let world = standard();
    let mut answers = HashSet::new();
    let mut ask = async |phone: &PhoneNumber, id, code: &Code| {
        let answer = world.verify(phone, id, code).await.unwrap_err();
        answers.insert(format!("{answer} {answer:?}"));
    };
    let (id, code) = world.started(&phone(1)).await;
    ask(&phone(1), ChallengeId::random().unwrap(), &code).await;
    ask(&phone(2), id, &code).await;
    ask(&phone(1), id, &wrong(&code, 0)).await;
    world.verify(&phone(1), id, &code).await.unwrap();
    ask(&phone(1), id, &code).await;
    ask(&phone(1), id, &wrong(&code, 1)).await;
    let (id, code) = world.started(&phone(3)).await;
    for n in 0..4 {
        ask(&phone(3), id, &wrong(&code, n)).await;
    }
    ask(&phone(3), id, &code).await;
    let (id, code) = world.started(&phone(4)).await;
    world.clock.advance(6 * MINUTE);
    ask(&phone(4), id, &code).await;
    ask(&phone(4), id, &wrong(&code, 1)).await;
    assert_eq!(answers.len(), 1, "{answers:?}");
}
