//! One instant type for the whole library: Unix milliseconds in an `i64`.

use std::ops::{Add, Sub};
use std::time::Duration;

/// An instant, in milliseconds since 1970-01-01T00:00:00Z.
///
/// Time is an argument everywhere in this library; only [`SystemClock`](crate::SystemClock) reads
/// the operating system's clock. Arithmetic saturates, so no input can make it overflow.
///
/// ```
/// use otp_core::Timestamp;
/// use std::time::Duration;
///
/// let start = Timestamp::from_secs(1_700_000_000);
/// let end = start + Duration::from_millis(1_500);
/// assert_eq!(end.as_millis(), 1_700_000_001_500);
/// assert_eq!(end.since(start), Duration::from_millis(1_500));
/// assert_eq!(start.since(end), Duration::ZERO);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The instant `millis` milliseconds after the Unix epoch.
    #[must_use]
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// The instant `secs` seconds after the Unix epoch; saturates at the ends of the range.
    #[must_use]
    pub const fn from_secs(secs: i64) -> Self {
        Self(secs.saturating_mul(1_000))
    }

    /// Milliseconds since the Unix epoch.
    #[must_use]
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// Whole seconds since the Unix epoch, rounded down (also before 1970).
    #[must_use]
    pub const fn as_secs(self) -> i64 {
        self.0.div_euclid(1_000)
    }

    /// How long after `earlier` this instant is; zero if it is not after it.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        let millis = self.0.saturating_sub(earlier.0);
        Duration::from_millis(u64::try_from(millis).unwrap_or(0))
    }
}

impl Add<Duration> for Timestamp {
    type Output = Self;

    /// Saturates at the end of the range; a part of a millisecond is dropped.
    fn add(self, rhs: Duration) -> Self {
        Self(self.0.saturating_add(millis_of(rhs)))
    }
}

impl Sub<Duration> for Timestamp {
    type Output = Self;

    /// Saturates at the start of the range; a part of a millisecond is dropped.
    fn sub(self, rhs: Duration) -> Self {
        Self(self.0.saturating_sub(millis_of(rhs)))
    }
}

fn millis_of(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}
