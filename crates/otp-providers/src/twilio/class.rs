//! What Twilio's error codes mean for us. The texts may change; the codes do not.

use crate::http::HttpReply;
use otp_core::{SendError, SendErrorKind as Kind};
use std::time::Duration;

/// The daily cap: it ends with the day, and nobody says in which time zone.
const NEXT_DAY: Duration = Duration::from_secs(86_400);
/// A sender's queue is full.
const QUEUE: Duration = Duration::from_secs(60);

pub(super) fn error(reply: &HttpReply, code: u32) -> SendError {
    let kind = kind(code).or_else(|| reply.kind());
    let error = reply.refused_by_code(kind.unwrap_or(Kind::AuthOrConfig), code);
    match (error.retry_after, wait(code)) {
        (None, Some(wait)) => error.with_retry_after(wait),
        _ => error,
    }
}

/// How long a throttle lasts where it is known; Twilio documents no `Retry-After`.
const fn wait(code: u32) -> Option<Duration> {
    match code {
        63038 => Some(NEXT_DAY),
        21611 | 30001 => Some(QUEUE),
        _ => None,
    }
}

/// None for a code that is not listed.
pub(super) const fn kind(code: u32) -> Option<Kind> {
    Some(match code {
        21211 | 21217 | 21604 => Kind::InvalidNumber,
        // No mobile, no such region, stopped by its owner, not on WhatsApp, switched off, a landline.
        21214
        | 21408
        | 21610
        | 21612
        | 21614
        | 30003..=30006
        | 63003
        | 63014
        | 63024
        | 63032
        | 63033
        | 63049 => Kind::Unreachable,
        14107 | 20429 | 21611 | 30001 | 63018 | 63038 => Kind::RateLimited,
        10001 | 20005 | 30002 => Kind::InsufficientCredit,
        // Credentials, the sender, the request's shape, the sandbox, a trial, a registration with the carriers.
        20003
        | 20404
        | 21212
        | 21401
        | 21421
        | 21601..=21603
        | 21606..=21609
        | 21617
        | 21618
        | 21701..=21705
        | 30007
        | 30018
        | 30022..=30024
        | 30027
        | 30032
        | 30034
        | 63001
        | 63007
        | 63008
        | 63015
        | 63020
        | 63022
        | 572_002
        | 572_005 => Kind::AuthOrConfig,
        21654..=21656 | 63005 | 63013 | 63016 | 63021 | 63027..=63030 | 63040..=63042 => {
            Kind::TemplateProblem
        }
        20500 | 20503 | 21730 | 30008 | 30410 | 63009 | 63010 | 63012 => Kind::Transient,
        _ => return None,
    })
}
