//! A login from its first message to its last sign-out.
#![cfg(feature = "testing")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail")]

mod common;

use common::{
    HOUR, MINUTE, SECOND, built, device, is_rejected, phone, signed_in, standard, ticket, wrong,
};
use otp_core::policy::{Binding, Policy, SignUp};
use otp_core::{
    Channel, Client, Code, MemoryStore, MemoryUsers, OtpAuth, RefreshError, Resend, Start,
    Verified, Verify, VerifyError,
};
use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

/// HTP-6: start, resend, verify, refresh, sign out, with the id and without it.
#[tokio::test]
async fn the_whole_way() {
    for binding in [Binding::Challenge, Binding::Phone] {
        let world = built(|p| p.binding(binding));
        let id = |id| (binding == Binding::Challenge).then_some(id);
        let started = world.start(&phone(1)).await;
        assert_eq!(started.expires_in, 5 * MINUTE);
        assert_eq!(started.resend_in, 30 * SECOND);
        assert_eq!((started.channel, started.replayed), (Channel::Sms, false));
        world.clock.advance(started.resend_in);
        let challenge = id(started.challenge_id);
        let resent = world.auth.resend(Resend::new(phone(1), challenge)).await;
        let resent = resent.unwrap();
        assert_eq!(resent.challenge_id, started.challenge_id);
        assert_eq!((resent.expires_in, resent.resend_in), (5 * MINUTE, MINUTE));
        let verify = Verify::new(phone(1), challenge, world.code());
        let login = signed_in(world.auth.verify(verify).await.unwrap());
        assert!(login.is_new_user);
        assert_eq!(login.user.phone, phone(1));
        let access = login.tokens.access.expose();
        let identity = world.auth.authenticate(access).await.unwrap();
        assert_eq!(
            (identity.user, identity.session),
            (login.user.id.clone(), login.session)
        );
        assert_eq!(identity.amr, ["otp", "sms"]);
        assert_eq!(world.auth.sessions(&login.user.id).await.unwrap().len(), 1);
        world.clock.advance(HOUR);
        let next = world
            .auth
            .refresh(login.tokens.refresh.expose(), &Client::new())
            .await;
        let next = next.unwrap();
        assert_eq!(next.session, login.session);
        world
            .auth
            .authenticate(next.tokens.access.expose())
            .await
            .unwrap();
        world.auth.logout(&login.session).await.unwrap();
        assert!(
            world
                .auth
                .sessions(&login.user.id)
                .await
                .unwrap()
                .is_empty()
        );
        let dead = world
            .auth
            .refresh(next.tokens.refresh.expose(), &Client::new())
            .await;
        assert!(matches!(dead, Err(RefreshError::Rejected)));
        world.clock.advance(HOUR);
        assert!(!world.login(&phone(1)).await.is_new_user);
    }
}

/// The default clock and audit work without being named, and the standard policy with its countries.
#[tokio::test]
async fn defaults() {
    let sender = otp_core::testing::CapturingSender::new();
    let keys = Arc::new(otp_core::Keys::generate().unwrap());
    let auth = OtpAuth::builder(MemoryStore::new(), sender.clone(), MemoryUsers::new(), keys);
    let auth = auth
        .policy(common::opened(Policy::standard()))
        .build()
        .unwrap();
    let started = auth.start(Start::new(phone(1))).await.unwrap();
    let code = sender.last_code().unwrap();
    let verify = Verify::new(phone(1), Some(started.challenge_id), code);
    let login = signed_in(auth.verify(verify).await.unwrap());
    auth.authenticate(login.tokens.access.expose())
        .await
        .unwrap();
    auth.health().await.unwrap();
    assert_eq!(
        auth.user(&login.user.id).await.unwrap().unwrap(),
        login.user
    );
}

/// GEN-3: new codes get longer while the service runs; those that are out still verify.
#[tokio::test]
async fn escalation_switches_new_codes_to_8_digits_old_still_verify() {
    let world = standard();
    let (old, six) = world.started(&phone(1)).await;
    world.auth.raise_code_digits(8);
    let (new, eight) = world.started(&phone(2)).await;
    assert_eq!((six.len(), eight.len()), (6, 8));
    assert!(world.verify(&phone(1), old, &six).await.is_ok());
    assert!(world.verify(&phone(2), new, &eight).await.is_ok());
    world.auth.raise_code_digits(4);
    assert_eq!(world.started(&phone(3)).await.1.len(), 6);
    world.auth.raise_code_digits(255);
    assert_eq!(world.started(&phone(4)).await.1.len(), 10);
}

/// GEN-4: 128 random bits, in no way like the code; half of all bits are set, ids never repeat.
#[tokio::test]
async fn challenge_id_128_bits() {
    let world = standard();
    let (mut seen, mut ones) = (HashSet::new(), [0_u32; 128]);
    const IDS: u32 = 400;
    for n in 0..IDS {
        let (id, code) = world.started(&phone(n)).await;
        let bits = u128::from_be_bytes(*id.as_bytes());
        for (bit, count) in ones.iter_mut().enumerate() {
            *count += u32::from(bits >> bit & 1 == 1);
        }
        assert!(seen.insert(id));
        assert!(!id.to_string().contains(code.expose()));
    }
    // Seven standard deviations either way; a UUID has six bits that never change.
    for count in ones {
        assert!((130..=270).contains(&count), "{ones:?}");
    }
}

/// CSR-7: what was asked for when the challenge was opened chooses between two lengths, also through a resend and
/// through a registration; nothing else does.
#[tokio::test]
async fn remember_me_bounds() {
    for sign_up in [SignUp::Auto, SignUp::Ticket] {
        for remember in [false, true] {
            let world = built(|p| p.sign_up(sign_up));
            let rules = *world.auth.policy().session();
            let length = if remember {
                rules.remembered
            } else {
                rules.ordinary
            };
            let start = Start::new(phone(1)).with_remember_me(remember);
            let id = world.auth.start(start).await.unwrap().challenge_id;
            world.clock.advance(MINUTE);
            world.resend(&phone(1), id).await.unwrap();
            let login = match world.verify(&phone(1), id, &world.code()).await.unwrap() {
                Verified::SignedIn(login) => login,
                registration => {
                    let ticket = ticket(registration);
                    let register = otp_core::Register::new(phone(1), ticket, common::agreed());
                    world.auth.register(register).await.unwrap()
                }
            };
            assert_eq!(login.tokens.refresh_expires_in, length.idle);
            world.clock.advance(length.idle);
            let late = world
                .auth
                .refresh(login.tokens.refresh.expose(), &Client::new())
                .await;
            assert!(late.is_err());
        }
    }
}

/// TOK-9, THR-16: a closed account is found out only with the right code, and its sessions end at the next refresh.
#[tokio::test]
async fn a_closed_account() {
    let world = standard();
    let login = world.login(&phone(1)).await;
    world.users.users().disable(&phone(1), true);
    let refreshed = world
        .auth
        .refresh(login.tokens.refresh.expose(), &Client::new())
        .await;
    assert!(matches!(refreshed, Err(RefreshError::Rejected)));
    world.clock.advance(HOUR);
    let (id, code) = world.started(&phone(1)).await;
    assert!(is_rejected(
        &world.verify(&phone(1), id, &wrong(&code, 0)).await
    ));
    let verified = world.verify(&phone(1), id, &code).await;
    assert!(matches!(verified, Err(VerifyError::Disabled)));
    assert!(
        world
            .auth
            .sessions(&login.user.id)
            .await
            .unwrap()
            .is_empty()
    );
    world.users.users().disable(&phone(1), false);
    let dead = world
        .auth
        .refresh(login.tokens.refresh.expose(), &Client::new())
        .await;
    assert!(dead.is_err(), "reopening the account revives no session");
    assert!(is_rejected(&world.verify(&phone(1), id, &code).await));
}

/// TOK-2: roles are the directory's, as of the login and as of each refresh.
#[tokio::test]
async fn roles_are_refreshed() {
    let world = standard();
    let login = world.login(&phone(1)).await;
    let roles = async |token: &otp_core::AccessToken| {
        world.auth.authenticate(token.expose()).await.unwrap().roles
    };
    assert!(roles(&login.tokens.access).await.is_empty());
    world.users.users().grant(phone(1), "teacher");
    assert!(roles(&login.tokens.access).await.is_empty());
    let next = world
        .auth
        .refresh(login.tokens.refresh.expose(), &Client::new())
        .await
        .unwrap();
    assert_eq!(roles(&next.tokens.access).await, ["teacher"]);
    assert_eq!(next.user.roles, ["teacher"]);
}

/// LOG-3: device text is kept with the session, for its owner to read.
#[tokio::test]
async fn sessions_are_listed_newest_first() {
    let world = standard();
    let first = world
        .login_from(&phone(1), device("a").with_device_info("Pixel 9"))
        .await;
    world.clock.advance(HOUR);
    let second = world.login_from(&phone(1), Client::new()).await;
    let sessions = world.auth.sessions(&first.user.id).await.unwrap();
    let ids: Vec<_> = sessions.iter().map(|session| session.id).collect();
    assert_eq!(ids, [second.session, first.session]);
    assert_eq!(sessions[1].device_info.as_deref(), Some("Pixel 9"));
    assert_eq!(sessions[0].created_at.since(sessions[1].created_at), HOUR);
    let own = world
        .auth
        .revoke(&first.user.id, &first.session)
        .await
        .unwrap();
    assert!(own);
    assert!(
        !world
            .auth
            .revoke(&first.user.id, &first.session)
            .await
            .unwrap()
    );
    assert_eq!(world.auth.logout_all(&first.user.id).await.unwrap(), 1);
}

/// VER-6: a code may be typed with spaces or hyphens, and is the same code.
#[tokio::test]
async fn a_code_as_people_type_it() {
    let world = standard();
    let (id, code) = world.started(&phone(1)).await;
    let typed = format!(" {}-{} ", &code.expose()[..3], &code.expose()[3..]);
    assert!(
        world
            .verify(&phone(1), id, &Code::parse(&typed).unwrap())
            .await
            .is_ok()
    );
}

/// The presets do not differ in what a login looks like.
#[tokio::test]
async fn strict_logs_in_too() {
    let world = common::world(Policy::strict());
    let login = world.login(&phone(1)).await;
    assert_eq!(world.code().len(), 8);
    assert_eq!(login.tokens.access_expires_in, Duration::from_secs(300));
    world
        .auth
        .authenticate(login.tokens.access.expose())
        .await
        .unwrap();
}
