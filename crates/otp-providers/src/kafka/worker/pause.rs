//! How long a job waits before it is tried again.

use otp_core::keys;
use std::time::Duration;

const FIRST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(30);

/// After so many failures: between half of the back-off and all of it, so that jobs that failed together do not come
/// back together, but not before `at_least`.
pub(super) fn after(failures: u32, at_least: Duration) -> Duration {
    let whole = FIRST.saturating_mul(1_u32 << failures.saturating_sub(1).min(16));
    let whole = whole.min(LONGEST);
    let jitter = keys::random_bytes().map_or(u16::MAX, u16::from_le_bytes);
    let pause = whole / 2 + whole / 2 * u32::from(jitter) / u32::from(u16::MAX);
    pause.max(at_least)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_doubles_up_to_a_bound_with_jitter_and_heeds_the_wait() {
        for (failures, most) in [
            (0, 1),
            (1, 1),
            (2, 2),
            (3, 4),
            (5, 16),
            (6, 30),
            (7, 30),
            (u32::MAX, 30),
        ] {
            let pause = after(failures, Duration::ZERO);
            let most = Duration::from_secs(most);
            assert!(pause >= most / 2 && pause <= most, "{failures}: {pause:?}");
        }
        assert_eq!(after(1, Duration::from_secs(90)), Duration::from_secs(90));
    }
}
