//! A server with everything around it in the test's hand.

use super::client::{Call, MOUNT, Reply, exchange};
use super::switch::{Recorder, Switch};
use super::{Harness, Served, Site};
use crate::Api;
use otp_core::policy::{Floor, Policy, PolicyBuilder};
use otp_core::testing::{CapturingSender, ManualClock};
use otp_core::{Keys, MemoryUsers, OtpAuth, PhoneNumber};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

/// A subscriber of the suite.
pub(crate) const ALICE: &str = "+919876543210";
/// Another one.
pub(crate) const BOB: &str = "+919876543211";
/// One whose user has the role `teacher`.
pub(crate) const TEACHER: &str = "+919876543212";

/// A server and what it stands on.
pub(crate) struct World {
    pub(crate) clock: ManualClock,
    pub(crate) sender: CapturingSender,
    pub(crate) audit: Recorder,
    pub(crate) store: Switch,
    pub(crate) served: Served,
}

/// How a server differs from the usual one.
pub(crate) struct Setting {
    pub(crate) policy: PolicyBuilder,
    pub(crate) body_timeout: Duration,
    pub(crate) adjust: fn(Api) -> Api,
    pub(crate) tracks: bool,
}

impl Default for Setting {
    fn default() -> Self {
        Self {
            policy: roomy(),
            body_timeout: Duration::from_secs(10),
            adjust: |api| api,
            tracks: false,
        }
    }
}

/// The standard without limits by address: all of a case's requests come from one.
pub(crate) fn roomy() -> PolicyBuilder {
    let india = "IN".parse().expect("a region");
    let policy = Policy::builder().default_region(india);
    let policy = policy.without_floor(Floor::Addresses);
    policy.accept_risk("the suite calls from one address")
}

/// A session's tokens.
pub(crate) struct SignedIn {
    pub(crate) access: String,
    pub(crate) refresh: String,
    pub(crate) user: String,
}

impl SignedIn {
    pub(crate) fn read(reply: &Reply) -> Self {
        assert_eq!(reply.status, 200, "{}", reply.json());
        Self {
            access: reply.text("access_token"),
            refresh: reply.text("refresh_token"),
            user: reply.json()["user"]["id"]
                .as_str()
                .unwrap_or_default()
                .to_owned(),
        }
    }
}

impl World {
    pub(crate) async fn new(harness: &impl Harness) -> Self {
        Self::with(harness, Setting::default()).await
    }

    pub(crate) async fn of(harness: &impl Harness, policy: PolicyBuilder) -> Self {
        let setting = Setting {
            policy,
            ..Setting::default()
        };
        Self::with(harness, setting).await
    }

    pub(crate) async fn with(harness: &impl Harness, setting: Setting) -> Self {
        let (clock, sender) = (ManualClock::default(), CapturingSender::new());
        let (audit, store) = (Recorder::default(), Switch::new());
        let policy = setting.policy.build().expect("the suite's policy");
        let policy = policy.for_countries(["IN", "IR"].map(|c| c.parse().expect("a country")));
        let teacher = PhoneNumber::parse(TEACHER, None).expect("a number");
        let users = MemoryUsers::new().with_role(teacher, "teacher");
        let builder = OtpAuth::builder(store.clone(), sender.clone(), users, keys())
            .policy(policy)
            .clock(clock.clone())
            .audit(audit.clone());
        let builder = match setting.tracks {
            true => builder.track_delivery(),
            false => builder,
        };
        let auth = builder.build().expect("the suite's login");
        let site = Site {
            api: (setting.adjust)(Api::new(auth)),
            body_timeout: setting.body_timeout,
        };
        let served = harness.serve(site).await;
        Self {
            clock,
            sender,
            audit,
            store,
            served,
        }
    }

    /// One exchange. What must be true of every reply of the API is asserted here.
    pub(crate) async fn call(&self, call: &Call) -> Reply {
        self.raw(&call.bytes()).await
    }

    /// As [`call`](Self::call), for bytes.
    pub(crate) async fn raw(&self, bytes: &[u8]) -> Reply {
        let reply = exchange(self.served.address, bytes).await;
        let reply = reply.expect("the server replies");
        let target = bytes.split(|byte| *byte == b' ').nth(1).unwrap_or_default();
        let of_api = target.starts_with(MOUNT.as_bytes());
        self.check(&reply, of_api);
        reply
    }

    /// HTP-1, HTP-3, HTP-5: what every reply has, and what none has.
    fn check(&self, reply: &Reply, of_api: bool) {
        let seen =
            String::from_utf8_lossy(&reply.body).into_owned() + &format!("{:?}", reply.fields);
        for message in self.sender.messages() {
            assert!(
                !seen.contains(message.code.expose()),
                "a reply holds a code"
            );
        }
        assert!(!seen.contains("10.1.2.3"), "a reply holds a driver's words");
        let cors = |(name, _): &(String, String)| name.starts_with("access-control");
        assert!(
            !reply.fields.iter().any(cors),
            "a reply opens the API to other origins"
        );
        // What a guarded route of the host replies is the host's; a refusal is ours.
        if !of_api && reply.status < 400 {
            return;
        }
        assert_eq!(reply.field("cache-control"), Some("no-store"), "{reply:?}");
        assert_eq!(
            reply.field("x-content-type-options"),
            Some("nosniff"),
            "{reply:?}"
        );
        assert_eq!(
            reply.field("referrer-policy"),
            Some("no-referrer"),
            "{reply:?}"
        );
        if reply.status >= 400 {
            check_problem(reply);
        }
    }

    /// Asks for a code.
    pub(crate) async fn send(&self, phone: &str) -> Reply {
        self.call(&Call::post("send-otp", &json!({ "phone_number": phone })))
            .await
    }

    /// Asks for a code and says for which challenge.
    pub(crate) async fn challenge(&self, phone: &str) -> String {
        let reply = self.send(phone).await;
        assert_eq!(reply.status, 200, "{}", reply.json());
        reply.text("challenge_id")
    }

    pub(crate) async fn verify(&self, phone: &str, challenge: &str, code: &str) -> Reply {
        self.call(&Self::guess(phone, challenge, code)).await
    }

    pub(crate) fn guess(phone: &str, challenge: &str, code: &str) -> Call {
        let body = json!({ "phone_number": phone, "challenge_id": challenge, "code": code });
        Call::post("verify-otp", &body)
    }

    pub(crate) fn code(&self) -> String {
        let code = self.sender.last_code().expect("a code was sent");
        code.expose().to_owned()
    }

    /// A code that is not the last one.
    pub(crate) fn wrong_code(&self) -> String {
        let right = self.code();
        let zeros = "0".repeat(right.len());
        if right == zeros {
            "1".repeat(right.len())
        } else {
            zeros
        }
    }

    pub(crate) async fn login(&self, phone: &str) -> SignedIn {
        let challenge = self.challenge(phone).await;
        SignedIn::read(&self.verify(phone, &challenge, &self.code()).await)
    }

    pub(crate) async fn refresh(&self, token: &str) -> Reply {
        self.call(&Call::post(
            "refresh-token",
            &json!({ "refresh_token": token }),
        ))
        .await
    }

    pub(crate) async fn me(&self, access: &str) -> Reply {
        self.call(&Call::get("me").bearer(access)).await
    }
}

/// RFC 9457: its members, and that its status is the reply's.
fn check_problem(reply: &Reply) {
    let body = reply.json();
    assert_eq!(
        reply.field("content-type"),
        Some("application/problem+json"),
        "{reply:?}"
    );
    if body == Value::Null {
        assert!(reply.body.is_empty(), "{reply:?}");
        return;
    }
    assert!(!reply.problem().is_empty(), "{body}");
    assert_eq!(body["status"], reply.status, "{body}");
    assert!(
        body["title"].is_string() && body["detail"].is_string(),
        "{body}"
    );
}

fn keys() -> Arc<Keys> {
    Arc::new(Keys::generate().expect("keys"))
}

/// The path of a route of the API.
pub(crate) fn path(route: &str) -> String {
    format!("{MOUNT}/{route}")
}
