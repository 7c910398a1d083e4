//! Signing in, staying signed in, signing out.

use crate::world::{PHONE, World, post};
use otp_core::ChallengeId;
use serde_json::{Value, json};
use std::time::Duration;

fn text<'a>(json: &'a Value, member: &str) -> &'a str {
    json[member].as_str().unwrap()
}

#[tokio::test]
async fn the_whole_flow() {
    let world = World::new();
    let sent = world
        .post(
            "/send-otp",
            &json!({"mobile_number": "098765 43210", "country_code": "+91"}),
        )
        .await;
    assert_eq!(
        sent.json(),
        json!({
            "phone_number": PHONE,
            "message": "OTP sent successfully",
            "expires_in": 300,
            "challenge_id": sent.member("challenge_id"),
            "reference": sent.member("challenge_id").parse::<ChallengeId>().unwrap().reference(),
            "resend_in": 30,
            "channel": "sms",
        })
    );
    let code = world.sender.last_code().unwrap();
    let body = json!({
        "mobile_number": PHONE, "otp": code.expose(), "device_info": "curl",
        "challenge_id": sent.member("challenge_id"),
    });
    let login = world.post("/verify-otp", &body).await.json();
    assert_eq!(login["token_type"], "bearer");
    assert_eq!(login["expires_in"], 900);
    assert_eq!(login["refresh_expires_in"], 86_400);
    assert_eq!(login["is_new_user"], true);
    assert_eq!(login["user"]["phone_number"], PHONE);
    assert_eq!(login["user"]["roles"], json!([]));

    let access = text(&login, "access_token");
    let me = world.get("/me", access).await.json();
    assert_eq!(me["user"], login["user"]);
    assert_eq!(me["auth_time"], "2026-01-01T00:00:00Z");

    let sessions = world.get("/sessions", access).await.json();
    assert_eq!(
        sessions,
        json!({"sessions": [{
            "id": me["session_id"],
            "device_info": "curl",
            "created_at": "2026-01-01T00:00:00Z",
            "last_used_at": "2026-01-01T00:00:00Z",
            "expires_at": "2026-01-02T00:00:00Z",
            "current": true,
        }]})
    );

    world.clock.advance(Duration::from_secs(3600));
    let token = json!({"refresh_token": login["refresh_token"]});
    let next = world.post("/refresh-token", &token).await;
    assert_eq!(next.status, 200);
    let next = next.json();
    let mut members: Vec<_> = next.as_object().unwrap().keys().collect();
    members.sort();
    assert_eq!(
        members,
        [
            "access_token",
            "expires_in",
            "refresh_expires_in",
            "refresh_token",
            "token_type"
        ]
    );

    let token = json!({"refresh_token": next["refresh_token"]});
    let out = world.post("/logout", &token).await;
    assert_eq!(out.json(), json!({"message": "Signed out"}));
    let dead = world.post("/refresh-token", &token).await;
    assert_eq!(dead.problem(), (401, "unauthorized".into(), None));
    assert_eq!(
        dead.header("www-authenticate"),
        Some(r#"Bearer error="invalid_token""#)
    );
}

/// Waits are rounded up and lifetimes down: nobody comes too early, or relies on what has ended.
#[tokio::test]
async fn roundings() {
    let world = World::new();
    let keyed = || {
        let mut request = post("/send-otp", json!({"phone_number": PHONE}).to_string());
        request.headers.push("idempotency-key", "key-1");
        request
    };
    world.call(keyed()).await;
    world.clock.advance(Duration::from_millis(1));
    let replayed = world.call(keyed()).await.json();
    assert_eq!(
        (&replayed["expires_in"], &replayed["resend_in"]),
        (&json!(299), &json!(30))
    );
    world.clock.advance(Duration::from_secs(30));
    let replayed = world.call(keyed()).await.json();
    assert_eq!(replayed["resend_in"], 0);
    assert_eq!(world.sender.messages().len(), 1);
}

/// A resend takes the channel before, or the one that is named.
#[tokio::test]
async fn channels() {
    let world = World::new();
    let body = json!({"phone_number": PHONE, "channel": "whatsapp"});
    let sent = world.post("/send-otp", &body).await;
    let challenge = sent.member("challenge_id");
    let mut body = json!({"phone_number": PHONE, "challenge_id": challenge});
    world.clock.advance(Duration::from_secs(30));
    let same = world.post("/resend-otp", &body).await;
    body["channel"] = json!("voice");
    world.clock.advance(Duration::from_secs(60));
    let other = world.post("/resend-otp", &body).await;
    let told = [sent, same, other].map(|reply| reply.member("channel"));
    assert_eq!(told, ["whatsapp", "whatsapp", "voice"]);
    let messages = world.sender.messages();
    let used: Vec<_> = messages.iter().map(|m| m.channel.as_str()).collect();
    assert_eq!(used, told);
}

/// Who asks to be remembered gets the longer session.
#[tokio::test]
async fn remember_me() {
    let world = World::new();
    let body = json!({"phone_number": PHONE, "remember_me": true});
    let sent = world.post("/send-otp", &body).await;
    let code = world.sender.last_code().unwrap();
    let challenge = sent.member("challenge_id");
    let body = json!({"phone_number": PHONE, "challenge_id": challenge, "code": code.expose()});
    let login = world.post("/verify-otp", &body).await.json();
    assert_eq!(login["refresh_expires_in"], 7 * 86_400);
}
