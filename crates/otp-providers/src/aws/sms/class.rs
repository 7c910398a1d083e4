//! What End User Messaging's errors mean for us: the reason decides where it is listed, and the type elsewhere.

use crate::http::HttpReply;
use otp_core::{SendError, SendErrorKind as Kind};
use serde_json::Value;

const REASONS: &[(&str, Kind)] = &[
    ("COUNTRY_NOT_ENABLED", Kind::Unreachable),
    ("DESTINATION_COUNTRY_BLOCKED", Kind::Unreachable),
    (
        "DESTINATION_COUNTRY_BLOCKED_BY_PROTECT_CONFIGURATION",
        Kind::Unreachable,
    ),
    (
        "DESTINATION_PHONE_NUMBER_BLOCKED_BY_PROTECT_NUMBER_OVERRIDE",
        Kind::Unreachable,
    ),
    ("DESTINATION_PHONE_NUMBER_NOT_VERIFIED", Kind::AuthOrConfig),
    ("DESTINATION_PHONE_NUMBER_OPTED_OUT", Kind::Unreachable),
    ("MESSAGE_TYPE_MISMATCH", Kind::AuthOrConfig),
    (
        "MONTHLY_SPEND_LIMIT_REACHED_FOR_TEXT",
        Kind::InsufficientCredit,
    ),
    ("NO_ORIGINATION_IDENTITIES_FOUND", Kind::AuthOrConfig),
    ("PRICE_OVER_THRESHOLD", Kind::Unreachable),
];

/// As the model names them, without `Exception` behind.
const TYPES: &[(&str, Kind)] = &[
    ("AccessDenied", Kind::AuthOrConfig),
    ("Conflict", Kind::AuthOrConfig),
    ("InternalServer", Kind::Transient),
    ("ResourceNotFound", Kind::AuthOrConfig),
    ("Throttling", Kind::RateLimited),
    ("Validation", Kind::AuthOrConfig),
];

const PARAMETER: &str = "INVALID_PARAMETER";
const NUMBER: &str = "INVALID_PARAMETER DestinationPhoneNumber";
const SENDER: &str = "SENDER_ID_";

pub(super) fn error(reply: &HttpReply) -> SendError {
    let reason = reply.text("/Reason").unwrap_or_default();
    if reason == PARAMETER && names_the_number(reply) {
        return reply.refused_by_name(Kind::InvalidNumber, NUMBER);
    }
    if reason.starts_with(SENDER) {
        return reply.refused_by_name(Kind::AuthOrConfig, SENDER);
    }
    let name = reply.text("/__type").unwrap_or_default();
    // As `namespace#ConflictException`.
    let name = name.rsplit('#').next().unwrap_or_default();
    let name = name.strip_suffix("Exception").unwrap_or(name);
    let listed = find(REASONS, &reason).or_else(|| find(TYPES, name));
    match listed {
        Some((known, kind)) => reply.refused_by_name(*kind, known),
        None => reply.refused(reply.kind().unwrap_or(Kind::AuthOrConfig)),
    }
}

fn find(table: &'static [(&str, Kind)], name: &str) -> Option<&'static (&'static str, Kind)> {
    table.iter().find(|(known, _)| *known == name)
}

/// Whether the message, or the list of what did not fit, names it.
fn names_the_number(reply: &HttpReply) -> bool {
    let message = reply.text("/Message").or_else(|| reply.text("/message"));
    let fields = reply.json().get("Fields").map(Value::to_string);
    let mut told = message.into_iter().chain(fields);
    told.any(|text| text.to_lowercase().contains("destinationphonenumber"))
}
