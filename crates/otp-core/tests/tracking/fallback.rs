//! The same code over another channel, for a message that does not arrive.

use crate::common::{MINUTE, SECOND, Setup, World, opened, phone, signed_in, standard};
use crate::provider::{Hand, Naming, Tracked, tracked};
use otp_core::policy::{Fallback, Policy, PolicyError};
use otp_core::{
    Action, BuildError, ChallengeId, Channel, Code, DeliveryState, Keys, MemoryStore, MemoryUsers,
    OtpAuth, Outcome, Purpose, Report, SendErrorKind, StoreErrorKind,
};
use std::sync::Arc;
use std::time::Duration;

pub(crate) fn fallback(after: Duration) -> Fallback {
    Fallback::new(Channel::WhatsApp, Channel::Sms, after)
}

fn policy(after: Duration) -> Policy {
    let policy = Policy::builder().channels([Channel::WhatsApp, Channel::Voice]);
    policy.fallback(fallback(after)).build().unwrap()
}

/// WhatsApp first, SMS if nothing arrived within 40 seconds.
fn followed() -> Tracked {
    tracked(&Setup::new(policy(40 * SECOND)))
}

pub(crate) async fn started(tracked: &Tracked) -> (ChallengeId, Code) {
    let (id, code) = tracked.world.started(&phone(1)).await;
    assert_eq!(tracked.hand.sleeps(), [40 * SECOND]);
    tracked.world.clock.advance(40 * SECOND);
    tracked.world.happened();
    tracked.world.store.calls();
    (id, code)
}

pub(crate) fn told(world: &World) -> Vec<Outcome> {
    let happened = world.happened().into_iter();
    let told = happened.filter(|(action, _)| *action == Action::Fallback);
    told.map(|(_, outcome)| outcome).collect()
}

/// WHK-5, WHK-6, I7: what did not arrive is sent once more, with the same code and what is left of its time; charged,
/// kept and told of.
#[tokio::test]
async fn the_same_code_over_another_channel() {
    let tracked = followed();
    let world = &tracked.world;
    let (id, code) = started(&tracked).await;
    assert_eq!(tracked.hand.run().await, 1);
    let calls = ["delivery", "charge", "note"];
    assert_eq!(world.store.calls(), calls);
    assert_eq!(told(world), [Outcome::Done]);
    let messages = world.sender.messages();
    let [first, second] = &messages[..] else {
        panic!("two messages");
    };
    assert_eq!(
        (first.channel, second.channel),
        (Channel::WhatsApp, Channel::Sms)
    );
    assert_eq!(second.code.expose(), code.expose());
    assert_eq!((&second.to, second.challenge_id), (&phone(1), id));
    let left = world.auth.policy().code().lifetime - 40 * SECOND;
    assert_eq!(second.expires_in, left);
    assert!(
        tracked.hand.sleeps().is_empty(),
        "and that is the end of it"
    );
    // The newest message is the second one.
    let sms = [Report::new("message-2", DeliveryState::Delivered)];
    world.auth.reported("naming", &sms).await.unwrap();
    let delivery = world.auth.delivery(&phone(1), id, Purpose::Login).await;
    assert_eq!(delivery.unwrap(), Some(DeliveryState::Delivered));
    // It was charged: a third within the limits' windows waits.
    assert!(world.resend(&phone(1), id).await.is_err());
    signed_in(world.verify(&phone(1), id, &code).await.unwrap());
}

/// What arrived, in time or while nobody looked, is not sent again; what failed is.
#[tokio::test]
async fn what_arrived_is_not_sent_again() {
    for state in DeliveryState::ALL {
        let tracked = followed();
        started(&tracked).await;
        let reports = [Report::new("message-1", state)];
        let reported = tracked.world.auth.reported("naming", &reports).await;
        reported.unwrap();
        tracked.hand.run().await;
        let sent = if state.has_arrived() { 1 } else { 2 };
        assert_eq!(tracked.world.sent(), sent, "{state}");
    }
    let tracked = followed();
    started(&tracked).await;
    let polled = vec![Report::new("message-1", DeliveryState::Delivered)];
    *tracked.poll.says.lock().unwrap() = Some(polled);
    tracked.hand.run().await;
    assert_eq!(tracked.world.sent(), 1, "its provider was asked");
}

/// A code that was used is not sent again, whichever node it was used on.
#[tokio::test]
async fn a_used_code_is_not_sent_again() {
    for purpose in [Purpose::Login, Purpose::StepUp] {
        let setup = Setup::new(policy(40 * SECOND));
        let (one, other) = (tracked(&setup), tracked(&setup));
        let start = otp_core::Start::new(phone(1)).with_purpose(purpose);
        let id = one.world.auth.start(start).await.unwrap().challenge_id;
        let verify = otp_core::Verify::new(phone(1), Some(id), one.world.code());
        let auth = &other.world.auth;
        let used = match purpose {
            Purpose::Login => auth.verify(verify).await.is_ok(),
            purpose => auth.confirm(verify, purpose).await.is_ok(),
        };
        assert!(used);
        assert_eq!(other.hand.run().await, 1, "it tells the others");
        one.world.clock.advance(40 * SECOND);
        one.hand.run().await;
        assert_eq!(one.world.sent(), 1);
        let heard = ("naming message-1".to_owned(), DeliveryState::Read);
        assert_eq!(other.ear.heard(), [heard]);
    }
}

/// A message that another one took the place of is not followed any longer; the other one is.
#[tokio::test]
async fn a_replaced_message_is_not_followed() {
    let tracked = followed();
    let world = &tracked.world;
    let id = world.start(&phone(1)).await.challenge_id;
    world.clock.advance(30 * SECOND);
    world.resend(&phone(1), id).await.unwrap();
    // The second wait is that of the limits: a third message is admitted no earlier.
    assert_eq!(tracked.hand.sleeps(), [40 * SECOND, MINUTE]);
    world.clock.advance(MINUTE);
    world.happened();
    assert_eq!(tracked.hand.run().await, 2);
    assert_eq!(told(world), [Outcome::Done]);
    let messages = world.sender.messages();
    assert_eq!(messages.len(), 3);
    assert_eq!(messages[1].code.expose(), messages[2].code.expose());
}

/// I7: it waits for as long as the limits want, and where another message came first they refuse it.
#[tokio::test]
async fn limits_come_first() {
    let tracked = tracked(&Setup::new(policy(SECOND)));
    let world = &tracked.world;
    world.start(&phone(1)).await;
    assert_eq!(tracked.hand.sleeps(), [30 * SECOND], "the cooldown");
    world.clock.advance(30 * SECOND);
    // Another challenge of the same number takes the only place.
    world.start(&phone(1)).await;
    world.happened();
    tracked.hand.run().await;
    let outcomes = told(world);
    assert_eq!(outcomes.len(), 2, "{outcomes:?}");
    let limited = |outcome: &Outcome| matches!(outcome, Outcome::Limited(_));
    assert!(outcomes.iter().all(limited), "{outcomes:?}");
    assert_eq!(world.sent(), 2);
}

/// THR-11: a number that the policy sends no SMS is sent none in the place of a call either.
#[tokio::test]
async fn a_number_is_admitted_to_the_other_channel_too() {
    let to_sms = Fallback::new(Channel::Voice, Channel::Sms, 40 * SECOND);
    let policy = Policy::builder()
        .channels([Channel::Voice])
        .fallback(to_sms);
    let policy = policy.countries(["GB".parse().unwrap()]);
    for (number, followed) in [("+447400123456", 1), ("+441212345678", 0)] {
        let tracked = tracked(&Setup::new(policy.clone().build().unwrap()));
        let number = otp_core::PhoneNumber::parse(number, None).unwrap();
        tracked.world.start(&number).await;
        assert_eq!(tracked.hand.sleeps().len(), followed);
        tracked.world.clock.advance(40 * SECOND);
        tracked.hand.run().await;
        assert_eq!(tracked.world.sent(), 1 + followed);
    }
}

/// VER-4: what has expired is not sent, and what would be by then is not followed.
#[tokio::test]
async fn an_expired_code_is_not_sent() {
    let tracked = followed();
    started(&tracked).await;
    let lifetime = tracked.world.auth.policy().code().lifetime;
    tracked.world.clock.advance(lifetime - 40 * SECOND);
    assert_eq!(tracked.hand.run().await, 1);
    assert_eq!(tracked.world.sent(), 1);
    assert!(told(&tracked.world).is_empty());

    // Its provider takes its time to say that it does not know: what is left of the code is less by that.
    for (takes, sent) in [(10 * SECOND, 2), (lifetime, 1)] {
        let tracked = followed();
        started(&tracked).await;
        *tracked.poll.takes.lock().unwrap() = takes;
        tracked.hand.run().await;
        assert_eq!(tracked.world.sent(), sent);
        let last = tracked.world.sender.messages().pop().unwrap();
        assert!(sent == 1 || last.expires_in == lifetime - 50 * SECOND);
    }

    let short = Policy::builder()
        .channels([Channel::WhatsApp])
        .code_lifetime(30 * SECOND)
        .fallback(fallback(20 * SECOND));
    let tracked = crate::tracked(&Setup::new(short.build().unwrap()));
    tracked.world.start(&phone(1)).await;
    let run = tracked.hand.run().await;
    assert_eq!(run, 0, "no limit admits it while the code lives");
}

/// Other channels, messages without a name, and refused ones are not followed.
#[tokio::test]
async fn what_is_not_followed() {
    let tracked = followed();
    let voice = otp_core::Start::new(phone(1)).with_channel(Channel::Voice);
    let id = tracked.world.auth.start(voice).await.unwrap().challenge_id;
    *tracked.sender.nameless.lock().unwrap() = true;
    tracked.world.start(&phone(2)).await;
    *tracked.sender.nameless.lock().unwrap() = false;
    tracked.world.sender.refuse(true);
    let refused = otp_core::Start::new(phone(3));
    assert!(tracked.world.auth.start(refused).await.is_err());
    tracked.world.sender.refuse(false);
    tracked.world.store.fail(&["note"]);
    tracked.world.start(&phone(4)).await;
    tracked.world.store.fail(&[]);
    assert_eq!(tracked.hand.run().await, 0);
    let code = tracked.world.sender.messages()[0].code.clone();
    assert!(tracked.world.verify(&phone(1), id, &code).await.is_ok());
    assert_eq!(tracked.hand.run().await, 0, "nor is its use told");
}

/// I6, I7: a failure is told, sends nothing more, and leaves the code good.
#[tokio::test]
async fn failures_are_told() {
    for verb in ["delivery", "charge", "note", ""] {
        let tracked = followed();
        let world = &tracked.world;
        let (id, code) = started(&tracked).await;
        world.store.fail(&[verb]);
        world.sender.refuse(verb.is_empty());
        tracked.hand.run().await;
        let (outcome, sent) = match verb {
            "" => (Outcome::NotDelivered(SendErrorKind::Transient), 1),
            "note" => (Outcome::Done, 2),
            _ => (Outcome::StoreFailed(StoreErrorKind::Unavailable), 1),
        };
        assert_eq!(told(world), [outcome], "{verb}");
        assert_eq!(world.sent(), sent, "{verb}");
        world.store.fail(&[]);
        assert!(world.verify(&phone(1), id, &code).await.is_ok());
    }
}

/// A fallback that could not work is none.
#[test]
fn what_does_not_build() {
    let with = |fallback: Fallback| {
        let policy = Policy::builder().channels([Channel::WhatsApp, Channel::Sms]);
        policy.fallback(fallback).build()
    };
    let refused = |fallback| matches!(with(fallback), Err(PolicyError::Fallback(_)));
    assert!(with(fallback(SECOND)).is_ok());
    assert!(refused(fallback(Duration::ZERO)));
    assert!(refused(fallback(5 * MINUTE)));
    let same = Fallback::new(Channel::Sms, Channel::Sms, SECOND);
    let unoffered = Fallback::new(Channel::Voice, Channel::Sms, SECOND);
    assert!(refused(same) && refused(unoffered));

    let keys = Arc::new(Keys::generate().unwrap());
    let (sender, users) = (Naming::default(), Arc::new(MemoryUsers::new()));
    let builder = || {
        let store = MemoryStore::new();
        let builder = OtpAuth::builder(store, sender.clone(), users.clone(), keys.clone());
        builder.policy(opened(policy(SECOND)))
    };
    let refused = builder().build().unwrap_err();
    assert_eq!(refused, BuildError::FallbackUntracked);
    let refused = builder().track_delivery().build().unwrap_err();
    assert_eq!(refused, BuildError::FallbackWithoutBackground);
    let background = Hand::default().background(builder().track_delivery());
    assert!(background.build().is_ok());
}

/// As data.
#[cfg(feature = "serde")]
#[test]
fn a_fallback_in_a_file() {
    let read = |after: &str| {
        let text = format!(
            "channels = [\"whatsapp\"]\n[fallback]\nfrom = \"whatsapp\"\nto = \"sms\"\nafter = \"{after}\""
        );
        toml::from_str::<Policy>(&text)
    };
    let policy = read("20s").unwrap();
    assert_eq!(policy.fallback(), Some(&fallback(20 * SECOND)));
    assert!(read("6m").is_err());
    assert_eq!(standard().auth.policy().fallback(), None);
}
