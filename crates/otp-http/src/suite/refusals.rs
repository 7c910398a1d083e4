//! Requests that are refused before anything is done.

use super::world::{ALICE, World, path};
use super::{Call, Connection, Harness, Reply};
use serde_json::{Value, json};

const POSTS: [&str; 6] = [
    "send-otp",
    "resend-otp",
    "verify-otp",
    "complete-registration",
    "refresh-token",
    "logout",
];

pub async fn unknown_paths(harness: &impl Harness) {
    let world = World::new(harness).await;
    for route in [
        "nothing",
        "send-otp/more",
        "sessions/a/b",
        "Send-Otp",
        "jwks",
        "admin",
        "metrics",
    ] {
        for method in ["GET", "POST", "DELETE"] {
            let reply = world.call(&Call::new(method, path(route))).await;
            assert_problem(&reply, 404, "not-found", route);
            assert_eq!(reply.field("allow"), None);
        }
    }
}

pub async fn methods_that_are_not_served(harness: &impl Harness) {
    let world = World::new(harness).await;
    let gets = ["me", "sessions", "health", "jwks.json"];
    for route in POSTS {
        for method in ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"] {
            let reply = world.call(&Call::new(method, path(route))).await;
            assert_eq!(
                (reply.status, reply.field("allow")),
                (405, Some("POST")),
                "{method} {route}"
            );
        }
    }
    for route in gets {
        for method in ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"] {
            let reply = world.call(&Call::new(method, path(route))).await;
            assert_problem(&reply, 405, "method-not-allowed", route);
            assert_eq!(reply.field("allow"), Some("GET, HEAD"), "{method} {route}");
        }
    }
    let reply = world
        .call(&Call::get("sessions/AAAAAAAAAAAAAAAAAAAAAA"))
        .await;
    assert_eq!((reply.status, reply.field("allow")), (405, Some("DELETE")));
}

/// Methods are case-sensitive (RFC 9110 §9.1), and no name of one is a way in.
pub async fn odd_methods(harness: &impl Harness) {
    let world = World::new(harness).await;
    let body = json!({ "phone_number": ALICE }).to_string();
    for method in ["post", "Post", "POSTS", "TRACE", "PROPFIND", "QUERY", "get"] {
        let call = Call::new(method, path("send-otp")).json(body.clone());
        let reply = world.call(&call).await;
        assert_problem(&reply, 405, "method-not-allowed", method);
        assert_eq!(reply.field("allow"), Some("POST"));
    }
    assert!(world.sender.messages().is_empty());
}

pub async fn media_types(harness: &impl Harness) {
    let world = World::new(harness).await;
    let body = json!({ "phone_number": ALICE }).to_string();
    let call = |media_type: Option<&str>| {
        let call = Call::new("POST", path("send-otp")).body(body.clone());
        match media_type {
            Some(media_type) => call.header("Content-Type", media_type),
            None => call,
        }
    };
    for media_type in [
        None,
        Some("text/plain"),
        Some("application/x-www-form-urlencoded"),
        Some("application/jsonp"),
        Some(""),
    ] {
        let reply = world.call(&call(media_type)).await;
        assert_problem(
            &reply,
            415,
            "unsupported-media-type",
            media_type.unwrap_or("none"),
        );
    }
    let twice = call(Some("application/json")).header("Content-Type", "text/plain");
    assert_eq!(world.call(&twice).await.status, 415);
    assert!(world.sender.messages().is_empty());
    let spelt = call(Some("Application/JSON ; charset=utf-8"));
    assert_eq!(world.call(&spelt).await.status, 200);
}

pub async fn malformed_json(harness: &impl Harness) {
    let world = World::new(harness).await;
    let deep = "[".repeat(2_000);
    let bodies: [&[u8]; 10] = [
        b"",
        b"{",
        b"null",
        b"[]",
        b"\"+919876543210\"",
        b"{\"phone_number\":\"\xff\"}",
        b"{\"phone_number\":\"+919876543210\"}x",
        b"{'phone_number':'+919876543210'}",
        b"\xef\xbb\xbf{}",
        deep.as_bytes(),
    ];
    for body in bodies {
        let call = Call::new("POST", path("send-otp")).json(body);
        let reply = world.call(&call).await;
        assert_problem(
            &reply,
            400,
            "malformed-json",
            &String::from_utf8_lossy(body),
        );
    }
}

/// HTP-4: unknown and doubled members and wrong types are refused by name.
pub async fn fields_by_name(harness: &impl Harness) {
    let world = World::new(harness).await;
    let table = [
        ("send-otp", r#"{}"#, "phone_number"),
        ("send-otp", r#"{"phone_number":"12"}"#, "phone_number"),
        (
            "send-otp",
            r#"{"phone_number":"+919876543210;ext=1"}"#,
            "phone_number",
        ),
        (
            "send-otp",
            r#"{"phone_number":"+919876543210\n"}"#,
            "phone_number",
        ),
        (
            "send-otp",
            r#"{"phone_number":919876543210}"#,
            "phone_number",
        ),
        (
            "send-otp",
            r#"{"phone_number":["+919876543210"]}"#,
            "phone_number",
        ),
        (
            "send-otp",
            r#"{"phone_number":"+919876543210","phone_number":"+919876543211"}"#,
            "phone_number",
        ),
        (
            "send-otp",
            r#"{"phone_number":"+919876543210","mobile_number":"+919876543211"}"#,
            "phone_number",
        ),
        (
            "send-otp",
            r#"{"phone_number":"+919876543210","admin":true}"#,
            "admin",
        ),
        (
            "send-otp",
            r#"{"phone_number":"+919876543210","channel":"fax"}"#,
            "channel",
        ),
        (
            "send-otp",
            r#"{"phone_number":"+919876543210","remember_me":"yes"}"#,
            "remember_me",
        ),
        (
            "send-otp",
            r#"{"phone_number":"+919876543210","country_code":"Narnia"}"#,
            "country_code",
        ),
        (
            "verify-otp",
            r#"{"phone_number":"+919876543210","code":"123456"}"#,
            "challenge_id",
        ),
        (
            "verify-otp",
            r#"{"phone_number":"+919876543210","code":"123456","challenge_id":"x"}"#,
            "challenge_id",
        ),
        (
            "resend-otp",
            r#"{"phone_number":"+919876543210"}"#,
            "challenge_id",
        ),
        ("refresh-token", r#"{}"#, "refresh_token"),
        (
            "refresh-token",
            r#"{"refresh_token":{"$ne":null}}"#,
            "refresh_token",
        ),
        ("logout", r#"{"everything":true}"#, "everything"),
    ];
    for (route, body, field) in table {
        let reply = world.call(&Call::new("POST", path(route)).json(body)).await;
        assert_problem(&reply, 422, "invalid-field", body);
        assert_eq!(reply.text("field"), field, "{body}");
    }
    assert!(world.sender.messages().is_empty());
}

/// VER-6: a code is digits in a string; what is none spends no guess.
pub async fn otp_input_table(harness: &impl Harness) {
    let world = World::new(harness).await;
    let challenge = world.challenge(ALICE).await;
    let digits = world.code();
    let arabic: String = digits
        .chars()
        .map(|c| char::from_u32(c as u32 + 0x630).unwrap_or(c))
        .collect();
    let codes: [Value; 9] = [
        json!(digits.parse::<u64>().unwrap_or_default()),
        json!([digits]),
        json!({ "code": digits }),
        json!(""),
        json!("12345"),
        json!(arabic),
        json!(format!("{digits}\u{0}")),
        json!(digits.repeat(20)),
        json!(null),
    ];
    for code in codes {
        let body = json!({ "phone_number": ALICE, "challenge_id": challenge, "code": code });
        let reply = world.call(&Call::post("verify-otp", &body)).await;
        assert_problem(&reply, 422, "invalid-field", &code.to_string());
        assert_eq!(reply.text("field"), "code");
    }
    assert_eq!(world.verify(ALICE, &challenge, &digits).await.status, 200);
}

/// RFC 9110 §9.3.2: the header fields of a GET, its length among them, and no body.
pub async fn head_is_get_without_body(harness: &impl Harness) {
    let world = World::new(harness).await;
    let mut connection = Connection::open(world.served.address)
        .await
        .expect("a connection");
    for route in ["health", "jwks.json", "me", "nothing", "send-otp"] {
        let get = world.call(&Call::get(route)).await;
        // A body would be taken for the beginning of the next reply.
        connection
            .write(&Call::new("HEAD", path(route)).bytes())
            .await
            .expect("it is open");
        let head = connection.read(true).await.expect("a reply");
        assert_eq!(
            (head.status, &head.fields),
            (get.status, &get.fields),
            "{route}"
        );
        assert_ne!(head.field("content-length"), Some("0"), "{route}");
    }
}

fn assert_problem(reply: &Reply, status: u16, problem: &str, what: &str) {
    assert_eq!(
        (reply.status, reply.problem().as_str()),
        (status, problem),
        "{what}: {}",
        reply.json()
    );
}
