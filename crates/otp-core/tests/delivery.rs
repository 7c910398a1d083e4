//! Retries of a start, and messages that no provider took.
#![cfg(feature = "testing")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail"
)]

mod common;

use common::{MINUTE, SECOND, World, built, from_ip, is_rejected, phone, standard, wrong};
use otp_core::policy::{Binding, Policy};
use otp_core::testing::{CapturingSender, ManualClock};
use otp_core::{
    Action, ChallengeId, Channel, Code, Keys, MemoryStore, MemoryUsers, Message, OtpAuth, Outcome,
    Receipt, Resend, SendError, SendErrorKind, Sender, Start, StartError, Started, Verify,
    async_trait,
};
use std::sync::{Arc, OnceLock};

async fn start(world: &World, start: Start) -> Started {
    world.auth.start(start).await.unwrap()
}

/// I7, WHK-5: what no provider took is given back, once: the very next start is admitted, and has the whole budget.
#[tokio::test]
async fn a_failed_delivery_costs_nothing() {
    for binding in [Binding::Challenge, Binding::Phone] {
        let world = built(|p| p.binding(binding));
        let ask = || Start::new(phone(1)).with_client(from_ip("192.0.2.1"));
        for _ in 0..30 {
            world.sender.refuse(true);
            match world.auth.start(ask()).await {
                Err(StartError::Delivery(error)) => {
                    assert_eq!(error.kind, SendErrorKind::Transient)
                }
                other => panic!("{other:?}"),
            }
        }
        world.sender.refuse(false);
        assert_eq!(start(&world, ask()).await.resend_in, 30 * SECOND);
        for wait in [30 * SECOND, MINUTE] {
            world.clock.advance(wait);
            start(&world, ask()).await;
        }
        let fourth = world.auth.start(ask()).await;
        assert!(
            matches!(fourth, Err(StartError::Limited(_))),
            "given back once, not twice"
        );
        assert_eq!(world.sent(), 3);
    }
}

/// I7: given back is what this message cost, not what the one before did.
#[tokio::test]
async fn a_refund_leaves_the_other_charges() {
    let world = standard();
    world.start(&phone(1)).await;
    world.clock.advance(30 * SECOND);
    world.sender.refuse(true);
    assert!(world.auth.start(Start::new(phone(1))).await.is_err());
    world.sender.refuse(false);
    assert_eq!(world.start(&phone(1)).await.resend_in, MINUTE);
}

/// VER-8, I7: a resend that was not delivered leaves the code before as it was: good, and with its guesses.
#[tokio::test]
async fn a_failed_resend_restores_the_code() {
    let world = standard();
    let (id, code) = world.started(&phone(1)).await;
    for n in 0..2 {
        assert!(is_rejected(
            &world.verify(&phone(1), id, &wrong(&code, n)).await
        ));
    }
    world.clock.advance(MINUTE);
    world.sender.refuse(true);
    for _ in 0..10 {
        assert!(matches!(
            world.resend(&phone(1), id).await,
            Err(StartError::Delivery(_))
        ));
    }
    let others = |events: &[(Action, Outcome)]| {
        events
            .iter()
            .filter(|(action, _)| *action == Action::Resend)
            .count()
    };
    assert_eq!(others(&world.happened()), 10);
    assert!(
        world.verify(&phone(1), id, &code).await.is_ok(),
        "one guess was left"
    );
}

/// VER-8: nor are guesses given back by a resend that failed.
#[tokio::test]
async fn a_failed_resend_refills_no_guesses() {
    let world = standard();
    let (id, code) = world.started(&phone(1)).await;
    world.clock.advance(MINUTE);
    for n in 0..3 {
        world.sender.refuse(true);
        assert!(world.resend(&phone(1), id).await.is_err());
        assert!(is_rejected(
            &world.verify(&phone(1), id, &wrong(&code, n)).await
        ));
    }
    assert!(is_rejected(&world.verify(&phone(1), id, &code).await));
}

/// A provider whose answer takes so long that somebody guesses meanwhile; then it refuses.
#[derive(Clone, Debug, Default)]
struct Slow(Arc<OnceLock<(OtpAuth, Code)>>);

#[async_trait]
impl Sender for Slow {
    fn name(&self) -> &str {
        "slow"
    }

    async fn send(&self, message: &Message) -> Result<Receipt, SendError> {
        let Some((auth, code)) = self.0.get() else {
            return Ok(Receipt::default());
        };
        for n in 0..2 {
            let id = Some(message.challenge_id);
            let guess = Verify::new(message.to.clone(), id, wrong(code, n));
            assert!(is_rejected(&auth.verify(guess).await));
        }
        Err(SendError::new(SendErrorKind::Transient))
    }
}

/// Keeps what was sent, then hands over to the slow provider.
#[derive(Clone, Debug, Default)]
struct Both(CapturingSender, Slow);

#[async_trait]
impl Sender for Both {
    fn name(&self) -> &str {
        "both"
    }

    async fn send(&self, message: &Message) -> Result<Receipt, SendError> {
        self.0.send(message).await?;
        self.1.send(message).await
    }
}

/// VER-1, VER-8: guesses at a code that is then taken back count for the one that comes back.
#[tokio::test]
async fn guesses_during_a_failed_resend_count() {
    let (sender, clock) = (Both::default(), ManualClock::default());
    let keys = Arc::new(Keys::generate().unwrap());
    let auth = OtpAuth::builder(MemoryStore::new(), sender.clone(), MemoryUsers::new(), keys);
    let auth = auth.policy(common::opened(Policy::standard()));
    let auth = auth.clock(clock.clone()).build().unwrap();
    let id = auth.start(Start::new(phone(1))).await.unwrap().challenge_id;
    let code = sender.0.last_code().unwrap();
    sender.1.0.set((auth.clone(), code.clone())).unwrap();
    clock.advance(MINUTE);
    let resend = auth.resend(Resend::new(phone(1), Some(id))).await;
    assert!(matches!(resend, Err(StartError::Delivery(_))));
    let verify = |code| auth.verify(Verify::new(phone(1), Some(id), code));
    assert!(is_rejected(&verify(wrong(&code, 9)).await));
    assert!(is_rejected(&verify(code).await), "that was the third");
}

/// A message over another channel that was not delivered changes nothing: not the channel that the session will
/// name, not the length of the session.
#[tokio::test]
async fn a_failed_delivery_leaves_no_trace_on_the_code_before() {
    let world = built(|p| p.binding(Binding::Phone));
    let (id, code) = world.started(&phone(1)).await;
    world.clock.advance(MINUTE);
    world.sender.refuse(true);
    let voice = Resend::new(phone(1), None).with_channel(Channel::Voice);
    assert!(world.auth.resend(voice).await.is_err());
    let remembered = Start::new(phone(1))
        .with_remember_me(true)
        .with_channel(Channel::Voice);
    assert!(world.auth.start(remembered).await.is_err());
    let login = common::signed_in(world.verify(&phone(1), id, &code).await.unwrap());
    let identity = world
        .auth
        .authenticate(login.tokens.access.expose())
        .await
        .unwrap();
    assert_eq!(identity.amr, ["otp", "sms"]);
    let ordinary = world.auth.policy().session().ordinary;
    assert_eq!(login.tokens.refresh_expires_in, ordinary.idle);
}

/// A provider that has one answer.
#[derive(Debug)]
struct Refusing(SendErrorKind);

#[async_trait]
impl Sender for Refusing {
    fn name(&self) -> &str {
        "refusing"
    }

    async fn send(&self, _: &Message) -> Result<Receipt, SendError> {
        Err(SendError::new(self.0))
    }
}

/// THR-6, WHK-5: a message that failed through no fault of its asker is free; one to what is no number is not.
#[tokio::test]
async fn what_a_failed_delivery_costs() {
    use SendErrorKind::*;
    for (kind, free) in [
        (InvalidNumber, false),
        (Unreachable, true),
        (RateLimited, true),
        (AuthOrConfig, true),
        (InsufficientCredit, true),
        (TemplateProblem, true),
        (Transient, true),
    ] {
        let keys = Arc::new(Keys::generate().unwrap());
        let (store, users) = (Arc::new(MemoryStore::new()), MemoryUsers::new());
        let auth = OtpAuth::builder(store.clone(), Refusing(kind), users, keys);
        let auth = auth.policy(common::opened(Policy::standard()));
        let auth = auth.clock(ManualClock::default()).build().unwrap();
        let failed = auth.start(Start::new(phone(1))).await;
        assert!(matches!(failed, Err(StartError::Delivery(error)) if error.kind == kind));
        match auth.start(Start::new(phone(1))).await {
            Err(StartError::Delivery(_)) => assert!(free, "{kind:?}"),
            Err(StartError::Limited(_)) => assert!(!free, "{kind:?}"),
            other => panic!("{other:?}"),
        }
        let resent = auth
            .resend(Resend::new(phone(1), ChallengeId::random().ok()))
            .await;
        assert!(matches!(resent, Err(StartError::NotLive)));
    }
}
