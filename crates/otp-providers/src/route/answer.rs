//! What the answer of a provider, or the lack of one, means for it.

use super::RouteError;
use super::breaker::{Closed, Health};
use crate::Unasked;
use otp_core::{Receipt, SendError, SendErrorKind, keys};
use std::time::Duration;

/// What a caller is told to wait for a provider that is busy.
const BUSY: Duration = Duration::from_secs(1);
/// The pause before a second try: this, and up to as much again.
const PAUSE: Duration = Duration::from_millis(200);

/// What an attempt's answer, or the lack of one, says of the provider.
pub(super) fn health(answer: Option<&Result<Receipt, SendError>>, slow: bool) -> Health {
    use SendErrorKind::*;
    match answer {
        Some(Ok(receipt)) if slow && receipt.reference.is_none() => Health::Bad,
        None if slow => Health::Bad,
        Some(Ok(_)) => Health::Good,
        Some(Err(error)) if !was_asked(error) => Health::Unknown,
        Some(Err(error)) => match error.kind {
            Transient | AuthOrConfig => Health::Bad,
            InsufficientCredit => Health::Broke,
            InvalidNumber | Unreachable | TemplateProblem => Health::Good,
            _ => Health::Unknown,
        },
        None => Health::Unknown,
    }
}

/// Whether the provider was: not by a sender that is not set up for the message, nor by a route within this one.
fn was_asked(error: &SendError) -> bool {
    let source = error.source.as_deref();
    let nowhere = source.and_then(|source| source.downcast_ref()) == Some(&RouteError::NoEntry);
    !nowhere && !Unasked::is_source_of(error)
}

pub(super) fn class(answer: Option<&Result<Receipt, SendError>>) -> &'static str {
    match answer {
        Some(Ok(_)) => "taken",
        Some(Err(error)) => error.kind.as_str(),
        None => "unanswered",
    }
}

/// As a failure that may pass: of a provider that was not asked.
pub(super) fn left_out(closed: Closed) -> SendError {
    let wait = match closed {
        Closed::Open(wait) => wait,
        Closed::Probing | Closed::Full => BUSY,
    };
    SendError::new(SendErrorKind::Transient).with_retry_after(wait)
}

/// Apart, so that messages that failed together do not come back together.
pub(super) fn pause() -> Duration {
    let jitter = keys::random_bytes().map_or(u16::MAX, u16::from_le_bytes);
    PAUSE + PAUSE * u32::from(jitter) / u32::from(u16::MAX)
}
