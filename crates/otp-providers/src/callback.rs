//! What the webhooks of providers share.
#![allow(dead_code, reason = "no provider alone uses all of it")]

#[cfg(any(
    feature = "engagelab",
    feature = "telegram",
    feature = "twilio",
    feature = "whatsapp"
))]
mod signature;
mod token;

#[cfg(any(
    feature = "engagelab",
    feature = "telegram",
    feature = "twilio",
    feature = "whatsapp"
))]
pub(crate) use signature::Signature;
pub use token::CallbackToken;

use crate::json;
use otp_core::{Callback, CallbackError, DeliveryState, Report, SendErrorKind, Timestamp};
use serde_json::Value;
use std::time::Duration;
use url::form_urlencoded;

/// How far the time of a signed request may be from ours.
pub(crate) const WINDOW: Duration = Duration::from_secs(300);

/// A body as JSON.
pub(crate) fn json_of(bytes: &[u8]) -> Result<Value, CallbackError> {
    serde_json::from_slice(json::unmarked(bytes)).map_err(|_| CallbackError::Malformed)
}

/// The fields that came: the body's, or the query's where there is no body.
pub(crate) fn fields(callback: &Callback<'_>) -> Vec<(String, String)> {
    let form = match callback.body {
        [] => callback.query.as_bytes(),
        body => body,
    };
    form_urlencoded::parse(form).into_owned().collect()
}

/// The value of a field that came once.
pub(crate) fn field<'a>(fields: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let mut named = fields.iter().filter(|(own, _)| own == name);
    let (_, value) = named.next()?;
    named.next().is_none().then_some(value)
}

/// A report; none without a reference that a receipt of ours can have. Only a failure has a reason.
pub(crate) fn report(
    reference: Option<String>,
    state: DeliveryState,
    reason: Option<SendErrorKind>,
) -> Option<Report> {
    let mut report = Report::new(json::reference(reference?)?, state);
    report.reason = reason.filter(|_| state == DeliveryState::Failed);
    Some(report)
}

/// Whether this time, in Unix seconds, is within the window around now.
pub(crate) fn is_recent(time: &str, now: Timestamp) -> bool {
    let Ok(secs) = time.parse() else {
        return false;
    };
    let time = Timestamp::from_secs(secs);
    now.since(time).max(time.since(now)) <= WINDOW
}
