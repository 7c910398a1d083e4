//! What the Gateway's error names mean for us. They decide; the HTTP status does not.

use crate::http::HttpReply;
use otp_core::{Receipt, SendError, SendErrorKind as Kind};

const NAMES: &[(&str, Kind)] = &[
    ("PHONE_NUMBER_INVALID", Kind::InvalidNumber),
    ("PHONE_NUMBER_NOT_FOUND", Kind::Unreachable),
    ("PHONE_NUMBER_NOT_AVAILABLE", Kind::Unreachable),
    ("BALANCE_NOT_ENOUGH", Kind::InsufficientCredit),
    ("CALLBACK_URL_INVALID", Kind::AuthOrConfig),
    ("TTL_INVALID", Kind::AuthOrConfig),
    ("PAYLOAD_INVALID", Kind::AuthOrConfig),
];

/// What stands for a family of names.
const FAMILIES: &[(&str, Kind)] = &[
    ("ACCESS_TOKEN_", Kind::AuthOrConfig),
    ("SENDER_", Kind::AuthOrConfig),
];

const FLOOD: &str = "FLOOD_WAIT";
const SENT: &str = "MESSAGE_ALREADY_SENT";

pub(super) fn receipt(reply: &HttpReply, name: &str) -> Result<Receipt, SendError> {
    if name == SENT {
        return Ok(Receipt::default());
    }
    let listed = NAMES.iter().find(|(known, _)| *known == name);
    let family = || FAMILIES.iter().find(|(start, _)| name.starts_with(start));
    Err(match listed.or_else(family) {
        Some((known, kind)) => reply.refused_by_name(*kind, known),
        None if name.contains(FLOOD) => reply.refused_by_name(Kind::RateLimited, FLOOD),
        None => nameless(reply),
    })
}

pub(super) fn nameless(reply: &HttpReply) -> SendError {
    reply.refused(reply.kind().unwrap_or(Kind::AuthOrConfig))
}
