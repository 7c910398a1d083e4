//! Refresh tokens: rotation, theft, two tabs, devices.
#![cfg(feature = "testing")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail"
)]

mod common;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use common::{
    DAY, HOUR, MILLI, MINUTE, SECOND, Setup, built, dead, device, phone, refresh, standard,
};
use otp_core::policy::Policy;
use otp_core::{Action, Client, Outcome, RefreshError};
use std::time::Duration;

const GRACE: Duration = Duration::from_secs(10);

/// TOK-7: after the grace the parent is theft: the thief's leaf, the owner's leaf, whoever came first, are dead.
#[tokio::test]
async fn replay_kills_family_incl_fork() {
    for generations in 1..5 {
        let world = standard();
        let login = world.login(&phone(1)).await;
        let other = world.login_again(&phone(1)).await;
        let mut chain = vec![login.tokens.refresh];
        for _ in 0..generations {
            world.clock.advance(MINUTE);
            let next = refresh(&world, chain.last().unwrap()).await.unwrap();
            chain.push(next.tokens.refresh);
        }
        world.clock.advance(GRACE);
        assert!(dead(&refresh(&world, &chain[generations - 1]).await));
        for token in &chain {
            assert!(dead(&refresh(&world, token).await));
        }
        assert!(
            refresh(&world, &other.tokens.refresh).await.is_ok(),
            "another family lives on"
        );
    }
}

/// TOK-7: who was robbed is told by an event that names user and session.
#[tokio::test]
async fn replay_emits_event() {
    let world = standard();
    let login = world.login(&phone(1)).await;
    refresh(&world, &login.tokens.refresh).await.unwrap();
    world.clock.advance(GRACE);
    world.happened();
    assert!(dead(&refresh(&world, &login.tokens.refresh).await));
    let event = world.events.take().pop().unwrap();
    assert_eq!(
        (event.action, &event.outcome),
        (Action::Refresh, &Outcome::Reused)
    );
    assert_eq!(event.name(), "authn_token_reuse");
    assert_eq!(
        (event.user, event.session),
        (Some(login.user.id), Some(login.session))
    );
}

/// TOK-8: two tabs that refresh at the same time stay signed in, with one token.
#[tokio::test]
async fn two_tabs_no_logout() {
    let world = standard();
    let login = world.login(&phone(1)).await;
    let parent = &login.tokens.refresh;
    let first = refresh(&world, parent).await.unwrap();
    world.clock.advance(GRACE - MILLI);
    let second = refresh(&world, parent).await.unwrap();
    assert_eq!(
        first.tokens.refresh.expose(),
        second.tokens.refresh.expose()
    );
    for tokens in [&first.tokens, &second.tokens] {
        world
            .auth
            .authenticate(tokens.access.expose())
            .await
            .unwrap();
    }
    world.clock.advance(HOUR);
    assert!(refresh(&world, &second.tokens.refresh).await.is_ok());
}

/// TOK-8: a reply that was lost is asked for again, on another node too.
#[tokio::test]
async fn lost_response_retry_ok() {
    let setup = Setup::new(Policy::standard());
    let (one, two) = (setup.node(), setup.node());
    let login = one.login(&phone(1)).await;
    let lost = refresh(&one, &login.tokens.refresh).await.unwrap();
    one.clock.advance(SECOND);
    let again = refresh(&two, &login.tokens.refresh).await.unwrap();
    assert_eq!(lost.tokens.refresh.expose(), again.tokens.refresh.expose());
    assert!(again.tokens.refresh_expires_in < lost.tokens.refresh_expires_in);
}

/// TOK-8: the grace is the parent's alone, and ends to the millisecond; zero means none.
#[tokio::test]
async fn grandparent_in_grace_is_theft() {
    let world = standard();
    let login = world.login(&phone(1)).await;
    let child = refresh(&world, &login.tokens.refresh).await.unwrap();
    let grandchild = refresh(&world, &child.tokens.refresh).await.unwrap();
    assert!(dead(&refresh(&world, &login.tokens.refresh).await));
    assert!(dead(&refresh(&world, &grandchild.tokens.refresh).await));
    for (grace, age, good) in [
        (GRACE, GRACE - MILLI, true),
        (GRACE, GRACE, false),
        (Duration::ZERO, Duration::ZERO, false),
        (MINUTE, MINUTE - MILLI, true),
    ] {
        let world = built(|p| p.grace(grace));
        let login = world.login(&phone(1)).await;
        refresh(&world, &login.tokens.refresh).await.unwrap();
        world.clock.advance(age);
        assert_eq!(
            refresh(&world, &login.tokens.refresh).await.is_ok(),
            good,
            "{grace:?} {age:?}"
        );
    }
}

/// TOK-4: a session that is not used for its idle time is over, to the millisecond.
#[tokio::test]
async fn idle_sessions_end() {
    for (age, good) in [(DAY - MILLI, true), (DAY, false)] {
        let world = standard();
        let login = world.login(&phone(1)).await;
        world.clock.advance(age);
        assert_eq!(refresh(&world, &login.tokens.refresh).await.is_ok(), good);
        assert_eq!(
            world.auth.sessions(&login.user.id).await.unwrap().len(),
            usize::from(good)
        );
    }
}

/// TOK-5: a token that was given to a device works from it alone; trying from another ends nothing.
#[tokio::test]
async fn refresh_other_device_fails() {
    let world = standard();
    let login = world.login_from(&phone(1), device("mine")).await;
    let token = login.tokens.refresh.expose();
    for other in [
        device("another"),
        device(""),
        device("mine "),
        Client::new(),
    ] {
        assert!(dead(&world.auth.refresh(token, &other).await));
        world.auth.logout_token(token, &other).await.unwrap();
    }
    let next = world.auth.refresh(token, &device("mine")).await.unwrap();
    world.clock.advance(HOUR);
    let stolen = next.tokens.refresh.expose();
    assert!(
        dead(&world.auth.refresh(stolen, &device("another")).await),
        "still bound"
    );
    assert!(world.auth.refresh(stolen, &device("mine")).await.is_ok());
}

/// TOK-5: a login without a device stays without one: a device that is named later binds nothing and breaks nothing.
#[tokio::test]
async fn an_unbound_token_stays_unbound() {
    let world = standard();
    let login = world.login(&phone(1)).await;
    let next = world
        .auth
        .refresh(login.tokens.refresh.expose(), &device("new"))
        .await
        .unwrap();
    world.clock.advance(HOUR);
    assert!(refresh(&world, &next.tokens.refresh).await.is_ok());
}

/// TOK-5: no bit of a token can be changed, nor anything added.
#[tokio::test]
async fn bit_flips() {
    let world = standard();
    let login = world.login(&phone(1)).await;
    let bytes = URL_SAFE_NO_PAD
        .decode(login.tokens.refresh.expose())
        .unwrap();
    for bit in 0..bytes.len() * 8 {
        let mut forged = bytes.clone();
        forged[bit / 8] ^= 1 << (bit % 8);
        let forged = URL_SAFE_NO_PAD.encode(forged);
        assert!(
            dead(&world.auth.refresh(&forged, &Client::new()).await),
            "bit {bit}"
        );
    }
    assert!(refresh(&world, &login.tokens.refresh).await.is_ok());
}

/// TOK-8: while the host's directory is down nothing is rotated: the token is good when it is back, however late.
#[tokio::test]
async fn an_outage_of_the_directory_ends_no_session() {
    let world = standard();
    let login = world.login(&phone(1)).await;
    world.users.fail(true);
    for _ in 0..3 {
        let refreshed = refresh(&world, &login.tokens.refresh).await;
        assert!(matches!(refreshed, Err(RefreshError::Users(_))));
        world.clock.advance(MINUTE);
    }
    world.users.fail(false);
    let refreshed = refresh(&world, &login.tokens.refresh).await.unwrap();
    assert_eq!(refreshed.session, login.session);
}

/// TOK-8: the same for roles that fit no token.
#[tokio::test]
async fn roles_that_fit_no_token_end_no_session() {
    let world = standard();
    let login = world.login(&phone(1)).await;
    world.clock.advance(MINUTE);
    let next = refresh(&world, &login.tokens.refresh).await.unwrap();
    for role in 0..65 {
        world.users.users().grant(phone(1), role.to_string());
    }
    for _ in 0..3 {
        let refused = refresh(&world, &next.tokens.refresh).await;
        assert!(matches!(refused, Err(RefreshError::Token(_))));
        world.clock.advance(MINUTE);
    }
    let sessions = world.auth.sessions(&login.user.id).await.unwrap();
    assert_eq!(sessions.len(), 1);
}

/// TOK-4: no access token outlives the absolute end of its session.
#[tokio::test]
async fn an_access_token_ends_with_its_session() {
    let world = standard();
    let mut tokens = world.login(&phone(1)).await.tokens;
    for _ in 0..13 {
        world.clock.advance(12 * HOUR);
        tokens = refresh(&world, &tokens.refresh).await.unwrap().tokens;
    }
    world.clock.advance(12 * HOUR - MINUTE);
    tokens = refresh(&world, &tokens.refresh).await.unwrap().tokens;
    assert_eq!(tokens.access_expires_in, MINUTE);
    let access = tokens.access.expose();
    assert!(world.auth.authenticate(access).await.is_ok());
    world.clock.advance(MINUTE + 5 * SECOND);
    assert!(world.auth.authenticate(access).await.is_err());
}
