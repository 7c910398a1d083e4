//! Two stores are given the same random history, and must answer alike.

mod history;
mod messages;
mod step;

pub use history::History;
pub use step::{Answer, Step};

use super::scene::random;
use crate::{MemoryStore, Store, StoreErrorKind, Timestamp};
use std::cmp::Reverse;
use std::sync::Arc;

/// How many steps before a difference are told.
const SHOWN: usize = 6;

/// FLT-1: over random histories a store answers as the memory store does.
pub async fn random_histories_agree_with_memory<S: Store>(store: Arc<S>, rounds: u32) {
    for _ in 0..rounds.div_ceil(5) {
        let seed = random();
        let [a, b, c, d, e, f, g, h, ..] = seed;
        let words = words(u64::from_be_bytes([a, b, c, d, e, f, g, h]), 150);
        differential(&*store, &MemoryStore::new(), &words, false).await;
    }
}

/// Applies the same history to both, and panics at the first answer that differs.
///
/// Each word is one step: leaving words out of a failing history leaves a history. `purges` says whether records
/// may be cleared away in between, which needs databases of the test's own.
pub async fn differential<S: Store, M: Store>(store: &S, model: &M, words: &[u64], purges: bool) {
    let mut history = History::new(purges);
    let mut told = Vec::new();
    for word in words {
        let (step, now) = history.next(*word);
        let expected = apply(model, &step, now).await;
        let found = apply(store, &step, now).await;
        let loose = history.may_be_forgotten(&step, now);
        told.push(format!("{now:?} {step:?} -> {expected:?}"));
        if normal(&found, loose) != normal(&expected, loose) {
            let before = told.iter().rev().take(SHOWN).rev();
            let before: Vec<_> = before.map(String::as_str).collect();
            panic!(
                "step {} of {words:x?} differs:\nexpected {expected:?}\nfound    {found:?}\nafter\n{}",
                told.len(),
                before.join("\n")
            );
        }
        history.learn(&step, &expected);
    }
}

/// `count` words that follow from `seed` (SplitMix64).
#[must_use]
pub fn words(seed: u64, count: usize) -> Vec<u64> {
    let word = |n: u64| {
        let mut z = seed.wrapping_add(n.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    };
    (1..=count as u64).map(word).collect()
}

async fn apply<S: Store>(store: &S, step: &Step, now: Timestamp) -> Answer {
    match step {
        Step::Open { new, cells } => Answer::Opened(store.open(new, cells, now).await.unwrap()),
        Step::Guess {
            key,
            digests,
            cells,
        } => {
            let guess = crate::challenge::Guess::new(key, digests);
            Answer::Attempt(store.attempt(&guess, cells, now).await.unwrap())
        }
        Step::Approve {
            key,
            digests,
            guessed_at,
            cells,
        } => {
            let guess = crate::challenge::Guess::new(key, digests);
            let approved = store.approve(&guess, *guessed_at, cells, now).await;
            Answer::Attempt(approved.unwrap())
        }
        Step::Charge { cells } => Answer::Decision(store.charge(cells, now).await.unwrap()),
        Step::Refund { key, digest, cells } => {
            store.refund(key, digest, cells, now).await.unwrap();
            Answer::Done
        }
        Step::Note { key, sent, until } => {
            store.note(key, sent, *until, now).await.unwrap();
            Answer::Done
        }
        Step::Report {
            message,
            state,
            until,
        } => Answer::Reported(store.report(message, *state, *until, now).await.unwrap()),
        Step::Delivery { key } => Answer::Delivery(store.delivery(key, now).await.unwrap()),
        Step::Purge => {
            // How many went is the store's own affair.
            store.purge_challenges(now, 1_000).await.unwrap();
            store.purge_deliveries(now, 1_000).await.unwrap();
            store.purge_sessions(now, 1_000).await.unwrap();
            Answer::Done
        }
        Step::Create { session } => {
            let created = store.create(session, now).await;
            let kind = created.err().map(|error| error.kind);
            assert!(
                matches!(kind, None | Some(StoreErrorKind::Corrupt)),
                "{kind:?}"
            );
            Answer::Created(kind.is_none())
        }
        Step::Rotate { rotate } => Answer::Rotation(store.rotate(rotate, now).await.unwrap()),
        Step::Revoke { which } => Answer::Revoked(store.revoke(which, now).await.unwrap()),
        Step::Find { session } => Answer::Found(store.find(session, now).await.unwrap()),
        Step::List { user } => {
            let mut list = store.list(user, now).await.unwrap();
            let sorted = list.is_sorted_by_key(|session| Reverse(session.created_at));
            assert!(sorted, "newest first");
            // Of those that began in one millisecond either may stand first.
            list.sort_by_key(|session| (Reverse(session.created_at), session.id));
            Answer::Listed(list)
        }
    }
}

/// What is compared: of a record that may be forgotten it is not told why it is dead.
fn normal(answer: &Answer, loose: bool) -> Answer {
    use crate::challenge::{Attempt, Rejection};
    match answer {
        Answer::Attempt(Attempt::Rejected {
            reason: Rejection::Used | Rejection::Expired | Rejection::Unknown,
            ..
        }) if loose => Answer::Gone,
        other => other.clone(),
    }
}
