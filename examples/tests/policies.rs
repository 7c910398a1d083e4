//! Each policy file says what its system does, and nothing else.
#![allow(clippy::unwrap_used, reason = "a helper of a test fails the test")]

use otp_core::Channel;
use otp_core::limit::{Act, Counts, Dimension, Limit};
use otp_core::policy::{Binding, Floor, Policy, SessionLength, SignUp};
use otp_examples::{CountriesError, PolicyFile};
use otp_http::Routes;
use std::time::Duration;

const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(86_400);
const ALL: [&str; 8] = [
    "bench",
    "engagelab",
    "fastapi-redis",
    "kavenegar",
    "msg91",
    "spending",
    "standard",
    "whatsapp-twilio",
];

fn file(name: &str) -> PolicyFile {
    let path = format!("{}/policies/{name}.toml", env!("CARGO_MANIFEST_DIR"));
    PolicyFile::parse(&std::fs::read_to_string(path).unwrap(), None).unwrap()
}

fn policy(name: &str) -> Policy {
    file(name).policy
}

/// A limit as the policy has it, without order.
fn shown(limits: impl IntoIterator<Item = Limit>) -> Vec<String> {
    let line = |l: Limit| format!("{} {:?} {:?} {:?}", l.name(), l.rate, l.counts, l.on_exceed);
    let mut lines: Vec<_> = limits.into_iter().map(line).collect();
    lines.sort();
    lines
}

/// Exactly these limits, with these parts of the floor under them.
fn assert_limits(name: &str, own: &[(Dimension, u32, Duration)], floor: &[Floor]) {
    let own = own
        .iter()
        .map(|(key, quota, window)| Limit::new(Act::Send, [*key], *quota, *window));
    let floor = floor.iter().flat_map(|part| part.limits());
    let expected = shown(own.chain(floor));
    assert_eq!(shown(policy(name).limits().to_vec()), expected, "{name}");
}

#[test]
fn every_file_is_known_here() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/policies");
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<_> = entries
        .map(|entry| entry.unwrap().path().file_stem().unwrap().to_owned())
        .collect();
    names.sort();
    assert_eq!(names, ALL);
}

#[test]
fn standard_is_the_preset_written_out() {
    let india = ["IN".parse().unwrap()];
    let (file, preset) = (policy("standard"), Policy::standard().for_countries(india));
    assert_eq!(format!("{file:?}"), format!("{preset:?}"));
}

/// THR-11: each names its countries, and no other is open.
#[test]
fn the_countries_are_those_of_the_systems() {
    for (name, countries) in [
        ("bench", "IN, IR"),
        ("engagelab", "SG"),
        ("fastapi-redis", "CA, US"),
        ("kavenegar", "IR"),
        ("msg91", "IN"),
        ("spending", "IN, US"),
        ("standard", "IN"),
        ("whatsapp-twilio", "IN"),
    ] {
        assert_eq!(policy(name).countries().to_string(), countries, "{name}");
    }
}

/// THR-11: what the settings say of countries wins; production has none that nobody named.
#[test]
fn countries_may_be_a_setting() {
    let plain = || PolicyFile::parse("[policy]", None).unwrap();
    let open = |said, production| {
        let file = plain().for_countries(said, production);
        file.map(|file| file.policy.countries().to_string())
    };
    assert_eq!(open(Some("IN, +882"), true).unwrap(), "IN, +882");
    assert_eq!(open(None, false).unwrap(), "GB, IN, IR, US");
    assert_eq!(open(None, true).unwrap_err(), CountriesError::NoneOpen);
    for wrong in ["", "IN,", "+1", "any"] {
        assert!(open(Some(wrong), false).is_err(), "{wrong}");
    }
    let file = file("kavenegar").for_countries(None, true).unwrap();
    assert_eq!(file.policy.countries().to_string(), "IR");
}

/// THR-11: the block keeps the preset's own limits and adds five.
#[test]
fn spending_is_standard_with_more() {
    let spending = policy("spending");
    let limits = shown(spending.limits().to_vec());
    let preset = shown(Policy::standard().limits().to_vec());
    assert!(preset.iter().all(|limit| limits.contains(limit)));
    assert_eq!(limits.len(), preset.len() + 5);
    assert_eq!(spending.accepted_risk(), None);
}

#[test]
fn bench_is_standard_without_limits_by_address() {
    use Dimension::Phone;
    let own = [
        (Phone, 1, MINUTE / 2),
        (Phone, 2, 3 * MINUTE / 2),
        (Phone, 3, 10 * MINUTE),
        (Phone, 5, 60 * MINUTE),
    ];
    assert_limits("bench", &own, &[Floor::Messages, Floor::Guesses]);
    let bench = policy("bench");
    assert!(bench.accepted_risk().unwrap().contains("load tests only"));
    let by_address = |l: &Limit| l.key.contains(&Dimension::Address);
    assert!(!bench.limits().iter().any(by_address));
}

#[test]
fn the_limits_are_those_of_the_systems() {
    use Dimension::{Address, Phone};
    let without_addresses = [Floor::Messages, Floor::Guesses];
    let whole = [Floor::Messages, Floor::Guesses, Floor::Addresses];
    let ten = 10 * MINUTE;
    assert_limits(
        "whatsapp-twilio",
        &[(Phone, 3, ten), (Address, 3, ten)],
        &whole,
    );
    assert_limits(
        "fastapi-redis",
        &[(Phone, 3, 30 * MINUTE)],
        &without_addresses,
    );
    let preset = [
        (Phone, 1, MINUTE / 2),
        (Phone, 2, 3 * MINUTE / 2),
        (Phone, 3, ten),
        (Phone, 5, 60 * MINUTE),
    ];
    assert_limits("engagelab", &preset, &whole);
    assert_limits("msg91", &[(Phone, 3, MINUTE)], &without_addresses);
    let kavenegar = [(Phone, 3, 2 * MINUTE), (Address, 5, MINUTE)];
    assert_limits("kavenegar", &kavenegar, &without_addresses);
}

#[test]
fn the_codes_are_those_of_the_systems() {
    for (name, seconds, region, channel) in [
        ("engagelab", 300, None, Channel::Sms),
        ("whatsapp-twilio", 300, None, Channel::WhatsApp),
        ("fastapi-redis", 300, Some("+1"), Channel::Sms),
        ("msg91", 180, Some("+91"), Channel::Sms),
        ("kavenegar", 300, Some("+98"), Channel::Sms),
    ] {
        let policy = policy(name);
        let code = policy.code();
        assert_eq!(
            (code.digits, code.lifetime.as_secs(), code.tries),
            (6, seconds, 3)
        );
        assert_eq!(code.previous_valid_for, Duration::ZERO);
        assert_eq!(policy.binding(), Binding::Phone, "{name}");
        assert_eq!(policy.default_region(), region.map(|r| r.parse().unwrap()));
        assert_eq!(policy.channels(), [channel]);
        assert_eq!(policy.tells_tries_left(), name == "kavenegar");
        let sign_up = if name == "msg91" {
            SignUp::Ticket
        } else {
            SignUp::Auto
        };
        assert_eq!(policy.sign_up(), sign_up, "{name}");
    }
}

#[test]
fn the_sessions_are_those_of_the_systems() {
    let msg91 = policy("msg91");
    assert_eq!(msg91.session().access, 15 * MINUTE);
    assert_eq!(
        msg91.session().ordinary,
        SessionLength::new(7 * DAY, 30 * DAY)
    );
    assert_eq!(msg91.session().remembered, msg91.session().ordinary);
    let engagelab = policy("engagelab");
    assert_eq!(engagelab.session().ordinary, msg91.session().ordinary);
    let remembering = policy("whatsapp-twilio");
    let session = remembering.session();
    assert!(session.remembered.idle > session.ordinary.idle);
    assert!(session.remembered.absolute > session.ordinary.absolute);
}

#[test]
fn the_routes_are_those_of_the_systems() {
    let twilio = Routes::new().with_send("request-otp");
    assert_eq!(file("whatsapp-twilio").routes, Some(twilio));
    let kavenegar = Routes::new().with_base("/api/v1/usr");
    let kavenegar = kavenegar.with_send("otp").with_verify("otp/verify");
    assert_eq!(file("kavenegar").routes, Some(kavenegar));
    let engagelab = Routes::new().with_base("/");
    let engagelab = engagelab.with_send("request-otp").with_verify("verify-otp");
    assert_eq!(file("engagelab").routes, Some(engagelab));
    for name in ["standard", "bench", "fastapi-redis", "msg91"] {
        assert_eq!(file(name).routes, None, "{name}");
    }
}

/// THR-3: 20 guesses a day, 100 in a row, and an attacker's chance stays below 1 % a year under every file.
#[test]
fn no_file_gives_much_away() {
    for name in ALL {
        let policy = policy(name);
        assert!(policy.risk().per_year < 0.01, "{name}: {:?}", policy.risk());
        assert_eq!(policy.risk().guesses_per_day, 20, "{name}");
        let guesses = |l: &&Limit| l.act == Act::Verify && l.counts == Counts::ConsecutiveFailures;
        assert!(policy.limits().iter().any(|l| guesses(&l)), "{name}");
    }
}

#[test]
fn a_region_can_be_given_beside_the_file() {
    let text = "[policy]\ndefault_region = \"IN\"\n";
    let file = PolicyFile::parse(text, Some("IR".parse().unwrap())).unwrap();
    assert_eq!(file.policy.default_region(), Some("IR".parse().unwrap()));
}

#[test]
fn what_is_not_understood_is_refused() {
    for text in [
        "",
        "[police]",
        "[policy]\ndigits = 6",
        "[policy.code]\ndigits = 4",
        "[policy]\nwithout_floor = [\"guesses\"]",
        "[policy]\n[routes]\nsend = [\"/a b\"]",
        "[policy]\n[[policy.limit]]\nact = \"send\"\nkey = [\"phone\"]\nquota = 3\nwindow = \"ten\"",
    ] {
        assert!(PolicyFile::parse(text, None).is_err(), "{text}");
    }
}
