//! Another code for the same challenge.
#![cfg(feature = "testing")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail")]

mod common;

use common::{MILLI, MINUTE, SECOND, built, is_rejected, phone, signed_in, standard, wrong};
use otp_core::policy::Binding;
use otp_core::{Channel, Clock, Purpose, Resend, Start, StartError};

/// VER-8: a resend makes a new code, the one before is dead at once, the id stays.
#[tokio::test]
async fn resend_replaces_the_code() {
    let world = standard();
    let (id, first) = world.started(&phone(1)).await;
    world.clock.advance(30 * SECOND);
    world.resend(&phone(1), id).await.unwrap();
    let second = world.code();
    assert!(
        is_rejected(&world.verify(&phone(1), id, &first).await)
            || first.expose() == second.expose()
    );
    assert!(world.verify(&phone(1), id, &second).await.is_ok());
}

/// VER-8, FLT-3: dead also on a node whose clock is a little behind that of the one that sent the other code.
#[tokio::test]
async fn a_replaced_code_is_dead_by_a_slow_clock_too() {
    let world = built(|p| p.code_digits(8));
    let (id, first) = world.started(&phone(1)).await;
    world.clock.advance(30 * SECOND);
    world.resend(&phone(1), id).await.unwrap();
    world.clock.set(world.clock.now() - MILLI);
    assert!(is_rejected(&world.verify(&phone(1), id, &first).await));
    assert!(world.verify(&phone(1), id, &world.code()).await.is_ok());
}

/// VER-4: where the policy says so the code before stays good for a while, and not beyond its own end.
#[tokio::test]
async fn resend_with_the_previous_still_valid() {
    for (age, later, good) in [
        (30 * SECOND, MINUTE - MILLI, true),
        (30 * SECOND, MINUTE, false),
        (4 * MINUTE + 30 * SECOND, 30 * SECOND - MILLI, true),
        (4 * MINUTE + 30 * SECOND, 30 * SECOND, false),
    ] {
        let world = built(|p| p.previous_valid_for(MINUTE).code_digits(8));
        let (id, first) = world.started(&phone(1)).await;
        world.clock.advance(age);
        world.resend(&phone(1), id).await.unwrap();
        world.clock.advance(later);
        let verified = world.verify(&phone(1), id, &first).await;
        assert_eq!(verified.is_ok(), good, "{age:?} {later:?}");
        let second = world.verify(&phone(1), id, &world.code()).await;
        assert_eq!(second.is_ok(), !good, "one login, and it is used up");
    }
}

/// CSR-7: of two codes that are both good each brings its own channel and session length; a stranger who asks again
/// for the number changes neither for the owner.
#[tokio::test]
async fn the_previous_code_brings_its_own_wishes() {
    let world = built(|p| {
        let binding = p.binding(Binding::Phone).code_digits(8);
        binding.previous_valid_for(MINUTE)
    });
    let (id, own) = world.started(&phone(1)).await;
    world.clock.advance(MINUTE);
    let stranger = Start::new(phone(1)).with_remember_me(true);
    let stranger = stranger.with_channel(Channel::Voice);
    world.auth.start(stranger).await.unwrap();
    let login = signed_in(world.verify(&phone(1), id, &own).await.unwrap());
    let ordinary = world.auth.policy().session().ordinary;
    assert_eq!(login.tokens.refresh_expires_in, ordinary.idle);
    let access = login.tokens.access.expose();
    let identity = world.auth.authenticate(access).await.unwrap();
    assert_eq!(identity.amr, ["otp", "sms"]);
}

/// THR-6: the cooldown is exact and doubles, for a resend as for a new start.
#[tokio::test]
async fn resend_cooldown() {
    let world = standard();
    let (id, _) = world.started(&phone(1)).await;
    for wait in [30 * SECOND, MINUTE] {
        world.clock.advance(wait - MILLI);
        let early = world.resend(&phone(1), id).await;
        assert!(matches!(early, Err(StartError::Limited(l)) if l.retry_after == MILLI));
        world.clock.advance(MILLI);
        world.resend(&phone(1), id).await.unwrap();
    }
    let fourth = world.auth.start(Start::new(phone(1))).await;
    let wait = 10 * MINUTE - 90 * SECOND;
    assert!(matches!(fourth, Err(StartError::Limited(l)) if l.retry_after == wait));
    assert_eq!(world.sent(), 3);
}

/// VER-7: a resend for what is unknown, used, locked, expired or another phone's sends nothing and costs nothing.
#[tokio::test]
async fn resend_needs_a_live_challenge() {
    let world = standard();
    let not_live = |result| matches!(result, Err(StartError::NotLive));
    let unknown = otp_core::ChallengeId::random().unwrap();
    assert!(not_live(world.resend(&phone(1), unknown).await));

    let (id, code) = world.started(&phone(1)).await;
    assert!(not_live(world.resend(&phone(2), id).await));
    let other = Resend::new(phone(1), Some(id)).with_purpose(Purpose::StepUp);
    assert!(not_live(world.auth.resend(other).await));
    world.verify(&phone(1), id, &code).await.unwrap();
    world.clock.advance(MINUTE);
    assert!(not_live(world.resend(&phone(1), id).await));

    let (id, code) = world.started(&phone(2)).await;
    for n in 0..3 {
        assert!(is_rejected(
            &world.verify(&phone(2), id, &wrong(&code, n)).await
        ));
    }
    world.clock.advance(MINUTE);
    assert!(not_live(world.resend(&phone(2), id).await));

    let (id, _) = world.started(&phone(3)).await;
    world.clock.advance(5 * MINUTE);
    assert!(not_live(world.resend(&phone(3), id).await));
    assert_eq!(world.sent(), 3);
    world.start(&phone(3)).await;
}

/// The policy's channels are the only ones, the first of them is the default, a resend may change it.
#[tokio::test]
async fn channels() {
    let world = built(|p| p.channels([Channel::WhatsApp, Channel::Voice]));
    let sms = Start::new(phone(1)).with_channel(Channel::Sms);
    assert!(matches!(
        world.auth.start(sms).await,
        Err(StartError::ChannelRefused)
    ));
    let (id, _) = world.started(&phone(1)).await;
    let channel = || world.sender.messages().pop().unwrap().channel;
    assert_eq!(channel(), Channel::WhatsApp);
    world.clock.advance(MINUTE);
    let resend = |channel| Resend::new(phone(1), Some(id)).with_channel(channel);
    let sms = world.auth.resend(resend(Channel::Sms)).await;
    assert!(matches!(sms, Err(StartError::ChannelRefused)));
    let voice = world.auth.resend(resend(Channel::Voice)).await.unwrap();
    assert_eq!((voice.channel, channel()), (Channel::Voice, Channel::Voice));
    world.clock.advance(MINUTE);
    world.resend(&phone(1), id).await.unwrap();
    assert_eq!(channel(), Channel::Voice);
    let login = signed_in(world.verify(&phone(1), id, &world.code()).await.unwrap());
    let identity = world
        .auth
        .authenticate(login.tokens.access.expose())
        .await
        .unwrap();
    assert_eq!(identity.amr, ["otp", "tel"]);
}
