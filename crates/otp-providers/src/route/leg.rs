//! One provider of a route, and what is known of it.

use super::breaker::{self, Change, Closed, Gate, Health, Pass, State};
use super::{Tuning, tell};
use otp_core::{Channel, DeliveryState, Report, SendErrorKind, Sender, Timestamp};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// One provider of a [`Route`](super::Route): a sender, its breaker, and its bound.
///
/// Clones are the same provider: give one to each chain that it is part of. They have one breaker, over all channels:
/// where those can fail apart, such as a WhatsApp sender that is set up by itself, make two legs, with a sender each.
#[derive(Clone)]
pub struct Leg {
    inner: Arc<Inner>,
    pub(super) channel: Option<Channel>,
}

struct Inner {
    name: Arc<str>,
    sender: Box<dyn Sender>,
    tuning: Tuning,
    gate: Mutex<Gate>,
}

/// What is known of a provider.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LegHealth {
    /// Its name in logs and metrics.
    pub name: Arc<str>,
    /// Whether it is asked.
    pub state: LegState,
    /// How many messages are on their way to it.
    pub in_flight: u32,
}

/// Whether a provider is asked: where its circuit breaker stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LegState {
    /// It is.
    Closed,
    /// It is not.
    Open {
        /// How long until it is tried again.
        retry_in: Duration,
    },
    /// One message finds out.
    HalfOpen,
}

impl Leg {
    /// A provider under its sender's own name.
    pub fn new(sender: impl Sender) -> Self {
        let name = sender.name().to_owned();
        Self::tuned(name, sender, Tuning::default())
    }

    /// A provider under a name for logs and metrics, such as `twilio-eu`, and with figures of its own.
    pub fn tuned(name: impl Into<Arc<str>>, sender: impl Sender, tuning: Tuning) -> Self {
        let inner = Inner {
            name: name.into(),
            sender: Box::new(sender),
            tuning,
            gate: Mutex::new(Gate::new()),
        };
        Self {
            inner: Arc::new(inner),
            channel: None,
        }
    }

    /// The same provider, over this channel whatever was asked for: SMS for who is not on WhatsApp.
    #[must_use]
    pub fn over(&self, channel: Channel) -> Self {
        let inner = self.inner.clone();
        let channel = Some(channel);
        Self { inner, channel }
    }

    /// Its name in logs and metrics.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.inner.name
    }

    pub(super) fn shared_name(&self) -> &Arc<str> {
        &self.inner.name
    }

    pub(super) fn sender(&self) -> &dyn Sender {
        &*self.inner.sender
    }

    pub(super) fn slow(&self) -> Duration {
        self.inner.tuning.slow
    }

    pub(super) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.inner, &other.inner)
    }

    pub(super) fn enter(&self, now: Timestamp) -> Result<Attempt<'_>, Closed> {
        let pass = self.gate().admit(&self.inner.tuning, now)?;
        Ok(Attempt {
            leg: self,
            begun: now,
            pass: Some(pass),
        })
    }

    pub(super) fn health(&self, now: Timestamp) -> LegHealth {
        let (state, in_flight) = self.gate().look();
        let state = match state {
            State::Closed { .. } => LegState::Closed,
            State::HalfOpen { .. } => LegState::HalfOpen,
            State::Open { since, lasts } => match breaker::remaining(since, lasts, now) {
                Duration::ZERO => LegState::HalfOpen,
                retry_in => LegState::Open { retry_in },
            },
        };
        LegHealth {
            name: self.inner.name.clone(),
            state,
            in_flight,
        }
    }

    /// What became of a message that it took. A number that cannot be reached says nothing of the provider.
    pub(super) fn heard(&self, report: &Report, now: Timestamp) {
        use SendErrorKind::{InvalidNumber, Unreachable};
        let arrived = match (report.state, report.reason) {
            (DeliveryState::Delivered | DeliveryState::Read, _) => true,
            (DeliveryState::Failed, Some(InvalidNumber | Unreachable)) => return,
            (DeliveryState::Failed, _) => false,
            _ => return,
        };
        let change = self.gate().heard(&self.inner.tuning, arrived, now);
        if let Some(change) = change {
            tell::changed(&self.inner.name, change);
        }
    }

    fn gate(&self) -> MutexGuard<'_, Gate> {
        let gate = &self.inner.gate;
        gate.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A message on its way to one provider. Dropped unsettled, as when the client hangs up, it says nothing of the
/// provider, and its place is free again.
#[derive(Debug)]
pub(super) struct Attempt<'a> {
    leg: &'a Leg,
    pub(super) begun: Timestamp,
    pass: Option<Pass>,
}

impl Attempt<'_> {
    /// Whether the breaker opened.
    pub(super) fn settle(mut self, health: Health, class: &'static str, now: Timestamp) -> bool {
        matches!(self.end(health, class, now), Some(Change::Opened(_)))
    }

    fn end(&mut self, health: Health, class: &'static str, now: Timestamp) -> Option<Change> {
        let pass = self.pass.take()?;
        let leg = &self.leg.inner;
        tell::count(&leg.name, class);
        let change = self.leg.gate().settle(&leg.tuning, pass, health, now);
        if let Some(change) = change {
            tell::changed(&leg.name, change);
        }
        change
    }
}

impl Drop for Attempt<'_> {
    fn drop(&mut self) {
        self.end(Health::Unknown, "abandoned", self.begun);
    }
}

impl fmt::Debug for Leg {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (state, in_flight) = self.gate().look();
        f.debug_struct("Leg")
            .field("name", &self.inner.name)
            .field("channel", &self.channel)
            .field("state", &state)
            .field("in_flight", &in_flight)
            .finish()
    }
}
