//! One session: I5, I6, and its order.

use super::challenges::{is_unknown, told};
use super::model::{Deed, Session};
use super::order::{Step, has_order};
use super::{Found, found};
use crate::history::{Call, Entry, Evidence, Refusal, Reply, SessionLoss, Tag};
use otp_core::{SessionId, Timestamp};
use std::collections::{BTreeMap, HashMap};

pub(super) fn check(id: SessionId, calls: &[&Entry], evidence: &Evidence) -> Found {
    let mut violations = Found::new();
    violations.extend(forked(id, calls));
    violations.extend(revived(id, calls, evidence));
    violations.extend(vanished(id, calls, evidence));
    if violations.is_empty() {
        violations.extend(order(id, calls, evidence));
    }
    violations
}

/// Ids are 128 random bits: the same one from two challenges is one session for two logins.
pub(super) fn one_login_each(entries: &[Entry]) -> Found {
    let mut logins: BTreeMap<SessionId, u32> = BTreeMap::new();
    for entry in entries {
        if let Call::Guess {
            reply: Reply::Done(signed),
            ..
        } = &entry.call
        {
            *logins.entry(signed.session).or_default() += 1;
        }
    }
    let twice = logins.into_iter().filter(|(_, logins)| *logins > 1);
    twice
        .map(|(id, logins)| found("I1", format!("{id} came of {logins} logins")))
        .collect()
}

/// I5: a token has one successor, whoever shows it and however often.
fn forked(id: SessionId, calls: &[&Entry]) -> Found {
    let mut successors: HashMap<Tag, Tag> = HashMap::new();
    let mut violations = Found::new();
    for entry in calls {
        let Call::Refresh {
            shown,
            reply: Reply::Done(successor),
            ..
        } = &entry.call
        else {
            continue;
        };
        let first = *successors.entry(*shown).or_insert(*successor);
        if first != *successor {
            violations.push(found("I5", format!("{id}: one token has two successors")));
        }
    }
    violations
}

/// I5: what was ended stays dead, unless a declared loss came between.
fn revived(id: SessionId, calls: &[&Entry], evidence: &Evidence) -> Found {
    let over = calls
        .iter()
        .filter(|entry| ends(&entry.call))
        .map(|entry| entry.end)
        .min();
    let Some(over) = over else {
        return Found::new();
    };
    let lives = |entry: &&&Entry| shows_life(&entry.call) && entry.start > over;
    let alive = calls.iter().filter(lives);
    let alive = alive.filter(|entry| !may_be_back(evidence, over, entry.end));
    alive
        .map(|_| found("I5", format!("{id} lives after its end")))
        .collect()
}

const fn ends(call: &Call) -> bool {
    matches!(
        call,
        Call::Logout {
            reply: Reply::Done(()),
            ..
        } | Call::Refresh {
            reply: Reply::Refused(Refusal::Reused),
            ..
        }
    )
}

const fn shows_life(call: &Call) -> bool {
    matches!(
        call,
        Call::Refresh {
            reply: Reply::Done(_),
            ..
        } | Call::Look {
            reply: Reply::Done(true),
            ..
        }
    )
}

/// I6: a login that was answered is there, unless it was ended or lost as declared.
fn vanished(id: SessionId, calls: &[&Entry], evidence: &Evidence) -> Found {
    let login = |entry: &&&Entry| matches!(entry.call, Call::Guess { .. });
    let Some(login) = calls.iter().find(login) else {
        return vec![found(
            "I6",
            format!("{id} answers and nobody was signed in"),
        )];
    };
    let ended = calls
        .iter()
        .filter(|entry| may_end(&entry.call))
        .map(|entry| entry.start)
        .min();
    let gone = calls
        .iter()
        .filter(|entry| shows_death(&entry.call) && entry.start > login.end);
    let gone = gone.filter(|entry| ended.is_none_or(|ended| entry.end < ended));
    let gone = gone.filter(|entry| !may_be_back(evidence, login.start, entry.end));
    gone.map(|_| {
        found(
            "I6",
            format!("{id} was answered and is not there: {}", told(calls)),
        )
    })
    .collect()
}

/// A refresh may end a session by showing a token twice, whether it is answered or not.
const fn may_end(call: &Call) -> bool {
    match call {
        Call::Logout { .. } => true,
        Call::Refresh { reply, .. } => {
            is_unknown(reply) || matches!(reply, Reply::Refused(Refusal::Reused))
        }
        _ => false,
    }
}

const fn shows_death(call: &Call) -> bool {
    matches!(
        call,
        Call::Look {
            reply: Reply::Done(false),
            ..
        } | Call::Refresh {
            reply: Reply::Refused(Refusal::Dead),
            ..
        }
    )
}

/// Whether a declared loss may have set sessions back between these instants.
fn may_be_back(evidence: &Evidence, since: Timestamp, until: Timestamp) -> bool {
    let mut back = evidence
        .losses
        .iter()
        .filter(|loss| loss.sessions == SessionLoss::Back);
    back.any(|loss| loss.to >= since && loss.from <= until)
}

fn order(id: SessionId, calls: &[&Entry], evidence: &Evidence) -> Found {
    let losses = evidence.losses.iter().map(|loss| Step {
        start: loss.from,
        end: Some(loss.to),
        optional: false,
        call: Deed::Loss(loss),
    });
    let steps: Vec<_> = calls
        .iter()
        .map(|entry| step(entry))
        .chain(losses)
        .collect();
    let remembers = evidence
        .losses
        .iter()
        .any(|loss| loss.sessions != SessionLoss::Kept);
    let next = |state: &Session, deed: &Deed<'_>| state.next(deed, remembers);
    match has_order(&steps, Session::new(), next) {
        Ok(true) => Found::new(),
        Ok(false) => vec![found(
            "order",
            format!("no order explains {id}: {}", told(calls)),
        )],
        Err(_) => vec![found(
            "order",
            format!("{id} has more calls than can be put in order"),
        )],
    }
}

fn step(entry: &Entry) -> Step<Deed<'_>> {
    let is_vague = match &entry.call {
        Call::Refresh { reply, .. } => is_unknown(reply),
        Call::Logout { reply, .. } => is_unknown(reply),
        Call::Look { reply, .. } => is_unknown(reply),
        _ => false,
    };
    Step {
        start: entry.start,
        end: (!is_vague).then_some(entry.end),
        optional: is_vague,
        call: Deed::Call(entry),
    }
}
