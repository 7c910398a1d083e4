//! A policy as TOML.
#![cfg(all(feature = "testing", feature = "serde"))]
#![allow(clippy::unwrap_used, reason = "a test may fail")]

use otp_core::Channel;
use otp_core::limit::{Act, Counts, Dimension, Limit, OnExceed};
use otp_core::policy::{Binding, Policy, SessionLength, SignUp};
use std::time::Duration;

fn minutes(n: u64) -> Duration {
    Duration::from_secs(60 * n)
}

const FULL: &str = r#"
    preset = "standard"
    binding = "phone"
    sign_up = "ticket"
    channels = ["whatsapp", "sms"]
    default_region = "IN"
    default_locale = "hi"
    tell_tries_left = false
    without_floor = ["addresses"]
    accept_risk = "load from one machine only"

    [code]
    digits = 7
    lifetime = "3m"
    tries = 4
    previous_valid_for = "30s"

    [session]
    access = "10m"
    grace = "5s"
    checked = true
    ordinary = { idle = "12h", absolute = "2d" }
    remembered = { idle = "7d", absolute = "30d" }

    [[limit]]
    act = "send"
    key = ["phone"]
    quota = 3
    window = "1m 30s"
    on_exceed = "silent"

    [[limit]]
    act = "verify"
    key = ["address", "device"]
    quota = 5
    window = "1h"
    counts = "failures"
"#;

/// THR-2: every word that a file may use says what the builder says.
#[test]
fn every_field() {
    let policy: Policy = toml::from_str(FULL).unwrap();
    assert_eq!(policy.binding(), Binding::Phone);
    assert_eq!(policy.sign_up(), SignUp::Ticket);
    assert_eq!(policy.channels(), [Channel::WhatsApp, Channel::Sms]);
    assert_eq!(policy.default_region().unwrap().as_str(), "IN");
    assert_eq!(policy.default_locale().unwrap().as_str(), "hi");
    assert!(!policy.tells_tries_left());
    // Guesses left would tell what the silent limit hides.
    let told = FULL.replace("tell_tries_left = false", "tell_tries_left = true");
    assert!(toml::from_str::<Policy>(&told).is_err());
    let told = told.replace("silent", "refuse");
    assert!(toml::from_str::<Policy>(&told).unwrap().tells_tries_left());
    assert_eq!(policy.accepted_risk(), Some("load from one machine only"));
    let code = policy.code();
    assert_eq!((code.digits, code.lifetime, code.tries), (7, minutes(3), 4));
    assert_eq!(code.previous_valid_for, Duration::from_secs(30));
    let session = policy.session();
    assert_eq!(
        (session.access, session.grace),
        (minutes(10), Duration::from_secs(5))
    );
    assert!(session.checked);
    let hours = |n: u64| minutes(60 * n);
    assert_eq!(session.ordinary, SessionLength::new(hours(12), hours(48)));
    assert_eq!(
        session.remembered,
        SessionLength::new(hours(7 * 24), hours(30 * 24))
    );
    let own = [
        Limit::new(Act::Send, [Dimension::Phone], 3, Duration::from_secs(90))
            .on_exceed(OnExceed::Silent),
        Limit::new(
            Act::Verify,
            [Dimension::Address, Dimension::Device],
            5,
            hours(1),
        )
        .counting(Counts::Failures),
    ];
    assert_eq!(policy.limits()[..2], own);
    assert!(
        policy
            .limits()
            .iter()
            .all(|l| l.act != Act::Send || l.key == [Dimension::Phone])
    );
}

/// A file that says nothing is the standard preset; one that names a preset is that.
#[test]
fn presets() {
    let empty: Policy = toml::from_str("").unwrap();
    assert_eq!(empty.limits(), Policy::standard().limits());
    assert_eq!(empty.code(), Policy::standard().code());
    let strict: Policy = toml::from_str("preset = \"strict\"").unwrap();
    assert_eq!(strict.limits(), Policy::strict().limits());
    assert_eq!(strict.code(), Policy::strict().code());
    assert_eq!(strict.session(), Policy::strict().session());
    assert_eq!(strict.risk(), Policy::strict().risk());
}

/// THR-3: a list of limits replaces the preset's, and the floor stays.
#[test]
fn the_floor_stays() {
    let bare: Policy = toml::from_str("limit = []").unwrap();
    assert_eq!(bare.risk().guesses_per_day, 20);
    assert!(bare.limits().contains(&Limit::new(
        Act::Send,
        [Dimension::Phone],
        10,
        minutes(1440)
    )));
}

/// GEN-2, VER-4, THR-3, THR-14: what does not hold is refused, and the message says what it was.
#[test]
fn refused() {
    let cases = [
        ("digits = 6", "unknown field `digits`"),
        ("[code]\nlength = 6", "unknown field `length`"),
        ("[session]\nidle = \"1d\"", "unknown field `idle`"),
        (
            "[session]\nordinary = { idle = \"1d\" }",
            "missing field `absolute`",
        ),
        ("[code]\ndigits = 4", "6 to 10 digits, not 4"),
        ("[code]\ndigits = -6", "invalid value"),
        ("[code]\ndigits = 262", "invalid value"),
        ("[code]\ndigits = \"6\"", "invalid type"),
        ("[code]\nlifetime = 300", "invalid type"),
        ("[code]\nlifetime = \"soon\"", "number"),
        ("[code]\nlifetime = \"-5m\"", "number"),
        ("[code]\nlifetime = \"601s\"", "10 minutes"),
        ("[code]\nlifetime = \"\"", "empty"),
        ("[code]\nlifetime = \"99999999999999999999y\"", ""),
        ("preset = \"lax\"", "unknown variant `lax`"),
        ("binding = \"none\"", "unknown variant `none`"),
        ("sign_up = true", ""),
        ("channels = []", "at least one channel"),
        ("channels = [\"pigeon\"]", "unknown variant `pigeon`"),
        ("default_region = \"Atlantis\"", "region"),
        ("default_locale = \"klingon\"", "locale"),
        ("without_floor = [\"guesses\"]", "needs accept_risk"),
        ("accept_risk = \"ok\"", "at least 10 characters"),
        ("[code]\nprevious_valid_for = \"1m\"", "0.0145"),
    ];
    for (file, message) in cases {
        let error = toml::from_str::<Policy>(file).unwrap_err().to_string();
        assert!(error.contains(message), "{file:?}: {error}");
    }
}

/// THR-14: a limit's numbers are checked before they are used.
#[test]
fn limits_refused() {
    let limit = |line: &str| {
        let good = [
            "act = \"send\"",
            "key = [\"phone\"]",
            "quota = 3",
            "window = \"1m\"",
        ];
        let name = line.split(' ').next().unwrap();
        let kept: Vec<_> = good
            .iter()
            .filter(|l| !l.starts_with(name))
            .copied()
            .collect();
        toml::from_str::<Policy>(&format!("[[limit]]\n{}\n{line}\n", kept.join("\n")))
    };
    assert!(limit("quota = 3").is_ok());
    for (line, message) in [
        ("quota = -1", "invalid value"),
        ("quota = 4294967296", "invalid value"),
        ("quota = 0", "admits nothing"),
        ("quota = 1.5", "invalid type"),
        ("window = \"500ms\"", "below one second"),
        ("window = \"2years\"", "above 400 days"),
        ("window = 60", "invalid type"),
        ("act = \"start\"", "unknown variant `start`"),
        ("key = [\"ip\"]", "unknown variant `ip`"),
        ("key = []", "has no key"),
        ("counts = \"some\"", "unknown variant `some`"),
        ("on_exceed = \"ignore\"", "unknown variant `ignore`"),
        ("per = \"phone\"", "unknown field `per`"),
    ] {
        let error = limit(line).unwrap_err().to_string();
        assert!(error.contains(message), "{line:?}: {error}");
    }
}
