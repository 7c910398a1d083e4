//! Numbers at the edges of what a script can tell: the answers are those of the core.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod common;

use common::connect;
use otp_core::conformance::scene::{RIGHT, Scene, T, cell, secs};
use otp_core::limit::{Count, Decision};
use otp_core::{ChallengeStore as _, MemoryStore, Timestamp};
use otp_testkit::Redis;
use std::sync::Arc;
use std::time::Duration;

const COUNTS: [Count; 3] = [Count::All, Count::Streak, Count::Distinct(7)];

/// THR-14: a quota of none admits none, as in the core. No policy has one, but a cell is public.
#[tokio::test]
async fn a_quota_of_none_admits_none() {
    let redis = Redis::start();
    let (store, memory) = (connect(&redis).await, MemoryStore::new());
    for count in COUNTS {
        for rates in [vec![(0, secs(60))], vec![(0, secs(60)), (200, secs(600))]] {
            let cells = [cell(count, &rates)];
            let expected = memory.charge(&cells, T).await.unwrap();
            assert_eq!(store.charge(&cells, T).await.unwrap(), expected);
        }
    }
}

/// THR-14: a window that never ends is kept and told as one.
#[tokio::test]
async fn a_window_without_end_is_told() {
    let redis = Redis::start();
    let (store, memory) = (connect(&redis).await, MemoryStore::new());
    for window in [Duration::MAX, Duration::from_secs(u64::MAX / 1_000)] {
        for (count, quota) in [(Count::All, 2), (Count::Streak, 2), (Count::Distinct(7), 1)] {
            let cells = [cell(count, &[(quota, window)])];
            for _ in 0..3 {
                let expected = memory.charge(&cells, T).await.unwrap();
                assert_eq!(
                    store.charge(&cells, T).await.unwrap(),
                    expected,
                    "{count:?}"
                );
            }
        }
    }
    let (here, there) = (Scene::new(&store), Scene::new(&Arc::new(memory)));
    let cells = [cell(Count::All, &[(1, Duration::MAX)])];
    let expected = there.open(&there.start(RIGHT, T), &cells, T).await;
    assert_eq!(here.open(&here.start(RIGHT, T), &cells, T).await, expected);
}

/// THR-14: instants before 1970 and at the beginning of time.
#[tokio::test]
async fn odd_clocks_are_answered() {
    let redis = Redis::start();
    let (store, memory) = (connect(&redis).await, MemoryStore::new());
    for now in [-1, 0, 1, -5_000, -(1 << 40)].map(Timestamp::from_millis) {
        for (count, quota) in COUNTS.into_iter().flat_map(|c| [(c, 1), (c, 2), (c, 101)]) {
            let cells = [cell(count, &[(quota, secs(60))])];
            for _ in 0..3 {
                let expected = memory.charge(&cells, now).await.unwrap();
                assert_eq!(
                    store.charge(&cells, now).await.unwrap(),
                    expected,
                    "{count:?} {now:?}"
                );
            }
        }
    }
    let first = Timestamp::from_millis(i64::MIN);
    let cells = [cell(Count::All, &[(1, secs(60))])];
    assert!(store.charge(&cells, first).await.is_ok());
}

/// THR-14: a clock beyond what a script can tell, such as one that counts in microseconds, admits nobody too often.
#[tokio::test]
async fn a_clock_beyond_the_last_instant_opens_no_limit() {
    let redis = Redis::start();
    let store = connect(&redis).await;
    for now in [T.as_millis() * 1_000, i64::MAX - 1, i64::MAX].map(Timestamp::from_millis) {
        for count in COUNTS
            .into_iter()
            .chain([Count::Spend(1), Count::Rejections])
        {
            let mut cells = [cell(count, &[(2, secs(60))])];
            let mut admitted = 0;
            for member in 0..5 {
                if let Count::Distinct(_) = count {
                    cells[0].count = Count::Distinct(member);
                }
                let charged = store.charge(&cells, now).await.unwrap();
                admitted += u32::from(charged == Decision::Admitted);
            }
            assert!(admitted <= 2, "{count:?} {now:?}: {admitted} of 2");
        }
    }
}
