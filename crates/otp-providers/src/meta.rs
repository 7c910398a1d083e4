//! What Meta's Cloud API says, itself or through another: its codes, and its webhook's events.

use crate::callback::report;
use crate::json;
use otp_core::{DeliveryState, Report, SendErrorKind as Kind};
use serde_json::Value;
use std::time::Duration;

/// One number may get about one message in six seconds.
const PAIR: Duration = Duration::from_secs(6);

/// None for a code that is not listed.
pub(crate) const fn kind(code: u32) -> Option<Kind> {
    Some(match code {
        // Not on WhatsApp, opted out, withheld by Meta, an excluded country, the sender himself.
        130_472 | 130_497 | 131_021 | 131_026 | 131_049 | 131_050 => Kind::Unreachable,
        4 | 613 | 80007 | 130_429 | 131_048 | 131_056 | 133_016 => Kind::RateLimited,
        0
        | 3
        | 10
        | 33
        | 100
        | 190
        | 200..=299
        | 368
        | 131_005
        | 131_008
        | 131_009
        | 131_030
        | 131_031
        | 131_045
        | 131_051..=131_053
        | 133_010 => Kind::AuthOrConfig,
        131_042 => Kind::InsufficientCredit,
        131_047 | 132_000 | 132_001 | 132_005 | 132_007 | 132_012 | 132_015 | 132_016 | 132_068
        | 132_069 => Kind::TemplateProblem,
        1 | 2 | 131_000 | 131_016 | 131_057 => Kind::Transient,
        _ => return None,
    })
}

/// How long a throttle lasts, where the code alone says so.
pub(crate) const fn wait(code: u32) -> Option<Duration> {
    match code {
        131_056 => Some(PAIR),
        _ => None,
    }
}

/// Every status of an event, in all its entries and changes; other events and errors that name no message are skipped.
/// `names` are what the message's reference is called, the best first.
pub(crate) fn reports(event: &Value, names: &[&str]) -> Vec<Report> {
    list(event, "/entry")
        .flat_map(|entry| list(entry, "/changes"))
        .flat_map(|change| list(change, "/value/statuses"))
        .filter_map(|status| of_status(status, names))
        .collect()
}

fn list<'a>(value: &'a Value, pointer: &str) -> impl Iterator<Item = &'a Value> {
    let list = value.pointer(pointer).and_then(Value::as_array);
    list.into_iter().flatten()
}

fn of_status(status: &Value, names: &[&str]) -> Option<Report> {
    let state = match &*json::text(status, "/status")? {
        "sent" => DeliveryState::Sent,
        "delivered" => DeliveryState::Delivered,
        "read" | "played" => DeliveryState::Read,
        "failed" => DeliveryState::Failed,
        _ => return None,
    };
    let reference = names.iter().find_map(|name| json::text(status, name));
    let code = json::code(status, "/errors/0/code");
    report(reference, state, code.and_then(kind))
}
