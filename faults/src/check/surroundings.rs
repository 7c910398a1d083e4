//! What is around the records: messages, logs, what stays behind, healing, the audit.

use super::{Found, found};
use crate::history::{Call, Chain, Entry, Evidence, Reply};
use otp_core::SessionId;
use std::collections::{BTreeMap, HashMap};

pub(super) fn check(evidence: &Evidence) -> Found {
    let mut violations = Found::new();
    violations.extend(evidence.entries.iter().filter_map(sent_and_failed));
    violations.extend(overspent(evidence));
    violations.extend(evidence.leaks.iter().map(|what| found("I8", what.as_str())));
    violations.extend(
        evidence
            .endless
            .iter()
            .map(|what| found("I9", what.as_str())),
    );
    violations.extend(unhealed(evidence));
    if let Some(chain) = &evidence.chain {
        violations.extend(audit(chain, &evidence.entries));
    }
    violations
}

/// I6: where the store failed no message went out; I7: and never more than one for a call.
fn sent_and_failed(entry: &Entry) -> Option<super::Violation> {
    let (done, failed) = match &entry.call {
        Call::Start { reply, .. } => outcome(reply),
        Call::Resend { reply, .. } => outcome(reply),
        _ => (false, true),
    };
    let what = || format!("{} messages for {:?}", entry.sent, entry.call);
    match entry.sent {
        0 if done => Some(found("I7", what())),
        1.. if failed => Some(found("I6", what())),
        2.. => Some(found("I7", what())),
        _ => None,
    }
}

/// Whether it was done, and whether it was answered with anything else.
const fn outcome<T>(reply: &Reply<T>) -> (bool, bool) {
    match reply {
        Reply::Done(_) => (true, false),
        Reply::Refused(_) | Reply::Failed => (false, true),
        Reply::Dropped => (false, false),
    }
}

/// I7: messages per phone, and one more window for each event in which limits may be lost.
fn overspent(evidence: &Evidence) -> Found {
    let mut sent: BTreeMap<usize, u32> = BTreeMap::new();
    for entry in &evidence.entries {
        if let Call::Start { phone, .. } | Call::Resend { phone, .. } = entry.call {
            *sent.entry(phone).or_default() += entry.sent;
        }
    }
    let losses = evidence.losses.iter().filter(|loss| loss.limits).count();
    let windows = u32::try_from(losses).unwrap_or(u32::MAX).saturating_add(1);
    let most = evidence.rules.messages.saturating_mul(windows);
    let over = sent.into_iter().filter(|(_, sent)| *sent > most);
    over.map(|(phone, sent)| {
        found(
            "I7",
            format!("{sent} messages for phone {phone}, {most} were paid for"),
        )
    })
    .collect()
}

/// I10.
fn unhealed(evidence: &Evidence) -> Found {
    let healed = evidence.healed.iter().enumerate();
    let late = healed.filter(|(_, took)| took.is_none_or(|took| took > evidence.rules.healing));
    late.map(|(node, took)| found("I10", format!("node {node}: a fresh login after {took:?}")))
        .collect()
}

/// I11: the chain verifies, and each login is in it once.
fn audit(chain: &Chain, entries: &[Entry]) -> Found {
    let mut violations = Found::new();
    if let Some(why) = &chain.broken {
        violations.push(found("I11", why.as_str()));
    }
    if chain.dropped > 0 {
        violations.push(found(
            "I11",
            format!("{} events were dropped", chain.dropped),
        ));
    }
    let mut records: HashMap<SessionId, u32> = HashMap::new();
    for session in &chain.logins {
        *records.entry(*session).or_default() += 1;
    }
    let many = records.iter().filter(|(_, records)| **records > 1);
    violations
        .extend(many.map(|(id, records)| found("I11", format!("{id} has {records} records"))));
    let signed = entries.iter().filter_map(|entry| match &entry.call {
        Call::Guess {
            reply: Reply::Done(signed),
            ..
        } => Some(signed.session),
        _ => None,
    });
    let all = signed.chain(chain.sessions.iter().copied());
    let missing = all.filter(|id| !records.contains_key(id));
    violations.extend(missing.map(|id| found("I11", format!("{id} has no record"))));
    violations
}

/// How many last bytes of a secret are looked up before it is compared whole.
const TAIL: usize = 10;

/// I8: the kinds of those secrets, given with their kinds, that occur in `text`; each told once, and not itself.
#[must_use]
pub fn leaks(text: &str, secrets: &[(&'static str, String)]) -> Vec<String> {
    let mut by_tail: HashMap<&[u8], Vec<&(&'static str, String)>> = HashMap::new();
    for secret in secrets {
        let bytes = secret.1.as_bytes();
        if let Some(tail) = bytes.len().checked_sub(TAIL).and_then(|at| bytes.get(at..)) {
            by_tail.entry(tail).or_default().push(secret);
        }
    }
    let mut kinds: BTreeMap<&str, &str> = BTreeMap::new();
    for line in text.lines() {
        for (at, window) in line.as_bytes().windows(TAIL).enumerate() {
            let Some(candidates) = by_tail.get(window) else {
                continue;
            };
            let until = line.as_bytes().get(..at + TAIL).unwrap_or_default();
            let kind = candidates
                .iter()
                .find(|(_, secret)| until.ends_with(secret.as_bytes()));
            if let Some((kind, _)) = kind {
                kinds.entry(kind).or_insert(line);
            }
        }
    }
    kinds
        .into_iter()
        .map(|(kind, line)| format!("a {kind} in a line of {} bytes", line.len()))
        .collect()
}
