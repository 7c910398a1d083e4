//! What Kavenegar's statuses mean for us. A reply has its status in `return`, and again as the HTTP status, which counts
//! where the body cannot be read: then 402, 409, 429 and 501 are Kavenegar's own, not HTTP's.

use crate::callback;
use crate::http::HttpReply;
use crate::json;
use otp_core::{DeliveryState, Report, SendError, SendErrorKind as Kind};
use std::time::Duration;

/// The status of a message that was taken.
pub(super) const TAKEN: u32 = 200;
/// How long too many calls from one address are too many. Kavenegar does not say.
const PERIOD: Duration = Duration::from_secs(60);

/// None where the reply is no failure of Kavenegar's, and its message did not fail at once.
pub(super) fn error(reply: &HttpReply) -> Option<SendError> {
    refusal(reply).or_else(|| stillborn(reply).filter(|_| reply.is_success()))
}

/// None where the reply is no failure of Kavenegar's.
pub(super) fn refusal(reply: &HttpReply) -> Option<SendError> {
    let status = u32::from(reply.status());
    let said = reply.code("/return/status");
    let error = match said.filter(|said| *said != TAKEN) {
        Some(code) => {
            let listed = kind(code).or_else(|| kind(status)).or_else(|| reply.kind());
            reply.refused_by_code(listed.unwrap_or(Kind::AuthOrConfig), code)
        }
        None if reply.is_success() => return None,
        None => reply.refused(kind(status)?),
    };
    let throttled = error.kind == Kind::RateLimited && error.retry_after.is_none();
    Some(if throttled {
        error.with_retry_after(PERIOD)
    } else {
        error
    })
}

/// A message that was taken and failed at once: failed, undelivered, cancelled, blocked by the recipient.
fn stillborn(reply: &HttpReply) -> Option<SendError> {
    let code = reply.code("/entries/0/status")?;
    let kind = match code {
        6 | 11 | 13 => Kind::Transient,
        14 => Kind::Unreachable,
        _ => return None,
    };
    Some(reply.refused_by_code(kind, code))
}

/// How far a message has come; none for an id that Kavenegar does not know (100).
pub(super) fn report(reference: Option<String>, status: &str) -> Option<Report> {
    let (state, reason) = match json::number(status)? {
        1 | 2 => (DeliveryState::Accepted, None),
        4 | 5 => (DeliveryState::Sent, None),
        10 => (DeliveryState::Delivered, None),
        6 | 11 | 13 => (DeliveryState::Failed, None),
        14 => (DeliveryState::Failed, Some(Kind::Unreachable)),
        _ => return None,
    };
    callback::report(reference, state, reason)
}

const fn kind(code: u32) -> Option<Kind> {
    Some(match code {
        411 => Kind::InvalidNumber,
        // 429: the key is good for other addresses than this one.
        400 | 401 | 403..=407 | 412 | 414..=416 | 426 | 427 | 429 | 501 | 607 => Kind::AuthOrConfig,
        402 | 409 => Kind::Transient,
        418 => Kind::InsufficientCredit,
        413 | 417 | 419 | 420 | 422 | 424 | 428 | 431 | 432 => Kind::TemplateProblem,
        451 => Kind::RateLimited,
        _ => return None,
    })
}
