//! Sessions: rotation, theft, two tabs, sign-out, devices, tenants, new keys.
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
    HOUR, MILLI, MINUTE, PURPOSES, SECOND, Setup, World, built, dead, device, is_rejected, phone,
    refresh, standard, world,
};
use otp_core::policy::Policy;
use otp_core::{AuthenticateError, Client, Login, SessionId, Verify};
use std::collections::HashSet;

/// TOK-9: however a session was ended, its refresh token is dead on every node at once; others live on.
#[tokio::test]
async fn revoked_refresh_all_nodes() {
    let setup = Setup::new(Policy::standard());
    let (one, two) = (setup.node(), setup.node());
    for way in 0..4_u32 {
        let login = one.login(&phone(way)).await;
        let other = one.login_again(&phone(way)).await;
        let (user, token) = (&login.user.id, login.tokens.refresh.expose());
        match way {
            0 => one.auth.logout(&login.session).await.unwrap(),
            1 => one.auth.logout_token(token, &Client::new()).await.unwrap(),
            2 => assert!(one.auth.revoke(user, &login.session).await.unwrap()),
            _ => assert_eq!(one.auth.logout_all(user).await.unwrap(), 2),
        }
        for node in [&one, &two] {
            assert!(dead(&refresh(node, &login.tokens.refresh).await));
        }
        assert_eq!(refresh(&two, &other.tokens.refresh).await.is_ok(), way != 3);
    }
}

/// TOK-9: an access token dies with its session where sessions are checked, and by its own time where not.
#[tokio::test]
async fn access_after_revoke_bound() {
    for checked in [true, false] {
        let world = built(|p| p.check_sessions(checked));
        let login = world.login(&phone(1)).await;
        let access = login.tokens.access.expose();
        world.store.calls();
        world.auth.authenticate(access).await.unwrap();
        let calls = world.store.calls();
        assert_eq!(calls, if checked { vec!["find"] } else { vec![] });
        world.auth.logout(&login.session).await.unwrap();
        let after = world.auth.authenticate(access).await;
        assert_eq!(after.is_ok(), !checked);
        if checked {
            assert!(matches!(after, Err(AuthenticateError::SessionEnded)));
        }
        world.clock.advance(15 * MINUTE + 5 * SECOND - MILLI);
        assert_eq!(world.auth.authenticate(access).await.is_ok(), !checked);
        world.clock.advance(MILLI);
        assert!(world.auth.authenticate(access).await.is_err());
    }
}

/// TOK-9: nobody ends another user's session, nor learns that there is one.
#[tokio::test]
async fn only_ones_own_sessions() {
    let world = standard();
    let (alice, mallory) = (world.login(&phone(1)).await, world.login(&phone(2)).await);
    assert!(
        !world
            .auth
            .revoke(&mallory.user.id, &alice.session)
            .await
            .unwrap()
    );
    let unknown = SessionId::random().unwrap();
    assert!(!world.auth.revoke(&mallory.user.id, &unknown).await.unwrap());
    assert!(refresh(&world, &alice.tokens.refresh).await.is_ok());
    assert_eq!(
        world.auth.sessions(&mallory.user.id).await.unwrap().len(),
        1
    );
}

/// TOK-9: what is no token of ours ends nothing and is no error.
#[tokio::test]
async fn logout_with_rubbish() {
    let world = standard();
    let login = world.login(&phone(1)).await;
    for token in ["", "x", login.tokens.access.expose(), &"A".repeat(5000)] {
        world
            .auth
            .logout_token(token, &Client::new())
            .await
            .unwrap();
    }
    assert_eq!(world.auth.sessions(&login.user.id).await.unwrap().len(), 1);
}

/// TOK-10: every login has a session, an id and tokens of its own, whatever was shown before it.
#[tokio::test]
async fn fixation_supplied_sid_ignored() {
    let world = standard();
    let mut seen = HashSet::new();
    for _ in 0..5 {
        let login = world.login_from(&phone(1), device("same")).await;
        assert!(seen.insert(login.session.to_string()));
        assert!(seen.insert(login.tokens.access.expose().to_owned()));
        assert!(seen.insert(login.tokens.refresh.expose().to_owned()));
        world.clock.advance(HOUR);
    }
    let ids: HashSet<_> = world
        .sender
        .messages()
        .iter()
        .map(|m| m.challenge_id.to_string())
        .collect();
    assert!(seen.is_disjoint(&ids), "a challenge id is never promoted");
}

/// TOK-11: the token says who, how and until when; not the number, in no spelling.
#[tokio::test]
async fn jwt_contains_no_phone() {
    let world = standard();
    let login = world
        .login_from(&phone(1), device("d1").with_device_info("Pixel"))
        .await;
    let payload = login.tokens.access.expose().split('.').nth(1).unwrap();
    let payload = String::from_utf8(URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap();
    let claims: serde_json::Value = serde_json::from_str(&payload).unwrap();
    assert_eq!(claims["sub"], login.user.id.as_str());
    assert_eq!(claims["sid"], login.session.to_string());
    let refresh = URL_SAFE_NO_PAD
        .decode(login.tokens.refresh.expose())
        .unwrap();
    let refresh = String::from_utf8_lossy(&refresh);
    for part in ["9876500001", "876500001", "6500001", "d1", "Pixel"] {
        assert!(
            !payload.contains(part) && !refresh.contains(part),
            "{part}: {payload}"
        );
    }
}

/// TOK-11: a number that changes hands brings its new owner a new id, and nothing of the old owner's.
#[tokio::test]
async fn phone_reassigned_gets_new_sub() {
    let world = standard();
    let before = world.login(&phone(1)).await;
    world.users.empty();
    world.clock.advance(HOUR);
    let after = world.login(&phone(1)).await;
    assert!(after.is_new_user);
    assert_ne!(before.user.id, after.user.id);
    assert_eq!(world.auth.sessions(&after.user.id).await.unwrap().len(), 1);
    assert!(
        dead(&refresh(&world, &before.tokens.refresh).await),
        "its user is gone"
    );
    assert!(
        world
            .auth
            .sessions(&before.user.id)
            .await
            .unwrap()
            .is_empty()
    );
    assert!(refresh(&world, &after.tokens.refresh).await.is_ok());
}

/// TOK-2, STO-7: a thing of one kind is nothing in the place of another.
#[tokio::test]
async fn cross_kind_handle_matrix_all_rejected() {
    let world = standard();
    let login = world.login(&phone(1)).await;
    let (access, refresh) = (&login.tokens.access, &login.tokens.refresh);
    let session = login.session.to_string();
    for token in [refresh.expose(), &session, "", "a.b.c"] {
        assert!(world.auth.authenticate(token).await.is_err());
    }
    for token in [access.expose(), &session, ""] {
        assert!(dead(&world.auth.refresh(token, &Client::new()).await));
    }
    let as_challenge = session.parse().unwrap();
    assert!(is_rejected(
        &world.verify(&phone(1), as_challenge, &world.code()).await
    ));
    let challenge = world.sender.messages()[0].challenge_id.to_string();
    world
        .auth
        .logout(&challenge.parse().unwrap())
        .await
        .unwrap();
    assert!(self::refresh(&world, refresh).await.is_ok());
}

/// VER-5, TOK-5: over one store and with the same keys, one tenant's codes, tickets, refresh and access tokens are
/// nothing in another, and one's limits are not the other's.
#[tokio::test]
async fn tenants_are_apart() {
    for checked in [false, true] {
        let policy = Policy::builder().check_sessions(checked).build().unwrap();
        let mut setup = Setup::new(policy);
        let home = setup.node();
        setup.tenant = "north";
        let north = setup.node();
        setup.tenant = "south";
        let south = setup.node();
        for (own, other) in [(&north, &south), (&north, &home), (&home, &north)] {
            let login = own.login(&phone(1)).await;
            apart(own, other, &login).await;
            own.clock.advance(HOUR);
        }
    }
}

async fn apart(own: &World, other: &World, login: &Login) {
    let access = login.tokens.access.expose();
    own.auth.authenticate(access).await.unwrap();
    assert!(other.auth.authenticate(access).await.is_err());
    assert!(dead(&refresh(other, &login.tokens.refresh).await));
    other
        .auth
        .logout_token(login.tokens.refresh.expose(), &Client::new())
        .await
        .unwrap();
    assert!(refresh(own, &login.tokens.refresh).await.is_ok());
    let (id, code) = other.started(&phone(1)).await;
    for purpose in PURPOSES {
        let verify = || Verify::new(phone(1), Some(id), code.clone());
        assert!(is_rejected(&own.auth.verify(verify()).await));
        assert!(own.auth.confirm(verify(), purpose).await.is_err());
    }
    assert!(other.verify(&phone(1), id, &code).await.is_ok());
}

/// TOK-9: strict checks each request; the session's owner must be the token's.
#[tokio::test]
async fn a_token_of_another_session_store() {
    let (one, two) = (Setup::new(Policy::strict()), Setup::new(Policy::strict()));
    let login = one.node().login(&phone(1)).await;
    let elsewhere = one.node_with(two.store.clone(), one.keys.clone());
    let refused = elsewhere
        .auth
        .authenticate(login.tokens.access.expose())
        .await;
    assert!(matches!(refused, Err(AuthenticateError::SessionEnded)));
    assert!(
        world(Policy::strict())
            .auth
            .authenticate(login.tokens.access.expose())
            .await
            .is_err()
    );
}

/// TOK-9: two tenants have a user of the same id: neither sees, ends or uses the other's sessions.
#[tokio::test]
async fn tenants_share_no_session() {
    for checked in [true, false] {
        let policy = Policy::builder().check_sessions(checked).build().unwrap();
        let mut setup = Setup::new(policy);
        let mut tenant = |name| {
            setup.tenant = name;
            setup.node()
        };
        let (north, south) = (tenant("north"), tenant("south"));
        let (ours, theirs) = (north.login(&phone(1)).await, south.login(&phone(1)).await);
        let user = &ours.user.id;
        assert_eq!(*user, theirs.user.id);
        let listed = north.auth.sessions(user).await.unwrap();
        assert_eq!(
            listed.iter().map(|s| s.id).collect::<Vec<_>>(),
            [ours.session]
        );
        assert!(!north.auth.revoke(user, &theirs.session).await.unwrap());
        let access = theirs.tokens.access.expose();
        assert!(north.auth.authenticate(access).await.is_err());
        assert_eq!(north.auth.logout_all(user).await.unwrap(), 1);
        assert!(dead(&refresh(&north, &ours.tokens.refresh).await));
        let identity = south.auth.authenticate(access).await.unwrap();
        assert_eq!(identity.user, *user);
        let refreshed = refresh(&south, &theirs.tokens.refresh).await.unwrap();
        assert_eq!(refreshed.user.id, *user);
        assert_eq!(south.auth.sessions(user).await.unwrap().len(), 1);
    }
}
