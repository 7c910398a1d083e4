//! The arithmetic of limits over random schedules.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use otp_core::Timestamp;
use otp_core::limit::{Cell, CellKey, Count, Decision, Rate, Tally, charge, refund};
use proptest::prelude::*;
use std::time::Duration;

const T: i64 = 1_767_225_600_000;

/// One to four rates, growing in quota and in window, as a cell has them.
fn rates() -> impl Strategy<Value = Vec<(u32, u64)>> {
    prop::collection::vec((1_u32..8, 1_u64..5_000), 1..5).prop_map(|steps| {
        let mut sum = (0, 0);
        let mut grow = |(quota, window)| {
            sum = (sum.0 + quota, sum.1 + window);
            sum
        };
        steps.into_iter().map(&mut grow).collect()
    })
}

/// Pauses between acts: bursts, single milliseconds, and longer ones.
fn pauses() -> impl Strategy<Value = Vec<u64>> {
    let pause = prop_oneof![3 => Just(0_u64), 2 => Just(1), 4 => 0_u64..300, 1 => 0_u64..9_000];
    prop::collection::vec(pause, 1..200)
}

fn cell(count: Count, rates: &[(u32, u64)]) -> Cell {
    let rate = |(quota, window): &(u32, u64)| Rate::new(*quota, Duration::from_millis(*window));
    let rates: Vec<_> = rates.iter().map(rate).collect();
    Cell::new(CellKey::from_bytes([0; 16]), count, rates)
}

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

/// When it is refused until, or nothing if it was admitted.
fn act(cell: &Cell, tally: &mut Tally, now: i64) -> Option<i64> {
    match charge(&mut [(cell, tally)], at(now)) {
        Decision::Admitted => None,
        Decision::Refused(refusals) => refusals.first().map(|r| r.retry_at.as_millis()),
    }
}

/// The most of `instants` (in order) that some interval as long as `window` holds.
fn most_within(instants: &[i64], window: u64) -> usize {
    let window = i64::try_from(window).unwrap();
    let within = |(index, from): (usize, &i64)| {
        let rest = instants.iter().skip(index);
        rest.take_while(|at| **at < from + window).count()
    };
    instants.iter().enumerate().map(within).max().unwrap_or(0)
}

fn schedule(pauses: &[u64]) -> Vec<i64> {
    let step = |now: &mut i64, pause: &u64| {
        *now += i64::try_from(*pause).unwrap();
        Some(*now)
    };
    pauses.iter().scan(T, step).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// THR-13, THR-6: no interval as long as a rate's window holds more than its quota.
    #[test]
    fn any_window_le_quota_prop(rates in rates(), pauses in pauses()) {
        let cell = cell(Count::All, &rates);
        let mut tally = Tally::empty(cell.count, &cell.rates);
        let mut admitted = schedule(&pauses);
        admitted.retain(|now| act(&cell, &mut tally, *now).is_none());
        for (quota, window) in rates {
            prop_assert!(most_within(&admitted, window) <= quota as usize);
        }
    }

    /// THR-13: refused at t means admitted at the instant that was told, and not one millisecond before.
    #[test]
    fn retry_after_exact_prop(rates in rates(), pauses in pauses()) {
        let cell = cell(Count::All, &rates);
        let mut tally = Tally::empty(cell.count, &cell.rates);
        for now in schedule(&pauses) {
            if let Some(retry_at) = act(&cell, &mut tally, now) {
                prop_assert!(retry_at > now);
                prop_assert_eq!(act(&cell, &mut tally.clone(), retry_at - 1), Some(retry_at));
                prop_assert_eq!(act(&cell, &mut tally.clone(), retry_at), None);
            }
        }
    }

    /// THR-13: what is refused, some rate's window would have held too often: nothing is refused without need.
    #[test]
    fn refused_with_need_only_prop(rates in rates(), pauses in pauses()) {
        let cell = cell(Count::All, &rates);
        let mut tally = Tally::empty(cell.count, &cell.rates);
        let mut admitted = Vec::new();
        for now in schedule(&pauses) {
            if act(&cell, &mut tally, now).is_none() {
                admitted.push(now);
                continue;
            }
            let too_often = |(quota, window): &(u32, u64)| {
                let window = i64::try_from(*window).unwrap();
                admitted.iter().filter(|at| **at > now - window).count() >= *quota as usize
            };
            prop_assert!(rates.iter().any(too_often));
        }
    }

    /// THR-13: large quotas in sub-windows admit no more than the quota, are late by at most 1/64 of the window, and
    /// what they tell is exact.
    #[test]
    fn sub_windows_are_conservative_prop(
        quota in 101_u32..140,
        window in 64_u64..20_000,
        pauses in prop::collection::vec(prop_oneof![Just(0_u64), 0_u64..60], 100..600),
    ) {
        let cell = cell(Count::All, &[(quota, window)]);
        let mut tally = Tally::empty(cell.count, &cell.rates);
        let mut admitted = Vec::new();
        for now in schedule(&pauses) {
            let Some(retry_at) = act(&cell, &mut tally, now) else {
                admitted.push(now);
                continue;
            };
            let leaving = admitted[admitted.len() - quota as usize] + i64::try_from(window).unwrap();
            let late = i64::try_from(window.div_ceil(64)).unwrap();
            prop_assert!(leaving <= retry_at && retry_at <= leaving + late, "{leaving} {retry_at}");
            prop_assert_eq!(act(&cell, &mut tally.clone(), retry_at - 1), Some(retry_at));
            prop_assert_eq!(act(&cell, &mut tally.clone(), retry_at), None);
        }
        prop_assert!(most_within(&admitted, window) <= quota as usize);
    }

    /// THR-10, THR-13: no interval as long as a rate's window holds more distinct members than its quota, and what is
    /// told of the wait is exact.
    #[test]
    fn distinct_members_prop(
        rates in rates(),
        acts in prop::collection::vec((0_u64..12, 0_u64..400), 1..150),
    ) {
        let rates: Vec<_> = rates.into_iter().take(2).collect();
        let of = |member| cell(Count::Distinct(member), &rates);
        let mut tally = Tally::empty(Count::Distinct(0), &of(0).rates);
        let (mut now, mut seen) = (T, Vec::new());
        for (member, pause) in acts {
            now += i64::try_from(pause).unwrap();
            match act(&of(member), &mut tally, now) {
                None => seen.push((member, now)),
                Some(retry_at) => {
                    prop_assert_eq!(act(&of(member), &mut tally.clone(), retry_at - 1), Some(retry_at));
                    prop_assert_eq!(act(&of(member), &mut tally.clone(), retry_at), None);
                }
            }
        }
        for (quota, window) in rates {
            let window = i64::try_from(window).unwrap();
            for (index, (_, from)) in seen.iter().enumerate() {
                let inside = seen.iter().skip(index).take_while(|(_, at)| *at < from + window);
                let mut members: Vec<_> = inside.map(|(member, _)| *member).collect();
                members.sort_unstable();
                members.dedup();
                prop_assert!(members.len() <= quota as usize);
            }
        }
    }

    /// THR-12, THR-13: refunds, in any order and however often, let no more than the quota through that was kept.
    #[test]
    fn refunds_let_no_more_through_prop(
        rates in prop_oneof![rates(), Just(vec![(120_u32, 3_000_u64)])],
        acts in prop::collection::vec((0_u64..200, any::<prop::sample::Index>(), 0_u8..4), 1..400),
    ) {
        let cell = cell(Count::All, &rates);
        let mut tally = Tally::empty(cell.count, &cell.rates);
        let (mut now, mut kept) = (T, Vec::new());
        for (pause, which, kind) in acts {
            now += i64::try_from(pause).unwrap();
            if act(&cell, &mut tally, now).is_none() {
                kept.push(now);
            }
            if kind == 0 && !kept.is_empty() {
                // A store finds the same message once only.
                let given_back = kept.remove(which.index(kept.len()));
                refund(&mut [(&cell, &mut tally)], at(given_back));
            }
        }
        for (quota, window) in rates {
            prop_assert!(most_within(&kept, window) <= quota as usize);
        }
    }

    /// THR-13: however the clock jumps about within one window, no more than its quota is admitted.
    #[test]
    fn a_jumping_clock_prop(
        quota in prop_oneof![1_u32..20, 101_u32..120],
        instants in prop::collection::vec(0_i64..1_000, 1..300),
    ) {
        let cell = cell(Count::All, &[(quota, 1_000)]);
        let mut tally = Tally::empty(cell.count, &cell.rates);
        let admitted = instants.iter().filter(|after| act(&cell, &mut tally, T + **after).is_none());
        prop_assert!(admitted.count() <= quota as usize);
    }

    /// THR-14: no instant, window or quota makes the arithmetic overflow or a full limit admit.
    #[test]
    fn nothing_overflows_prop(
        now in any::<i64>(),
        later in any::<i64>(),
        quota in 1_u32..,
        window in any::<u64>(),
        count in prop_oneof![Just(Count::All), Just(Count::Streak), Just(Count::Distinct(7))],
    ) {
        let cell = cell(count, &[(quota, window)]);
        let mut tally = Tally::empty(cell.count, &cell.rates);
        for now in [now, later, now] {
            tally.charge(cell.count, &cell.rates, at(now));
            let _ = act(&cell, &mut tally, now);
            let _ = tally.forgotten_at(&cell.rates);
            tally.refund(cell.count, &cell.rates, at(later));
        }
    }
}

/// THR-14 (`counter_at_max_fails_closed`): a counter that is as high as it goes stays there, and its limit refuses.
#[test]
fn counter_at_max_fails_closed() {
    let minute = 60_000;
    let large = cell(Count::All, &[(u32::MAX, minute)]);
    let index = T / (60_000 / 64 + 1);
    for full in [
        (large, Tally::SubWindows(vec![(index, u32::MAX)])),
        (
            cell(Count::Streak, &[(u32::MAX, minute)]),
            Tally::Streak {
                failures: u32::MAX,
                last: T,
            },
        ),
    ] {
        let (cell, mut tally) = full;
        assert!(act(&cell, &mut tally, T).is_some(), "{tally:?}");
        let before = tally.clone();
        tally.charge(cell.count, &cell.rates, at(T));
        assert_eq!(tally, before, "it neither wraps nor grows");
        assert!(act(&cell, &mut tally, T).is_some());
    }
}
