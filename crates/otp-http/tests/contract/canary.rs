//! HTP-3: the code is in the message and nowhere else.

use crate::world::{PHONE, Reply, World, bearing, post};
use otp_core::policy::{Policy, SignUp};
use otp_http::Request;
use serde_json::json;
use std::time::Duration;

/// HTP-3, VER-10: every byte of every reply of a whole life, also of replies to requests that carry the code.
#[tokio::test]
async fn canary_code_only_in_sender() {
    // Ten digits: by chance they are in no reply.
    let policy = Policy::builder()
        .code_digits(10)
        .sign_up(SignUp::Ticket)
        .build()
        .unwrap();
    let world = World::with_policy(policy);
    let mut replies = Vec::new();

    let sent = world
        .post("/send-otp", &json!({"phone_number": PHONE}))
        .await;
    let challenge = sent.member("challenge_id");
    replies.push(sent);
    world.clock.advance(Duration::from_secs(31));
    let named = json!({"phone_number": PHONE, "challenge_id": challenge});
    replies.push(world.post("/resend-otp", &named).await);
    let codes: Vec<_> = world
        .sender
        .messages()
        .into_iter()
        .map(|m| m.code)
        .collect();
    assert_eq!(codes.len(), 2);
    let (old, code) = (codes[0].expose(), codes[1].expose());

    for body in [
        json!({"phone_number": PHONE, "challenge_id": challenge, "code": old}),
        json!({"phone_number": PHONE, "challenge_id": code, "code": code}),
        json!({"phone_number": PHONE, "challenge_id": challenge, "code": code, "otp": code}),
        json!({"phone_number": PHONE, "challenge_id": challenge, "code": [code]}),
        json!({"phone_number": code, "challenge_id": challenge, "code": code}),
        json!({"phone_number": PHONE, "country_code": code, "code": code}),
        json!({"phone_number": PHONE, code: code, "code": code}),
    ] {
        replies.push(world.post("/verify-otp", &body).await);
    }
    replies.push(world.call(post("/verify-otp", code)).await);
    replies.push(world.call(Request::new("GET", format!("/{code}"))).await);
    replies.push(world.call(bearing(Request::new("GET", "/me"), code)).await);
    let mut keyed = post("/send-otp", json!({"phone_number": PHONE}).to_string());
    keyed
        .headers
        .push("idempotency-key", format!("{code} {code}"));
    replies.push(world.call(keyed).await);
    assert!(replies[2..].iter().all(|reply| reply.status >= 400));

    let body = json!({"phone_number": PHONE, "challenge_id": challenge, "code": code});
    let verified = world.post("/verify-otp", &body).await;
    let ticket = verified.member("registration_ticket");
    assert!(!ticket.is_empty());
    let body = json!({
        "phone_number": PHONE, "registration_ticket": ticket, "consent_version": "1", "consent_text_id": "t",
    });
    let registered = world.post("/complete-registration", &body).await;
    let access = registered.member("access_token");
    assert!(!access.is_empty());
    for path in ["/me", "/sessions", "/health", "/jwks.json"] {
        replies.push(world.get(path, &access).await);
    }
    replies.extend([verified, registered]);

    let shown = |reply: &Reply| format!("{:?}{}", reply.headers, reply.text());
    for reply in &replies {
        assert!(
            !shown(reply).contains(code) && !shown(reply).contains(old),
            "{}",
            reply.text()
        );
    }
}

/// HTP-3: who is registered does not show before the code was right.
#[tokio::test]
async fn known_and_unknown_numbers_are_alike() {
    let (known, unknown) = (PHONE, "+919876543211");
    for sign_up in [SignUp::Auto, SignUp::Ticket, SignUp::Deny] {
        let world = World::with_policy(Policy::builder().sign_up(sign_up).build().unwrap());
        let phone = world.auth.phone(known, None).unwrap();
        let users: &dyn otp_core::UserDirectory = &world.users;
        users
            .create(&phone, &otp_core::Profile::default())
            .await
            .unwrap();
        let mut shapes = Vec::new();
        for phone in [known, unknown] {
            let sent = world
                .post("/send-otp", &json!({"phone_number": phone}))
                .await;
            let challenge = sent.member("challenge_id");
            let body =
                json!({"phone_number": phone, "challenge_id": challenge, "code": "0000000000"});
            let tried = world.post("/verify-otp", &body).await;
            let reference = sent.member("reference");
            let sent_text = sent.text().replace(phone, "P").replace(&challenge, "C");
            let sent_text = sent_text.replace(&reference, "R");
            shapes.push((
                sent.status,
                sent_text,
                tried.status,
                tried.text().to_owned(),
            ));
        }
        assert_eq!(shapes[0], shapes[1], "{sign_up:?}");
    }
}
