//! What Gupshup's error codes mean for us.

use crate::http::HttpReply;
use crate::meta;
use otp_core::{SendError, SendErrorKind as Kind};

/// A larger number is no code of the gateway's: it may be what the client sent.
const LARGEST_CODE: u32 = 9_999;

/// A failure of the gateway's, with the code where the message's id would be.
pub(super) fn sms(reply: &HttpReply, code: Option<&str>) -> SendError {
    let code = code.and_then(|code| code.trim().parse().ok());
    let code = code.filter(|code| *code <= LARGEST_CODE);
    let listed = code.and_then(sms_kind).or_else(|| reply.kind());
    let kind = listed.unwrap_or(Kind::AuthOrConfig);
    code.map_or_else(
        || reply.refused(kind),
        |code| reply.refused_by_code(kind, code),
    )
}

/// The gateway's codes. Those of its own two-factor checks (301, 309 to 311) answer nothing that is asked here.
const fn sms_kind(code: u32) -> Option<Kind> {
    Some(match code {
        105 => Kind::InvalidNumber,
        // Do not disturb, no international numbers.
        109 | 175 => Kind::Unreachable,
        308 => Kind::RateLimited,
        100 => Kind::Transient,
        101..=104 | 106..=108 => Kind::AuthOrConfig,
        _ => return None,
    })
}

/// None where the reply is no failure: it has no code, and `denied` says nothing else either.
pub(super) fn whatsapp(reply: &HttpReply, denied: bool) -> Option<SendError> {
    // The second is where Gupshup's events have it.
    let code = ["/code", "/payload/payload/code"].map(|pointer| reply.code(pointer));
    let Some(code) = code.into_iter().flatten().next() else {
        let kind = reply.kind().unwrap_or(Kind::AuthOrConfig);
        return denied.then(|| reply.refused(kind));
    };
    let listed = whatsapp_kind(code).or_else(|| reply.kind());
    let error = reply.refused_by_code(listed.unwrap_or(Kind::AuthOrConfig), code);
    Some(match (error.retry_after, meta::wait(code)) {
        (None, Some(wait)) => error.with_retry_after(wait),
        _ => error,
    })
}

/// None for a code that is listed neither by Gupshup nor by Meta.
pub(super) const fn whatsapp_kind(code: u32) -> Option<Kind> {
    Some(match code {
        // Not on WhatsApp, opted out, not opted in.
        1002 | 1004 | 1006 | 1008 | 1012 => Kind::Unreachable,
        1003 => Kind::InsufficientCredit,
        1005 | 1007 | 4003 | 4005 => Kind::TemplateProblem,
        4001 => Kind::RateLimited,
        500 | 4002 | 4004 => Kind::Transient,
        _ => return meta::kind(code),
    })
}

/// Why an SMS failed, by the code of its delivery report; none for a code that is not listed.
pub(super) const fn sms_reason(code: u32) -> Option<Kind> {
    Some(match code {
        // Absent, barred, unknown, do not disturb, blocked.
        1..=3 | 6..=8 => Kind::Unreachable,
        4 | 5 => Kind::Transient,
        // Outside the hours of the route that the account sends by.
        9 => Kind::AuthOrConfig,
        _ => return None,
    })
}
