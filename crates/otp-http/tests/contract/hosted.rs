//! Codes that a provider makes, over HTTP.

use crate::world::{PHONE, Reply, post};
use otp_core::policy::Policy;
use otp_core::testing::ManualClock;
use otp_core::verifier::{Checked, Request, Verifier};
use otp_core::{
    Code, Keys, MemoryStore, MemoryUsers, OtpAuth, PhoneNumber, Receipt, SendError, SendErrorKind,
    async_trait,
};
use otp_http::Api;
use serde_json::json;
use std::sync::Arc;

/// Approves `012345`, does not answer for `999999`, and names no message to numbers that end in 1.
#[derive(Debug)]
struct Provider;

#[async_trait]
impl Verifier for Provider {
    fn name(&self) -> &str {
        "provider"
    }

    async fn start(&self, request: &Request) -> Result<Receipt, SendError> {
        match request.to.expose().ends_with('1') {
            true => Ok(Receipt::default()),
            false => Ok(Receipt::with_reference("reference")),
        }
    }

    async fn check(&self, _: &str, _: &PhoneNumber, code: &Code) -> Result<Checked, SendError> {
        match code.expose() {
            "012345" => Ok(Checked::Approved),
            "999999" => Err(SendError::new(SendErrorKind::Transient)),
            _ => Ok(Checked::Wrong),
        }
    }
}

fn api() -> Api {
    let keys = Arc::new(Keys::generate().unwrap());
    let auth = OtpAuth::hosted(MemoryStore::new(), Provider, MemoryUsers::new(), keys);
    let auth = auth
        .policy(Policy::standard().for_countries(["IN".parse().unwrap(), "IR".parse().unwrap()]));
    Api::new(auth.clock(ManualClock::default()).build().unwrap())
}

async fn call(api: &Api, path: &str, body: serde_json::Value) -> Reply {
    Reply::from(api.handle(post(path, body.to_string())).await)
}

/// VER-6, VER-7, VER-11: a code is one of ours in its form; a reference that a client sends is nothing.
#[tokio::test]
async fn a_providers_code() {
    let api = api();
    let sent = call(&api, "/send-otp", json!({ "phone_number": PHONE })).await;
    assert_eq!(sent.status, 200, "{}", sent.text());
    let challenge = sent.member("challenge_id");
    let verify = async |code: &str| {
        let body = json!({
            "phone_number": PHONE, "challenge_id": challenge, "code": code,
        });
        call(&api, "/verify-otp", body).await
    };
    let short = verify("01234").await;
    assert_eq!(short.problem().0, 422);
    assert!(short.text().contains("6 to 10 digits"), "{}", short.text());
    assert_eq!(verify("111111").await.problem().0, 401);
    let down = verify("999999").await;
    assert_eq!(down.problem(), (503, "unavailable".to_owned(), None));
    assert!(down.header("retry-after").is_some());
    assert_eq!(verify("012345").await.status, 200);
    assert_eq!(verify("012345").await.problem().0, 401);
}

/// I6: a message without a reference is none.
#[tokio::test]
async fn no_reference_503() {
    let body = json!({ "phone_number": "+919876543211" });
    let reply = call(&api(), "/send-otp", body).await;
    assert_eq!(reply.problem(), (503, "unavailable".to_owned(), None));
}
