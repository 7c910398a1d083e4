//! What EngageLab's error codes mean for us. They decide; the HTTP status does not.

use super::EngageLab;
use crate::http::HttpReply;
use otp_core::{Channel, SendError, SendErrorKind as Kind};

/// In digits; a code of ours is longer.
const LONGEST_CODE: usize = 4;
/// The same template to the same number, before the code's validity is over.
const AGAIN: u32 = 3004;
/// Of a check: expired or verified before, and no such message.
pub(super) const NOT_WAITING: [u32; 2] = [3003, 4001];

pub(super) fn error(engagelab: &EngageLab, reply: &HttpReply) -> SendError {
    let unlisted = reply.kind().unwrap_or(Kind::AuthOrConfig);
    // Our request has a `code` too: a reply that says it back is no error's.
    let said = reply.text("/code");
    let ours = said.is_some_and(|code| code.len() > LONGEST_CODE);
    let Some(code) = reply.code("/code").filter(|_| !ours) else {
        return reply.refused(unlisted);
    };
    let kind = kind(engagelab.channel, code).unwrap_or(unlisted);
    let error = reply.refused_by_code(kind, code);
    match (error.retry_after, engagelab.validity) {
        (None, Some(validity)) if code == AGAIN => error.with_retry_after(validity),
        _ => error,
    }
}

/// None for a code that is not listed.
pub(super) fn kind(channel: Channel, code: u32) -> Option<Kind> {
    Some(match code {
        // Not on WhatsApp says nothing of the number.
        5020 if channel == Channel::WhatsApp => Kind::Unreachable,
        5011 | 5020 => Kind::InvalidNumber,
        // Out of reach, on a blacklist, no permission for China, switched off, unsubscribed.
        5012 | 5013 | 5017..=5019 => Kind::Unreachable,
        AGAIN => Kind::RateLimited,
        2001 | 2002 | 2004 | 3001..=3003 => Kind::AuthOrConfig,
        4001 | 5014 | 5015 => Kind::TemplateProblem,
        1000 | 5001 | 5016 => Kind::Transient,
        _ => return None,
    })
}
