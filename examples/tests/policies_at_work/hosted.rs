//! `engagelab.toml`, over HTTP as its clients speak: the provider makes the codes, sends them and checks them.

use crate::{DAY, MINUTE};
use otp_core::testing::ManualClock;
use otp_core::verifier::{Checked, Request as Asked, Verifier};
use otp_core::{Code, Keys, MemoryStore, MemoryUsers, OtpAuth, PhoneNumber};
use otp_core::{Receipt, SendError, async_trait};
use otp_examples::{PolicyFile, mounts};
use otp_http::{Api, Body, Headers, Request};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};

const PHONE: &str = "+6590123456";
const RIGHT: &str = "735291";
const WRONG: &str = "000000";

/// Sends everybody one code, and checks only messages that it named.
#[derive(Debug, Default)]
struct Provider {
    sent: Mutex<Vec<PhoneNumber>>,
    /// The names that it was asked for.
    asked: Mutex<Vec<String>>,
}

impl Provider {
    fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.asked.lock().unwrap())
    }
}

#[async_trait]
impl Verifier for Provider {
    fn name(&self) -> &str {
        "scripted"
    }

    async fn start(&self, request: &Asked) -> Result<Receipt, SendError> {
        let mut sent = self.sent.lock().unwrap();
        sent.push(request.to.clone());
        Ok(Receipt::with_reference(format!("message-{}", sent.len())))
    }

    async fn check(
        &self,
        reference: &str,
        to: &PhoneNumber,
        code: &Code,
    ) -> Result<Checked, SendError> {
        self.asked.lock().unwrap().push(reference.to_owned());
        let sent = self.sent.lock().unwrap();
        let mut named = (1..).zip(&*sent);
        Ok(
            match named.find(|(n, _)| reference == format!("message-{n}")) {
                Some((_, own)) if own == to && code.expose() == RIGHT => Checked::Approved,
                Some((_, own)) if own == to => Checked::Wrong,
                _ => Checked::Unknown,
            },
        )
    }
}

struct World {
    api: Api,
    clock: ManualClock,
    provider: Arc<Provider>,
}

impl World {
    fn new() -> Self {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/policies/engagelab.toml");
        let file = PolicyFile::parse(&std::fs::read_to_string(path).unwrap(), None).unwrap();
        let (clock, provider) = (ManualClock::default(), Arc::new(Provider::default()));
        let (store, users) = (MemoryStore::new(), MemoryUsers::new());
        let keys = Arc::new(Keys::generate().unwrap());
        let auth = OtpAuth::hosted(store, provider.clone(), users, keys)
            .policy(file.policy)
            .clock(clock.clone())
            .build()
            .unwrap();
        let mut mounts = mounts(&auth, file.routes.as_ref()).unwrap().into_iter();
        let own = mounts.find(|mount| mount.base.is_empty()).unwrap();
        Self {
            api: own.api,
            clock,
            provider,
        }
    }

    async fn call(&self, method: &str, path: &str, token: &str, body: &Value) -> (u16, Value) {
        let mut request = Request::new(method, path);
        request.headers = bearing(token);
        request.headers.push("content-type", "application/json");
        request.body = Body::Complete(body.to_string().into_bytes());
        request.peer = Some([192, 0, 2, 7].into());
        let response = self.api.handle(request).await;
        let json = serde_json::from_slice(&response.body).unwrap_or_default();
        (response.status, json)
    }

    async fn post(&self, path: &str, body: Value) -> (u16, Value) {
        self.call("POST", path, "none", &body).await
    }

    async fn send(&self) {
        let (status, reply) = self
            .post("/request-otp", json!({"phone_number": PHONE}))
            .await;
        assert_eq!(status, 200, "{reply}");
    }

    async fn verify(&self, code: &str) -> (u16, Value) {
        let body = json!({"phone_number": PHONE, "code": code});
        self.post("/verify-otp", body).await
    }

    /// What a team's own endpoints stand behind.
    async fn lets_in(&self, token: &str) -> bool {
        self.api.authenticate(&bearing(token)).await.is_ok()
    }

    /// That nothing but a code leads in with this token.
    async fn assert_closed(&self, token: &str) {
        for (method, path) in [
            ("GET", "/me"),
            ("GET", "/sessions"),
            ("DELETE", "/sessions/AAAAAAAAAAAAAAAAAAAAAA"),
            ("POST", "/logout"),
        ] {
            let (status, reply) = self.call(method, path, token, &json!({})).await;
            assert_eq!(status, 401, "{method} {path} {reply}");
        }
        let refresh = json!({ "refresh_token": token });
        assert_eq!(self.post("/refresh-token", refresh).await.0, 401);
        assert!(!self.lets_in(token).await);
    }
}

fn bearing(token: &str) -> Headers {
    let mut headers = Headers::new();
    headers.push("authorization", format!("Bearer {token}"));
    headers
}

fn text<'a>(reply: &'a Value, name: &str) -> &'a str {
    reply[name].as_str().unwrap()
}

/// VER-11: the way of a user from the request for a code to the end of the session.
#[tokio::test]
async fn a_code_of_the_providers_opens_what_was_closed() {
    let world = World::new();
    world.send().await;
    for token in ["none", "message-1", RIGHT, PHONE] {
        world.assert_closed(token).await;
    }
    let (status, reply) = world.verify(WRONG).await;
    assert_eq!((status, &reply["tries_left"]), (401, &Value::Null));
    world.assert_closed("none").await;

    let (status, login) = world.verify(RIGHT).await;
    assert_eq!(status, 200, "{login}");
    assert_eq!(login["is_new_user"], true);
    assert_eq!(world.provider.asked(), ["message-1", "message-1"]);
    let access = text(&login, "access_token");
    assert!(world.lets_in(access).await);
    let (status, me) = world.call("GET", "/me", access, &json!({})).await;
    assert_eq!((status, text(&me["user"], "phone_number")), (200, PHONE));
    assert_eq!(world.verify(RIGHT).await.0, 401, "a code opens once");

    world.clock.advance(16 * MINUTE);
    assert!(!world.lets_in(access).await);
    let refresh = json!({"refresh_token": text(&login, "refresh_token")});
    let (status, fresh) = world.post("/refresh-token", refresh).await;
    assert_eq!(status, 200, "{fresh}");
    assert!(world.lets_in(text(&fresh, "access_token")).await);
    world.clock.advance(7 * DAY);
    let refresh = json!({"refresh_token": text(&fresh, "refresh_token")});
    assert_eq!(world.post("/refresh-token", refresh).await.0, 401);
    assert!(world.provider.asked().is_empty());
}

/// VER-11: a message that a client names is refused as a field that nobody knows, and costs no guess.
#[tokio::test]
async fn a_message_that_a_client_names_is_nothing() {
    let world = World::new();
    world.send().await;
    for (path, code) in [("/request-otp", None), ("/verify-otp", Some(RIGHT))] {
        let mut body = json!({"phone_number": PHONE, "message_id": "message-1"});
        if let Some(code) = code {
            body["code"] = json!(code);
        }
        for _ in 0..4 {
            let (status, reply) = world.post(path, body.clone()).await;
            assert_eq!((status, text(&reply, "field")), (422, "message_id"));
        }
    }
    assert_eq!(world.provider.sent.lock().unwrap().len(), 1);
    assert!(world.provider.asked().is_empty());
    assert_eq!(world.verify(RIGHT).await.0, 200);
}

/// VER-1, VER-11: three guesses for a code, and the fourth reaches nobody though it is right.
#[tokio::test]
async fn the_guesses_are_ours() {
    let world = World::new();
    world.send().await;
    for _ in 0..3 {
        assert_eq!(world.verify(WRONG).await.0, 401);
    }
    assert_eq!(world.provider.asked().len(), 3);
    assert_eq!(world.verify(RIGHT).await.0, 401);
    assert!(world.provider.asked().is_empty());
}
