//! Requests, whatever is in them.

use otp_core::policy::Policy;
use otp_core::testing::{CapturingSender, ManualClock};
use otp_core::{Keys, MemoryStore, MemoryUsers, OtpAuth};
use otp_http::{Api, Body, Request};
use std::sync::{Arc, LazyLock};

/// Which endpoint, the bearer token, the languages, the body.
pub type Asked<'a> = (u8, &'a [u8], &'a [u8], &'a [u8]);

const ENDPOINTS: [(&str, &str); 10] = [
    ("POST", "/send-otp"),
    ("POST", "/resend-otp"),
    ("POST", "/verify-otp"),
    ("POST", "/complete-registration"),
    ("POST", "/refresh-token"),
    ("POST", "/logout"),
    ("GET", "/me"),
    ("GET", "/sessions"),
    ("DELETE", "/sessions/BwcHBwcHBwcHBwcHBwcHBw"),
    ("POST", "/webhooks/none"),
];

/// The answer to a request, which is never that something broke.
pub fn http((which, bearer, languages, body): Asked<'_>) {
    static KEYS: LazyLock<Arc<Keys>> = LazyLock::new(|| Arc::new(Keys::generate().unwrap()));
    let (store, users) = (MemoryStore::new(), MemoryUsers::new());
    let builder = OtpAuth::builder(store, CapturingSender::new(), users, KEYS.clone());
    let policy = Policy::standard().for_countries(["IN".parse().unwrap()]);
    let auth = builder.policy(policy).clock(ManualClock::default());
    let api = Api::new(auth.build().unwrap());

    let (method, path) = ENDPOINTS[usize::from(which) % ENDPOINTS.len()];
    let mut request = Request::new(method, path);
    request.headers.push("content-type", "application/json");
    request
        .headers
        .push("authorization", [b"Bearer ", bearer].concat());
    request.headers.push("accept-language", languages);
    request.body = Body::Complete(body.to_vec());
    request.peer = Some([192, 0, 2, 7].into());
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let response = runtime.block_on(api.handle(request));
    assert!(response.status < 500, "{}", response.status);
}
