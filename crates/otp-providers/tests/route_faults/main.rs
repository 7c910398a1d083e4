//! A route of webhooks over TCP, behind `OtpAuth`, while the providers fail.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail"
)]

mod world;

use otp_core::conformance::senders::{Answer, Stub, Then};
use otp_core::{Code, SendErrorKind as Kind, StartError, Verified, Verify};
use otp_providers::route::{LegState, Tuning};
use world::{SECOND, codes, down, phone, undelivered, up, world};

/// S1, WHK-5: a provider that fails before it took the message gets it twice at most, and the next one once, with the
/// same code.
#[tokio::test]
async fn a_failing_provider_is_followed_by_the_next() {
    let page = |status| Answer::new(status, "<html>no</html>");
    for (answer, tries) in [
        (page(500), 2),
        (page(503), 2),
        (page(503).with_header("retry-after", "30"), 1),
        (page(429).with_header("retry-after", "7"), 1),
        (page(401), 1),
        (page(402), 1),
    ] {
        let (first, second) = (Stub::answering(answer).await, up().await);
        let world = world([first.base(), second.base()], Tuning::default());
        world.start(1).await.unwrap();
        assert_eq!((first.seen().len(), second.seen().len()), (tries, 1));
        let mut all = codes(&first);
        all.extend(codes(&second));
        all.dedup();
        assert_eq!(all.len(), 1, "one code");
    }
}

/// S1: no connection, and no handshake, is transient.
#[tokio::test]
async fn an_unreachable_provider_is_followed_by_the_next() {
    let (gone, plain, second) = (dead().await, up().await, up().await);
    let encrypted = plain.base().replace("http:", "https:");
    for base in [gone.as_str(), &encrypted] {
        let before = second.seen().len();
        let world = world([base, second.base()], Tuning::default());
        world.start(1).await.unwrap();
        assert_eq!(second.seen().len(), before + 1);
    }
    assert!(plain.seen().is_empty());
}

/// An address where nobody listens.
async fn dead() -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

/// S1, S2, WHK-5 (`timeout_then_fallback_budget`): once the request was read, silence, an end and a reset count as
/// sent: no second message goes out, and the first is charged.
#[tokio::test]
async fn a_lost_reply_counts_as_sent() {
    for then in [Then::Silence, Then::HangUp, Then::Reset] {
        let (first, second) = (Stub::start(then).await, up().await);
        let world = world([first.base(), second.base()], Tuning::default());
        let started = world.start(1).await.unwrap();
        assert_eq!((first.seen().len(), second.seen().len()), (1, 0));
        let again = world.start(1).await;
        assert!(matches!(again, Err(StartError::Limited(_))), "charged");
        // The code that may have arrived is good.
        let code = Code::parse(codes(&first)[0].trim_matches('\"')).unwrap();
        let verify = Verify::new(phone(1), Some(started.challenge_id), code);
        assert!(world.auth.verify(verify).await.is_ok());
    }
}

/// S4, WHK-5, I7: with all providers down a start costs nothing, once: afterwards the whole budget is there, not more.
#[tokio::test]
async fn all_down_gives_back_once() {
    let (a, b) = (down().await, down().await);
    let world = world([a.base(), b.base()], Tuning::default());
    for _ in 0..30 {
        assert_eq!(undelivered(world.start(1).await).0, Kind::Transient);
    }
    // Five failures each opened the breakers.
    assert_eq!((a.seen().len(), b.seen().len()), (5, 5));
    let good = up().await;
    world.providers[0].move_to(&good);
    world.clock.advance(30 * SECOND);
    let wait = world.start(1).await.unwrap().resend_in;
    assert_eq!(wait, 30 * SECOND, "as for a first message");
    for wait in [30, 60] {
        world.clock.advance(wait * SECOND);
        world.start(1).await.unwrap();
    }
    let fourth = world.start(1).await;
    assert!(
        matches!(fourth, Err(StartError::Limited(_))),
        "given back once"
    );
    assert_eq!(good.seen().len(), 3);
}

/// S4: an open breaker lets one message through when its time has come, and closes when that was taken.
#[tokio::test]
async fn the_breaker_half_opens() {
    let (a, b) = (down().await, down().await);
    let world = world([a.base(), b.base()], Tuning::default());
    for n in 0..3 {
        undelivered(world.start(n).await);
    }
    assert!(world.open());
    let told = undelivered(world.start(4).await);
    assert_eq!(told, (Kind::Transient, Some(30 * SECOND)));
    world.clock.advance(30 * SECOND);
    undelivered(world.start(5).await);
    assert_eq!((a.seen().len(), b.seen().len()), (6, 6), "one probe each");
    assert_eq!(undelivered(world.start(6).await).1, Some(60 * SECOND));
    let good = up().await;
    world.providers[1].move_to(&good);
    world.clock.advance(60 * SECOND);
    world.start(7).await.unwrap();
    assert_eq!((a.seen().len(), good.seen().len()), (7, 1));
    let states: Vec<_> = world.route.health().iter().map(|l| l.state).collect();
    let retry_in = 120 * SECOND;
    assert_eq!(states, [LegState::Open { retry_in }, LegState::Closed]);
}

/// S4, THR-16: somebody with an account and somebody without are told the same when nothing can be sent.
#[tokio::test]
async fn all_down_tells_nothing_of_accounts() {
    let (a, good) = (down().await, up().await);
    let world = world([good.base(), a.base()], Tuning::default().failures(100));
    let started = world.start(1).await.unwrap();
    let code = Code::parse(codes(&good)[0].trim_matches('\"')).unwrap();
    let verify = Verify::new(phone(1), Some(started.challenge_id), code);
    let verified = world.auth.verify(verify).await.unwrap();
    assert!(matches!(verified, Verified::SignedIn(_)), "an account");
    world.clock.advance(3_600 * SECOND);
    world.providers[0].move_to(&a);
    for _ in 0..3 {
        let [known, unknown] = [
            undelivered(world.start(1).await),
            undelivered(world.start(2).await),
        ];
        assert_eq!(known, unknown);
        assert_eq!(known, (Kind::Transient, Some(10 * SECOND)));
    }
    assert_eq!(a.seen().len(), 6 * 2 * 2, "and the same was tried");
}
