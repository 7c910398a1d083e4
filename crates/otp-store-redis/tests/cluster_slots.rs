//! What lies in which slot of a Cluster, and what becomes of steps in several.
#![cfg(feature = "cluster")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod common;

use common::open;
use futures_util::future::join_all;
use otp_core::challenge::{Attempt, ChallengeKey, Opened, Rejection};
use otp_core::conformance::scene::{
    RIGHT, Scene, T, WRONG, cell, drain, is_accepted, random, report, secs, sent, signed_in, ten,
    user,
};
use otp_core::limit::{Cell, CellKey, Count, Decision};
use otp_core::session::Revoke;
use otp_core::{ChallengeStore as _, Delivery, DeliveryState, PhoneKey, SessionStore as _};
use otp_store_redis::RedisStore;
use otp_testkit::RedisCluster;
use std::sync::Arc;
use std::time::Duration;

/// STO-6: a challenge and the limits of its phone are in one slot, other limits in their own.
#[tokio::test]
async fn cluster_same_slot_prop() {
    let cluster = RedisCluster::start();
    let store = open(RedisStore::builder(&cluster.url())).await;
    for _ in 0..50 {
        let scene = Scene::new(&store);
        let cells = [(); 3].map(|()| ten().at_home_of(scene.key.phone));
        scene.open(&scene.start(RIGHT, T), &cells, T).await;
    }
    let mut slots = 0;
    for node in &cluster.masters {
        let keys = node.must(&["KEYS", "*"]);
        let mut phones: Vec<_> = keys.lines().filter_map(|key| key.get(5..27)).collect();
        assert_eq!(phones.len() % 4, 0, "four keys for each phone, on one node");
        phones.sort_unstable();
        phones.dedup();
        for phone in &phones {
            let of_phone: Vec<_> = keys.lines().filter(|key| key.contains(phone)).collect();
            assert_eq!(of_phone.len(), 4);
        }
        slots += usize::from(!phones.is_empty());
    }
    assert_eq!(slots, 3, "phones are spread over the masters");
}

/// THR-12, THR-13: over several slots: never more than the quota however many come at once, and what was refused or
/// succeeded has given back to the last one.
#[tokio::test(flavor = "multi_thread")]
async fn slots_never_admit_too_many_and_give_back_all() {
    let cluster = RedisCluster::start();
    let builder = RedisStore::builder(&cluster.url());
    let store = open(builder.with_operation_timeout(Duration::from_secs(10))).await;
    for round in 0..5 {
        let scene = Scene::new(&store);
        let cells = [
            cell(Count::WrongGuesses, &[(10, secs(60))]),
            cell(Count::Streak, &[(10, secs(60))]),
            cell(Count::Distinct(round), &[(10, secs(60))]),
            cell(Count::All, &[(30, secs(60))]),
            cell(Count::All, &[(20, secs(60))]).at_home_of(scene.key.phone),
        ];
        scene.opened(RIGHT, T).await;
        let guesses = (0..100).map(|_| scene.guess(WRONG, &cells, T));
        let guesses = join_all(guesses).await;
        let compared = guesses
            .iter()
            .filter(|guess| !matches!(guess, Attempt::Refused(_)));
        let (compared, wrong) = (compared.count(), 3);
        assert!(compared <= 20, "{compared} of at most 20");
        assert_eq!(drain(&*store, &cells[0], T).await, 10 - wrong);
        assert_eq!(drain(&*store, &cells[1], T).await, 10 - wrong);
        assert_eq!(
            drain(&*store, &cells[3], T).await,
            30 - u32::try_from(compared).unwrap()
        );
        let mut members = 0;
        for n in 100..120 {
            let mut other = cells[2].clone();
            other.count = Count::Distinct(n);
            members += u32::from(store.charge(&[other], T).await.unwrap() == Decision::Admitted);
        }
        assert_eq!(members, 9);
    }
}

/// VER-2, THR-5: an approval gives back in every slot what its guess was charged as a failure, once, however many come
/// at once; what lies in slots of their own, a message and its reports, is found from each.
#[tokio::test(flavor = "multi_thread")]
async fn an_approval_gives_back_in_every_slot() {
    let cluster = RedisCluster::start();
    let builder = RedisStore::builder(&cluster.url());
    let store = open(builder.with_operation_timeout(Duration::from_secs(10))).await;
    for round in 0..5 {
        let scene = Scene::new(&store);
        let counts = [
            Count::WrongGuesses,
            Count::Rejections,
            Count::Streak,
            Count::Distinct(round),
            Count::All,
        ];
        let cells = counts.map(|count| cell(count, &[(10, secs(60))]));
        scene.opened(RIGHT, T).await;
        scene.guess(WRONG, &cells, T).await;
        scene.guess(WRONG, &cells, T + secs(1)).await;
        let at = T + secs(2);
        let approvals = (0..20).map(|_| scene.approve(RIGHT, T + secs(1), &cells, at));
        let approvals = join_all(approvals).await;
        let accepted = approvals.iter().filter(|attempt| is_accepted(attempt));
        assert_eq!(accepted.count(), 1);
        let rates = cell(Count::All, &[(1, secs(60))]).rates;
        let other = Cell::new(cells[3].key, Count::Distinct(100), rates);
        let admitted = store.charge(&[other], at).await.unwrap();
        assert_eq!(admitted, Decision::Admitted, "nobody was guessed at");
        for (place, left) in [(0, 9), (1, 9), (2, 10), (4, 8)] {
            assert_eq!(drain(&*store, &cells[place], at).await, left, "{place}");
        }
        let ((message, named), until) = (sent(T), T + secs(60));
        report(&*store, &message, DeliveryState::Delivered, until, T).await;
        scene.note(&named, until, T).await;
        let told = Delivery::of(named, Some(DeliveryState::Delivered));
        assert_eq!(scene.delivery(T).await, Some(told));
    }
}

/// TOK-9: on a Cluster, where a user's index and sessions are in different slots: whoever had begun is ended, each once.
#[tokio::test(flavor = "multi_thread")]
async fn ending_all_ends_all_that_had_begun() {
    let cluster = RedisCluster::start();
    let store = open(RedisStore::builder(&cluster.url())).await;
    for _ in 0..10 {
        let owner = user();
        let mut begun = Vec::new();
        for _ in 0..5 {
            begun.push(signed_in(&*store, &owner, T).await);
        }
        let both = [(); 2].map(|()| {
            let (store, owner) = (Arc::clone(&store), owner.clone());
            tokio::spawn(async move { store.revoke(&Revoke::User(owner), T).await.unwrap() })
        });
        let during = signed_in(&*store, &owner, T).await;
        let mut ended = 0;
        for task in both {
            ended += task.await.unwrap();
        }
        for session in &begun {
            assert_eq!(store.find(&session.id, T).await.unwrap(), None);
        }
        let left = store.find(&during.id, T).await.unwrap();
        assert_eq!(ended, 6 - left.iter().count() as u64, "each ended once");
        // It is in the index, so that the next time ends it.
        let again = store.revoke(&Revoke::User(owner.clone()), T).await.unwrap();
        assert_eq!(again, left.iter().count() as u64);
        assert_eq!(store.list(&owner, T).await.unwrap(), []);
    }
}

/// THR-12: an act whose caller hung up is, a moment later, on every cell or on none, whatever the slots.
#[tokio::test(flavor = "multi_thread")]
async fn an_abandoned_act_comes_to_its_end() {
    let cluster = RedisCluster::start();
    let store = open(RedisStore::builder(&cluster.url())).await;
    for _ in 0..20 {
        let scene = Scene::new(&store);
        let cells = [(); 4].map(|()| cell(Count::All, &[(1, secs(60))]));
        let charge = store.charge(&cells, T);
        // Polled once, then dropped.
        let _ = tokio::time::timeout(Duration::ZERO, charge).await;
        let settled = async {
            loop {
                let mut charged = 0;
                for one in &cells {
                    let new = scene.start(RIGHT, T);
                    let asked = store
                        .open(&new, std::slice::from_ref(one), T)
                        .await
                        .unwrap();
                    match asked {
                        Opened::Refused(_) => charged += 1,
                        _ => scene.refund(RIGHT, std::slice::from_ref(one), T).await,
                    }
                }
                if charged == 0 || charged == cells.len() {
                    break;
                }
            }
        };
        tokio::time::timeout(Duration::from_secs(10), settled)
            .await
            .expect("half a charge");
    }
}

/// STO-7: what is not the same phone, purpose or id is nothing, also within one slot.
#[tokio::test]
async fn one_slot_is_no_one_key() {
    let cluster = RedisCluster::start();
    let store = open(RedisStore::builder(&cluster.url())).await;
    let scene = Scene::new(&store);
    scene.opened(RIGHT, T).await;
    let stranger = scene.at(ChallengeKey {
        phone: PhoneKey::from_bytes(random()),
        ..scene.key
    });
    assert_eq!(stranger.rejected(RIGHT, T).await.0, Rejection::Unknown);
    let mut limit = ten();
    limit.key = CellKey::from_bytes(*scene.key.id.as_bytes());
    assert_eq!(drain(&*store, &limit, T).await, 10);
    assert!(is_accepted(&scene.guess(RIGHT, &[], T).await));
}

/// TOK-9, FLT-8: however often somebody signed in within a month, all their sessions are listed and ended.
#[tokio::test(flavor = "multi_thread")]
async fn many_sessions_are_found_and_ended() {
    let cluster = RedisCluster::start();
    // How long that takes is the machine's affair.
    let patient = RedisStore::builder(&cluster.url());
    let store = open(patient.with_operation_timeout(Duration::from_secs(30))).await;
    let owner = user();
    const MANY: usize = 3_000;
    for _ in 0..MANY / 100 {
        let begun = (0..100).map(|_| signed_in(&*store, &owner, T));
        join_all(begun).await;
    }
    let listed = store.list(&owner, T).await;
    let ended = store.revoke(&Revoke::User(owner), T).await;
    assert_eq!((listed.unwrap().len(), ended.unwrap()), (MANY, MANY as u64));
}
