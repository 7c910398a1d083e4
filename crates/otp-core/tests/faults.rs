//! The store, the directory or the provider is down: nothing is given away, and all heals by itself.
#![cfg(feature = "testing")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail"
)]

mod common;

use common::{HOUR, MINUTE, World, built, from_ip, phone, standard};
use otp_core::limit::{Act, Dimension, Limit};
use otp_core::policy::{Policy, SignUp};
use otp_core::{
    Action, AuthenticateError, Client, Clock as _, Outcome, RefreshError, Register, RegisterError,
    Resend, Start, StartError, StoreErrorKind, Verify, VerifyError,
};

const DOWN: Outcome = Outcome::StoreFailed(StoreErrorKind::Unavailable);

/// A store error: an error all the way out, with nothing of the driver's text on its face, and an event for it.
fn closed(world: &World, action: Action, error: &(dyn std::error::Error + 'static)) {
    assert!(!error.to_string().contains("10.0.0.9"), "{error}");
    let (mut root, mut depth) = (error, 0);
    while let Some(source) = root.source() {
        (root, depth) = (source, depth + 1);
    }
    assert!(
        depth > 0 && root.to_string().contains("10.0.0.9"),
        "the cause is kept: {root}"
    );
    assert_eq!(world.happened().pop(), Some((action, DOWN)));
}

/// THR-15, I6: no message without a stored challenge.
#[tokio::test]
async fn store_down_matrix_never_2xx_start() {
    let world = standard();
    world.store.fail(&["open"]);
    let error = world.auth.start(Start::new(phone(1))).await.unwrap_err();
    assert!(matches!(error, StartError::Store(_)));
    closed(&world, Action::Send, &error);
    assert_eq!(world.sent(), 0);
    world.store.fail(&[]);
    let (id, _) = world.started(&phone(1)).await;
    world.clock.advance(MINUTE);
    world.store.fail(&["open"]);
    let error = world
        .auth
        .resend(Resend::new(phone(1), Some(id)))
        .await
        .unwrap_err();
    closed(&world, Action::Resend, &error);
    assert_eq!(world.sent(), 1);
    world.store.fail(&[]);
    assert!(world.verify(&phone(1), id, &world.code()).await.is_ok());
}

/// THR-15, I6: no token without a counted guess.
#[tokio::test]
async fn store_down_matrix_never_2xx_verify() {
    let world = built(|p| p.sign_up(SignUp::Ticket));
    let (id, code) = world.started(&phone(1)).await;
    world.store.fail(&["attempt"]);
    let error = world.verify(&phone(1), id, &code).await.unwrap_err();
    assert!(matches!(error, VerifyError::Store(_)));
    closed(&world, Action::Verify, &error);
    let verify = Verify::new(phone(1), Some(id), code.clone());
    let error = world
        .auth
        .confirm(verify, otp_core::Purpose::StepUp)
        .await
        .unwrap_err();
    closed(&world, Action::Verify, &error);
    assert_eq!(world.users.calls(), 0);
    world.store.fail(&[]);
    let ticket = common::ticket(world.verify(&phone(1), id, &code).await.unwrap());
    world.store.fail(&["attempt"]);
    let register = Register::new(phone(1), ticket.clone(), common::agreed());
    let error = world.auth.register(register.clone()).await.unwrap_err();
    assert!(matches!(error, RegisterError::Store(_)));
    closed(&world, Action::Register, &error);
    assert_eq!(world.users.calls(), 1);
    world.store.fail(&[]);
    assert!(world.auth.register(register).await.is_ok());
}

/// THR-15, I1, I10: a session that was not stored has no tokens; the code is spent; a fresh login works.
#[tokio::test]
async fn store_down_matrix_never_2xx_create() {
    let world = standard();
    let (id, code) = world.started(&phone(1)).await;
    world.store.fail(&["create"]);
    let error = world.verify(&phone(1), id, &code).await.unwrap_err();
    assert!(matches!(error, VerifyError::Store(_)));
    closed(&world, Action::Verify, &error);
    world.store.fail(&[]);
    assert!(common::is_rejected(
        &world.verify(&phone(1), id, &code).await
    ));
    world.clock.advance(MINUTE);
    let login = world.login(&phone(1)).await;
    assert_eq!(world.auth.sessions(&login.user.id).await.unwrap().len(), 1);
}

/// THR-15, VER-10: no ticket that was not stored.
#[tokio::test]
async fn store_down_matrix_never_2xx_ticket() {
    let world = built(|p| p.sign_up(SignUp::Ticket));
    let (id, code) = world.started(&phone(1)).await;
    world.store.fail(&["open"]);
    let error = world.verify(&phone(1), id, &code).await.unwrap_err();
    assert!(matches!(error, VerifyError::Store(_)));
    closed(&world, Action::Verify, &error);
}

/// THR-15: refresh and its limits fail closed; the token is as good as before afterwards.
#[tokio::test]
async fn store_down_matrix_never_2xx_refresh() {
    let limit = Limit::new(Act::Refresh, [Dimension::Address], 50, HOUR);
    let world = built(|p| p.limit(limit));
    let login = world.login(&phone(1)).await;
    let token = login.tokens.refresh.expose();
    for verb in ["charge", "rotate"] {
        world.store.fail(&[verb]);
        world.store.calls();
        let error = world
            .auth
            .refresh(token, &from_ip("192.0.2.1"))
            .await
            .unwrap_err();
        assert!(matches!(error, RefreshError::Store(_)));
        closed(&world, Action::Refresh, &error);
        assert_eq!(world.store.calls().last(), Some(&verb));
    }
    world.store.fail(&[]);
    assert!(
        world
            .auth
            .refresh(token, &from_ip("192.0.2.1"))
            .await
            .is_ok()
    );
}

/// THR-15, TOK-9: where sessions are checked, one that cannot be looked up is not let in.
#[tokio::test]
async fn store_down_matrix_never_2xx_authenticate() {
    let world = common::world(Policy::strict());
    let login = world.login(&phone(1)).await;
    world.store.fail(&["find"]);
    let error = world
        .auth
        .authenticate(login.tokens.access.expose())
        .await
        .unwrap_err();
    assert!(matches!(error, AuthenticateError::Store(_)));
    closed(&world, Action::Authenticate, &error);
}

/// THR-15: a sign-out that did not happen is not reported as one.
#[tokio::test]
async fn store_down_matrix_never_2xx_logout() {
    let world = standard();
    let login = world.login(&phone(1)).await;
    let (user, token) = (&login.user.id, login.tokens.refresh.expose());
    world
        .store
        .fail(&["revoke", "list", "ready", "purge_challenges"]);
    let ended = [
        world.auth.logout(&login.session).await.map(drop),
        world.auth.logout_token(token, &Client::new()).await,
        world.auth.logout_all(user).await.map(drop),
        world.auth.revoke(user, &login.session).await.map(drop),
    ];
    assert!(ended.iter().all(Result::is_err));
    let happened = world.happened();
    let failed = (Action::Logout, DOWN);
    assert_eq!(
        happened
            .into_iter()
            .filter(|event| *event == failed)
            .count(),
        4
    );
    assert!(world.auth.sessions(user).await.is_err());
    assert!(world.auth.health().await.is_err());
    assert!(world.auth.purge(10).await.is_err());
    world.store.fail(&["purge_sessions"]);
    assert!(world.auth.purge(10).await.is_err());
    world.store.fail(&[]);
    world.auth.health().await.unwrap();
    assert!(world.auth.refresh(token, &Client::new()).await.is_ok());
}

/// THR-15, I7: the provider refuses and the refund fails too: the client is told of the provider, waits longer than
/// he had to, and nothing else is lost.
#[tokio::test]
async fn only_the_refund_fails() {
    let world = standard();
    world.sender.refuse(true);
    world.store.fail(&["refund"]);
    let error = world.auth.start(Start::new(phone(1))).await.unwrap_err();
    assert!(matches!(error, StartError::Delivery(_)));
    let happened = world.happened();
    assert!(matches!(
        happened[0],
        (Action::Send, Outcome::NotDelivered(_))
    ));
    assert_eq!(happened[1], (Action::Send, DOWN));
    world.sender.refuse(false);
    world.store.fail(&[]);
    let limited = world.auth.start(Start::new(phone(1))).await;
    assert!(matches!(limited, Err(StartError::Limited(l)) if l.retry_after == MINUTE / 2));
    world.clock.advance(MINUTE / 2);
    world.login(&phone(1)).await;
}

/// I6: the host's directory is down: nobody is signed in, nobody is made, and it heals.
#[tokio::test]
async fn directory_down() {
    let world = standard();
    let (id, code) = world.started(&phone(1)).await;
    world.users.fail(true);
    let error = world.verify(&phone(1), id, &code).await.unwrap_err();
    assert!(matches!(error, VerifyError::Users(_)));
    assert!(!error.to_string().contains("is down"));
    assert_eq!(
        world.happened().pop(),
        Some((Action::Verify, Outcome::DirectoryFailed))
    );
    assert!(!world.store.calls().contains(&"create"));
    world.users.fail(false);
    world.clock.advance(MINUTE);
    let login = world.login(&phone(1)).await;
    world.users.fail(true);
    let token = login.tokens.refresh.expose();
    let error = world.auth.refresh(token, &Client::new()).await.unwrap_err();
    assert!(matches!(error, RefreshError::Users(_)));
    assert_eq!(
        world.happened().pop(),
        Some((Action::Refresh, Outcome::DirectoryFailed))
    );
    world.users.fail(false);
    assert!(world.auth.refresh(token, &Client::new()).await.is_ok());
}

/// I6, VER-10: and during a registration.
#[tokio::test]
async fn directory_down_at_registration() {
    let world = built(|p| p.sign_up(SignUp::Ticket));
    let (id, code) = world.started(&phone(1)).await;
    let ticket = common::ticket(world.verify(&phone(1), id, &code).await.unwrap());
    world.users.fail(true);
    let register = Register::new(phone(1), ticket, common::agreed());
    let error = world.auth.register(register).await.unwrap_err();
    assert!(matches!(error, RegisterError::Users(_)));
    assert_eq!(
        world.happened().pop(),
        Some((Action::Register, Outcome::DirectoryFailed))
    );
    assert!(!world.store.calls().contains(&"create"));
}

/// I6: roles that fit no token sign nobody in, and leave no session behind.
#[tokio::test]
async fn roles_that_fit_no_token() {
    let world = standard();
    for n in 0..65 {
        world.users.users().grant(phone(1), format!("role-{n}"));
    }
    let (id, code) = world.started(&phone(1)).await;
    let error = world.verify(&phone(1), id, &code).await.unwrap_err();
    assert!(matches!(error, VerifyError::Token(_)));
    assert_eq!(
        world.happened().pop(),
        Some((Action::Verify, Outcome::TokenFailed))
    );
    assert!(!world.store.calls().contains(&"create"));
}

/// STO-8: what is over is removed when asked, in bounded steps, and nothing else is.
#[tokio::test]
async fn sweeper_removes_expired() {
    let world = standard();
    for n in 0..5 {
        world.start(&phone(n)).await;
    }
    assert_eq!(world.auth.purge(100).await.unwrap(), 0);
    world.clock.advance(40 * 24 * HOUR);
    assert_eq!(world.auth.purge(4).await.unwrap(), 4);
    assert_eq!(
        world.auth.purge(100).await.unwrap(),
        6,
        "five challenges and five tallies"
    );
    assert_eq!(world.auth.purge(100).await.unwrap(), 0);
}

/// R11, STO-4, VER-4: when the clock is set back, by an hour say, no code from before lives through it again.
#[tokio::test]
async fn a_clock_set_back_revives_no_code() {
    let world = standard();
    let (spent, spent_code) = world.started(&phone(1)).await;
    world.clock.advance(20 * MINUTE);
    let (young, young_code) = world.started(&phone(2)).await;
    world.clock.set(world.clock.now() - HOUR);
    for _ in 0..12 {
        for (n, id, code) in [(1, spent, &spent_code), (2, young, &young_code)] {
            let verified = world.verify(&phone(n), id, code).await;
            assert!(common::is_rejected(&verified), "{n}");
        }
        world.clock.advance(MINUTE);
    }
    let (id, code) = world.started(&phone(3)).await;
    assert!(world.verify(&phone(3), id, &code).await.is_ok());
}
