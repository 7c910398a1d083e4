//! What clients see when something behind fails.

use crate::flaky::{Failing, FlakySender, FlakyStore, FlakyUsers, SOURCE};
use crate::world::{PHONE, Reply, auth, bearing, post};
use otp_core::SendErrorKind;
use otp_core::limit::{Act, Dimension, Limit};
use otp_core::policy::{Policy, SignUp};
use otp_core::testing::ManualClock;
use otp_http::{Api, Request};
use serde_json::{Value, json};
use std::time::Duration;

const NEUTRAL: &str = "This is not possible at this moment. Please try again later.";
const NOT_SENT: &str = "Unable to send OTP at this moment. Please try again later.";

/// An API whose parts can fail, with a user who is signed in, another code that is out, and a ticket.
struct Fragile {
    api: Api,
    failing: Failing,
    sender: FlakySender,
    login: Value,
    verify: Value,
    register: Value,
}

impl Fragile {
    async fn new() -> Self {
        let (store, users, sender) = <(FlakyStore, FlakyUsers, FlakySender)>::default();
        let users = FlakyUsers {
            failing: store.failing.clone(),
            ..users
        };
        let failing = store.failing.clone();
        let clock = ManualClock::default();
        let refreshes = Limit::new(
            Act::Refresh,
            [Dimension::Address],
            50,
            Duration::from_secs(60),
        );
        let policy = Policy::builder()
            .check_sessions(true)
            .limit(refreshes)
            .sign_up(SignUp::Ticket);
        let auth = auth(
            store,
            sender.clone(),
            users,
            policy.build().unwrap(),
            clock.clone(),
        );
        let api = Api::new(auth);
        let mut fragile = Self {
            api,
            failing,
            sender,
            login: Value::Null,
            verify: Value::Null,
            register: Value::Null,
        };
        for (turn, phone) in [PHONE, "+919876543211"].into_iter().enumerate() {
            let verify = fragile.send(phone).await;
            let ticket = fragile
                .post("/verify-otp", &verify)
                .await
                .member("registration_ticket");
            let register = json!({
                "phone_number": phone, "registration_ticket": ticket, "consent_version": "1",
                "consent_text_id": "terms",
            });
            if turn == 0 {
                fragile.login = fragile
                    .post("/complete-registration", &register)
                    .await
                    .json();
            } else {
                fragile.register = register;
            }
        }
        clock.advance(Duration::from_secs(60));
        fragile.verify = fragile.send(PHONE).await;
        clock.advance(Duration::from_secs(60));
        fragile
    }

    async fn send(&self, phone: &str) -> Value {
        let sent = self
            .post("/send-otp", &json!({"phone_number": phone}))
            .await;
        let code = self.sender.inner.last_code().unwrap();
        json!({"phone_number": phone, "challenge_id": sent.member("challenge_id"), "code": code.expose()})
    }

    async fn post(&self, path: &str, body: &Value) -> Reply {
        Reply::from(self.api.handle(post(path, body.to_string())).await)
    }

    /// A request to every endpoint that works when nothing fails; the keys alone need nothing.
    fn requests(&self) -> Vec<(&'static str, Request, &'static str)> {
        let token = self.login["access_token"].as_str().unwrap();
        let get = |path: &str| bearing(Request::new("GET", path), token);
        let post = |path: &str, body: &Value| post(path, body.to_string());
        let refresh = json!({"refresh_token": self.login["refresh_token"]});
        let resend = json!({"phone_number": PHONE, "challenge_id": self.verify["challenge_id"]});
        vec![
            (
                "send",
                post("/send-otp", &json!({"phone_number": "+919876543212"})),
                NOT_SENT,
            ),
            ("resend", post("/resend-otp", &resend), NOT_SENT),
            ("verify", post("/verify-otp", &self.verify), NEUTRAL),
            (
                "register",
                post("/complete-registration", &self.register),
                NEUTRAL,
            ),
            ("refresh", post("/refresh-token", &refresh), NEUTRAL),
            ("me", get("/me"), NEUTRAL),
            ("sessions", get("/sessions"), NEUTRAL),
            (
                "session",
                bearing(
                    Request::new("DELETE", "/sessions/AAAAAAAAAAAAAAAAAAAAAA"),
                    token,
                ),
                NEUTRAL,
            ),
            ("health", Request::new("GET", "/health"), NEUTRAL),
            (
                "logout by refresh token",
                post("/logout", &refresh),
                NEUTRAL,
            ),
            (
                "logout by both",
                bearing(post("/logout", &refresh), token),
                NEUTRAL,
            ),
            (
                "logout all",
                bearing(post("/logout", &json!({"all": true})), token),
                NEUTRAL,
            ),
            (
                "logout",
                bearing(post("/logout", &json!({})), token),
                NEUTRAL,
            ),
        ]
    }
}

fn is_unavailable(reply: &Reply, slug: &str, detail: &str, name: &str) {
    assert_eq!(reply.problem(), (503, slug.to_owned(), None), "{name}");
    assert_eq!(reply.member("detail"), detail, "{name}");
    assert_eq!(reply.header("retry-after"), Some("5"), "{name}");
    assert!(!reply.text().contains("retry_after"), "{name}");
    let headers = format!("{:?}", reply.headers);
    for word in SOURCE.split(' ') {
        assert!(
            !reply.text().contains(word) && !headers.contains(word),
            "{name}: {word}"
        );
    }
    for word in ["canary", "corrupt", "Corrupt", "store", "token"] {
        assert!(!reply.text().contains(word), "{name}: {word}");
    }
}

/// THR-15, HTP-1: with the store down every endpoint says so, and no more; nothing is sent and nobody is signed in.
#[tokio::test]
async fn store_down_matrix_never_2xx() {
    let world = Fragile::new().await;
    let sent = world.sender.inner.messages().len();
    world.failing.set(&["all"]);
    for (name, request, detail) in world.requests() {
        let reply = Reply::from(world.api.handle(request).await);
        is_unavailable(&reply, "unavailable", detail, name);
    }
    assert_eq!(world.sender.inner.messages().len(), sent);

    // And all of it was asked rightly: with the store back each works.
    world.failing.set(&[]);
    for (name, request, _) in world.requests() {
        let status = world.api.handle(request).await.status;
        let expected = match name {
            // The resend before it replaced the code.
            "verify" => 401,
            // There is no such session.
            "session" => 404,
            // The one that there is was ended by its refresh token.
            "logout by both" => 200,
            "logout all" | "logout" => 401,
            _ => 200,
        };
        assert_eq!(status, expected, "{name}");
    }
}

/// THR-15, HTP-1: the same for each verb alone, also for the second one that an operation needs.
#[tokio::test]
async fn injected_errors_not_echoed() {
    let table: [(&str, &[&str]); 10] = [
        ("open", &["send", "resend"]),
        ("attempt", &["verify", "register"]),
        ("charge", &["refresh"]),
        ("create", &["verify", "register"]),
        ("rotate", &["refresh"]),
        ("users", &["verify", "register", "refresh", "me"]),
        (
            "find",
            &["me", "sessions", "session", "logout", "logout by both"],
        ),
        ("list", &["sessions"]),
        (
            "revoke",
            &["session", "logout by refresh token", "logout all", "logout"],
        ),
        ("ping", &["health"]),
    ];
    for (verb, endpoints) in table {
        for endpoint in endpoints {
            let world = Fragile::new().await;
            world.failing.set(&[verb]);
            let mut requests = world.requests().into_iter();
            let (name, request, detail) = requests.find(|(name, _, _)| name == endpoint).unwrap();
            let reply = Reply::from(world.api.handle(request).await);
            is_unavailable(&reply, "unavailable", detail, &format!("{verb} {name}"));
        }
    }
}

/// HTP-1: a provider's failures are two answers: the number, or not now.
#[tokio::test]
async fn providers_failures() {
    use SendErrorKind::{
        AuthOrConfig, InsufficientCredit, InvalidNumber, RateLimited, TemplateProblem, Transient,
        Unreachable,
    };
    let world = Fragile::new().await;
    let kinds = [
        AuthOrConfig,
        InsufficientCredit,
        RateLimited,
        TemplateProblem,
        Transient,
        Unreachable,
    ];
    for refund in [&[][..], &["refund"]] {
        world.failing.set(refund);
        for kind in kinds {
            *world.sender.error.lock().unwrap() = Some(kind);
            let phone = if refund.is_empty() {
                "+919876543213"
            } else {
                PHONE
            };
            let path = if refund.is_empty() {
                "/send-otp"
            } else {
                "/resend-otp"
            };
            let mut body = json!({"phone_number": phone});
            if !refund.is_empty() {
                body["challenge_id"] = world.verify["challenge_id"].clone();
            }
            let reply = world.post(path, &body).await;
            if reply.status == 429 {
                continue; // The refund failed, so the message before still counts.
            }
            is_unavailable(&reply, "delivery-failed", NOT_SENT, &format!("{kind:?}"));
        }
    }
    world.failing.set(&[]);
    *world.sender.retry_after.lock().unwrap() = Some(Duration::from_millis(59_001));
    let other = json!({"phone_number": "+919876543215"});
    let reply = world.post("/send-otp", &other).await;
    assert_eq!(reply.header("retry-after"), Some("60"));

    *world.sender.error.lock().unwrap() = Some(InvalidNumber);
    let reply = world
        .post("/send-otp", &json!({"phone_number": "+919876543214"}))
        .await;
    assert_eq!(
        reply.problem(),
        (422, "invalid-field".into(), Some("phone_number".into()))
    );
}
