//! What a provider does not carry says nothing of it: no stranger closes a provider for everybody by asking for that.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may fail"
)]

mod route_world;

use otp_core::{Channel, Message, SendErrorKind as Kind, Sender, async_trait};
use otp_providers::http::{HttpReply, HttpRequest, HttpSender, Secret, Transport, TransportError};
use otp_providers::route::{Leg, LegState, Place, Route};
use otp_providers::{Twilio, Unasked};
use route_world::{SECOND, World, message};
use std::sync::{Arc, Mutex};

const IN: &str = "+919876543210";
const TAKEN: &str = r#"{"sid":"SM1","status":"queued","error_code":null}"#;

/// Answers every request with this status, and counts them.
#[derive(Debug)]
struct Line(Mutex<(u16, u32)>);

#[async_trait]
impl Transport for Line {
    async fn post(&self, _: HttpRequest) -> Result<HttpReply, TransportError> {
        let mut line = self.0.lock().unwrap();
        line.1 += 1;
        Ok(HttpReply::new(line.0, TAKEN))
    }
}

impl Line {
    fn set(&self, status: u16) {
        self.0.lock().unwrap().0 = status;
    }

    /// Since the last look.
    fn asked(&self) -> u32 {
        std::mem::take(&mut self.0.lock().unwrap().1)
    }
}

/// Twilio with SMS alone, in a chain for whatever is asked for.
fn twilio(line: &Arc<Line>) -> HttpSender<Twilio> {
    let token = Secret::new("a-token-for-tests").unwrap();
    let twilio = Twilio::with_auth_token(format!("AC{:032}", 0), token).unwrap();
    HttpSender::over(twilio.sms_from("+15005550006").unwrap(), Arc::clone(line))
}

fn over(channel: Channel) -> Message {
    let mut message = message(IN);
    message.channel = channel;
    message
}

fn state(route: &Route) -> LegState {
    route.health()[0].state
}

/// WHK-5: whatever is asked for over channels that it does not carry, SMS goes on.
#[tokio::test(start_paused = true)]
async fn what_it_does_not_carry_does_not_open_its_breaker() {
    let (world, line) = (World::new(), Arc::new(Line(Mutex::new((201, 0)))));
    let route = world.route([Leg::new(twilio(&line))]);
    for channel in [Channel::Voice, Channel::WhatsApp].repeat(10) {
        let error = route.send(&over(channel)).await.unwrap_err();
        assert_eq!(error.kind, Kind::AuthOrConfig);
    }
    assert_eq!((state(&route), line.asked()), (LegState::Closed, 0));
    let receipt = route.send(&over(Channel::Sms)).await.unwrap();
    assert_eq!(
        (receipt.reference.as_deref(), line.asked()),
        (Some("SM1"), 1)
    );
}

/// WHK-5: nor does it find out for a half-open breaker, one way or the other: the next SMS does.
#[tokio::test(start_paused = true)]
async fn what_it_does_not_carry_is_no_probe() {
    let (world, line) = (World::new(), Arc::new(Line(Mutex::new((503, 0)))));
    let route = world.route([Leg::new(twilio(&line))]);
    for _ in 0..3 {
        route.send(&over(Channel::Sms)).await.unwrap_err();
    }
    assert!(matches!(state(&route), LegState::Open { .. }));
    tokio::time::advance(30 * SECOND).await;
    line.asked();
    for _ in 0..3 {
        route.send(&over(Channel::Voice)).await.unwrap_err();
    }
    assert_eq!((state(&route), line.asked()), (LegState::HalfOpen, 0));
    line.set(201);
    route.send(&over(Channel::Sms)).await.unwrap();
    assert_eq!((state(&route), line.asked()), (LegState::Closed, 1));
}

/// The same where a route is a leg of another, and has no chain for the channel.
#[tokio::test(start_paused = true)]
async fn a_route_without_an_entry_is_none_that_fails() {
    let (world, line) = (World::new(), Arc::new(Line(Mutex::new((201, 0)))));
    let legs = [Leg::new(twilio(&line))];
    let inner = world.builder().chain_for(Channel::Sms, Place::any(), legs);
    let route = world.route([Leg::new(inner.build().unwrap())]);
    for _ in 0..10 {
        route.send(&over(Channel::Voice)).await.unwrap_err();
    }
    assert_eq!(state(&route), LegState::Closed);
}

/// The mark keeps the class and the cause, and is on what the module refuses, not on what the provider does.
#[tokio::test(start_paused = true)]
async fn the_mark_is_on_our_own_refusals() {
    let line = Arc::new(Line(Mutex::new((401, 0))));
    let sender = twilio(&line);
    let ours = sender.send(&over(Channel::Voice)).await.unwrap_err();
    let theirs = sender.send(&over(Channel::Sms)).await.unwrap_err();
    assert_eq!(
        (ours.kind, theirs.kind),
        (Kind::AuthOrConfig, Kind::AuthOrConfig)
    );
    assert!(Unasked::is_source_of(&ours) && !Unasked::is_source_of(&theirs));
    let cause = "a text to India needs its DLT ids";
    let marked = Unasked::mark(theirs.with_source(cause));
    let mark = marked.source.unwrap();
    assert_eq!(
        mark.source().map(ToString::to_string).as_deref(),
        Some(cause)
    );
}
