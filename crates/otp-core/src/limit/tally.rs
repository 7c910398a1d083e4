//! The exact sliding window: what one limit remembers, and what it answers.
//!
//! An admission at `e` is counted at `now` while `e > now - window`, so it leaves at `e + window` exactly.
//! Quotas up to [`EXACT_QUOTA`] keep the instants themselves. Larger ones keep 64 sub-windows, each counted in
//! full until its last millisecond has left: late by at most 1/64 of the window, never early. So is money, which
//! comes in different amounts.

use super::{Count, Rate};
use crate::Timestamp;

/// The largest quota that is kept as a log of instants.
pub const EXACT_QUOTA: u32 = 100;

const SUB_WINDOWS: i64 = 64;

/// What a limit remembers under one key. Stores keep it as they like; its meaning is in these functions.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Tally {
    /// The instants of admissions in Unix milliseconds, oldest first.
    Instants(Vec<i64>),
    /// Members and the instant each was last seen, oldest first.
    Members(Vec<(u64, i64)>),
    /// Sub-window numbers with their counts, oldest first.
    SubWindows(Vec<(i64, u32)>),
    /// Failures since the last success, and the instant of the last one.
    Streak {
        /// How many, without a success between them.
        failures: u32,
        /// When the last one was, in Unix milliseconds.
        last: i64,
    },
}

impl Tally {
    /// The empty tally of a cell that counts `count` under `rates`.
    #[must_use]
    pub fn empty(count: Count, rates: &[Rate]) -> Self {
        match count {
            Count::Distinct(_) => Self::Members(Vec::new()),
            Count::Streak => Self::Streak {
                failures: 0,
                last: 0,
            },
            Count::Spend(_) => Self::SubWindows(Vec::new()),
            _ if rates.iter().any(|rate| rate.quota() > EXACT_QUOTA) => {
                Self::SubWindows(Vec::new())
            }
            _ => Self::Instants(Vec::new()),
        }
    }

    /// The instant from which one more is admitted; it is admitted now if that is not after `now`.
    #[must_use]
    pub fn admitted_from(&self, count: Count, rates: &[Rate], now: Timestamp) -> Timestamp {
        let now = now.as_millis();
        let last_seen = self.last_seen(count);
        // A member is new to every window that it has left, whatever a longer one still knows.
        let known =
            |rate: &Rate| last_seen.is_some_and(|at| at > now.saturating_sub(rate.window_millis()));
        let from = rates
            .iter()
            .filter(|rate| !known(rate))
            .map(|rate| self.free_at(count, rate, now))
            .max()
            .unwrap_or(now);
        Timestamp::from_millis(from.max(now))
    }

    /// Records one admission at `now`.
    pub fn charge(&mut self, count: Count, rates: &[Rate], now: Timestamp) {
        let now = now.as_millis();
        let window = longest(rates);
        let last_seen = self.last_seen(count);
        match self {
            Self::Instants(log) => {
                log.insert(log.partition_point(|at| *at <= now), now);
                trim(log, rates, |at| *at <= now.saturating_sub(window));
            }
            Self::Members(seen) => {
                let Count::Distinct(member) = count else {
                    return;
                };
                // A clock that was set back does not make a member leave sooner.
                let last = last_seen.map_or(now, |at| at.max(now));
                seen.retain(|(m, _)| *m != member);
                seen.insert(seen.partition_point(|(_, at)| *at <= last), (member, last));
                trim(seen, rates, |(_, at)| *at <= now.saturating_sub(window));
            }
            Self::SubWindows(buckets) => {
                let length = sub_window(window);
                let index = now.div_euclid(length);
                buckets.retain(|(i, _)| bucket_leaves(*i, length, window) > now);
                match buckets.binary_search_by_key(&index, |(i, _)| *i) {
                    Ok(at) => {
                        if let Some((_, n)) = buckets.get_mut(at) {
                            *n = n.saturating_add(count.weight());
                        }
                    }
                    Err(at) => buckets.insert(at, (index, count.weight())),
                }
            }
            Self::Streak { failures, last } => {
                *failures = if now >= last.saturating_add(window) {
                    1
                } else {
                    failures.saturating_add(1)
                };
                *last = now.max(*last);
            }
        }
    }

    /// Takes back one admission that was charged at `charged_at`; nothing happens if it is not there.
    ///
    /// A distinct member stays: it may have been seen before, and only its last instant is known.
    pub fn refund(&mut self, count: Count, rates: &[Rate], charged_at: Timestamp) {
        let at = charged_at.as_millis();
        match self {
            Self::Instants(log) => {
                if let Ok(index) = log.binary_search(&at) {
                    log.remove(index);
                }
            }
            Self::SubWindows(buckets) => {
                let index = at.div_euclid(sub_window(longest(rates)));
                for (i, n) in buckets.iter_mut() {
                    if *i == index {
                        *n = n.saturating_sub(count.weight());
                    }
                }
                buckets.retain(|(_, n)| *n > 0);
            }
            Self::Members(_) | Self::Streak { .. } => {}
        }
    }

    /// Takes a member out that was seen last at `seen_at`, and no later: what it was charged for was no failure.
    pub fn forget(&mut self, member: u64, seen_at: Timestamp) {
        if let Self::Members(seen) = self {
            seen.retain(|(m, at)| *m != member || *at != seen_at.as_millis());
        }
    }

    /// A send was verified: takes away the oldest charges that still count, one and as many more as
    /// [`Count::Unverified`] says. Nothing happens to what counts anything else.
    pub fn verified(&mut self, count: Count, rates: &[Rate], now: Timestamp) {
        let Count::Unverified(more) = count else {
            return;
        };
        let (now, window, mut left) = (now.as_millis(), longest(rates), more.saturating_add(1));
        match self {
            Self::Instants(log) => {
                let gone = log.partition_point(|at| *at <= now.saturating_sub(window));
                let taken = usize::try_from(left).unwrap_or(usize::MAX);
                log.drain(..gone.saturating_add(taken).min(log.len()));
            }
            Self::SubWindows(buckets) => {
                let length = sub_window(window);
                buckets.retain_mut(|(index, n)| {
                    let taken = left.min(*n);
                    let counts = bucket_leaves(*index, length, window) > now;
                    if counts {
                        left -= taken;
                        *n -= taken;
                    }
                    counts && *n > 0
                });
            }
            Self::Members(_) | Self::Streak { .. } => {}
        }
    }

    /// The instant from which this tally can be forgotten.
    #[must_use]
    pub fn forgotten_at(&self, rates: &[Rate]) -> Timestamp {
        let window = longest(rates);
        let last = match self {
            Self::Instants(log) => log.last().copied(),
            Self::Members(seen) => seen.last().map(|(_, at)| *at),
            Self::SubWindows(buckets) => {
                let length = sub_window(window);
                return Timestamp::from_millis(
                    buckets
                        .last()
                        .map_or(0, |(i, _)| bucket_leaves(*i, length, window)),
                );
            }
            Self::Streak { failures, last } => (*failures > 0).then_some(*last),
        };
        Timestamp::from_millis(last.map_or(0, |at| at.saturating_add(window)))
    }

    /// When the member that `count` is about was seen last.
    fn last_seen(&self, count: Count) -> Option<i64> {
        let (Self::Members(seen), Count::Distinct(member)) = (self, count) else {
            return None;
        };
        let found = seen.iter().find(|(m, _)| *m == member);
        found.map(|(_, at)| *at)
    }

    /// When one more fits under `rate`; anything not after `now` means at once.
    fn free_at(&self, count: Count, rate: &Rate, now: i64) -> i64 {
        let window = rate.window_millis();
        match self {
            // No policy builds it; by hand it must not mean «no limit».
            _ if rate.quota() == 0 || count.weight() > rate.quota() => i64::MAX,
            Self::Instants(log) => pivot(log, rate).map_or(now, |at| at.saturating_add(window)),
            Self::Members(seen) => {
                pivot(seen, rate).map_or(now, |(_, at)| at.saturating_add(window))
            }
            Self::SubWindows(buckets) => {
                let length = sub_window(window);
                let room = u64::from(rate.quota() - count.weight());
                let mut total: u64 = buckets.iter().map(|(_, n)| u64::from(*n)).sum();
                let mut free = now;
                for (index, n) in buckets {
                    if total <= room {
                        break;
                    }
                    total -= u64::from(*n);
                    free = bucket_leaves(*index, length, window);
                }
                free
            }
            Self::Streak { failures, .. } if *failures < rate.quota() => now,
            Self::Streak { last, .. } => last.saturating_add(window),
        }
    }
}

/// The entry that must have left before one more fits, if the quota is used up.
fn pivot<T: Copy>(log: &[T], rate: &Rate) -> Option<T> {
    let quota = usize::try_from(rate.quota()).unwrap_or(usize::MAX);
    log.len()
        .checked_sub(quota)
        .and_then(|index| log.get(index))
        .copied()
}

/// Drops what has left the longest window, and what no rate can look back to.
fn trim<T>(log: &mut Vec<T>, rates: &[Rate], left: impl Fn(&T) -> bool) {
    let most = rates.iter().map(Rate::quota).max().unwrap_or(0);
    let surplus = log
        .len()
        .saturating_sub(usize::try_from(most).unwrap_or(usize::MAX));
    let gone = log.partition_point(left).max(surplus);
    log.drain(..gone);
}

fn longest(rates: &[Rate]) -> i64 {
    rates.iter().map(Rate::window_millis).max().unwrap_or(1)
}

/// Rounded up, so that 64 of them cover the window.
const fn sub_window(window: i64) -> i64 {
    window / SUB_WINDOWS + (window % SUB_WINDOWS != 0) as i64
}

/// When the last instant that bucket `index` can hold leaves the window.
const fn bucket_leaves(index: i64, length: i64, window: i64) -> i64 {
    index
        .saturating_add(1)
        .saturating_mul(length)
        .saturating_sub(1)
        .saturating_add(window)
}
