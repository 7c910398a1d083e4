//! The one place that knows the runtime's timer.

use std::time::Duration;

#[expect(
    clippy::disallowed_methods,
    reason = "between two looks at a clock, and for the deadlines of a route"
)]
pub(crate) fn sleep(time: Duration) -> tokio::time::Sleep {
    tokio::time::sleep(time)
}
