//! What a body may hold.

use crate::refused::{REFRESH, REFUSED, REGISTER, RESEND, SEND, VERIFY};
use crate::world::{PHONE, World, post};
use otp_core::limit::{Act, Dimension, Limit};
use otp_core::policy::Policy;
use serde_json::json;
use std::time::Duration;

fn body(template: &str) -> String {
    let phone = format!(r#""phone_number":"{PHONE}""#);
    let challenge = r#""challenge_id":"AAAAAAAAAAAAAAAAAAAAAA""#;
    let comma = |short: &str, long: &str, text: String| {
        let text = text.replace(&format!("{{{short}"), &format!("{{{long}"));
        text.replace(&format!(",{short}"), &format!(",{long}"))
    };
    comma("C", challenge, comma("P", &phone, template.to_owned()))
}

/// VER-6, HTP-4: a field that cannot be used is named, nothing of it is told back, and no code is looked at.
#[tokio::test]
async fn every_refusal_names_its_field() {
    for (path, template, field) in REFUSED {
        let world = World::new();
        let reply = world.call(post(path, body(template))).await;
        let expected = (422, "invalid-field".to_owned(), Some((*field).to_owned()));
        assert_eq!(reply.problem(), expected, "{path} {template}");
        assert!(world.sender.messages().is_empty(), "{path} {template}");
    }
}

/// Lengths, at their edges.
#[tokio::test]
async fn caps() {
    let table = [
        ("device_id", "d", 128),
        ("device_info", "é", 512),
        ("phone_number", "1", 0),
    ];
    for (field, letter, most) in table {
        for (length, status) in [(most, 200), (most + 1, 422)] {
            let mut body = json!({"phone_number": PHONE});
            if most > 0 {
                body[field] = json!(letter.repeat(length));
            } else if status == 422 {
                body[field] = json!(letter.repeat(3000));
            }
            let reply = World::new().post(SEND, &body).await;
            assert_eq!(reply.status, status, "{field} {length}: {}", reply.text());
        }
    }
    for (field, long) in [
        ("first_name", "ü".repeat(101)),
        ("last_name", "ü".repeat(101)),
        ("email", format!("{}@example.com", "a".repeat(243))),
        ("email", format!("{}@example.com", "a".repeat(65))),
        ("consent_version", "v".repeat(101)),
        ("consent_text_id", "t".repeat(101)),
        ("registration_ticket", "t".repeat(257)),
    ] {
        let mut body =
            json!({"phone_number": PHONE, "consent_version": "1", "consent_text_id": "a"});
        body[field] = json!(long);
        let reply = World::new().post(REGISTER, &body).await;
        assert_eq!(reply.problem().2.as_deref(), Some(field));
    }
}

/// HTP-4: what is not one JSON object in UTF-8 is 400.
#[tokio::test]
async fn what_is_no_object() {
    let deep = format!(
        r#"{{"phone_number":{}1{}}}"#,
        "[".repeat(1500),
        "]".repeat(1500)
    );
    let bodies: [&[u8]; 15] = [
        b"",
        b" ",
        b"null",
        b"[]",
        b"\"text\"",
        b"1",
        b"{",
        b"{\"phone_number\":\"+919876543210\"} {}",
        b"{\"phone_number\":\"+919876543210\",}",
        b"{'phone_number':'+919876543210'}",
        b"phone_number=%2B919876543210",
        b"\xff\xfe{\x00}\x00",
        b"{\"phone_number\":\"\xff\"}",
        b"{\"phone_number\":\"\\ud800\"}",
        deep.as_bytes(),
    ];
    for body in bodies {
        for path in [SEND, RESEND, VERIFY, REGISTER, REFRESH] {
            let reply = World::new().call(post(path, body)).await;
            assert_eq!(reply.problem(), (400, "malformed-json".into(), None));
        }
    }
}

/// Both names, null beside a value, spelled-out optional fields: what old clients send is read.
#[tokio::test]
async fn what_is_accepted() {
    let bodies = [
        r#"{"phone_number":"+919876543210"}"#,
        r#"{"mobile_number":"+91 98765-43210"}"#,
        r#"{"mobile_number":"09876543210","country_code":"+91"}"#,
        r#"{"mobile_number":"9876543210","country_code":"in"}"#,
        r#"{"phone_number":null,"mobile_number":"+919876543210","remember_me":null}"#,
        r#" {"phone_number":"+919876543210","remember_me":true,"channel":"whatsapp"} "#,
        r#"{"phone_number":"+919876543210","device_info":"a\u202eb\r\nc","device_id":"d-1"}"#,
    ];
    for body in bodies {
        let reply = World::new().call(post(SEND, body)).await;
        assert_eq!(
            (reply.status, reply.member("phone_number").as_str()),
            (200, PHONE),
            "{body}"
        );
    }
}

/// VER-6: requests that cannot be read are counted against the address they come from, where the policy counts
/// requests by address.
#[tokio::test]
async fn rubbish_is_counted() {
    let five = Limit::new(Act::Any, [Dimension::Address], 5, Duration::from_secs(60));
    let tables = [
        (Policy::builder(), 30, vec![VERIFY, REGISTER]),
        (
            Policy::builder().limit(five),
            5,
            vec![SEND, RESEND, VERIFY, REGISTER, REFRESH],
        ),
    ];
    for (policy, quota, paths) in tables {
        for path in paths {
            let world = World::with_policy(policy.clone().build().unwrap());
            for _ in 0..quota {
                assert_eq!(world.call(post(path, "[]")).await.status, 400, "{path}");
            }
            for more in ["[]", r#"{"is_admin":true}"#] {
                let reply = world.call(post(path, more)).await;
                assert_eq!(
                    reply.problem(),
                    (429, "rate-limited".into(), None),
                    "{path}"
                );
            }
        }
    }
}

/// HTP-6: two keys, or an unusable one, are refused, rather than sending twice.
#[tokio::test]
async fn idempotency_keys() {
    let good = json!({"phone_number": PHONE}).to_string();
    let world = World::new();
    let keyed = |keys: &[&[u8]]| {
        let mut request = post(SEND, good.as_str());
        for key in keys {
            request.headers.push("idempotency-key", *key);
        }
        request
    };
    let long = "k".repeat(256);
    let refused: [&[&[u8]]; 5] = [
        &[b"a", b"a"],
        &[b""],
        &[b"a b"],
        &[b"\xff"],
        &[long.as_bytes()],
    ];
    for keys in refused {
        let reply = world.call(keyed(keys)).await;
        assert_eq!(reply.problem().2.as_deref(), Some("Idempotency-Key"));
    }
    let first = world.call(keyed(&[b"key-1"])).await;
    let again = world.call(keyed(&[b"key-1"])).await;
    assert_eq!((first.status, again.status), (200, 200));
    assert_eq!(first.bytes, again.bytes);
    assert_eq!(world.sender.messages().len(), 1);
}
