//! What Meta's error codes mean for us. They decide; the HTTP status does not.

use crate::http::HttpReply;
use crate::meta;
use otp_core::{SendError, SendErrorKind as Kind};
use serde_json::Value;
use std::time::Duration;

/// The longest wait that Meta can ask for.
const LONGEST_WAIT: Duration = Duration::from_secs(86_400);
/// Below code 100: the recipient is not on WhatsApp.
const NOT_THERE: u32 = 2_494_010;

pub(super) fn error(reply: &HttpReply) -> SendError {
    let Some(code) = reply.code("/error/code") else {
        return reply.refused(unlisted(reply));
    };
    let error = reply.refused_by_code(kind(reply, code), code);
    let known = match code {
        4 | 80007 => usage(reply),
        _ => meta::wait(code),
    };
    match (error.retry_after, known) {
        (None, Some(wait)) => error.with_retry_after(wait),
        _ => error,
    }
}

fn kind(reply: &HttpReply, code: u32) -> Kind {
    match code {
        100 if reply.code("/error/error_subcode") == Some(NOT_THERE) => Kind::Unreachable,
        // `recipient_type` is ours.
        100 if tells(reply, &["recipient"]) && !tells(reply, &["recipient_type"]) => {
            Kind::InvalidNumber
        }
        131_008 | 131_009 if tells(reply, &["component", "button"]) => Kind::TemplateProblem,
        _ => meta::kind(code).unwrap_or_else(|| unlisted(reply)),
    }
}

fn unlisted(reply: &HttpReply) -> Kind {
    match reply.json().pointer("/error/is_transient") {
        Some(Value::Bool(true)) => Kind::Transient,
        _ => reply.kind().unwrap_or(Kind::AuthOrConfig),
    }
}

/// Whether the details have one of these words.
fn tells(reply: &HttpReply, words: &[&str]) -> bool {
    let details = reply.text("/error/error_data/details");
    details.is_some_and(|details| {
        let details = details.to_lowercase();
        words.iter().any(|word| details.contains(word))
    })
}

/// The minutes that `X-Business-Use-Case-Usage` names: lists of uses by business, the longest wait of all.
fn usage(reply: &HttpReply) -> Option<Duration> {
    let usage: Value = serde_json::from_str(reply.header("x-business-use-case-usage")?).ok()?;
    let uses = usage.as_object()?.values().filter_map(Value::as_array);
    let minutes = uses
        .flatten()
        .filter_map(|one| one.get("estimated_time_to_regain_access")?.as_u64());
    let wait = Duration::from_secs(minutes.max()?.saturating_mul(60));
    (!wait.is_zero()).then_some(wait.min(LONGEST_WAIT))
}
