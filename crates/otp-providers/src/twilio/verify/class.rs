//! What the error codes of Twilio Verify mean for us.

use crate::http::HttpReply;
use crate::json;
use otp_core::{SendError, SendErrorKind as Kind};
use serde_json::Value;
use std::time::Duration;

/// Expired, approved before, cancelled, or never made.
pub(super) const NOT_FOUND: u32 = 20404;
/// More than five guesses.
pub(super) const CHECKED_OUT: u32 = 60202;
const PARAMETER: u32 = 60200;
const SENT_OUT: u32 = 60203;
/// How long a verification is pending: after that a number may be sent to again.
const PENDING: Duration = Duration::from_secs(600);

pub(super) fn error(reply: &HttpReply, code: u32) -> SendError {
    let kind = match code {
        PARAMETER if names_to(reply) => Some(Kind::InvalidNumber),
        _ => kind(code).or_else(|| reply.kind()),
    };
    let error = reply.refused_by_code(kind.unwrap_or(Kind::AuthOrConfig), code);
    match (error.retry_after, code) {
        (None, SENT_OUT) => error.with_retry_after(PENDING),
        _ => error,
    }
}

/// Whether the parameter that is refused is the number: Twilio has no field for its name but in the newer form.
fn names_to(reply: &HttpReply) -> bool {
    let errors = reply.json().get("errors").and_then(Value::as_array);
    let pointed = errors.into_iter().flatten();
    let pointed = pointed.filter_map(|one| json::text(one, "/pointer"));
    let told = ["/message", "/detail"].map(|pointer| reply.text(pointer));
    pointed.chain(told.into_iter().flatten()).any(|text| {
        let mut words = text.split(|c: char| !c.is_ascii_alphanumeric());
        words.any(|word| word == "To")
    })
}

const fn kind(code: u32) -> Option<Kind> {
    Some(match code {
        // A landline, a blocked prefix, a region that is off, no such route.
        60205 | 60220 | 60410 | 60605 => Kind::Unreachable,
        20429 | CHECKED_OUT | SENT_OUT | 60212 => Kind::RateLimited,
        20003 | NOT_FOUND | PARAMETER | 60204 | 60217 | 60221 | 60223 | 575_001 => {
            Kind::AuthOrConfig
        }
        60201 | 60224 | 60227..=60229 => Kind::TemplateProblem,
        _ => return None,
    })
}
