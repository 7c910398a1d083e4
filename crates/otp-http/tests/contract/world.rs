//! An API with a store, a sender and a clock that a test holds.

use otp_core::policy::Policy;
use otp_core::testing::{CapturingSender, ManualClock};
use otp_core::{Keys, MemoryStore, MemoryUsers, OtpAuth, Sender, Store, UserDirectory};
use otp_http::{Api, Body, Request, Response};
use serde_json::{Value, json};
use std::sync::Arc;

pub(crate) const PHONE: &str = "+919876543210";

pub(crate) struct World {
    pub(crate) api: Api,
    pub(crate) auth: OtpAuth,
    pub(crate) clock: ManualClock,
    pub(crate) sender: CapturingSender,
    pub(crate) users: Arc<MemoryUsers>,
}

/// A reply, read.
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) bytes: Vec<u8>,
}

impl World {
    pub(crate) fn new() -> Self {
        Self::with_policy(Policy::standard())
    }

    pub(crate) fn with_policy(policy: Policy) -> Self {
        let sender = CapturingSender::new();
        let users = Arc::new(MemoryUsers::new());
        let clock = ManualClock::default();
        let auth = auth(
            MemoryStore::new(),
            sender.clone(),
            users.clone(),
            policy,
            clock.clone(),
        );
        Self {
            api: Api::new(auth.clone()),
            auth,
            clock,
            sender,
            users,
        }
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Reply {
        self.call(post(path, body.to_string())).await
    }

    pub(crate) async fn get(&self, path: &str, token: &str) -> Reply {
        self.call(bearing(Request::new("GET", path), token)).await
    }

    pub(crate) async fn call(&self, request: Request) -> Reply {
        Reply::from(self.api.handle(request).await)
    }

    /// Asks for a code; gives the challenge and the code.
    pub(crate) async fn send(&self, phone: &str) -> (String, String) {
        let reply = self
            .post("/send-otp", &json!({"phone_number": phone}))
            .await;
        assert_eq!(reply.status, 200, "{}", reply.text());
        let code = self.sender.last_code().unwrap();
        (reply.member("challenge_id"), code.expose().to_owned())
    }

    /// Signs in; gives the reply to `verify-otp`.
    pub(crate) async fn login(&self, phone: &str) -> Value {
        let (challenge, code) = self.send(phone).await;
        let body = json!({"phone_number": phone, "challenge_id": challenge, "code": code});
        let reply = self.post("/verify-otp", &body).await;
        assert_eq!(reply.status, 200, "{}", reply.text());
        reply.json()
    }
}

pub(crate) fn auth(
    store: impl Store,
    sender: impl Sender,
    users: impl UserDirectory,
    policy: Policy,
    clock: ManualClock,
) -> OtpAuth {
    let keys = Arc::new(Keys::generate().unwrap());
    let builder = OtpAuth::builder(store, sender, users, keys);
    let policy = policy.for_countries(["IN", "IR"].map(|country| country.parse().unwrap()));
    builder.policy(policy).clock(clock).build().unwrap()
}

pub(crate) fn post(path: &str, body: impl Into<Vec<u8>>) -> Request {
    let mut request = Request::new("POST", path);
    request.headers.push("content-type", "application/json");
    request.body = Body::Complete(body.into());
    request.peer = Some([192, 0, 2, 7].into());
    request
}

pub(crate) fn bearing(mut request: Request, token: &str) -> Request {
    let line = format!("Bearer {token}");
    request.headers.push("authorization", line);
    request
}

impl From<Response> for Reply {
    fn from(response: Response) -> Self {
        Self {
            status: response.status,
            headers: response.headers,
            bytes: response.body,
        }
    }
}

impl Reply {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap()
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.bytes).unwrap()
    }

    pub(crate) fn member(&self, name: &str) -> String {
        self.json()[name].as_str().unwrap_or_default().to_owned()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.headers.iter().filter(|(own, _)| *own == name);
        let line = lines.next();
        assert!(lines.next().is_none(), "{name} twice");
        line.map(|(_, value)| value.as_str())
    }

    /// The end of a problem's `type`, and its `field`.
    pub(crate) fn problem(&self) -> (u16, String, Option<String>) {
        let json = self.json();
        let slug = json["type"].as_str().unwrap().rsplit(':').next().unwrap();
        let field = json["field"].as_str().map(ToOwned::to_owned);
        (self.status, slug.to_owned(), field)
    }
}
