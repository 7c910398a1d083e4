//! One challenge: I1 to I4, and its order.

use super::model::{Challenge, Deed};
use super::order::{Step, has_order};
use super::{Found, found};
use crate::history::{Call, ChallengeLoss, Entry, Evidence, Refusal, Reply, Shown};
use otp_core::challenge::Rejection;
use otp_core::{ChallengeId, Timestamp};

pub(super) fn check(id: ChallengeId, calls: &[&Entry], evidence: &Evidence) -> Found {
    let mut violations = Found::new();
    let accepted: Vec<_> = calls.iter().filter(|entry| is_accepted(entry)).collect();
    if accepted.len() > 1 {
        let what = format!("{id} signed in {} times", accepted.len());
        violations.push(found("I1", what));
    }
    let wrong = count(calls, |call| refused(call, Rejection::Wrong));
    let most = evidence.rules.tries * (1 + refills(calls, evidence));
    if wrong > most {
        violations.push(found(
            "I2",
            format!("{id}: {wrong} wrong guesses were looked at, {most} are allowed"),
        ));
    }
    for entry in accepted {
        if is_late(entry, calls, evidence) {
            violations.push(found("I3", format!("{id} was accepted after its end")));
        }
        if !matches!(
            entry.call,
            Call::Guess {
                shown: Shown::Code(_),
                ..
            }
        ) {
            violations.push(found("I4", format!("{id} was accepted: {:?}", entry.call)));
        }
    }
    if violations.is_empty() {
        violations.extend(order(id, calls, evidence));
    }
    violations
}

fn is_accepted(entry: &Entry) -> bool {
    matches!(
        entry.call,
        Call::Guess {
            reply: Reply::Done(_),
            ..
        }
    )
}

fn refused(call: &Call, rejection: Rejection) -> bool {
    matches!(call, Call::Guess { reply: Reply::Refused(Refusal::Guess(was)), .. } if *was == rejection)
}

fn count(calls: &[&Entry], which: impl Fn(&Call) -> bool) -> u32 {
    let number = calls.iter().filter(|entry| which(&entry.call)).count();
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// How many declared losses may have brought the challenge back with its guesses.
fn refills(calls: &[&Entry], evidence: &Evidence) -> u32 {
    let since = calls.iter().map(|entry| entry.start).min();
    let back = evidence.losses.iter().filter(|loss| {
        loss.challenges == ChallengeLoss::Back && since.is_some_and(|since| loss.to >= since)
    });
    u32::try_from(back.count()).unwrap_or(u32::MAX)
}

/// Accepted by a call that was made when every code of the challenge must have been over.
fn is_late(accepted: &Entry, calls: &[&Entry], evidence: &Evidence) -> bool {
    let lifetime = evidence.rules.lifetime + evidence.rules.slack;
    let opened = calls.iter().filter(|entry| opens(&entry.call));
    let last: Option<Timestamp> = opened.map(|entry| entry.end + lifetime).max();
    last.is_some_and(|last| accepted.start >= last)
}

/// Also a resend of which it is not known whether it happened.
fn opens(call: &Call) -> bool {
    matches!(call, Call::Start { .. })
        || matches!(call, Call::Resend { reply, .. } if !matches!(reply, Reply::Refused(_)))
}

fn order(id: ChallengeId, calls: &[&Entry], evidence: &Evidence) -> Found {
    let steps = calls.iter().map(|entry| step(entry));
    let losses = evidence.losses.iter().map(|loss| Step {
        start: loss.from,
        end: Some(loss.to),
        optional: false,
        call: Deed::Loss(loss),
    });
    let steps: Vec<_> = steps.chain(losses).collect();
    let remembers = evidence
        .losses
        .iter()
        .any(|loss| loss.challenges == ChallengeLoss::Back);
    let next = |state: &Challenge, deed: &Deed<'_>| state.next(deed, &evidence.rules, remembers);
    match has_order(&steps, Challenge::Absent, next) {
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
        Call::Start { reply, .. } => is_unknown(reply),
        Call::Resend { reply, .. } => is_unknown(reply),
        Call::Guess { reply, .. } => is_unknown(reply),
        _ => false,
    };
    Step {
        start: entry.start,
        end: (!is_vague).then_some(entry.end),
        optional: is_vague,
        call: Deed::Call(entry),
    }
}

pub(super) const fn is_unknown<T>(reply: &Reply<T>) -> bool {
    matches!(reply, Reply::Failed | Reply::Dropped)
}

/// The calls, with their times from the first one on.
pub(super) fn told(calls: &[&Entry]) -> String {
    let begin = calls
        .iter()
        .map(|entry| entry.start)
        .min()
        .unwrap_or_default();
    let at = |time: Timestamp| time.since(begin).as_millis();
    let lines = calls.iter().map(|entry| {
        format!(
            "\n    {}..{} ms, node {}: {:?}",
            at(entry.start),
            at(entry.end),
            entry.node,
            entry.call
        )
    });
    lines.collect()
}
