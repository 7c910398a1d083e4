//! Several senders as one: which of them a message goes to, and which is next where one fails.
//!
//! ```
//! use otp_core::Channel;
//! use otp_providers::route::{Leg, Place, Route, Tuning};
//! # use otp_core::testing::CapturingSender;
//! # let (meta, twilio, msg91) = (CapturingSender::new(), CapturingSender::new(), CapturingSender::new());
//!
//! // Any senders; here Meta's for WhatsApp, Twilio's for the world, and one for India.
//! let meta = Leg::tuned("meta", meta, Tuning::default());
//! let twilio = Leg::tuned("twilio", twilio, Tuning::default());
//! let msg91 = Leg::tuned("msg91", msg91, Tuning::default().in_flight(32));
//!
//! let sms = twilio.over(Channel::Sms);
//! let route = Route::builder(tokio::time::sleep)
//!     .chain_for(Channel::WhatsApp, Place::any(), [meta, sms])
//!     .chain("IN".parse()?, [msg91, twilio.clone()])
//!     .chain(Place::any(), [twilio])
//!     .build()?;
//! assert_eq!(route.health().len(), 3);
//! # Ok::<(), otp_providers::route::RouteError>(())
//! ```

mod answer;
mod breaker;
mod builder;
mod leg;
mod place;
mod tell;
mod trip;
mod tuning;

pub use builder::{RouteBuilder, RouteError};
pub use leg::{Leg, LegHealth, LegState};
pub use place::Place;
pub use trip::Undelivered;
pub use tuning::Tuning;

use crate::sleep::Sleep;
use leg::Attempt;
use otp_core::{
    Clock, DeliveryListener, Message, Receipt, Report, SendError, SendErrorKind, Sender,
    async_trait,
};
use place::Entry;
use std::sync::Arc;
use std::time::Duration;
use trip::{Decision, Trip};

/// Picks a chain of senders for each message, and gives it to one after the other until one takes it.
///
/// # Which chain
/// An entry for the channel that was asked for comes before one for all channels; among those, the one that knows most
/// of the number (see [`Place`]). Without an entry the message fails as `AuthOrConfig`, with [`RouteError::NoEntry`] as
/// its source: nothing is reached that was not set up.
///
/// # What follows an answer
/// | answer | then |
/// |---|---|
/// | taken, or a time-out that may have been taken | done: the message is not sent again |
/// | `InvalidNumber` | done: no other provider is asked |
/// | `Transient` | once more after 200 to 400 ms, or after the wait that it names up to 1 s, unless that opened the breaker; then the next |
/// | any other class | the next |
/// | breaker open ([`Tuning`]), or as many messages under way as may be | the next, at once |
///
/// Every attempt carries the same code, and as its validity what is left of it by the clock.
///
/// # How long it takes
/// At most [`patience`](RouteBuilder::patience), and half of the code's life. In the last fifth of that time no attempt
/// begins; one that is under way at its end counts as sent. Nothing is queued.
///
/// # When nobody took it
/// The error has the class by which the caller can do most: `RateLimited`, `Transient` (waiting helps), `Unreachable`
/// (another channel or number may), `InsufficientCredit`, `TemplateProblem`, `AuthOrConfig` (only the operator can), in
/// this order. A provider that was left out counts as `Transient`. `retry_after` is the shortest wait that any of them
/// names, with ten seconds for a `Transient` that names none. The source is [`Undelivered`], which holds all of them.
///
/// # What it tells
/// The [`Receipt`] names the sender that took the message, by its own name: what is reported of it comes under that.
///
/// The counter `otp_sends_total{provider, class}`, the gauge `otp_provider_open{provider}`, a log line for every time
/// that a message moves on or a breaker changes, and [`health`](Self::health).
#[derive(Debug)]
pub struct Route {
    sleep: Sleep,
    clock: Arc<dyn Clock>,
    patience: Duration,
    entries: Vec<Entry>,
    legs: Vec<Leg>,
}

impl Route {
    /// Starts without entries. `sleep` is the runtime's, such as `tokio::time::sleep`.
    pub fn builder<F>(sleep: impl Fn(Duration) -> F + Send + Sync + 'static) -> RouteBuilder
    where
        F: Future<Output = ()> + Send + 'static,
    {
        RouteBuilder::new(Sleep::new(sleep))
    }

    /// What is known of each provider, for a health page.
    ///
    /// ```
    /// use otp_providers::route::{Leg, LegState, Place, Route};
    /// # use otp_core::testing::CapturingSender;
    /// # let sender = CapturingSender::new();
    ///
    /// let route = Route::builder(tokio::time::sleep).chain(Place::any(), [Leg::new(sender)]).build()?;
    /// let down = route.health().iter().filter(|leg| leg.state != LegState::Closed).count();
    /// assert_eq!(down, 0);
    /// # Ok::<(), otp_providers::route::RouteError>(())
    /// ```
    #[must_use]
    pub fn health(&self) -> Vec<LegHealth> {
        let now = self.clock.now();
        self.legs.iter().map(|leg| leg.health(now)).collect()
    }

    /// One provider, twice if need be. None if it is the next one's turn.
    async fn ask(
        &self,
        leg: &Leg,
        message: &Message,
        trip: &mut Trip,
    ) -> Option<Result<Receipt, SendError>> {
        let mut retried = false;
        loop {
            let now = self.clock.now();
            let time = trip.time_for_an_attempt(now)?;
            let attempt = match leg.enter(now) {
                Ok(attempt) => attempt,
                Err(closed) => {
                    tell::skipped(leg.shared_name(), closed, &message.challenge_id);
                    trip.failed(leg.shared_name(), answer::left_out(closed));
                    return None;
                }
            };
            let mut message = trip::with_validity(message, trip.validity(now));
            message.channel = leg.channel.unwrap_or(message.channel);
            let (error, opened) = match self.attempt(leg, attempt, &message, time).await {
                Ok(receipt) => return Some(Ok(receipt)),
                Err(failure) => failure,
            };
            match trip.decide(&error, retried || opened, answer::pause(), self.clock.now()) {
                Decision::Stop => return Some(Err(error)),
                Decision::Retry(pause) => {
                    self.sleep.of(pause).await;
                    retried = true;
                    trip.failed(leg.shared_name(), error);
                }
                Decision::Next => {
                    tell::failed_over(leg.shared_name(), &error, &message.challenge_id);
                    trip.failed(leg.shared_name(), error);
                    return None;
                }
            }
        }
    }

    /// An error comes with whether it opened the breaker.
    async fn attempt(
        &self,
        leg: &Leg,
        attempt: Attempt<'_>,
        message: &Message,
        time: Duration,
    ) -> Result<Receipt, (SendError, bool)> {
        let answer = self.sleep.within(time, leg.sender().send(message)).await;
        let now = self.clock.now();
        let slow = now.since(attempt.begun) >= leg.slow();
        let opened = attempt.settle(
            answer::health(answer.as_ref(), slow),
            answer::class(answer.as_ref()),
            now,
        );
        let answer = answer.unwrap_or_else(|| Ok(Receipt::default()));
        // Reports name the sender that took a message, not the leg: a route inside this one has said it already.
        let taken = answer.map(|receipt| match receipt.provider {
            Some(_) => receipt,
            None => receipt.with_provider(leg.sender().name()),
        });
        taken.map_err(|error| (error, opened))
    }
}

impl DeliveryListener for Route {
    /// Of two legs with one sender's name, both hear it: a report names the sender alone.
    fn heard(&self, provider: &str, report: &Report) {
        let now = self.clock.now();
        for leg in &self.legs {
            if leg.sender().name() == provider {
                leg.heard(report, now);
            }
        }
    }
}

#[async_trait]
impl Sender for Route {
    fn name(&self) -> &str {
        "route"
    }

    async fn send(&self, message: &Message) -> Result<Receipt, SendError> {
        let Some(chain) = place::chain(&self.entries, message) else {
            tell::no_entry(message);
            let error = SendError::new(SendErrorKind::AuthOrConfig);
            return Err(error.with_source(RouteError::NoEntry));
        };
        let mut trip = Trip::new(self.clock.now(), message.expires_in, self.patience);
        for leg in chain {
            if let Some(end) = self.ask(leg, message, &mut trip).await {
                return end;
            }
        }
        Err(trip.nobody())
    }
}
