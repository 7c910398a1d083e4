//! The one place that waits for something outside this process to become ready.

use std::time::{Duration, Instant};

const STEP: Duration = Duration::from_millis(20);

/// Asks `ready` again and again until it says yes.
///
/// It is for what no event announces, such as a server that opens its port; a test of our own code never needs it.
///
/// # Panics
/// When `limit` is over, naming `what`.
#[expect(
    clippy::disallowed_methods,
    reason = "readiness of another process is polled; nothing here decides by time"
)]
#[track_caller]
pub fn until(what: &str, limit: Duration, mut ready: impl FnMut() -> bool) {
    let start = Instant::now();
    while !ready() {
        assert!(start.elapsed() < limit, "{what}: not within {limit:?}");
        std::thread::sleep(STEP);
    }
}
