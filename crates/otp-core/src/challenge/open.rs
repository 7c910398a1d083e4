//! Opening a challenge, sending another code for it, and taking one back.

use super::{ChallengeRecord, Digest, IssuedCode, NewChallenge, Opened, Opening, PreviousCode};
use crate::limit::{self, Charged};
use crate::{Channel, Timestamp};
use subtle::ConstantTimeEq;

/// What is to become of the record that [`open`] was given: a store that knows not every case cannot go on, so there is
/// no other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Put {
    /// Leave it as it is.
    Keep(Opened),
    /// Store this one in its place.
    Store(ChallengeRecord, Opened),
}

/// Opens a challenge: charges every cell, or none; stores only if all admit.
#[must_use]
pub fn open(
    found: Option<&ChallengeRecord>,
    new: &NewChallenge,
    cells: &mut [Charged<'_>],
    now: Timestamp,
) -> Put {
    if let Some(record) = found
        && new.opening == Opening::Start
        && new.request.is_some()
        && record.current.request == new.request
        && !record.current.is_over(now)
    {
        return Put::Keep(Opened::Replayed(
            record.state(limit::next_admission(cells, now)),
        ));
    }
    let live = found.filter(|record| record.is_live(now));
    if new.opening == Opening::Resend && live.is_none() {
        return Put::Keep(Opened::NotLive);
    }
    if let limit::Decision::Refused(refusals) = limit::charge(cells, now) {
        return Put::Keep(Opened::Refused(refusals));
    }
    let record = successor(live, new, now);
    let opened = Opened::Stored(record.state(limit::next_admission(cells, now)));
    Put::Store(record, opened)
}

/// The record after `new` took the place of `live`. A resend keeps what was asked for at the start.
fn successor(
    live: Option<&ChallengeRecord>,
    new: &NewChallenge,
    now: Timestamp,
) -> ChallengeRecord {
    let kept = live
        .filter(|_| new.opening == Opening::Resend)
        .map(|record| record.current);
    let channel = new.channel.or(kept.map(|code| code.channel));
    ChallengeRecord {
        current: IssuedCode {
            request: kept.map_or(new.request, |code| code.request),
            channel: channel.unwrap_or(Channel::Sms),
            remember_me: kept.map_or(new.remember_me, |code| code.remember_me),
            digest: new.digest,
            kid: new.kid,
            issued_at: now,
            expires_at: new.expires_at,
            tries_left: kept.map_or(new.tries, |code| code.tries_left.min(new.tries)),
        },
        previous: live.map(|record| {
            let valid_until = new.previous_until.min(record.current.expires_at);
            let code = record.current;
            Box::new(PreviousCode { code, valid_until })
        }),
        used_at: None,
    }
}

/// Takes back a code that no provider accepted: once, and only while it is the current one and unused.
///
/// Returns what is to be kept: the record with its code before, or nothing.
#[must_use]
pub fn withdraw(record: &ChallengeRecord, digest: &Digest) -> Option<Withdrawn> {
    let is_current: bool = record.current.digest.ct_eq(digest).into();
    if !is_current || record.used_at.is_some() {
        return None;
    }
    let left = record.previous.as_ref().map(|previous| ChallengeRecord {
        current: IssuedCode {
            tries_left: previous.code.tries_left.min(record.current.tries_left),
            ..previous.code
        },
        previous: None,
        used_at: None,
    });
    Some(Withdrawn {
        charged_at: record.current.issued_at,
        left,
    })
}

/// What [`withdraw`] came to.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Withdrawn {
    /// When the cells were charged for the code.
    pub charged_at: Timestamp,
    /// The record with the code before it, or nothing.
    pub left: Option<ChallengeRecord>,
}
