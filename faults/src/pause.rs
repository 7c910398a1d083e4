//! The one place that waits for real time.

use otp_core::{Clock, SystemClock, Timestamp};
use std::time::Duration;

const STEP: Duration = Duration::from_millis(10);

/// What time it is.
#[must_use]
pub fn now() -> Timestamp {
    SystemClock.now()
}

/// How long a fault lasts, or how long a client waits before it tries again. Nothing is decided by it.
#[expect(
    clippy::disallowed_methods,
    reason = "a fault has a length, and a client that failed is in no hurry"
)]
pub async fn last(time: Duration) {
    tokio::time::sleep(time).await;
}

/// Asks `ready` again and again until it says yes; says whether it did within `limit`.
pub async fn until(limit: Duration, mut ready: impl AsyncFnMut() -> bool) -> bool {
    let start = now();
    while !ready().await {
        if now().since(start) >= limit {
            return false;
        }
        last(STEP).await;
    }
    true
}
