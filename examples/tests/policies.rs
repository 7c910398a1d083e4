//! Each policy file says what its system does, and nothing else.
#![allow(clippy::unwrap_used, reason = "a helper of a test fails the test")]

use otp_core::limit::{Act, Counts, Dimension, Limit};
use otp_core::policy::{Binding, Floor, Policy, SessionLength, SignUp};
use otp_core::testing::{CapturingSender, ManualClock};
use otp_core::{Channel, Client, Code, Keys, MemoryStore, MemoryUsers, OtpAuth, PhoneNumber};
use otp_core::{Start, StartError, Verified, Verify, VerifyError};
use otp_examples::PolicyFile;
use otp_http::Routes;
use std::sync::Arc;
use std::time::Duration;

const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(86_400);
const ALL: [&str; 6] = [
    "bench",
    "fastapi-redis",
    "kavenegar",
    "msg91",
    "standard",
    "whatsapp-twilio",
];
const SYSTEMS: [&str; 4] = ["fastapi-redis", "kavenegar", "msg91", "whatsapp-twilio"];

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
    let (file, preset) = (policy("standard"), Policy::standard());
    assert_eq!(format!("{file:?}"), format!("{preset:?}"));
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
    assert_limits("msg91", &[(Phone, 3, MINUTE)], &without_addresses);
    let kavenegar = [(Phone, 3, 2 * MINUTE), (Address, 5, MINUTE)];
    assert_limits("kavenegar", &kavenegar, &without_addresses);
}

#[test]
fn the_codes_are_those_of_the_systems() {
    for (name, seconds, region, channel) in [
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

struct Server {
    auth: OtpAuth,
    clock: ManualClock,
    sender: CapturingSender,
}

impl Server {
    fn new(name: &str) -> Self {
        let (clock, sender) = (ManualClock::default(), CapturingSender::new());
        let keys = Arc::new(Keys::generate().unwrap());
        let builder =
            OtpAuth::builder(MemoryStore::new(), sender.clone(), MemoryUsers::new(), keys);
        let auth = builder
            .policy(policy(name))
            .clock(clock.clone())
            .build()
            .unwrap();
        Self {
            auth,
            clock,
            sender,
        }
    }

    /// The wait in milliseconds, if it is refused.
    async fn send(&self, phone: &PhoneNumber, host: u8) -> Option<u128> {
        let client = Client::new().with_address([192, 0, 2, host].into());
        match self
            .auth
            .start(Start::new(phone.clone()).with_client(client))
            .await
        {
            Ok(_) => None,
            Err(StartError::Limited(limited)) => Some(limited.retry_after.as_millis()),
            Err(error) => unreachable!("{error}"),
        }
    }

    async fn verify(&self, phone: &PhoneNumber, code: Code) -> Result<Verified, VerifyError> {
        self.auth
            .verify(Verify::new(phone.clone(), None, code))
            .await
    }

    fn wrong_code(&self) -> Code {
        let right = self.sender.last_code().unwrap();
        let wrong = if right.expose() == "000000" {
            "111111"
        } else {
            "000000"
        };
        Code::parse(wrong).unwrap()
    }
}

fn phone(last: u32) -> PhoneNumber {
    PhoneNumber::parse(&format!("+9198765{last:05}"), None).unwrap()
}

/// THR-13: three in any window, and the fourth from the millisecond on that the refusal named.
#[tokio::test]
async fn three_codes_in_the_window_of_each_system() {
    for (name, window) in [
        ("whatsapp-twilio", 10 * MINUTE),
        ("fastapi-redis", 30 * MINUTE),
        ("msg91", MINUTE),
        ("kavenegar", 2 * MINUTE),
    ] {
        let server = Server::new(name);
        let phone = phone(43210);
        for host in 0..3 {
            assert_eq!(server.send(&phone, host).await, None, "{name}");
            server.clock.advance(Duration::from_secs(5));
        }
        let wait = window - Duration::from_secs(15);
        assert_eq!(
            server.send(&phone, 3).await,
            Some(wait.as_millis()),
            "{name}"
        );
        server.clock.advance(wait - Duration::from_millis(1));
        assert_eq!(server.send(&phone, 3).await, Some(1), "{name}");
        server.clock.advance(Duration::from_millis(1));
        assert_eq!(server.send(&phone, 3).await, None, "{name}");
        assert_eq!(server.send(&phone, 3).await, Some(5_000), "{name}");
    }
}

#[tokio::test]
async fn the_systems_that_limit_addresses_do() {
    for (name, quota, window) in [
        ("whatsapp-twilio", 3, 10 * MINUTE),
        ("kavenegar", 5, MINUTE),
    ] {
        let server = Server::new(name);
        for last in 0..quota {
            assert_eq!(server.send(&phone(last), 1).await, None, "{name}");
        }
        let refused = server.send(&phone(99), 1).await;
        assert_eq!(refused, Some(window.as_millis()), "{name}");
        assert_eq!(server.send(&phone(99), 2).await, None, "another address");
    }
    for name in ["fastapi-redis", "msg91", "bench"] {
        let server = Server::new(name);
        for last in 0..50 {
            assert_eq!(server.send(&phone(last), 1).await, None, "{name}");
        }
    }
}

/// THR-6: the floor of ten messages a day is under every one of them.
#[tokio::test]
async fn ten_messages_a_day_at_most() {
    for name in SYSTEMS {
        let server = Server::new(name);
        for host in 0..10 {
            assert_eq!(server.send(&phone(1), host).await, None, "{name}");
            server.clock.advance(31 * MINUTE);
        }
        let left = DAY - 310 * MINUTE;
        let refused = server.send(&phone(1), 11).await;
        assert_eq!(refused, Some(left.as_millis()), "{name}");
    }
}

#[tokio::test]
async fn phone_and_code_suffice_within_three_tries() {
    for name in SYSTEMS {
        let server = Server::new(name);
        let phone = phone(43210);
        for tries in 0..=3 {
            server.send(&phone, 1).await;
            let right = server.sender.last_code().unwrap();
            for used in 1..=tries {
                let Err(VerifyError::Rejected { tries_left }) =
                    server.verify(&phone, server.wrong_code()).await
                else {
                    panic!("{name}")
                };
                let told = (name == "kavenegar").then_some(3 - used);
                assert_eq!(tries_left, told, "{name}");
            }
            let verified = server.verify(&phone, right).await;
            assert_eq!(
                verified.is_ok(),
                tries < 3,
                "{name} after {tries} wrong tries"
            );
            if name == "msg91" && tries == 0 {
                assert!(matches!(
                    verified,
                    Ok(Verified::RegistrationRequired { .. })
                ));
            } else if tries == 0 {
                assert!(matches!(verified, Ok(Verified::SignedIn(login)) if login.is_new_user));
            }
            server.clock.advance(31 * MINUTE);
        }
    }
}

/// VER-4: at the end of its life to the millisecond a code is void.
#[tokio::test]
async fn codes_end_when_they_should() {
    for name in SYSTEMS {
        let server = Server::new(name);
        let lifetime = server.auth.policy().code().lifetime;
        for (age, good) in [
            (lifetime - Duration::from_millis(1), true),
            (lifetime, false),
        ] {
            server.send(&phone(1), 1).await;
            let code = server.sender.last_code().unwrap();
            server.clock.advance(age);
            assert_eq!(server.verify(&phone(1), code).await.is_ok(), good, "{name}");
            server.clock.advance(31 * MINUTE);
        }
    }
}

#[tokio::test]
async fn remember_me_chooses_the_longer_session() {
    let server = Server::new("whatsapp-twilio");
    for (remember, length) in [(false, DAY), (true, 7 * DAY)] {
        let start = Start::new(phone(1)).with_remember_me(remember);
        server.auth.start(start).await.unwrap();
        let code = server.sender.last_code().unwrap();
        let Ok(Verified::SignedIn(login)) = server.verify(&phone(1), code).await else {
            panic!()
        };
        assert_eq!(login.tokens.refresh_expires_in, length);
    }
}
