//! Each policy file at work, to the millisecond: what is sent, what is refused and for how long, what verifies.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a helper of a test fails the test"
)]

mod hosted;

use otp_core::policy::Policy;
use otp_core::testing::{CapturingSender, ManualClock};
use otp_core::{Client, Code, Keys, MemoryStore, MemoryUsers, OtpAuth, PhoneNumber};
use otp_core::{Start, StartError, Verified, Verify, VerifyError};
use otp_examples::PolicyFile;
use std::sync::Arc;
use std::time::Duration;

const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(86_400);
const SYSTEMS: [&str; 4] = ["fastapi-redis", "kavenegar", "msg91", "whatsapp-twilio"];

fn policy(name: &str) -> Policy {
    let path = format!("{}/policies/{name}.toml", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).unwrap();
    PolicyFile::parse(&text, None).unwrap().policy
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
            // Their limits are looked at here, and an Indian number serves for all.
            .policy(policy(name).for_countries(["IN".parse().unwrap()]))
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
                let Err(VerifyError::Rejected { tries_left, .. }) =
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
