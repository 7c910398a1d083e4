//! The one place that reads the time.

use std::fmt::Debug;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::Timestamp;

/// Says what time it is.
///
/// # Contract
/// `now` may be called from many threads at once, must not block, and should not jump: every
/// expiry and every limit is computed from it. Nodes that share a store must agree on the time:
/// [`StoreClock`](crate::StoreClock) sees to it.
///
/// ```
/// use otp_core::{Clock, Timestamp};
///
/// #[derive(Debug)]
/// struct Stopped(Timestamp);
///
/// impl Clock for Stopped {
///     fn now(&self) -> Timestamp {
///         self.0
///     }
/// }
/// assert_eq!(Stopped(Timestamp::from_secs(7)).now().as_millis(), 7_000);
/// ```
pub trait Clock: Debug + Send + Sync + 'static {
    /// The present instant.
    fn now(&self) -> Timestamp;
}

/// The operating system's wall clock.
///
/// ```
/// use otp_core::{Clock, SystemClock, Timestamp};
/// assert!(SystemClock.now() > Timestamp::from_secs(1_600_000_000));
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one reader of the wall clock"
    )]
    fn now(&self) -> Timestamp {
        // A clock set before 1970 reads as 1970: everything is then expired, nothing is let in.
        let since_epoch = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        Timestamp::from_millis(0) + since_epoch
    }
}
