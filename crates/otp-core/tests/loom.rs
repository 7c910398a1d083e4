//! The memory store's locks under every interleaving of two and three threads.
//!
//! `cargo xtask loom`, or `RUSTFLAGS="--cfg loom" cargo test -p otp-core --test loom --release`.
#![cfg(loom)]
#![allow(clippy::panic, reason = "a test fails by panicking")]

use loom::thread;
use otp_core::challenge::{
    Attempt, ChallengeKey, Digest, Guess, NewChallenge, Opened, Opening, Rejection,
};
use otp_core::limit::{Cell, CellKey, Count, Decision, Rate};
use otp_core::session::{Revoke, Rotate, Rotation, SessionRecord};
use otp_core::{
    ChallengeId, ChallengeStore, KeyId, MemoryStore, PhoneKey, Purpose, SessionId, SessionStore,
    Timestamp, UserId,
};
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

const T: Timestamp = Timestamp::from_secs(1_767_225_600);
const MINUTE: Duration = Duration::from_secs(60);
const RIGHT: Digest = [1; 32];
const WRONG: Digest = [2; 32];

/// The memory store never waits: one poll is all.
fn now<F: Future>(verb: F) -> F::Output {
    match pin!(verb).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("the memory store waits for nothing"),
    }
}

fn kid() -> KeyId {
    "loom".parse().unwrap()
}

/// A challenge in the first of the two shards that there are under loom, or in the second.
fn key(shard: u8) -> ChallengeKey {
    ChallengeKey {
        id: ChallengeId::from_bytes([shard; 16]),
        phone: PhoneKey::from_bytes([shard; 16]),
        purpose: Purpose::Login,
    }
}

fn cell(shard: u8, quota: u32) -> Cell {
    let rates = [Rate::new(quota, MINUTE)];
    Cell::new(CellKey::from_bytes([shard; 16]), Count::All, rates)
}

fn new(opening: Opening, digest: Digest) -> NewChallenge {
    NewChallenge::new(key(0), opening, (kid(), digest), T + MINUTE, 3)
}

fn with_challenge(tries: u8) -> Arc<MemoryStore> {
    let store = MemoryStore::with_capacity(8);
    let mut challenge = new(Opening::Start, RIGHT);
    challenge.tries = tries;
    let opened = now(store.open(&challenge, &[], T)).unwrap();
    assert!(matches!(opened, Opened::Stored(_)));
    Arc::new(store)
}

fn guess(store: &MemoryStore, digest: Digest, cells: &[Cell]) -> Attempt {
    let digests = [(kid(), digest)];
    now(store.attempt(&Guess::new(&key(0), &digests), cells, T)).unwrap()
}

fn is_accepted(attempt: &Attempt) -> bool {
    matches!(attempt, Attempt::Accepted { .. })
}

fn reason(attempt: &Attempt) -> Option<Rejection> {
    match attempt {
        Attempt::Rejected { reason, .. } => Some(*reason),
        _ => None,
    }
}

/// Runs the first on a thread of its own and the second on this one.
fn both<A: Send + 'static, B>(
    store: &Arc<MemoryStore>,
    first: impl FnOnce(&MemoryStore) -> A + Send + 'static,
    second: impl FnOnce(&MemoryStore) -> B,
) -> (A, B) {
    let other = Arc::clone(store);
    let thread = thread::spawn(move || first(&other));
    let second = second(store);
    (thread.join().unwrap(), second)
}

/// FLT-10, VER-2 (`loom_consume`): of two right guesses one is accepted, and the other is told that it was used.
#[test]
fn loom_consume() {
    loom::model(|| {
        let store = with_challenge(3);
        let right = |store: &MemoryStore| guess(store, RIGHT, &[cell(0, 9), cell(1, 9)]);
        let (one, other) = both(&store, right, right);
        assert!(
            is_accepted(&one) != is_accepted(&other),
            "{one:?} {other:?}"
        );
        let used = [&one, &other].map(|attempt| reason(attempt) == Some(Rejection::Used));
        assert!(used.contains(&true));
    });
}

/// FLT-10, VER-1: of two wrong guesses at a code that stands one, one is compared.
#[test]
fn loom_count() {
    loom::model(|| {
        let store = with_challenge(1);
        let wrong = |store: &MemoryStore| reason(&guess(store, WRONG, &[cell(1, 9)]));
        let (one, other) = both(&store, wrong, wrong);
        let mut reasons = [one.unwrap(), other.unwrap()];
        reasons.sort_by_key(|reason| *reason == Rejection::Locked);
        assert_eq!(reasons, [Rejection::Wrong, Rejection::Locked]);
        assert_eq!(reason(&guess(&store, RIGHT, &[])), Some(Rejection::Locked));
    });
}

/// FLT-10, VER-8: a resend while a guess runs: the guess is counted once, and the code before is right only if it came
/// first.
#[test]
fn loom_resend() {
    loom::model(|| {
        let store = with_challenge(2);
        let (attempt, opened) = both(
            &store,
            |store| guess(store, RIGHT, &[cell(1, 9)]),
            |store| {
                let resend = new(Opening::Resend, [3; 32]);
                now(store.open(&resend, &[cell(1, 9), cell(0, 9)], T)).unwrap()
            },
        );
        match opened {
            Opened::NotLive => assert!(is_accepted(&attempt), "{attempt:?}"),
            Opened::Stored(_) => {
                assert_eq!(reason(&attempt), Some(Rejection::Wrong));
                assert!(is_accepted(&guess(&store, [3; 32], &[])));
            }
            other => panic!("{other:?}"),
        }
    });
}

/// FLT-10, THR-12: cells of both shards named in opposite orders: nobody waits for ever, and one is admitted.
#[test]
fn loom_cells() {
    loom::model(|| {
        let store = Arc::new(MemoryStore::with_capacity(8));
        let charge = |cells: [Cell; 2]| {
            move |store: &MemoryStore| now(store.charge(&cells, T)).unwrap() == Decision::Admitted
        };
        let (one, other) = both(
            &store,
            charge([cell(0, 1), cell(1, 2)]),
            charge([cell(1, 2), cell(0, 1)]),
        );
        assert!(one != other, "{one} {other}");
        // The refusal charged nothing of the wider one.
        assert!(charge([cell(1, 2), cell(3, 1)])(&store));
        assert!(!charge([cell(1, 2), cell(5, 1)])(&store));
    });
}

/// FLT-10: three at once, with a purge that walks over all shards.
#[test]
fn loom_purge() {
    loom::model(|| {
        let store = with_challenge(3);
        let purging = Arc::clone(&store);
        let purge = thread::spawn(move || now(purging.purge_challenges(T, 10)).unwrap());
        let right = |store: &MemoryStore| is_accepted(&guess(store, RIGHT, &[cell(1, 9)]));
        let (one, other) = both(&store, right, right);
        assert!(one != other);
        assert_eq!(purge.join().unwrap(), 0);
    });
}

fn with_session() -> (Arc<MemoryStore>, SessionRecord) {
    let store = MemoryStore::with_capacity(8);
    let user = UserId::new("u").unwrap();
    let id = SessionId::from_bytes([7; 16]);
    let session = SessionRecord::new(id, user, MINUTE, MINUTE * 2, T);
    now(store.create(&session, T)).unwrap();
    (Arc::new(store), session)
}

/// FLT-10, TOK-6: two rotations of one token have one leaf.
#[test]
fn loom_rotate() {
    loom::model(|| {
        let (store, session) = with_session();
        let presented = Rotate::new(session.id, 0, MINUTE / 6);
        let rotate = move |store: &MemoryStore| match now(store.rotate(&presented, T)).unwrap() {
            Rotation::Rotated(leaf) => (true, leaf.counter),
            Rotation::Repeated(leaf) => (false, leaf.counter),
            other => panic!("{other:?}"),
        };
        let (one, other) = both(&store, rotate, rotate);
        assert!(one.0 != other.0, "{one:?} {other:?}");
        assert_eq!((one.1, other.1), (1, 1));
    });
}

/// FLT-10, TOK-9: a session that is ended while it rotates stays dead.
#[test]
fn loom_revoke() {
    loom::model(|| {
        let (store, session) = with_session();
        let presented = Rotate::new(session.id, 0, MINUTE / 6);
        let user = session.user.clone();
        let (_, ended) = both(
            &store,
            move |store| now(store.rotate(&presented, T)).unwrap(),
            move |store| now(store.revoke(&Revoke::User(user), T)).unwrap(),
        );
        assert_eq!(ended, 1);
        assert_eq!(now(store.find(&session.id, T)).unwrap(), None);
        let after = now(store.rotate(&presented, T)).unwrap();
        assert_eq!(after, Rotation::Dead);
    });
}
