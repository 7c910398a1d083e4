//! Money over random schedules, and what right codes give back.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use otp_core::Timestamp;
use otp_core::limit::{Cell, CellKey, Count, Decision, Rate, Tally, charge, refund};
use proptest::prelude::*;
use std::time::Duration;

const T: i64 = 1_767_225_600_000;

fn cell(count: Count, quota: u32, window: i64) -> Cell {
    let window = Duration::from_millis(window.unsigned_abs());
    let rates = [Rate::new(quota, window)];
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

proptest! {
    /// THR-11, THR-13: whatever is asked for at whatever prices, no interval of the window's length holds more than the
    /// quota; a refusal lasts exactly as long as it says, which is at most a sixty-fourth of the window too long.
    #[test]
    fn any_window_holds_the_money(
        quota in 101_u32..5_000,
        window in 64_i64..20_000,
        steps in prop::collection::vec((0_i64..2_000, 1_u32..400, any::<bool>()), 1..150),
    ) {
        let late = (window + 63) / 64;
        let mut tally = Tally::empty(Count::Spend(0), &cell(Count::Spend(1), quota, window).rates);
        let (mut now, mut spent): (i64, Vec<(i64, u32)>) = (T, Vec::new());
        for (pause, price, taken_back) in steps {
            now += pause;
            let price = price.min(quota);
            let cost = cell(Count::Spend(price), quota, window);
            let inside = |spent: &[(i64, u32)], from: i64| -> u64 {
                let inside = spent.iter().filter(|(at, _)| *at > from);
                inside.map(|(_, price)| u64::from(*price)).sum()
            };
            let fits = |spent: &[(i64, u32)], at: i64| {
                inside(spent, at) + u64::from(price) <= u64::from(quota)
            };
            match act(&cost, &mut tally, now) {
                None => {
                    prop_assert!(fits(&spent, now - window), "early");
                    if taken_back {
                        refund(&mut [(&cost, &mut tally)], at(now));
                    } else {
                        spent.push((now, price));
                    }
                }
                Some(until) => {
                    prop_assert!(!fits(&spent, now - window - late), "late");
                    prop_assert!(act(&cost, &mut tally.clone(), until - 1).is_some());
                    prop_assert!(act(&cost, &mut tally.clone(), until).is_none());
                }
            }
        }
    }

    /// THR-11, THR-13: what counts unverified messages answers as a list of them does, from which each right code
    /// strikes out the oldest that still count.
    #[test]
    fn unverified_messages_are_a_list(
        quota in 1_u32..100,
        gives_back in 0_u32..8,
        steps in prop::collection::vec((0_i64..300, 0_u8..4), 1..300),
    ) {
        const WINDOW: i64 = 5_000;
        let cell = cell(Count::Unverified(gives_back), quota, WINDOW);
        let mut tally = Tally::empty(cell.count, &cell.rates);
        let (mut now, mut sent): (i64, Vec<i64>) = (T, Vec::new());
        for (pause, what) in steps {
            now += pause;
            sent.retain(|at| *at > now - WINDOW);
            if what == 0 {
                tally.verified(cell.count, &cell.rates, at(now));
                sent.drain(..sent.len().min(gives_back as usize + 1));
                continue;
            }
            let full = sent.len() >= quota as usize;
            let until = full.then(|| sent.first().unwrap() + WINDOW);
            prop_assert_eq!(act(&cell, &mut tally, now), until);
            if !full {
                sent.push(now);
            }
        }
    }

    /// THR-11: kept in sub-windows, it never admits what the list would not, and takes no more away.
    #[test]
    fn many_unverified_messages_are_no_fewer(
        gives_back in 0_u32..300,
        steps in prop::collection::vec((0_i64..300, 0_u8..40), 1..600),
    ) {
        const WINDOW: i64 = 6_400;
        let cell = cell(Count::Unverified(gives_back), 101, WINDOW);
        let mut tally = Tally::empty(cell.count, &cell.rates);
        let (mut now, mut sent): (i64, Vec<i64>) = (T, Vec::new());
        for (pause, what) in steps {
            now += pause / 10;
            if what == 0 {
                tally.verified(cell.count, &cell.rates, at(now));
                // One that has left, but whose sub-window has not, is struck out as one that counts.
                sent.retain(|at| at.div_euclid(100) * 100 + 99 > now - WINDOW);
                sent.drain(..sent.len().min(gives_back as usize + 1));
                continue;
            }
            let inside = sent.iter().filter(|at| **at > now - WINDOW).count();
            if act(&cell, &mut tally, now).is_none() {
                prop_assert!(inside < 101);
                sent.push(now);
            }
        }
    }
}
