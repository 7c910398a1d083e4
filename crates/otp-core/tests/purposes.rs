//! What a code is good for, and which id it needs.
#![cfg(feature = "testing")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail")]

mod common;

use common::{HOUR, PURPOSES, is_rejected, phone, standard};
use otp_core::{Purpose, Resend, Start, StartError, Verify, VerifyError};

/// VER-5: a step-up proves the phone and signs nobody in; it does not make a user either.
#[tokio::test]
async fn confirm_gives_no_session() {
    let world = standard();
    for purpose in [Purpose::StepUp, Purpose::ChangePhone] {
        let (phone, start) = (phone(1), Start::new(phone(1)).with_purpose(purpose));
        world.clock.advance(HOUR);
        let id = world.auth.start(start).await.unwrap().challenge_id;
        assert_eq!(world.sender.messages().pop().unwrap().purpose, purpose);
        world.store.calls();
        let verify = || Verify::new(phone.clone(), Some(id), world.code());
        let confirmed = world.auth.confirm(verify(), purpose).await.unwrap();
        assert_eq!(
            (confirmed.phone, confirmed.purpose),
            (phone.clone(), purpose)
        );
        assert_eq!(world.store.calls(), ["attempt"]);
        assert_eq!(world.users.calls(), 0);
        assert!(is_rejected(&world.auth.confirm(verify(), purpose).await));
    }
}

/// VER-5, VER-10: `Registration` belongs to the core: nobody starts, resends or confirms it.
#[tokio::test]
async fn registration_cannot_be_started() {
    let world = standard();
    let start = Start::new(phone(1)).with_purpose(Purpose::Registration);
    let reserved = |result| matches!(result, Err(StartError::PurposeReserved));
    assert!(reserved(world.auth.start(start).await));
    let (id, code) = world.started(&phone(1)).await;
    let resend = Resend::new(phone(1), Some(id)).with_purpose(Purpose::Registration);
    assert!(reserved(world.auth.resend(resend).await));
    for purpose in [Purpose::Login, Purpose::Registration] {
        let verify = Verify::new(phone(1), Some(id), code.clone());
        assert!(is_rejected(&world.auth.confirm(verify, purpose).await));
    }
    assert_eq!(world.sent(), 1);
    assert!(world.verify(&phone(1), id, &code).await.is_ok());
}

/// VER-5: with ids required, none is guessed for the caller; nothing is counted against anybody.
#[tokio::test]
async fn the_id_is_needed() {
    let world = standard();
    assert!(world.auth.needs_challenge_id());
    let (_, code) = world.started(&phone(1)).await;
    world.store.calls();
    for purpose in PURPOSES {
        let resend = Resend::new(phone(1), None).with_purpose(purpose);
        let resent = world.auth.resend(resend).await;
        assert!(matches!(resent, Err(StartError::ChallengeRequired)));
    }
    let verified = world.auth.verify(Verify::new(phone(1), None, code)).await;
    assert!(matches!(verified, Err(VerifyError::ChallengeRequired)));
    assert!(world.store.calls().is_empty());
}
