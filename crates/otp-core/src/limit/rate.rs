//! A quota over a window, and the sets of them that are worth keeping.

use std::time::Duration;

/// At most `quota` admissions in *any* interval as long as `window`.
///
/// ```
/// use otp_core::limit::Rate;
/// use std::time::Duration;
///
/// let rate = Rate::new(3, Duration::from_secs(600));
/// assert_eq!(rate.quota(), 3);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    quota: u32,
    window_ms: i64,
}

impl Rate {
    /// `quota` admissions per `window`; the window is kept in whole milliseconds and has at least one.
    #[must_use]
    pub fn new(quota: u32, window: Duration) -> Self {
        let window_ms = i64::try_from(window.as_millis()).unwrap_or(i64::MAX).max(1);
        Self { quota, window_ms }
    }

    /// How many are admitted in any window.
    #[must_use]
    pub const fn quota(&self) -> u32 {
        self.quota
    }

    /// The window's length in milliseconds.
    #[must_use]
    pub const fn window_millis(&self) -> i64 {
        self.window_ms
    }

    /// The window's length.
    #[must_use]
    pub const fn window(&self) -> Duration {
        Duration::from_millis(self.window_ms.unsigned_abs())
    }

    /// The most that this rate admits in any interval as long as `span`.
    #[must_use]
    pub fn most_within(&self, span: Duration) -> u64 {
        let span = i64::try_from(span.as_millis()).unwrap_or(i64::MAX);
        let windows = span.saturating_add(self.window_ms - 1) / self.window_ms;
        u64::from(self.quota).saturating_mul(windows.max(1).unsigned_abs())
    }

    /// Whether `other` can never refuse where `self` admits.
    const fn implies(&self, other: &Self) -> bool {
        self.quota <= other.quota && self.window_ms >= other.window_ms
    }
}

/// Leaves the rates that can decide something, in the order of their quotas: the stricter wins.
///
/// What remains grows in quota and in window, which is what lets one log of instants serve all of them.
pub(crate) fn strictest(rates: impl IntoIterator<Item = Rate>) -> Vec<Rate> {
    let mut kept: Vec<Rate> = Vec::new();
    for rate in rates {
        if kept.iter().any(|k| k.implies(&rate)) {
            continue;
        }
        kept.retain(|k| !rate.implies(k));
        kept.push(rate);
    }
    kept.sort_by_key(|rate| rate.quota);
    kept
}
