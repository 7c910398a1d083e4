//! What a policy may say, what it may not, and what lies under it whatever it says.
#![cfg(feature = "testing")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail")]

mod common;

use common::{DAY, HOUR, MILLI, MINUTE, SECOND, phone, signed_in, standard};
use otp_core::limit::{Act, Counts, Dimension, Limit, OnExceed};
use otp_core::policy::{Floor, Policy, PolicyBuilder, PolicyError, SessionLength};
use std::time::Duration;

type Change = fn(PolicyBuilder) -> PolicyBuilder;

fn refused(change: Change) -> PolicyError {
    change(Policy::builder()).build().unwrap_err()
}

fn accepted(change: Change) -> Policy {
    change(Policy::builder()).build().unwrap()
}

fn send(quota: u32, window: Duration) -> Limit {
    Limit::new(Act::Send, [Dimension::Phone], quota, window)
}

/// GEN-2.
#[test]
fn policy_rejects_short_code() {
    for digits in (0..6).chain(11..=u8::MAX) {
        let error = Policy::builder().code_digits(digits).build().unwrap_err();
        assert_eq!(error, PolicyError::Digits(digits));
    }
    for digits in 6..=10 {
        let policy = Policy::builder().code_digits(digits).build().unwrap();
        assert_eq!(policy.code().digits, digits);
    }
}

/// GEN-2.
#[test]
fn entropy_of_every_preset_ge_19_9() {
    for preset in [Policy::standard(), Policy::strict()] {
        assert!(f64::from(preset.code().digits) * 10_f64.log2() >= 19.9);
    }
}

/// VER-4: ten minutes and not a millisecond more; nothing that is over before it began.
#[test]
fn policy_ttl_601_rejected() {
    let lifetime = |lifetime| Policy::builder().code_lifetime(lifetime).build();
    for good in [SECOND, 180 * SECOND, 600 * SECOND] {
        assert_eq!(lifetime(good).unwrap().code().lifetime, good);
    }
    for bad in [
        Duration::ZERO,
        999 * MILLI,
        600 * SECOND + MILLI,
        601 * SECOND,
        Duration::MAX,
    ] {
        assert_eq!(lifetime(bad).unwrap_err(), PolicyError::CodeLifetime);
    }
}

/// VER-4: the last millisecond of a code's life is good, the next is not.
#[tokio::test]
async fn boundary_exp_minus_1_ok_exp_fail() {
    let lifetime = Policy::standard().code().lifetime;
    for (age, good) in [
        (lifetime - MILLI, true),
        (lifetime, false),
        (lifetime + HOUR, false),
    ] {
        let world = standard();
        let (id, code) = world.started(&phone(1)).await;
        world.clock.advance(age);
        let verified = world.verify(&phone(1), id, &code).await;
        assert_eq!(verified.is_ok(), good, "after {age:?}");
    }
}

/// GEN-2, VER-1, VER-4, TOK-4, TOK-8: what is out of bounds does not build, and says so.
#[test]
fn out_of_bounds() {
    let length = SessionLength::new;
    let cases: [(Change, PolicyError); 11] = [
        (|p| p.tries(0), PolicyError::Tries(0)),
        (|p| p.tries(11), PolicyError::Tries(11)),
        (
            |p| p.previous_valid_for(5 * MINUTE + MILLI),
            PolicyError::PreviousCode,
        ),
        (|p| p.channels([]), PolicyError::NoChannel),
        (
            |p| p.access_lifetime(999 * MILLI),
            PolicyError::AccessLifetime,
        ),
        (
            |p| p.access_lifetime(HOUR + MILLI),
            PolicyError::AccessLifetime,
        ),
        (|p| p.grace(MINUTE + MILLI), PolicyError::Grace),
        (|p| p.accept_risk("because"), PolicyError::EmptyReason),
        (
            |p| p.accept_risk("              "),
            PolicyError::EmptyReason,
        ),
        (
            |p| p.without_floor(Floor::Addresses),
            PolicyError::FloorNeedsReason(Floor::Addresses),
        ),
        (|p| p.tries(255), PolicyError::Tries(255)),
    ];
    for (change, error) in cases {
        assert_eq!(refused(change), error);
    }
    for (ordinary, remembered) in [
        (length(Duration::ZERO, DAY), length(DAY, DAY)),
        (length(2 * DAY, DAY), length(2 * DAY, 3 * DAY)),
        (length(DAY, DAY), length(DAY, 30 * DAY + MILLI)),
        (length(DAY, 31 * DAY), length(DAY, 31 * DAY)),
        (length(2 * DAY, 7 * DAY), length(DAY, 30 * DAY)),
        (length(DAY, 7 * DAY), length(DAY, 6 * DAY)),
    ] {
        let policy = Policy::builder().ordinary_session(ordinary);
        let error = policy.remembered_session(remembered).build().unwrap_err();
        assert_eq!(
            error,
            PolicyError::SessionLength,
            "{ordinary:?} {remembered:?}"
        );
    }
}

/// TOK-4: the caps themselves are allowed.
#[test]
fn at_the_bounds() {
    let month = SessionLength::new(30 * DAY, 30 * DAY);
    let widest = Policy::builder()
        .code_lifetime(10 * MINUTE)
        .tries(10)
        .access_lifetime(HOUR)
        .grace(MINUTE)
        .ordinary_session(month)
        .remembered_session(month)
        .build()
        .unwrap();
    assert_eq!(widest.session().remembered.absolute, 30 * DAY);
    accepted(|p| p.tries(1).grace(Duration::ZERO).access_lifetime(SECOND));
}

/// THR-2: a limit that could not do what it says is refused with its name.
#[test]
fn limits_that_cannot_work() {
    use Dimension::{Address, Country, Device, Phone, Prefix};
    let verify = |key: Dimension, quota| Limit::new(Act::Verify, [key], quota, HOUR);
    let cases = [
        (Limit::new(Act::Send, [], 3, HOUR), "has no key"),
        (send(0, HOUR), "admits nothing"),
        (send(1, 999 * MILLI), "has a window below one second"),
        (send(1, 401 * DAY), "has a window above 400 days"),
        (send(1, Duration::MAX), "has a window above 400 days"),
        (
            Limit::new(Act::Refresh, [Phone], 3, HOUR),
            "has no phone to go by",
        ),
        (
            Limit::new(Act::Any, [Country], 3, HOUR),
            "has no phone to go by",
        ),
        (
            Limit::new(Act::Refresh, [Address, Prefix], 3, HOUR),
            "has no phone to go by",
        ),
        (
            verify(Phone, 3).on_exceed(OnExceed::Silent),
            "can be silent only for send by phone, or where it exempts known numbers",
        ),
        (
            Limit::new(Act::Send, [Address], 3, HOUR).on_exceed(OnExceed::Silent),
            "can be silent only for send by phone, or where it exempts known numbers",
        ),
        (
            send(3, HOUR).counting(Counts::Failures),
            "counts failures of something that is not verify",
        ),
        (
            verify(Address, 3).counting(Counts::ConsecutiveFailures),
            "counts consecutive failures of something else than verify by phone",
        ),
        (
            verify(Phone, 3).counting(Counts::DistinctPhones),
            "cannot count distinct phones",
        ),
        (
            Limit::new(Act::Refresh, [Device], 3, HOUR).counting(Counts::DistinctPhones),
            "cannot count distinct phones",
        ),
        (
            verify(Address, 101).counting(Counts::DistinctPhones),
            "counts more than 100 distinct phones",
        ),
    ];
    for (limit, expected) in cases {
        let name = limit.name();
        match Policy::builder().limit(limit).build().unwrap_err() {
            PolicyError::Limit { limit, problem } => assert_eq!((limit, problem), (name, expected)),
            other => panic!("{expected}: {other}"),
        }
    }
}

/// TOK-4: the absolute end holds however often a session is refreshed.
#[tokio::test]
async fn refresh_absolute_cap_survives_rotation() {
    let world = standard();
    let absolute = world.auth.policy().session().ordinary.absolute;
    let (id, code) = world.started(&phone(1)).await;
    let login = signed_in(world.verify(&phone(1), id, &code).await.unwrap());
    let mut token = login.tokens.refresh;
    for _ in 0..absolute.as_secs() / HOUR.as_secs() - 1 {
        world.clock.advance(HOUR);
        let next = world
            .auth
            .refresh(token.expose(), &otp_core::Client::new())
            .await
            .unwrap();
        assert!(next.tokens.refresh_expires_in <= absolute);
        token = next.tokens.refresh;
    }
    world.clock.advance(HOUR - MILLI);
    let last = world
        .auth
        .refresh(token.expose(), &otp_core::Client::new())
        .await
        .unwrap();
    assert_eq!(last.tokens.refresh_expires_in, MILLI);
    world.clock.advance(MILLI);
    let late = world
        .auth
        .refresh(last.tokens.refresh.expose(), &otp_core::Client::new())
        .await;
    assert!(late.is_err());
}
