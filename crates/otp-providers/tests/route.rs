//! A route over providers that do what they are told to.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may fail"
)]

mod route_world;

use otp_core::{Channel, Clock, SendErrorKind as Kind, Sender};
use otp_providers::Leg;
use otp_providers::route::{Place, RouteError, Tuning};
use route_world::{CODE, Does, SECOND, World, message};
use std::time::Duration;

const IN: &str = "+919876543210";

#[tokio::test(start_paused = true)]
async fn the_longest_beginning_wins() {
    let world = World::new();
    let names = ["any", "ca", "plus1", "toronto", "wa", "wa-in"];
    let legs = names.map(|name| world.provider(name, &[Does::Takes]).1);
    let [any, ca, plus1, toronto, wa, wa_in] = legs;
    let place = |text: &str| text.parse::<Place>().unwrap();
    let route = world
        .builder()
        .chain_for(Channel::WhatsApp, place("IN"), [wa_in])
        .chain(place("+1416"), [toronto])
        .chain(place("CA"), [ca])
        .chain(place("+1"), [plus1])
        .chain_for(Channel::WhatsApp, Place::any(), [wa])
        .chain(Place::any(), [any])
        .build()
        .unwrap();
    for (to, channel, expected) in [
        ("+14165550100", Channel::Sms, "toronto"),
        ("+16045550100", Channel::Sms, "ca"),
        ("+16175550100", Channel::Voice, "plus1"),
        (IN, Channel::Sms, "any"),
        (IN, Channel::WhatsApp, "wa-in"),
        // A chain for the channel comes before one that knows the country.
        ("+14165550100", Channel::WhatsApp, "wa"),
    ] {
        let mut message = message(to);
        message.channel = channel;
        let receipt = route.send(&message).await.unwrap();
        assert_eq!(receipt.reference.as_deref(), Some(expected), "{to}");
    }
}

/// Reports of a message come under the name of the sender that took it: neither the leg's nor the route's, also where
/// a route is a leg of another, or nobody answered.
#[tokio::test(start_paused = true)]
async fn a_receipt_names_who_took_it() {
    let world = World::new();
    for does in [Does::Takes, Does::GivesUp(SECOND)] {
        let (provider, _) = world.provider("twilio", &[does]);
        let leg = Leg::tuned("twilio-eu", provider, Tuning::default());
        let inner = world.builder().chain(Place::any(), [leg]).build().unwrap();
        let outer = Leg::new(inner);
        let route = world.builder().chain(Place::any(), [outer]);
        let receipt = route.build().unwrap().send(&message(IN)).await.unwrap();
        assert_eq!(receipt.provider.as_deref(), Some("twilio"), "{does:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_has_no_entry_reaches_nobody() {
    let world = World::new();
    let (_, leg) = world.provider("a", &[Does::Takes]);
    let route = world.builder().chain("+98".parse().unwrap(), [leg]);
    let error = route.build().unwrap().send(&message(IN)).await.unwrap_err();
    assert_eq!(error.kind, Kind::AuthOrConfig);
    let source = error.source.unwrap();
    let source = source.downcast_ref::<RouteError>();
    assert_eq!(source, Some(&RouteError::NoEntry));
    assert!(world.asked().is_empty());
}

/// WHK-5: the table of classes, with a second provider that takes everything.
#[tokio::test(start_paused = true)]
async fn each_class_goes_where_it_should() {
    use Kind::*;
    for (kind, asked) in [
        (InvalidNumber, &["a"][..]),
        (Transient, &["a", "a", "b"]),
        (Unreachable, &["a", "b"]),
        (RateLimited, &["a", "b"]),
        (AuthOrConfig, &["a", "b"]),
        (InsufficientCredit, &["a", "b"]),
        (TemplateProblem, &["a", "b"]),
    ] {
        let world = World::new();
        let (_, a) = world.provider("a", &[Does::Refuses(kind)]);
        let (_, b) = world.provider("b", &[Does::Takes]);
        let sent = world.route([a, b]).send(&message(IN)).await;
        assert_eq!(sent.map_err(|e| e.kind).is_ok(), kind != InvalidNumber);
        assert_eq!(world.asked(), asked, "{kind:?}");
    }
}

/// WHK-5: the same code, with what is left of its time; the second try comes after a pause.
#[tokio::test(start_paused = true)]
async fn the_same_code_with_what_is_left() {
    let world = World::new();
    let (_, a) = world.provider("a", &[Does::Refuses(Kind::Transient)]);
    let (_, b) = world.provider("b", &[Does::Takes]);
    let begun = world.clock.now();
    let route = world.route([a, b.over(Channel::Voice)]);
    route.send(&message(IN)).await.unwrap();
    let got = world.outbox.lock().unwrap().clone();
    assert_eq!(got.len(), 3);
    for got in &got {
        let left = (begun + 300 * SECOND).since(got.at);
        assert_eq!(got.message.expires_in, left);
        assert_eq!(got.message.code.expose(), CODE);
    }
    let pause = got[1].at.since(got[0].at);
    let bounds = Duration::from_millis(200)..=Duration::from_millis(401);
    assert!(bounds.contains(&pause), "{pause:?}");
    assert_eq!(got[1].message.channel, Channel::Sms);
    assert_eq!(got[2].message.channel, Channel::Voice);
}

/// WHK-5 (`slow_provider_bounded`): the caller waits no longer than it was told, whatever the provider does; what was
/// under way counts as sent.
#[tokio::test(start_paused = true)]
async fn slow_provider_bounded() {
    let world = World::new();
    let (_, a) = world.provider("a", &[Does::TakesAfter(3_600 * SECOND)]);
    let (_, b) = world.provider("b", &[Does::Takes]);
    let route = world.route([a, b]);
    for (expires_in, bound) in [(300, 10), (6, 3)] {
        let begun = world.clock.now();
        let mut message = message(IN);
        message.expires_in = expires_in * SECOND;
        let receipt = route.send(&message).await.unwrap();
        assert_eq!(receipt.reference, None);
        assert_eq!(world.clock.now().since(begun).as_secs(), bound);
        assert_eq!(world.asked(), ["a"]);
    }
}

/// Nothing is queued: what is more than may be goes on at once, and with nowhere to go fails at once.
#[tokio::test(start_paused = true)]
async fn a_full_provider_is_left_out() {
    let world = World::new();
    let one = Tuning::default().in_flight(1);
    let (_, a) = world.tuned("a", &[Does::TakesAfter(SECOND)], one);
    let (_, b) = world.tuned("b", &[Does::TakesAfter(SECOND)], one);
    let route = world.route([a, b]);
    let [x, y, z] = [(); 3].map(|()| message(IN));
    let begun = world.clock.now();
    let (x, y, z) = tokio::join!(route.send(&x), route.send(&y), route.send(&z));
    assert_eq!(x.unwrap().reference.as_deref(), Some("a"));
    assert_eq!(y.unwrap().reference.as_deref(), Some("b"));
    let error = z.unwrap_err();
    assert_eq!(
        (error.kind, error.retry_after),
        (Kind::Transient, Some(SECOND))
    );
    assert!(world.clock.now().since(begun) < 2 * SECOND);
    assert_eq!(world.asked(), ["a", "b"]);
}

/// In a chain for one channel, one provider may be asked for that channel and then for another.
#[tokio::test(start_paused = true)]
async fn one_provider_over_two_channels() {
    let world = World::new();
    let refuses = Does::Refuses(Kind::Unreachable);
    let (_, a) = world.provider("a", &[refuses, Does::Takes]);
    let built = |channel| {
        let legs = [a.clone(), a.over(Channel::Sms)];
        world
            .builder()
            .chain_for(channel, Place::any(), legs)
            .build()
    };
    assert_eq!(built(Channel::Sms).err(), Some(RouteError::SameLeg));
    let mut message = message(IN);
    message.channel = Channel::WhatsApp;
    built(Channel::WhatsApp)
        .unwrap()
        .send(&message)
        .await
        .unwrap();
    let got = world.outbox.lock().unwrap().clone();
    let channels: Vec<_> = got.iter().map(|got| got.message.channel).collect();
    assert_eq!(channels, [Channel::WhatsApp, Channel::Sms]);
}

#[tokio::test(start_paused = true)]
async fn a_route_that_makes_no_sense_is_refused() {
    let world = World::new();
    let leg = |name| world.provider(name, &[Does::Takes]).1;
    let built = |legs: &[Leg]| {
        let chain = legs.iter().cloned();
        let builder = world.builder().chain(Place::any(), chain);
        builder.build().err()
    };
    let (a, b) = (leg("a"), leg("b"));
    assert_eq!(world.builder().build().err(), Some(RouteError::NoEntries));
    assert_eq!(built(&[]), Some(RouteError::EmptyChain));
    assert_eq!(built(&[a.clone(), leg("a")]), Some(RouteError::SameName));
    let (sms, voice) = (a.over(Channel::Sms), a.over(Channel::Voice));
    for twice in [&a, &sms] {
        let chain = [a.clone(), b.clone(), twice.clone()];
        assert_eq!(built(&chain), Some(RouteError::SameLeg));
    }
    assert_eq!(built(&[sms, voice]), None);
    let twice = world.builder().chain(Place::any(), [a.clone()]);
    let twice = twice.chain("*".parse().unwrap(), [b]).build();
    assert_eq!(twice.err(), Some(RouteError::SameEntry));
    for text in [
        "",
        "+",
        "+0",
        "98",
        "XX",
        "IND",
        "+98 912",
        "+1234567890123456",
        "٣٣",
    ] {
        assert_eq!(text.parse::<Place>(), Err(RouteError::Place), "{text}");
    }
}
