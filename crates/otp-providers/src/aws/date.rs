//! Time as AWS writes it.

use otp_core::Timestamp;

/// The day, `20260102`, and the second with it, `20260102T030405Z`, in UTC.
pub(super) fn instant(now: Timestamp) -> (String, String) {
    const DAY: i64 = 86_400;
    let (days, second) = (now.as_secs().div_euclid(DAY), now.as_secs().rem_euclid(DAY));
    let (year, month, day) = civil(days);
    let day = format!("{year:04}{month:02}{day:02}");
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    let time = format!("{day}T{hour:02}{minute:02}{second:02}Z");
    (day, time)
}

/// The Gregorian date of a day after 1970-01-01, counted in years from March: what a leap year adds comes last.
const fn civil(days: i64) -> (i64, i64, i64) {
    const FOUR_CENTURIES: i64 = 146_097;
    const CENTURY: i64 = 36_524;
    const FOUR_YEARS: i64 = 1_461;
    // From 0000-03-01.
    let days = days + 719_468;
    let (era, day) = (
        days.div_euclid(FOUR_CENTURIES),
        days.rem_euclid(FOUR_CENTURIES),
    );
    let leaps = day / (FOUR_YEARS - 1) - day / CENTURY + day / (FOUR_CENTURIES - 1);
    let year = (day - leaps) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let of_month = day - (153 * month + 2) / 5 + 1;
    let (year, month) = match month {
        0..=9 => (year, month + 3),
        _ => (year + 1, month - 9),
    };
    (era * 400 + year, month, of_month)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_second_has_its_date() {
        for (seconds, expected) in [
            (0, "19700101T000000Z"),
            (-1, "19691231T235959Z"),
            (951_782_400, "20000229T000000Z"),
            (951_868_800, "20000301T000000Z"),
            (1_709_251_199, "20240229T235959Z"),
            (1_798_761_599, "20261231T235959Z"),
            (4_107_542_399, "21000228T235959Z"),
            (4_107_542_400, "21000301T000000Z"),
            (253_402_300_799, "99991231T235959Z"),
        ] {
            let (day, time) = instant(Timestamp::from_secs(seconds));
            assert_eq!(time, expected);
            assert!(time.starts_with(&day));
        }
        for end in [i64::MIN, i64::MAX] {
            assert!(instant(Timestamp::from_millis(end)).1.ends_with('Z'));
        }
    }
}
