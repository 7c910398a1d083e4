//! A wait in words.

use std::time::Duration;

/// Whole seconds, rounded up so that nobody comes too early; at least one.
pub(crate) fn whole_seconds(wait: Duration) -> u64 {
    let part = u64::from(wait.subsec_nanos() > 0);
    wait.as_secs().saturating_add(part).max(1)
}

/// "45 seconds" below a minute, "10 minutes" up to 90 of them, then "24 hours"; always rounded up.
pub(crate) fn in_words(wait: Duration) -> String {
    let seconds = whole_seconds(wait);
    let minutes = seconds.div_ceil(60);
    match () {
        () if seconds < 60 => counted(seconds, "second"),
        () if minutes <= 90 => counted(minutes, "minute"),
        () => counted(minutes.div_ceil(60), "hour"),
    }
}

fn counted(count: u64, unit: &str) -> String {
    let ending = if count == 1 { "" } else { "s" };
    format!("{count} {unit}{ending}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words() {
        let table = [
            (0, "1 second"),
            (1, "1 second"),
            (1_000, "1 second"),
            (1_001, "2 seconds"),
            (44_001, "45 seconds"),
            (59_000, "59 seconds"),
            (59_001, "1 minute"),
            (60_000, "1 minute"),
            (60_001, "2 minutes"),
            (600_000, "10 minutes"),
            (600_001, "11 minutes"),
            (3_600_000, "60 minutes"),
            (5_400_000, "90 minutes"),
            (5_400_001, "2 hours"),
            (7_200_000, "2 hours"),
            (7_200_001, "3 hours"),
            (86_400_000, "24 hours"),
        ];
        for (millis, words) in table {
            assert_eq!(in_words(Duration::from_millis(millis)), words, "{millis}");
        }
        assert_eq!(whole_seconds(Duration::MAX), u64::MAX);
        assert!(in_words(Duration::MAX).ends_with("hours"));
    }

    /// HTP-2: nobody who waits as long as he was told comes too early.
    #[test]
    fn never_less_than_the_wait() {
        for millis in (0..200_000).step_by(37) {
            let wait = Duration::from_millis(millis);
            assert!(Duration::from_secs(whole_seconds(wait)) >= wait);
        }
    }
}
