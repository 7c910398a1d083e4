//! Problem documents, and the header fields of every reply.

use crate::world::{PHONE, Reply, World, bearing, post};
use otp_core::policy::{Binding, Policy};
use otp_http::{Body, Request};
use serde_json::json;
use std::time::Duration;

const MEMBERS: [&str; 7] = [
    "type",
    "title",
    "status",
    "detail",
    "field",
    "retry_after",
    "tries_left",
];

fn is_problem(reply: &Reply) {
    let json = reply.json();
    let members = json.as_object().unwrap();
    assert!(
        members.keys().all(|name| MEMBERS.contains(&name.as_str())),
        "{json}"
    );
    let slug = json["type"]
        .as_str()
        .unwrap()
        .strip_prefix("urn:otp:problem:")
        .unwrap();
    assert!(
        slug.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'),
        "{slug}"
    );
    assert_eq!(json["status"], reply.status);
    for text in ["title", "detail"] {
        assert!(!json[text].as_str().unwrap().is_empty());
    }
    assert_eq!(members.contains_key("field"), slug == "invalid-field");
    assert_eq!(members.contains_key("retry_after"), reply.status == 429);
    let places = MEMBERS.map(|name| reply.text().find(&format!("\"{name}\":")));
    let places: Vec<_> = places.into_iter().flatten().collect();
    assert!(places.is_sorted(), "{}", reply.text());
    assert_eq!(
        reply.header("content-type"),
        Some("application/problem+json")
    );
}

fn has_common_headers(reply: &Reply) {
    assert_eq!(reply.header("cache-control"), Some("no-store"));
    assert_eq!(reply.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(reply.header("referrer-policy"), Some("no-referrer"));
    for (name, value) in &reply.headers {
        assert_eq!(*name, name.to_ascii_lowercase());
        assert!(!name.starts_with("access-control"), "{name}");
        assert!(value.bytes().all(|b| (b' '..=b'~').contains(&b)), "{value}");
    }
}

/// HTP-1, HTP-5: whatever is asked, the refusal is a problem document with the same header fields.
#[tokio::test]
async fn problem_json_schema_all_routes() {
    let paths = [
        "/send-otp",
        "/resend-otp",
        "/verify-otp",
        "/complete-registration",
        "/refresh-token",
        "/logout",
        "/me",
        "/sessions",
        "/sessions/x",
        "/health",
        "/jwks.json",
        "/nothing",
    ];
    let world = World::new();
    let mut statuses = std::collections::BTreeSet::new();
    for path in paths {
        for method in ["GET", "POST", "DELETE", "PUT", "OPTIONS"] {
            for media_type in ["application/json", "text/plain"] {
                let bodies = [
                    "{}",
                    "[",
                    r#"{"x":1}"#,
                    r#"{"phone_number":"x","code":"y"}"#,
                ];
                let bodies = bodies.map(|text| Body::Complete(text.into()));
                for body in bodies
                    .into_iter()
                    .chain([Body::TooLarge, Body::TimedOut, Body::Broken])
                {
                    let mut request = bearing(Request::new(method, path), "nonsense");
                    request.headers.push("content-type", media_type);
                    request.headers.push("origin", "https://evil.example");
                    request.body = body;
                    let reply = world.call(request).await;
                    has_common_headers(&reply);
                    if reply.status != 200 {
                        is_problem(&reply);
                    }
                    statuses.insert(reply.status);
                }
            }
        }
    }
    let all = [200, 400, 401, 404, 405, 408, 413, 415, 422];
    assert_eq!(Vec::from_iter(statuses), all);
}

/// HTP-5: the header fields of each kind of reply, in full.
#[tokio::test]
async fn header_snapshot() {
    let common =
        "cache-control: no-store\nx-content-type-options: nosniff\nreferrer-policy: no-referrer";
    let shown = |reply: &Reply| {
        let lines = reply
            .headers
            .iter()
            .map(|(name, value)| format!("{name}: {value}"));
        lines.collect::<Vec<_>>().join("\n")
    };
    let json = format!("content-type: application/json\n{common}");
    let problem = format!("content-type: application/problem+json\n{common}");
    let world = World::new();
    let login = world.login(PHONE).await;
    let token = login["access_token"].as_str().unwrap();

    assert_eq!(shown(&world.get("/me", token).await), json);
    assert_eq!(
        shown(&world.call(Request::new("GET", "/jwks.json")).await),
        json
    );
    let limited = world
        .post("/send-otp", &json!({"phone_number": PHONE}))
        .await;
    assert_eq!(shown(&limited), format!("{problem}\nretry-after: 30"));
    let put = world.call(Request::new("PUT", "/me")).await;
    assert_eq!(shown(&put), format!("{problem}\nallow: GET, HEAD"));
    let bare = world.call(Request::new("GET", "/me")).await;
    assert_eq!(shown(&bare), format!("{problem}\nwww-authenticate: Bearer"));
    let sessions = world.get("/sessions", token).await.json();
    let path = format!(
        "/sessions/{}",
        sessions["sessions"][0]["id"].as_str().unwrap()
    );
    let deleted = world
        .call(bearing(Request::new("DELETE", path), token))
        .await;
    assert_eq!(shown(&deleted), common);
}

/// HTP-2: the wait is real, in the header, in the body and in words; who waits so long is admitted.
#[tokio::test]
async fn retry_after_then_ok_virtual_clock() {
    let world = World::new();
    let body = json!({"phone_number": PHONE});
    let table = [
        (30, "30 seconds"),
        (60, "1 minute"),
        (510, "9 minutes"),
        (30, "30 seconds"),
        (2970, "50 minutes"),
    ];
    for (seconds, words) in table {
        assert_eq!(world.post("/send-otp", &body).await.status, 200);
        let reply = world.post("/send-otp", &body).await;
        is_problem(&reply);
        assert_eq!(reply.problem().1, "rate-limited");
        let detail = format!("Too many attempts. Please try again in {words}.");
        assert_eq!(reply.member("detail"), detail);
        assert_eq!(reply.json()["retry_after"], seconds);
        assert_eq!(
            reply.header("retry-after"),
            Some(seconds.to_string().as_str())
        );
        world
            .clock
            .advance(Duration::from_millis(seconds * 1000 - 1));
        let reply = world.post("/send-otp", &body).await;
        assert_eq!(reply.header("retry-after"), Some("1"));
        assert_eq!(
            reply.member("detail"),
            "Too many attempts. Please try again in 1 second."
        );
        world.clock.advance(Duration::from_millis(1));
    }
}

/// The same, to the last member: wrong, expired, used, unknown and locked; and the same for a resend.
///
/// VER-7.
#[tokio::test]
async fn failure_bodies_byte_identical() {
    let body = |challenge: &str, code: &str| json!({"phone_number": PHONE, "challenge_id": challenge, "code": code});
    let wrong = |code: &str| if code == "123456" { "654321" } else { "123456" };
    let mut replies = Vec::new();
    for case in [
        "wrong",
        "unknown",
        "not canonical",
        "other phone",
        "used",
        "expired",
        "locked",
    ] {
        let world = World::new();
        let (challenge, code) = world.send(PHONE).await;
        let right = body(&challenge, &code);
        let mut tried = right.clone();
        match case {
            "wrong" => tried = body(&challenge, wrong(&code)),
            "unknown" => tried = body("AAAAAAAAAAAAAAAAAAAAAA", &code),
            "not canonical" => tried = body("AAAAAAAAAAAAAAAAAAAAAB", &code),
            "other phone" => tried["phone_number"] = json!("+919876543211"),
            "used" => assert_eq!(world.post("/verify-otp", &right).await.status, 200),
            "expired" => world.clock.advance(Duration::from_secs(300)),
            _ => {
                for _ in 0..3 {
                    world
                        .post("/verify-otp", &body(&challenge, wrong(&code)))
                        .await;
                }
            }
        }
        replies.push((case, world.post("/verify-otp", &tried).await));
        if !matches!(case, "wrong") {
            tried.as_object_mut().unwrap().remove("code");
            replies.push((case, world.post("/resend-otp", &tried).await));
        }
    }
    let (_, first) = &replies[0];
    assert_eq!(
        first.json(),
        json!({
            "type": "urn:otp:problem:invalid-credentials",
            "title": "Invalid credentials",
            "status": 401,
            "detail": "The code is wrong or no longer valid.",
        })
    );
    for (case, reply) in &replies {
        assert_eq!(reply.text(), first.text(), "{case}");
        assert_eq!(
            (reply.status, &reply.headers),
            (first.status, &first.headers),
            "{case}"
        );
    }
}

/// VER-7: guesses that are left are told where the policy tells them.
#[tokio::test]
async fn tries_left() {
    let policy = Policy::builder()
        .binding(Binding::Phone)
        .tell_tries_left(true)
        .build();
    let world = World::with_policy(policy.unwrap());
    let (_, code) = world.send(PHONE).await;
    let wrong = if code == "123456" { "654321" } else { "123456" };
    let guess = |code: &str| json!({"phone_number": PHONE, "otp": code});
    let mut told = Vec::new();
    for _ in 0..3 {
        let reply = world.post("/verify-otp", &guess(wrong)).await;
        is_problem(&reply);
        told.push(reply.json()["tries_left"].clone());
    }
    assert_eq!(told[..2], [json!(2), json!(1)]);
    let locked = world.post("/verify-otp", &guess(&code)).await;
    assert_eq!(locked.status, 401);
}

/// THR-1: too many failures are a 429, whatever is guessed.
#[tokio::test]
async fn too_many_guesses() {
    let world = World::new();
    let guess = |phone: u64| {
        let id = "AAAAAAAAAAAAAAAAAAAAAA";
        json!({"phone_number": format!("+{phone}"), "challenge_id": id, "code": "123456"})
    };
    let mut statuses = Vec::new();
    for _ in 0..31 {
        statuses.push(
            world
                .post("/verify-otp", &guess(919_876_543_210))
                .await
                .status,
        );
    }
    assert_eq!((statuses[0], statuses[29], statuses[30]), (401, 401, 429));
}

/// Nothing that shows for debugging shows a request or a reply.
///
/// LOG-1.
#[test]
fn debug_shows_nothing() {
    let mut request = bearing(post("/otp/123456", r#"{"code":"424242"}"#), "secret-token");
    request.peer = None;
    let shown = format!("{request:?} {:?} {:?}", request.headers, request.body);
    for secret in ["123456", "424242", "secret-token"] {
        assert!(!shown.contains(secret), "{shown}");
    }
}
