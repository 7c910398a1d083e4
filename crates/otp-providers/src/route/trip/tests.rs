//! The decisions by themselves, and the error at the end.

use super::*;
use proptest::prelude::*;

use SendErrorKind::*;

const T: Timestamp = Timestamp::from_secs(1_800_000_000);
const KINDS: [SendErrorKind; 7] = [
    RateLimited,
    Transient,
    Unreachable,
    InsufficientCredit,
    TemplateProblem,
    AuthOrConfig,
    InvalidNumber,
];
const PAUSE: Duration = Duration::from_millis(300);

fn millis(n: u64) -> Duration {
    Duration::from_millis(n)
}

fn trip() -> Trip {
    Trip::new(T, millis(300_000), millis(10_000))
}

/// WHK-5: the table of `Route`.
#[test]
fn each_class_has_its_decision() {
    for kind in KINDS {
        let expected = match kind {
            InvalidNumber => [Decision::Stop; 2],
            Transient => [Decision::Retry(PAUSE), Decision::Next],
            _ => [Decision::Next; 2],
        };
        for (last, expected) in [false, true].into_iter().zip(expected) {
            let decision = trip().decide(&SendError::new(kind), last, PAUSE, T);
            assert_eq!(decision, expected, "{kind:?}");
        }
    }
}

/// A provider that names a short wait gets it; one that names a long one is left.
#[test]
fn a_named_wait_is_kept_or_not_waited_for() {
    for (named, expected) in [
        (0, Decision::Retry(PAUSE)),
        (1_000, Decision::Retry(millis(1_000))),
        (1_001, Decision::Next),
    ] {
        let error = SendError::new(Transient).with_retry_after(millis(named));
        let decision = trip().decide(&error, false, PAUSE, T);
        assert_eq!(decision, expected, "{named}");
    }
}

/// WHK-5: nobody waits out a pause after which it is too late.
#[test]
fn no_pause_without_an_attempt_after_it() {
    let error = SendError::new(Transient);
    for (after, expected) in [(7_699, Decision::Retry(PAUSE)), (7_700, Decision::Next)] {
        let decision = trip().decide(&error, false, PAUSE, T + millis(after));
        assert_eq!(decision, expected, "{after}");
    }
}

/// WHK-5: no attempt begins in the last fifth of the time, which is never more than half of the code's life.
#[test]
fn time_is_bounded() {
    for (validity, patience, whole) in [(300_000, 10_000, 10_000), (4_000, 10_000, 2_000)] {
        let trip = Trip::new(T, millis(validity), millis(patience));
        assert_eq!(trip.time_for_an_attempt(T), Some(millis(whole)));
        let last = whole * 4 / 5 - 1;
        let left = trip.time_for_an_attempt(T + millis(last));
        assert_eq!(left, Some(millis(whole - last)));
        assert_eq!(trip.time_for_an_attempt(T + millis(last + 1)), None);
    }
    let expired = Trip::new(T, Duration::ZERO, millis(10_000));
    assert_eq!(expired.time_for_an_attempt(T), None);
}

fn nobody(failures: &[(SendErrorKind, Option<Duration>)]) -> SendError {
    let mut trip = Trip::new(T, millis(1), millis(1));
    for (kind, retry_after) in failures {
        let mut error = SendError::new(*kind).with_source(format!("cause {kind:?}"));
        error.retry_after = *retry_after;
        trip.failed(&"p".into(), error);
    }
    trip.nobody()
}

/// The order is the one that `KINDS` has, whatever failed first.
#[test]
fn the_most_useful_class_is_told() {
    for (n, a) in KINDS[..6].iter().enumerate() {
        for b in &KINDS[n..6] {
            for pair in [[(*a, None), (*b, None)], [(*b, None), (*a, None)]] {
                let error = nobody(&pair);
                assert_eq!(error.kind, *a);
                let cause = error.source().and_then(Error::source).unwrap();
                assert_eq!(cause.to_string(), format!("cause {a:?}"));
            }
        }
    }
    assert_eq!(nobody(&[]).kind, Transient);
}

#[test]
fn the_shortest_wait_is_told() {
    let told = |failures: &[_]| nobody(failures).retry_after;
    assert_eq!(told(&[(AuthOrConfig, None)]), None);
    let hour = Some(millis(3_600_000));
    assert_eq!(told(&[(RateLimited, hour), (AuthOrConfig, None)]), hour);
    assert_eq!(told(&[(RateLimited, hour), (Transient, None)]), Some(SOON));
    let both = [(RateLimited, hour), (Transient, Some(millis(7)))];
    assert_eq!(told(&both), Some(millis(7)));
}

#[test]
fn the_error_names_each_provider_once_asked() {
    let error = nobody(&[(Unreachable, None), (Transient, None)]);
    let source = error.source.unwrap();
    let text = source.to_string();
    assert_eq!(
        text,
        "no provider of the chain took it: p unreachable, p transient"
    );
    let source = source.downcast::<Undelivered>().unwrap();
    assert_eq!(source.failures().count(), 2);
}

proptest! {
    /// What is told of the validity is never more than is left, nor more than there ever was, even if the clock goes
    /// back; and an attempt never begins after the code has expired.
    #[test]
    fn never_after_expiry(validity in 0_u64..700_000, patience in 0_u64..20_000, later in -10_000_i64..800_000) {
        let trip = Trip::new(T, millis(validity), millis(patience));
        let now = Timestamp::from_millis(T.as_millis() + later);
        let left = i64::try_from(validity).unwrap() - later.max(0);
        prop_assert_eq!(trip.validity(now), millis(u64::try_from(left).unwrap_or(0)));
        if let Some(time) = trip.time_for_an_attempt(now) {
            prop_assert!(time < trip.validity(now), "it would end after the code");
            prop_assert!(time <= millis(patience));
        }
    }
}
