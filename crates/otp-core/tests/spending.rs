//! Who may have messages sent, and how many: whoever owns an expensive range earns on each.
#![cfg(feature = "testing")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail"
)]

mod common;

use common::{DAY, HOUR, MILLI, MINUTE, World, ask, from_ip, phone, send, wait, world};
use otp_core::limit::{Act, Counts, Dimension, Limit};
use otp_core::policy::{NumberRefusal, Policy, Prices};
use otp_core::{Action, Channel, Client, NumberKind, Outcome, PhoneNumber, Start, StartError};
use std::time::Duration;

fn with(limits: impl IntoIterator<Item = Limit>) -> World {
    world(Policy::builder().limits(limits).build().unwrap())
}

fn number(text: &str) -> PhoneNumber {
    PhoneNumber::parse(text, None).unwrap()
}

/// A number of another prefix than [`phone`]'s.
fn elsewhere(n: u32) -> PhoneNumber {
    number(&format!("+9191234{n:05}"))
}

async fn asks(world: &World, phone: &PhoneNumber) -> Result<(), StartError> {
    ask(world, phone, Client::new()).await.map(drop)
}

fn refusal(asked: Result<(), StartError>) -> NumberRefusal {
    match asked {
        Err(StartError::NumberRefused(reason)) => reason,
        other => panic!("the number was not refused: {other:?}"),
    }
}

/// Starts and verifies.
async fn logs_in(world: &World, phone: &PhoneNumber) {
    let (id, code) = world.started(phone).await;
    world.verify(phone, id, &code).await.unwrap();
}

/// THR-11: a country that is not named is not open: nothing is sent, stored or counted, and the audit knows why.
#[tokio::test]
async fn only_named_countries_are_open() {
    let countries = ["IN", "+882"].map(|country| country.parse().unwrap());
    let world = world(Policy::standard().for_countries(countries));
    for open in ["+919876543210", "+8823421234"] {
        asks(&world, &number(open)).await.unwrap();
    }
    let (sent, _) = (world.sent(), (world.store.calls(), world.happened()));
    for closed in [
        "+989123456789",
        "+14155552671",
        "+88110123456",
        "+447400123456",
    ] {
        let Ok(phone) = PhoneNumber::parse(closed, None) else {
            continue;
        };
        assert_eq!(refusal(asks(&world, &phone).await), NumberRefusal::Country);
        let told = Outcome::NumberRefused(NumberRefusal::Country);
        assert_eq!(world.happened(), [(Action::Send, told)]);
    }
    assert!(world.store.calls().is_empty());
    assert_eq!(world.sent(), sent);
}

/// THR-11: by default a code goes to what a person has in their hand, and by voice to a land line.
#[tokio::test]
async fn kinds_of_numbers() {
    use NumberKind::{
        FixedLine, FixedLineOrMobile, Mobile, Pager, Personal, PremiumRate, SharedCost, TollFree,
        UniversalAccess, Voicemail, Voip,
    };
    let countries = ["GB", "US", "CH", "DE"].map(|country| country.parse().unwrap());
    let world = world(Policy::standard().for_countries(countries));
    for (text, kind, by_sms, by_voice) in [
        ("+447400123456", Mobile, true, true),
        ("+14155552671", FixedLineOrMobile, true, true),
        ("+441212345678", FixedLine, false, true),
        ("+445612345678", Voip, false, false),
        ("+447012345678", Personal, false, false),
        ("+448001234567", TollFree, false, false),
        ("+4918012345", SharedCost, false, false),
        ("+449012345678", PremiumRate, false, false),
        ("+445512345678", UniversalAccess, false, false),
        ("+447640123456", Pager, false, false),
        ("+41860123456789", Voicemail, false, false),
    ] {
        let phone = number(text);
        assert_eq!(phone.kind(), kind, "{text}");
        for (channel, open) in [
            (Channel::Sms, by_sms),
            (Channel::WhatsApp, by_sms),
            (Channel::Voice, by_voice),
        ] {
            world.clock.advance(DAY);
            let start = Start::new(phone.clone()).with_channel(channel);
            let started = world.auth.start(start).await.map(drop);
            match open {
                true => started.unwrap(),
                false => assert_eq!(refusal(started), NumberRefusal::Kind(kind), "{text}"),
            }
        }
    }
}

/// THR-11: a policy that names kinds names all of them.
#[tokio::test]
async fn a_policy_may_name_kinds() {
    let policy = Policy::builder().number_types([NumberKind::Voip, NumberKind::Mobile]);
    let world = world(policy.build().unwrap());
    asks(&world, &number("+445612345678")).await.unwrap();
    asks(&world, &number("+447400123456")).await.unwrap();
    let closed = refusal(asks(&world, &number("+14155552671")).await);
    assert_eq!(closed, NumberRefusal::Kind(NumberKind::FixedLineOrMobile));
}

/// THR-11: quotas per prefix, country, tenant and day hold in every window, and only for those whom they are about.
#[tokio::test]
async fn caps_hold_over_windows() {
    for (key, others) in [
        (Dimension::Prefix, true),
        (Dimension::Country, false),
        (Dimension::Tenant, false),
        (Dimension::Global, false),
    ] {
        let world = with([send(&[key], 5, DAY)]);
        for n in 0..5 {
            asks(&world, &phone(n)).await.unwrap();
            world.clock.advance(HOUR);
        }
        let refused = ask(&world, &phone(5), Client::new()).await;
        assert_eq!(wait(refused), 19 * HOUR, "{key:?}");
        assert_eq!(asks(&world, &elsewhere(1)).await.is_ok(), others, "{key:?}");
        world.clock.advance(19 * HOUR - MILLI);
        assert!(asks(&world, &phone(5)).await.is_err());
        world.clock.advance(MILLI);
        asks(&world, &phone(5)).await.unwrap();
        assert!(asks(&world, &phone(6)).await.is_err(), "one an hour again");
    }
}

/// THR-11: adjacent numbers, each asked for once and from an address of its own, are stopped as a block.
#[tokio::test]
async fn sequential_block_blocked() {
    let block = send(&[Dimension::Prefix], 10, 10 * MINUTE).counting(Counts::DistinctPhones);
    let world = with([block]);
    let mut sent = 0;
    for n in 0..60_u8 {
        let client = from_ip(&format!("198.51.100.{n}"));
        sent += u32::from(ask(&world, &phone(n.into()), client).await.is_ok());
        world.clock.advance(Duration::from_secs(5));
    }
    assert_eq!(sent, 10);
    // Whoever had a code before may have another, and other blocks are open.
    asks(&world, &phone(3)).await.unwrap();
    asks(&world, &elsewhere(1)).await.unwrap();
}

/// THR-11: when the money for a day is spent nothing more is sent, codes that are out are still good, and the alarm
/// has a name of its own.
#[tokio::test]
async fn spend_cap_stops_sends_not_verifies() {
    let prices = Prices::new("USD", 300).with("IN".parse().unwrap(), 40);
    let cap = Limit::new(Act::Send, [Dimension::Global], 400, DAY).counting(Counts::Spend);
    let policy = Policy::builder().prices(prices).limits([cap]);
    let world = world(policy.build().unwrap());
    let (first, code) = world.started(&phone(1)).await;
    asks(&world, &number("+447400123456")).await.unwrap();
    asks(&world, &phone(2)).await.unwrap();
    world.happened();
    // 380 are spent: there is room for none of these.
    for refused in [phone(3), number("+14155552671")] {
        let limited = asks(&world, &refused).await;
        assert!(
            matches!(limited, Err(StartError::Limited(_))),
            "{limited:?}"
        );
        let events = world.events.take();
        assert_eq!(events[0].name(), "excess_spend_cap_reached");
        assert_eq!(events[0].outcome.as_str(), "spend_cap_reached");
        assert_eq!(events[0].outcome.limit(), Some("send by global, spend"));
    }
    world.verify(&phone(1), first, &code).await.unwrap();
    world.clock.advance(DAY + DAY / 64);
    asks(&world, &phone(3)).await.unwrap();
}

/// THR-11: what no provider took costs nothing.
#[tokio::test]
async fn what_was_not_sent_costs_nothing() {
    let cap = Limit::new(Act::Send, [Dimension::Global], 400, DAY).counting(Counts::Spend);
    let policy = Policy::builder()
        .prices(Prices::new("USD", 150))
        .limits([cap]);
    let world = world(policy.build().unwrap());
    asks(&world, &phone(1)).await.unwrap();
    world.sender.refuse(true);
    let failed = asks(&world, &phone(2)).await;
    assert!(matches!(failed, Err(StartError::Delivery(_))));
    world.sender.refuse(false);
    asks(&world, &phone(3)).await.unwrap();
    assert!(matches!(
        asks(&world, &phone(4)).await,
        Err(StartError::Limited(_))
    ));
}

/// THR-11: a prefix whose messages nobody verifies is paused; one message in every window's worth goes out to see
/// whether that has changed, and a prefix that is verified is never paused.
#[tokio::test]
async fn conversion_drop_pauses_prefix() {
    let limit = || Limit::new(Act::Send, [Dimension::Prefix], 8, HOUR).giving_back(3);
    let pumped = with([limit()]);
    for n in 0..8 {
        asks(&pumped, &phone(n)).await.unwrap();
        pumped.clock.advance(MINUTE);
    }
    assert_eq!(
        wait(ask(&pumped, &phone(8), Client::new()).await),
        52 * MINUTE
    );
    asks(&pumped, &elsewhere(1)).await.unwrap();
    pumped.clock.advance(52 * MINUTE);
    logs_in(&pumped, &phone(8)).await;
    // It was verified, and three older ones are forgiven.
    for n in 9..13 {
        asks(&pumped, &phone(n)).await.unwrap();
    }
    assert!(asks(&pumped, &phone(13)).await.is_err());

    let healthy = with([limit()]);
    for n in 0..100 {
        let (id, code) = healthy.started(&phone(n)).await;
        if n % 4 == 3 {
            healthy.verify(&phone(n), id, &code).await.unwrap();
        }
    }
}

/// THR-11: a ticket is no second verification of the message that it came from.
#[tokio::test]
async fn a_registration_gives_nothing_back() {
    let limit = Limit::new(Act::Send, [Dimension::Prefix], 8, HOUR).giving_back(3);
    let policy = Policy::builder().sign_up(otp_core::policy::SignUp::Ticket);
    let world = world(policy.limits([limit]).build().unwrap());
    for n in 1..8 {
        asks(&world, &phone(n)).await.unwrap();
    }
    let (id, code) = world.started(&phone(0)).await;
    let ticket = common::ticket(world.verify(&phone(0), id, &code).await.unwrap());
    let register = otp_core::Register::new(phone(0), ticket, common::agreed());
    world.auth.register(register).await.unwrap();
    let mut more = 0;
    while asks(&world, &phone(20 + more)).await.is_ok() {
        more += 1;
    }
    assert_eq!(more, 4);
}
