//! What SNS's error codes mean for us. They decide; the HTTP status does not.

use super::xml;
use crate::http::HttpReply;
use otp_core::{SendError, SendErrorKind as Kind};
use std::time::Duration;

/// A long code sends one SMS a second.
const THROTTLE: Duration = Duration::from_secs(1);
/// Told of a number, and of every number in a region without SMS: the operator should know.
const NUMBER: &str = "InvalidParameter of PhoneNumber, or a region without SMS";

const CODES: &[(&str, Kind)] = &[
    ("AccessDenied", Kind::AuthOrConfig),
    ("AuthorizationError", Kind::AuthOrConfig),
    ("EndpointDisabled", Kind::AuthOrConfig),
    ("ExpiredToken", Kind::AuthOrConfig),
    ("InternalError", Kind::Transient),
    ("InvalidClientTokenId", Kind::AuthOrConfig),
    ("InvalidParameter", Kind::AuthOrConfig),
    ("InvalidSecurity", Kind::AuthOrConfig),
    ("NotFound", Kind::AuthOrConfig),
    ("OptedOut", Kind::Unreachable),
    ("ParameterValueInvalid", Kind::AuthOrConfig),
    ("RequestExpired", Kind::AuthOrConfig),
    ("ServiceUnavailable", Kind::Transient),
    ("SignatureDoesNotMatch", Kind::AuthOrConfig),
    ("Throttled", Kind::RateLimited),
    ("Throttling", Kind::RateLimited),
    ("ThrottlingException", Kind::RateLimited),
    ("UserError", Kind::AuthOrConfig),
    ("ValidationException", Kind::AuthOrConfig),
];
/// The keys of an encrypted topic: a family of codes.
const KMS: &str = "KMS";

pub(super) fn error(reply: &HttpReply, body: &str) -> SendError {
    let code = xml::text(body, "Code").unwrap_or_default();
    let listed = CODES.iter().find(|(known, _)| *known == code);
    let error = match listed {
        Some(("InvalidParameter" | "ParameterValueInvalid", _)) if names_the_number(body) => {
            reply.refused_by_name(Kind::InvalidNumber, NUMBER)
        }
        Some((known, kind)) => reply.refused_by_name(*kind, known),
        None if code.starts_with(KMS) => reply.refused_by_name(Kind::AuthOrConfig, KMS),
        None => reply.refused(reply.kind().unwrap_or(Kind::AuthOrConfig)),
    };
    match (error.kind, error.retry_after) {
        (Kind::RateLimited, None) if listed.is_some() => error.with_retry_after(THROTTLE),
        _ => error,
    }
}

fn names_the_number(body: &str) -> bool {
    xml::text(body, "Message").is_some_and(|message| message.contains("PhoneNumber"))
}
