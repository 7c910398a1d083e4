//! What must hold in every history: pure functions, from what was seen to what is wrong with it.
//!
//! Each invariant has a plain rule of its own, which says what it found. Beside them the calls of each challenge and
//! of each session are put in a legal order of a small model (`order`): if there is none, the history is no history
//! of one copy of the data, whatever the rules say.

mod challenges;
mod model;
mod order;
mod sessions;
mod surroundings;

use crate::history::{Call, Entry, Evidence};
use otp_core::{ChallengeId, SessionId};
use std::collections::BTreeMap;
use std::fmt;

pub use surroundings::leaks;

/// Something that must not be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Which invariant it violates: `I1` to `I11`, or `order`.
    pub invariant: &'static str,
    /// What was found.
    pub what: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.invariant, self.what)
    }
}

pub(crate) type Found = Vec<Violation>;

pub(crate) fn found(invariant: &'static str, what: impl Into<String>) -> Violation {
    Violation {
        invariant,
        what: what.into(),
    }
}

/// Checks everything.
#[must_use]
pub fn check(evidence: &Evidence) -> Vec<Violation> {
    let mut violations = Found::new();
    for (id, calls) in by_challenge(&evidence.entries) {
        violations.extend(challenges::check(id, &calls, evidence));
    }
    for (id, calls) in by_session(&evidence.entries) {
        violations.extend(sessions::check(id, &calls, evidence));
    }
    violations.extend(sessions::one_login_each(&evidence.entries));
    violations.extend(surroundings::check(evidence));
    violations
}

type Groups<'a, K> = BTreeMap<K, Vec<&'a Entry>>;

fn by_challenge(entries: &[Entry]) -> Groups<'_, ChallengeId> {
    let mut groups = Groups::new();
    for entry in entries {
        if let Some(id) = challenge_of(&entry.call) {
            groups.entry(id).or_default().push(entry);
        }
    }
    groups
}

fn challenge_of(call: &Call) -> Option<ChallengeId> {
    use crate::history::Reply::Done;
    match call {
        Call::Start {
            reply: Done(challenge),
            ..
        }
        | Call::Resend { challenge, .. }
        | Call::Guess { challenge, .. } => Some(*challenge),
        _ => None,
    }
}

fn by_session(entries: &[Entry]) -> Groups<'_, SessionId> {
    let mut groups = Groups::new();
    for entry in entries {
        if let Some(id) = session_of(&entry.call) {
            groups.entry(id).or_default().push(entry);
        }
    }
    groups
}

fn session_of(call: &Call) -> Option<SessionId> {
    use crate::history::Reply::Done;
    match call {
        Call::Guess {
            reply: Done(signed),
            ..
        } => Some(signed.session),
        Call::Refresh { session, .. }
        | Call::Logout { session, .. }
        | Call::Look { session, .. } => Some(*session),
        _ => None,
    }
}
