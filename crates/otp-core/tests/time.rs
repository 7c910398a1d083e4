//! Instants: no input overflows, and both sides of 1970 round down.

use std::time::Duration;

use otp_core::Timestamp;
use proptest::prelude::*;

#[test]
fn the_ends_of_the_range_saturate() {
    let (first, last) = (
        Timestamp::from_millis(i64::MIN),
        Timestamp::from_millis(i64::MAX),
    );
    assert_eq!(last + Duration::from_millis(1), last);
    assert_eq!(first - Duration::MAX, first);
    assert_eq!(Timestamp::from_secs(i64::MAX), last);
    assert_eq!(
        last.since(first),
        Duration::from_millis(i64::MAX.unsigned_abs())
    );
    assert_eq!(first.since(last), Duration::ZERO);
    assert_eq!(Timestamp::from_millis(-1).as_secs(), -1);
}

proptest! {
    #[test]
    fn adding_and_measuring_agree(start in -1_i64 << 60..1 << 60, millis in 0_u64..1 << 60) {
        let (start, span) = (Timestamp::from_millis(start), Duration::from_millis(millis));
        prop_assert_eq!((start + span).since(start), span);
        prop_assert_eq!(start + span - span, start);
    }
}
