//! Windows slide exactly: never more than the quota in any of them, and one more at the instant that was told.

use super::scene::{MS, T, cell, charge, refused_until, secs};
use crate::limit::{Cell, Count, Decision};
use crate::{Store, Timestamp};
use std::sync::Arc;
use std::time::Duration;

/// THR-13, THR-6: for small quotas, refused until one window after the act that must leave, to the millisecond.
pub async fn a_window_slides_exactly<S: Store>(store: Arc<S>) {
    for quota in [1, 2, 3, 5, 10, 99, 100] {
        let window = secs(60);
        let limited = cell(Count::All, &[(quota, window)]);
        let steps: Vec<Timestamp> = (0..quota).map(|n| T + MS * (17 * n)).collect();
        for at in &steps {
            assert_eq!(
                refused_until(&*store, &limited, *at).await,
                None,
                "{quota} at {at:?}"
            );
        }
        let mut now = *steps.last().unwrap();
        for first in steps.iter().take(5) {
            let retry_at = *first + window;
            assert_eq!(
                refused_until(&*store, &limited, now).await,
                Some(retry_at),
                "{quota}"
            );
            let before = refused_until(&*store, &limited, retry_at - MS).await;
            assert_eq!(before, Some(retry_at), "{quota}: a millisecond early");
            assert_eq!(
                refused_until(&*store, &limited, retry_at).await,
                None,
                "{quota}"
            );
            now = retry_at;
        }
    }
}

/// THR-13: acts at the end of one interval leave no room at the beginning of the next, wherever its edges are.
pub async fn no_burst_across_an_edge<S: Store>(store: Arc<S>) {
    for (quota, start) in [(3, T), (3, T + secs(17)), (30, T + MS * 500)] {
        let limited = cell(Count::All, &[(quota, secs(60))]);
        assert_eq!(refused_until(&*store, &limited, start).await, None);
        let end = start + secs(60) - MS;
        for _ in 1..quota {
            assert_eq!(refused_until(&*store, &limited, end).await, None);
        }
        let edge = start + secs(60);
        assert_eq!(
            refused_until(&*store, &limited, edge).await,
            None,
            "the first has left"
        );
        assert_eq!(
            refused_until(&*store, &limited, edge).await,
            Some(end + secs(60))
        );
    }
}

/// THR-13: several acts in one millisecond are several.
pub async fn one_instant_may_hold_several<S: Store>(store: Arc<S>) {
    let limited = cell(Count::All, &[(4, secs(60))]);
    for _ in 0..4 {
        assert_eq!(refused_until(&*store, &limited, T).await, None);
    }
    for _ in 0..3 {
        assert_eq!(
            refused_until(&*store, &limited, T).await,
            Some(T + secs(60))
        );
    }
    for _ in 0..4 {
        assert_eq!(refused_until(&*store, &limited, T + secs(60)).await, None);
    }
    assert_eq!(
        refused_until(&*store, &limited, T + secs(60)).await,
        Some(T + secs(120))
    );
}

/// THR-2, THR-6: several rates on one key all hold: a cooldown that grows, and the quota behind it.
pub async fn the_strictest_rate_decides<S: Store>(store: Arc<S>) {
    let rates = [
        (1, secs(30)),
        (2, secs(90)),
        (3, secs(600)),
        (5, secs(3_600)),
    ];
    let limited = cell(Count::All, &rates);
    let mut now = T;
    // Each admission at its first possible instant, and what it waits for next.
    for next in [30, 90, 600, 630, 3_600, 3_630] {
        assert_eq!(
            refused_until(&*store, &limited, now).await,
            None,
            "before {next}"
        );
        let retry_at = T + secs(next);
        assert_eq!(refused_until(&*store, &limited, now).await, Some(retry_at));
        assert_eq!(
            refused_until(&*store, &limited, retry_at - MS).await,
            Some(retry_at)
        );
        now = retry_at;
    }
}

/// THR-13: a large quota may be kept in sub-windows: never early, late by at most 1/64 of the window, and what it
/// says is exact all the same.
pub async fn a_large_quota_is_late_at_most<S: Store>(store: Arc<S>) {
    const QUOTA: u32 = 150;
    let window = secs(64);
    let limited = cell(Count::All, &[(QUOTA, window)]);
    let mut admitted = Vec::new();
    for n in 0..QUOTA {
        let at = T + MS * (n * 37);
        assert_eq!(refused_until(&*store, &limited, at).await, None, "act {n}");
        admitted.push(at);
    }
    let mut now = *admitted.last().unwrap();
    for _ in 0..4 {
        let leaving = admitted[admitted.len() - QUOTA as usize] + window;
        let retry_at = refused_until(&*store, &limited, now)
            .await
            .expect("the quota is used up");
        assert!(
            retry_at >= leaving,
            "admits {:?} early",
            leaving.since(retry_at)
        );
        assert!(
            retry_at <= leaving + secs(1),
            "late by {:?}",
            retry_at.since(leaving)
        );
        let before = refused_until(&*store, &limited, retry_at - MS).await;
        assert_eq!(before, Some(retry_at));
        while refused_until(&*store, &limited, retry_at).await.is_none() {
            admitted.push(retry_at);
        }
        assert_any_window_holds(&admitted, QUOTA, window);
        now = retry_at;
    }
}

/// THR-13: a clock that is set back lets nobody in more often.
pub async fn a_clock_set_back_admits_no_more<S: Store>(store: Arc<S>) {
    for quota in [1_u32, 3, 120] {
        let limited = cell(Count::All, &[(quota, secs(60))]);
        let instants = [20, 0, 30, 10, 25, 5, 31];
        let mut admitted = 0;
        for n in 0..quota as usize * 2 {
            let at = T + secs(instants[n % instants.len()]);
            admitted += u32::from(refused_until(&*store, &limited, at).await.is_none());
        }
        assert!(admitted <= quota, "{admitted} of {quota} in one window");
        assert!(admitted > 0);
    }
}

/// THR-14: the largest quota over a long window is a quota like any other.
pub async fn the_largest_quota_is_a_quota<S: Store>(store: Arc<S>) {
    let year = secs(366 * 86_400);
    let cells = [
        cell(Count::All, &[(u32::MAX, year)]),
        cell(Count::All, &[(1, year)]),
        cell(Count::Streak, &[(u32::MAX, year)]),
    ];
    assert_eq!(charge(&*store, &cells, T).await, Decision::Admitted);
    let Decision::Refused(refusals) = charge(&*store, &cells, T + MS).await else {
        panic!("one a year was admitted twice")
    };
    assert_eq!(refusals.len(), 1, "{refusals:?}");
    assert_eq!((refusals[0].cell, refusals[0].retry_at), (1, T + year));
    assert_eq!(charge(&*store, &cells, T + year).await, Decision::Admitted);
}

/// THR-10: distinct members count once each while they are remembered; a known one is always admitted.
pub async fn members_count_once<S: Store>(store: Arc<S>) {
    let key = cell(Count::Distinct(0), &[(3, secs(60))]);
    let seen = |member: u64| Cell {
        count: Count::Distinct(member),
        ..key.clone()
    };
    // Beyond 2^53, where a number that is kept as a float would lose its last bits.
    let member = |n: u64| u64::MAX - n;
    for (n, after) in [(0, 0), (1, 1), (0, 2), (0, 3), (2, 4)] {
        let at = T + secs(after);
        assert_eq!(
            refused_until(&*store, &seen(member(n)), at).await,
            None,
            "member {n}"
        );
    }
    // 1 was seen at 1, 0 at 3, 2 at 4: the first to leave is 1.
    let at = T + secs(5);
    assert_eq!(
        refused_until(&*store, &seen(member(3)), at).await,
        Some(T + secs(61))
    );
    assert_eq!(
        refused_until(&*store, &seen(member(1)), at).await,
        None,
        "known"
    );
    assert_eq!(
        refused_until(&*store, &seen(member(3)), at).await,
        Some(T + secs(63))
    );
    assert_eq!(
        refused_until(&*store, &seen(member(3)), T + secs(63) - MS).await,
        Some(T + secs(63))
    );
    assert_eq!(
        refused_until(&*store, &seen(member(3)), T + secs(63)).await,
        None
    );
    assert_eq!(
        refused_until(&*store, &seen(member(0)), T + secs(63)).await,
        Some(T + secs(64))
    );
}

/// THR-10, THR-13: under several rates a member that only the longer window remembers is new to the shorter one.
pub async fn members_are_new_to_a_shorter_window<S: Store>(store: Arc<S>) {
    let key = cell(Count::Distinct(0), &[(1, secs(10)), (5, secs(3_600))]);
    let seen = |member: u64| Cell {
        count: Count::Distinct(member),
        ..key.clone()
    };
    assert_eq!(refused_until(&*store, &seen(1), T).await, None);
    assert_eq!(refused_until(&*store, &seen(2), T + secs(20)).await, None);
    assert_eq!(
        refused_until(&*store, &seen(2), T + secs(21)).await,
        None,
        "known"
    );
    assert_eq!(
        refused_until(&*store, &seen(1), T + secs(22)).await,
        Some(T + secs(31))
    );
    assert_eq!(refused_until(&*store, &seen(1), T + secs(31)).await, None);
}

/// THR-10, THR-13: a member that is seen again by a clock that was set back is not forgotten sooner.
pub async fn a_member_is_not_forgotten_sooner<S: Store>(store: Arc<S>) {
    let key = cell(Count::Distinct(0), &[(1, secs(60))]);
    let seen = |member: u64| Cell {
        count: Count::Distinct(member),
        ..key.clone()
    };
    for after in [30, 0] {
        assert_eq!(
            refused_until(&*store, &seen(1), T + secs(after)).await,
            None
        );
    }
    assert_eq!(
        refused_until(&*store, &seen(2), T + secs(90) - MS).await,
        Some(T + secs(90))
    );
    assert_eq!(refused_until(&*store, &seen(2), T + secs(90)).await, None);
}

/// Fails if some window holds more than `quota` of these.
pub fn assert_any_window_holds(admitted: &[Timestamp], quota: u32, window: Duration) {
    for (index, at) in admitted.iter().enumerate() {
        let inside = admitted
            .iter()
            .skip(index)
            .take_while(|other| **other < *at + window);
        let inside = inside.count();
        assert!(
            inside <= quota as usize,
            "{inside} of {quota} in the window from {at:?}"
        );
    }
}
