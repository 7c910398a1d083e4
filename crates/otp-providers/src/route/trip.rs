//! What is done with one message: when it may still be sent, what follows a failure, what is told if nobody took it.

use otp_core::{Message, SendError, SendErrorKind, Timestamp};
use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// No attempt begins in the last part of the time: it would be cut off, and count as sent.
const LAST_PART: u32 = 5;
/// The longest pause before a message is given to the same provider again.
const LONGEST_PAUSE: Duration = Duration::from_secs(1);
/// When a failure that may pass, and names no wait, is worth another try.
const SOON: Duration = Duration::from_secs(10);

/// What follows a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Decision {
    /// Nobody else is asked.
    Stop,
    /// The same provider once more, after this pause.
    Retry(Duration),
    /// The next in the chain.
    Next,
}

/// A message on its way through a chain.
#[derive(Debug)]
pub(super) struct Trip {
    begun: Timestamp,
    /// How long the code was good for when it began.
    validity: Duration,
    patience: Duration,
    failures: Vec<(Arc<str>, SendError)>,
}

impl Trip {
    /// A code that is good for `validity` from now, and a caller who waits no longer than `patience`, nor longer than
    /// half of the code's life.
    pub(super) fn new(begun: Timestamp, validity: Duration, patience: Duration) -> Self {
        Self {
            begun,
            validity,
            patience: patience.min(validity / 2),
            failures: Vec::new(),
        }
    }

    /// How long an attempt that begins now may take; none if it is too late for one.
    pub(super) fn time_for_an_attempt(&self, now: Timestamp) -> Option<Duration> {
        let left = self.patience.saturating_sub(now.since(self.begun));
        (left > self.patience / LAST_PART).then_some(left)
    }

    /// How long the code is still good for.
    pub(super) fn validity(&self, now: Timestamp) -> Duration {
        self.validity.saturating_sub(now.since(self.begun))
    }

    /// The class says whether another provider may be asked; only what is transient is given to the same one again,
    /// `pause` later, if there is time for it and this was not the `last` try.
    pub(super) fn decide(
        &self,
        error: &SendError,
        last: bool,
        pause: Duration,
        now: Timestamp,
    ) -> Decision {
        use SendErrorKind::*;
        let pause = error.retry_after.unwrap_or_default().max(pause);
        let again = || {
            let in_time = self.time_for_an_attempt(now + pause).is_some();
            !last && pause <= LONGEST_PAUSE && in_time
        };
        match error.kind {
            Transient if again() => Decision::Retry(pause),
            Unreachable | RateLimited | AuthOrConfig | InsufficientCredit | TemplateProblem
            | Transient => Decision::Next,
            _ => Decision::Stop,
        }
    }

    /// Keeps why a provider did not take it.
    pub(super) fn failed(&mut self, provider: &Arc<str>, error: SendError) {
        self.failures.push((provider.clone(), error));
    }

    /// What to tell when nobody took it.
    pub(super) fn nobody(self) -> SendError {
        let kinds = self.failures.iter().map(|(_, error)| error.kind);
        let kind = kinds.min_by_key(|kind| rank(*kind));
        let waits = self.failures.iter().filter_map(|(_, error)| wait(error));
        let mut error = SendError::new(kind.unwrap_or(SendErrorKind::Transient));
        error.retry_after = waits.min();
        error.with_source(Undelivered(self.failures))
    }
}

/// The same message with what is left of its time.
pub(super) fn with_validity(message: &Message, validity: Duration) -> Message {
    let mut message = message.clone();
    message.expires_in = validity;
    message
}

/// The order in which [`Route`](super::Route) promises to choose a class.
const fn rank(kind: SendErrorKind) -> u8 {
    use SendErrorKind::*;
    match kind {
        InvalidNumber => 0,
        RateLimited => 1,
        Transient => 2,
        Unreachable => 3,
        InsufficientCredit => 4,
        TemplateProblem => 5,
        _ => 6,
    }
}

fn wait(error: &SendError) -> Option<Duration> {
    let soon = (error.kind == SendErrorKind::Transient).then_some(SOON);
    error.retry_after.or(soon)
}

/// No provider of the chain took the message: the source of the error that [`Route`](super::Route) returns.
///
/// ```
/// use otp_core::SendError;
/// use otp_providers::route::Undelivered;
///
/// /// The providers that were asked, for a report of one's own.
/// fn asked(error: &SendError) -> Vec<&str> {
///     let source = error.source.as_deref().and_then(|e| e.downcast_ref::<Undelivered>());
///     source.map(|u| u.failures().map(|(name, _)| name).collect()).unwrap_or_default()
/// }
/// # assert!(asked(&SendError::new(otp_core::SendErrorKind::Transient)).is_empty());
/// ```
#[derive(Debug)]
pub struct Undelivered(Vec<(Arc<str>, SendError)>);

impl Undelivered {
    /// Each provider's name, and why it did not take the message, in the order in which they were asked.
    pub fn failures(&self) -> impl Iterator<Item = (&str, &SendError)> {
        self.0.iter().map(|(name, error)| (&**name, error))
    }
}

impl fmt::Display for Undelivered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no provider of the chain took it")?;
        for (n, (name, error)) in self.failures().enumerate() {
            let comma = if n == 0 { ":" } else { "," };
            write!(f, "{comma} {name} {}", error.kind)?;
        }
        Ok(())
    }
}

impl Error for Undelivered {
    /// Of the failure that gave the error its class.
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        let first = self.0.iter().min_by_key(|(_, error)| rank(error.kind));
        first.and_then(|(_, error)| error.source())
    }
}

#[cfg(test)]
mod tests;
