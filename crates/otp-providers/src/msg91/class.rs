//! What MSG91's answers mean for us: its code first, then its text. A failure may have any HTTP status.

use crate::http::HttpReply;
use otp_core::{Checked, SendError, SendErrorKind as Kind};
use serde_json::Value;
use std::time::Duration;

/// A repetition within this is a duplicate.
const DUPLICATE: Duration = Duration::from_secs(10);

/// Texts of failures, in lower case. MSG91 has no authoritative list.
const TEXTS: &[(&str, Kind)] = &[
    ("mobile no. empty or not numeric", Kind::InvalidNumber),
    ("mobile number empty or not numeric", Kind::InvalidNumber),
    ("please enter atleast one number", Kind::InvalidNumber),
    ("otp retry count maxed out", Kind::RateLimited),
    (
        "max limit reached for this otp verification",
        Kind::RateLimited,
    ),
    ("no otp request found to retryotp", Kind::RateLimited),
    ("authenticationfailure", Kind::AuthOrConfig),
    ("template", Kind::TemplateProblem),
    ("flow id", Kind::TemplateProblem),
    ("dlt", Kind::TemplateProblem),
];

/// Texts of checks, in lower case, as [`TEXTS`].
const CHECKS: &[(&str, Checked)] = &[
    ("otp verified success", Checked::Approved),
    // Said as a failure, and as a success: of this code or of one before, it is no yes.
    ("already verified", Checked::Unknown),
    ("otp not match", Checked::Wrong),
    ("mobile no. not found", Checked::Unknown),
    ("otp expired", Checked::Unknown),
    ("otp_expired", Checked::Unknown),
    ("otp retry count maxed out", Checked::TooMany),
    (
        "max limit reached for this otp verification",
        Checked::TooMany,
    ),
    ("no otp request found to retryotp", Checked::TooMany),
];

pub(super) fn is_success(reply: &HttpReply) -> bool {
    reply.is_success() && said(reply, "/type") == Some(true)
}

/// What it found of a code; none where it says nothing of one. A yes is a success in both its word and its text.
pub(super) fn checked(reply: &HttpReply) -> Option<Checked> {
    let (_, checked) = listed(reply, CHECKS)?;
    (*checked != Checked::Approved || is_success(reply)).then_some(*checked)
}

/// None where the reply is no failure of MSG91's.
pub(super) fn error(reply: &HttpReply) -> Option<SendError> {
    let code = reply.code("/code");
    if let Some((code, kind)) = code.and_then(|code| Some((code, kind(code)?))) {
        let error = reply.refused_by_code(kind, code);
        return Some(match (error.retry_after, code) {
            (None, 311) => error.with_retry_after(DUPLICATE),
            _ => error,
        });
    }
    if let Some((text, kind)) = listed(reply, TEXTS) {
        return Some(reply.refused_by_name(*kind, text));
    }
    let unlisted = reply.kind().unwrap_or(Kind::AuthOrConfig);
    match code {
        Some(code) => Some(reply.refused_by_code(unlisted, code)),
        None => is_failure(reply).then(|| reply.refused(unlisted)),
    }
}

fn is_failure(reply: &HttpReply) -> bool {
    let named = ["/type", "/msg_type"].map(|pointer| said(reply, pointer));
    let error = reply.json().get("error");
    let error = error.is_some_and(|e| !matches!(e, Value::Null | Value::Bool(false)));
    error || named.contains(&Some(false))
}

/// Whether the word there is `success`; none for no word.
fn said(reply: &HttpReply, pointer: &str) -> Option<bool> {
    let word = reply.text(pointer)?;
    Some(word.eq_ignore_ascii_case("success"))
}

/// The first of these texts that the reply has.
fn listed<T>(
    reply: &HttpReply,
    known: &'static [(&'static str, T)],
) -> Option<&'static (&'static str, T)> {
    let texts = ["/message", "/msg", "/error"].map(|pointer| reply.text(pointer));
    let texts = texts.map(|text| text.unwrap_or_default().to_lowercase());
    let mut known = known.iter();
    known.find(|(part, _)| texts.iter().any(|text| text.contains(part)))
}

/// None for a code that is not listed.
pub(super) const fn kind(code: u32) -> Option<Kind> {
    Some(match code {
        101 | 202 => Kind::InvalidNumber,
        // Do not disturb, rejected, blocked.
        9 | 16 | 17 | 25 => Kind::Unreachable,
        311 => Kind::RateLimited,
        // Credentials, addresses that are not listed, the sender, the route's hours.
        105..=107 | 201 | 203 | 205 | 207..=210 | 303 | 306..=310 | 401 | 418 | 505 | 506 => {
            Kind::AuthOrConfig
        }
        301 | 302 => Kind::InsufficientCredit,
        1 | 2 | 500..=599 | 601 => Kind::Transient,
        _ => return None,
    })
}
