//! VER-11: codes that a provider makes and checks, inside a challenge of ours.
#![cfg(feature = "testing")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail"
)]

#[path = "../common/mod.rs"]
mod common;
mod failures;
mod provider;
mod races;
mod secrets;

use common::{MINUTE, Setup, World, is_rejected, opened, phone, signed_in};
use otp_core::challenge::Rejection;
use otp_core::policy::{Binding, Fallback, Policy, SignUp};
use otp_core::{
    Action, BuildError, ChallengeId, Channel, Checked, Code, OtpAuth, Outcome, Purpose, Resend,
    Start, Verified, Verify, VerifyError,
};
use provider::{Provider, code_of, hosted, no_code};
use std::sync::Arc;

fn standard() -> (World, Arc<Provider>) {
    hosted(&Setup::new(Policy::standard()))
}

/// The provider's code signs in, once; the verbs are those that the documentation names.
#[tokio::test]
async fn an_approved_code_signs_in_once() {
    let (world, provider) = standard();
    let id = world.start(&phone(1)).await.challenge_id;
    assert_eq!(world.store.calls(), ["open", "note"]);
    let login = signed_in(world.verify(&phone(1), id, &code_of(1)).await.unwrap());
    assert!(login.is_new_user);
    let calls = ["attempt", "delivery", "approve", "create"];
    assert_eq!(world.store.calls(), calls);
    assert_eq!(provider.asked(), ["reference-1"]);
    let happened = [
        (Action::Send, Outcome::Done),
        (Action::Verify, Outcome::Done),
    ];
    assert_eq!(world.happened(), happened);
    assert!(is_rejected(&world.verify(&phone(1), id, &code_of(1)).await));
    let used = Outcome::Rejected(Rejection::Used);
    assert_eq!(world.happened(), [(Action::Verify, used)]);
    assert!(provider.asked().is_empty(), "a used one is not asked for");
}

/// GEN-2, THR-3: a code with fewer digits than the policy's risk was computed for is wrong, and counted, whatever the
/// provider thinks of it; a longer one is the provider's to judge.
#[tokio::test]
async fn a_code_that_is_too_short_is_never_right() {
    let policy = Policy::builder().code_digits(8).build().unwrap();
    let (world, provider) = hosted(&Setup::new(policy));
    let id = world.start(&phone(1)).await.challenge_id;
    provider.finds(Checked::Approved);
    let code = |text: &str| Code::parse(text).unwrap();
    world.happened();
    for short in ["123456", "1234567"] {
        assert!(is_rejected(
            &world.verify(&phone(1), id, &code(short)).await
        ));
        let wrong = Outcome::Rejected(Rejection::Wrong);
        assert_eq!(world.happened(), [(Action::Verify, wrong)]);
    }
    assert!(provider.asked().is_empty());
    let long = world.verify(&phone(1), id, &code("123456789")).await;
    assert!(long.is_ok(), "{long:?}");
    assert_eq!(provider.asked().len(), 1);
    assert!(is_rejected(
        &world.verify(&phone(1), id, &code("12345678")).await
    ));
}

/// The request carries what the provider must know.
#[tokio::test]
async fn what_the_provider_is_told() {
    let (world, provider) = standard();
    let start = Start::new(phone(1))
        .with_channel(Channel::Voice)
        .with_purpose(Purpose::StepUp);
    let id = world.auth.start(start).await.unwrap().challenge_id;
    let requests = provider.requests.lock().unwrap();
    let request = &requests[0];
    assert_eq!((&request.to, request.challenge_id), (&phone(1), id));
    assert_eq!(
        (request.channel, request.purpose),
        (Channel::Voice, Purpose::StepUp)
    );
    assert_eq!(
        request.expires_in,
        world.auth.policy().code().lifetime,
        "WHK-6"
    );
}

/// VER-11, VER-1: our tries hold, whatever the provider would still look at; a resend refills none.
#[tokio::test]
async fn tries_are_ours_and_shared_with_a_resend() {
    let (world, provider) = standard();
    let id = world.start(&phone(1)).await.challenge_id;
    for _ in 0..2 {
        assert!(is_rejected(&world.verify(&phone(1), id, &no_code()).await));
    }
    world.clock.advance(MINUTE);
    world.resend(&phone(1), id).await.unwrap();
    assert!(is_rejected(&world.verify(&phone(1), id, &no_code()).await));
    assert_eq!(provider.asked().len(), 3);
    assert!(is_rejected(&world.verify(&phone(1), id, &code_of(2)).await));
    assert!(provider.asked().is_empty(), "the fourth reaches nobody");
}

/// VER-8, THR-3: the number's budget of a day holds over all challenges; a right code gives back what it was charged,
/// and nothing else.
#[tokio::test]
async fn the_budget_of_the_number_holds() {
    let (world, provider) = standard();
    let mut refused = 0;
    for n in 1..=10 {
        world.clock.advance(60 * MINUTE);
        let id = world.start(&phone(1)).await.challenge_id;
        for _ in 0..2 {
            match world.verify(&phone(1), id, &no_code()).await {
                Err(VerifyError::Rejected { .. }) => {}
                Err(VerifyError::Limited(_)) => refused += 1,
                other => panic!("{other:?}"),
            }
        }
        let right = world.verify(&phone(1), id, &code_of(n)).await;
        assert_eq!(right.is_ok(), n < 10, "{n}: {right:?}");
    }
    assert_eq!(refused, 0);
    let checks = provider.asked().len();
    assert_eq!(checks, 29, "nine right ones, and the twenty wrong ones");
}

/// VER-11: after another code was asked for, the reference before it is asked no more.
#[tokio::test]
async fn a_resend_changes_the_reference() {
    let (world, provider) = standard();
    let id = world.start(&phone(1)).await.challenge_id;
    world.clock.advance(MINUTE);
    world.resend(&phone(1), id).await.unwrap();
    assert!(is_rejected(&world.verify(&phone(1), id, &code_of(1)).await));
    assert!(world.verify(&phone(1), id, &code_of(2)).await.is_ok());
    assert_eq!(provider.asked(), ["reference-2", "reference-2"]);
}

/// VER-11: the reference is that of the challenge, and the challenge is the client's: nobody can name another's.
#[tokio::test]
async fn a_client_names_no_reference() {
    let (world, provider) = standard();
    let alice = world.start(&phone(1)).await.challenge_id;
    let bob = world.start(&phone(2)).await.challenge_id;
    // Bob knows his own code, and Alice's number.
    assert!(is_rejected(
        &world.verify(&phone(1), bob, &code_of(2)).await
    ));
    assert!(provider.asked().is_empty(), "VER-5: not his challenge");
    assert!(is_rejected(
        &world.verify(&phone(1), alice, &code_of(2)).await
    ));
    assert_eq!(provider.asked(), ["reference-1"]);
    assert!(world.verify(&phone(2), bob, &code_of(2)).await.is_ok());
}

/// VER-7: what the provider finds is told apart in the audit, and by no client.
#[tokio::test]
async fn findings_are_one_answer() {
    let (world, provider) = standard();
    for (n, finds, told) in [
        (1, Checked::Wrong, Rejection::Wrong),
        (2, Checked::Unknown, Rejection::Expired),
        (3, Checked::TooMany, Rejection::Locked),
    ] {
        provider.finds(finds);
        let id = world.start(&phone(n)).await.challenge_id;
        world.happened();
        let answer = world.verify(&phone(n), id, &no_code()).await;
        assert_eq!(
            format!("{answer:?}"),
            "Err(Rejected { tries_left: None })",
            "{finds:?}"
        );
        assert_eq!(
            world.happened(),
            [(Action::Verify, Outcome::Rejected(told))]
        );
    }
}

/// A code that was right for nobody: neither for a challenge that never was.
#[tokio::test]
async fn an_unknown_challenge_reaches_nobody() {
    let (world, provider) = standard();
    provider.finds(Checked::Approved);
    world.start(&phone(1)).await;
    let unknown = ChallengeId::random().unwrap();
    assert!(is_rejected(
        &world.verify(&phone(1), unknown, &code_of(1)).await
    ));
    assert!(provider.asked().is_empty());
}

/// A step-up and a new number work the same way, and a code of one purpose is none of another.
#[tokio::test]
async fn other_purposes() {
    for purpose in [Purpose::StepUp, Purpose::ChangePhone] {
        let (world, provider) = standard();
        let start = Start::new(phone(1)).with_purpose(purpose);
        let id = world.auth.start(start).await.unwrap().challenge_id;
        let verify = || Verify::new(phone(1), Some(id), code_of(1));
        assert!(is_rejected(&world.auth.verify(verify()).await));
        assert!(provider.asked().is_empty());
        let confirmed = world.auth.confirm(verify(), purpose).await.unwrap();
        assert_eq!(confirmed.purpose, purpose);
        assert!(is_rejected(&world.auth.confirm(verify(), purpose).await));
    }
}

/// With codes that are bound to phones, and with tickets: a ticket is ours, and no provider is asked for it.
#[tokio::test]
async fn registration_and_phones() {
    let policy = Policy::builder()
        .binding(Binding::Phone)
        .sign_up(SignUp::Ticket);
    let (world, provider) = hosted(&Setup::new(policy.build().unwrap()));
    world.start(&phone(1)).await;
    world.clock.advance(MINUTE);
    world
        .auth
        .resend(Resend::new(phone(1), None))
        .await
        .unwrap();
    let verify = Verify::new(phone(1), None, code_of(2));
    let verified = world.auth.verify(verify).await.unwrap();
    assert!(matches!(verified, Verified::RegistrationRequired { .. }));
    let ticket = common::ticket(verified);
    let register = otp_core::Register::new(phone(1), ticket, common::agreed());
    assert!(world.auth.register(register).await.unwrap().is_new_user);
    assert_eq!(provider.asked(), ["reference-2"]);
}

/// The same code cannot be sent over another channel if nobody here knows it.
#[test]
fn no_fallback() {
    let setup = Setup::new(Policy::standard());
    let (_, provider) = hosted(&setup);
    let second = std::time::Duration::from_secs(1);
    let fallback = Fallback::new(Channel::Sms, Channel::Voice, second);
    let policy = Policy::builder().fallback(fallback).build().unwrap();
    let store = setup.store.clone();
    let auth = OtpAuth::hosted(store, provider, setup.users.clone(), setup.keys.clone());
    let refused = auth.policy(policy).track_delivery().build().unwrap_err();
    assert_eq!(refused, BuildError::FallbackHosted);
}

/// What a sender of ours named is no reference of the provider's, and never reaches it.
#[tokio::test]
async fn a_message_of_ours_is_not_asked_for() {
    let setup = Setup::new(Policy::standard());
    let (hosted, provider) = hosted(&setup);
    provider.finds(Checked::Approved);
    let (store, users) = (setup.store.clone(), setup.users.clone());
    let own = OtpAuth::builder(store, setup.sender.clone(), users, setup.keys.clone())
        .policy(opened(Policy::standard()))
        .clock(setup.clock.clone())
        .track_delivery()
        .build()
        .unwrap();
    let id = own.start(Start::new(phone(1))).await.unwrap().challenge_id;
    let code = hosted.code();
    assert!(is_rejected(&hosted.verify(&phone(1), id, &code).await));
    assert!(provider.asked().is_empty());
}

/// A challenge of ours and one of the provider's are no use to each other, over one store with the same keys.
#[tokio::test]
async fn no_code_crosses_over() {
    let setup = Setup::new(Policy::standard());
    let (hosted, provider) = hosted(&setup);
    let own = setup.node();
    provider.finds(Checked::Approved);
    let (id, code) = own.started(&phone(1)).await;
    assert!(is_rejected(&hosted.verify(&phone(1), id, &code).await));
    assert!(provider.asked().is_empty(), "nobody keeps a reference");
    let id = hosted.start(&phone(2)).await.challenge_id;
    let guess = Code::parse("777001").unwrap();
    assert!(is_rejected(&own.verify(&phone(2), id, &guess).await));
    assert!(hosted.verify(&phone(2), id, &guess).await.is_ok());
}
