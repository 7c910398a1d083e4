//! A provider or a store that fails, or takes too long.

use crate::common::{self, MINUTE, SECOND, is_rejected, phone};
use crate::provider::{Conduct, code_of};
use crate::standard;
use otp_core::challenge::Rejection;
use otp_core::{Action, Outcome, SendErrorKind, Start, StartError, VerifyError};

/// I6: a provider that does not answer signs nobody in; the guess is counted, and the next may still be right.
#[tokio::test]
async fn a_provider_that_is_down() {
    let (world, provider) = standard();
    let id = world.start(&phone(1)).await.challenge_id;
    provider.be(Conduct {
        is_down: true,
        ..Conduct::default()
    });
    world.happened();
    for _ in 0..2 {
        match world.verify(&phone(1), id, &code_of(1)).await {
            Err(VerifyError::NotChecked(error)) => assert_eq!(error.kind, SendErrorKind::Transient),
            other => panic!("{other:?}"),
        }
    }
    let told = Outcome::NotChecked(SendErrorKind::Transient);
    assert_eq!(
        world.happened(),
        [(Action::Verify, told.clone()), (Action::Verify, told)]
    );
    assert_eq!(provider.asked().len(), 2, "never asked twice for one guess");
    provider.be(Conduct::default());
    assert!(world.verify(&phone(1), id, &code_of(1)).await.is_ok());
}

/// The same as with a sender: what no provider took is given back once, and a number that is none is not.
#[tokio::test]
async fn a_message_that_was_not_taken() {
    for (kind, free) in [
        (SendErrorKind::Transient, true),
        (SendErrorKind::InvalidNumber, false),
    ] {
        let (world, provider) = standard();
        provider.be(Conduct {
            refuses: Some(kind),
            ..Conduct::default()
        });
        let refused = world.auth.start(Start::new(phone(1))).await;
        assert!(matches!(refused, Err(StartError::Delivery(error)) if error.kind == kind));
        assert_eq!(world.store.calls(), ["open", "refund"]);
        provider.be(Conduct::default());
        let next = world.auth.start(Start::new(phone(1))).await;
        assert_eq!(next.is_ok(), free, "{kind:?}: {next:?}");
    }
}

/// I6, I7: a message without a reference, or one whose reference was not kept, is an error; it may have been sent, so
/// that it is not given back, and nothing is left of its challenge.
#[tokio::test]
async fn a_lost_reference_fails_closed() {
    for forgets in [false, true] {
        let (world, provider) = standard();
        provider.be(Conduct {
            names_nothing: !forgets,
            ..Conduct::default()
        });
        world.store.fail(if forgets { &["note"] } else { &[] });
        match world.auth.start(Start::new(phone(1))).await {
            Err(StartError::NoReference) => assert!(!forgets),
            Err(StartError::Store(_)) => assert!(forgets),
            other => panic!("{other:?}"),
        }
        let [(action, outcome)] = &world.happened()[..] else {
            panic!("one event");
        };
        assert_eq!(*action, Action::Send);
        assert_ne!(*outcome, Outcome::Done);
        world.store.fail(&[]);
        provider.be(Conduct::default());
        assert!(matches!(
            world.auth.start(Start::new(phone(1))).await,
            Err(StartError::Limited(_))
        ));
        assert_eq!(provider.sent(), 1);
    }
}

/// A resend whose reference was lost leaves the code before it good, with its own reference.
#[tokio::test]
async fn a_lost_reference_leaves_the_code_before() {
    let (world, provider) = standard();
    let id = world.start(&phone(1)).await.challenge_id;
    world.clock.advance(MINUTE);
    world.store.fail(&["note"]);
    assert!(world.resend(&phone(1), id).await.is_err());
    world.store.fail(&[]);
    assert!(world.verify(&phone(1), id, &code_of(1)).await.is_ok());
    assert_eq!(provider.asked(), ["reference-1"]);
}

/// I6: a store that fails at any step signs nobody in.
#[tokio::test]
async fn a_store_that_is_down() {
    for verb in ["attempt", "delivery", "approve", "create"] {
        let (world, provider) = standard();
        let id = world.start(&phone(1)).await.challenge_id;
        world.store.fail(&[verb]);
        let answer = world.verify(&phone(1), id, &code_of(1)).await;
        assert!(matches!(answer, Err(VerifyError::Store(_))), "{verb}");
        let asked = !matches!(verb, "attempt" | "delivery");
        assert_eq!(!provider.asked().is_empty(), asked, "{verb}");
    }
}

/// VER-4, I3: an approval that comes when the challenge is over signs nobody in, to the millisecond.
#[tokio::test]
async fn an_approval_that_comes_too_late() {
    for (takes, late) in [(SECOND - common::MILLI, false), (SECOND, true)] {
        let (world, provider) = standard();
        let started = world.start(&phone(1)).await;
        world.clock.advance(started.expires_in - SECOND);
        provider.be(Conduct {
            takes,
            ..Conduct::default()
        });
        world.happened();
        let id = started.challenge_id;
        let answer = world.verify(&phone(1), id, &code_of(1)).await;
        assert_eq!(answer.is_err(), late, "{answer:?}");
        assert_eq!(provider.asked().len(), 1);
        if late {
            let expired = Outcome::Rejected(Rejection::Expired);
            assert_eq!(world.happened(), [(Action::Verify, expired)]);
        }
    }
    let (world, provider) = standard();
    let started = world.start(&phone(1)).await;
    world.clock.advance(started.expires_in);
    let answer = world
        .verify(&phone(1), started.challenge_id, &code_of(1))
        .await;
    assert!(is_rejected(&answer));
    assert!(provider.asked().is_empty(), "an expired one is not asked");
}
