//! The figures of one provider.

use std::time::Duration;

/// How much a provider is asked, and when it is left out.
///
/// # When the breaker opens
/// After `failures` in a row, or at once when the provider has no credit left. Failures are `Transient` and
/// `AuthOrConfig`, and a message that was taken without a reference after `slow`: the sender gave up waiting, so the
/// message counts as sent, but whoever asks next should not wait as long. A receipt, and a refusal whose reason lies in
/// the message (`InvalidNumber`, `Unreachable`, `TemplateProblem`), end the row; `RateLimited` does neither, nor does what
/// the sender refused by itself ([`Unasked`](crate::Unasked)).
///
/// It is open for `open_for`. Then one message goes through as a probe, while others go on to the next provider: if the
/// provider works, the breaker closes, if it fails, it is open for twice as long as before, up to `open_at_most`.
///
/// Where the route is told what becomes of messages ([`DeliveryListener`](otp_core::DeliveryListener)), `undelivered`
/// that failed in a row, for reasons that do not lie in the number, open it too: a provider that takes all and delivers
/// none.
///
/// ```
/// use otp_providers::route::Tuning;
/// use std::time::Duration;
///
/// let tuning = Tuning::default().in_flight(16).open_for(Duration::from_secs(10));
/// # let _ = tuning;
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Tuning {
    pub(super) in_flight: u32,
    pub(super) failures: u32,
    pub(super) undelivered: u32,
    pub(super) open_for: Duration,
    pub(super) open_at_most: Duration,
    pub(super) slow: Duration,
}

impl Default for Tuning {
    /// 64 messages at a time, 5 failures or 20 undelivered messages in a row, open for 30 seconds to 5 minutes, slow
    /// after 5 seconds.
    fn default() -> Self {
        Self {
            in_flight: 64,
            failures: 5,
            undelivered: 20,
            open_for: Duration::from_secs(30),
            open_at_most: Duration::from_secs(300),
            slow: Duration::from_secs(5),
        }
    }
}

impl Tuning {
    /// Sets how many messages it may be working on, at least 1: one more goes to the next provider.
    #[must_use]
    pub fn in_flight(mut self, messages: u32) -> Self {
        self.in_flight = messages.max(1);
        self
    }

    /// Sets how many failures in a row open the breaker, at least 1.
    #[must_use]
    pub fn failures(mut self, in_a_row: u32) -> Self {
        self.failures = in_a_row.max(1);
        self
    }

    /// Sets how many taken messages in a row that were not delivered open the breaker, at least 1.
    #[must_use]
    pub fn undelivered(mut self, in_a_row: u32) -> Self {
        self.undelivered = in_a_row.max(1);
        self
    }

    /// Sets for how long the breaker opens first.
    #[must_use]
    pub const fn open_for(mut self, time: Duration) -> Self {
        self.open_for = time;
        self
    }

    /// Sets for how long the breaker opens at most; no less than [`open_for`](Self::open_for).
    #[must_use]
    pub const fn open_at_most(mut self, time: Duration) -> Self {
        self.open_at_most = time;
        self
    }

    /// Sets after how long a message without a reference tells of a provider that does not answer. It should be less
    /// than the sender's own time-out.
    #[must_use]
    pub const fn slow(mut self, time: Duration) -> Self {
        self.slow = time;
        self
    }
}
