//! The main job, and what it refuses.

use super::world::{ALICE, BOB, SignedIn, World, roomy};
use super::{Call, Connection, Harness, Reply};
use otp_core::ChallengeId;
use otp_core::policy::Binding;
use serde_json::json;
use std::time::Duration;

pub async fn with_a_challenge(harness: &impl Harness) {
    let world = World::new(harness).await;
    let sent = world.send(ALICE).await;
    assert_eq!(sent.status, 200, "{}", sent.json());
    let challenge = sent.text("challenge_id");
    let reference = challenge.parse::<ChallengeId>().expect("an id").reference();
    let expected = json!({
        "phone_number": ALICE, "message": "OTP sent successfully", "expires_in": 300,
        "challenge_id": challenge, "reference": reference, "resend_in": 30, "channel": "sms",
    });
    assert_eq!(sent.json(), expected);
    assert_eq!(challenge.len(), 22);

    let verified = world.verify(ALICE, &challenge, &world.code()).await;
    let body = verified.json();
    let login = SignedIn::read(&verified);
    assert_eq!(body["token_type"], "bearer");
    assert_eq!(
        (&body["expires_in"], &body["refresh_expires_in"]),
        (&json!(900), &json!(86_400))
    );
    assert_eq!(body["is_new_user"], true);
    assert_eq!(
        body["user"],
        json!({ "id": login.user, "phone_number": ALICE, "roles": [] })
    );

    let me = world.me(&login.access).await;
    assert_eq!((me.status, &me.json()["user"]), (200, &body["user"]));
    assert_eq!(me.json()["auth_time"], "2026-01-01T00:00:00Z");
}

/// The bodies that clients of older systems send, under the binding that they need.
pub async fn with_phone_and_code_by_the_old_names(harness: &impl Harness) {
    let world = World::of(harness, roomy().binding(Binding::Phone)).await;
    let body =
        json!({ "mobile_number": "98765 43210", "country_code": "+91", "device_info": "curl" });
    let sent = world.call(&Call::post("send-otp", &body)).await;
    assert_eq!(
        (sent.status, sent.text("phone_number")),
        (200, ALICE.to_owned())
    );
    let body = json!({ "mobile_number": ALICE, "otp": world.code(), "device_info": "curl" });
    let login = SignedIn::read(&world.call(&Call::post("verify-otp", &body)).await);

    let sessions = world
        .call(&Call::get("sessions").bearer(&login.access))
        .await;
    assert_eq!(sessions.json()["sessions"][0]["device_info"], "curl");
}

/// THR-13: refused until the instant that the reply names, admitted at it.
pub async fn resend_waits_for_the_cooldown(harness: &impl Harness) {
    let world = World::new(harness).await;
    let challenge = world.challenge(ALICE).await;
    let first = world.code();
    let body = json!({ "phone_number": ALICE, "challenge_id": challenge });
    let resend = Call::post("resend-otp", &body);

    let refused = world.call(&resend).await;
    assert_eq!(
        (refused.status, refused.field("retry-after")),
        (429, Some("30"))
    );
    assert_eq!(
        (refused.problem().as_str(), &refused.json()["retry_after"]),
        ("rate-limited", &json!(30))
    );
    assert_eq!(
        refused.text("detail"),
        "Too many attempts. Please try again in 30 seconds."
    );

    world.clock.advance(Duration::from_millis(29_999));
    let refused = world.call(&resend).await;
    assert_eq!(
        (refused.status, refused.field("retry-after")),
        (429, Some("1"))
    );
    assert_eq!(world.sender.messages().len(), 1);

    world.clock.advance(Duration::from_millis(1));
    let again = world.call(&resend).await;
    assert_eq!(
        (again.status, again.text("challenge_id")),
        (200, challenge.clone()),
        "{}",
        again.json()
    );
    if first != world.code() {
        assert_eq!(world.verify(ALICE, &challenge, &first).await.status, 401);
    }
    assert_eq!(
        world.verify(ALICE, &challenge, &world.code()).await.status,
        200
    );
}

/// VER-7: wrong, expired, used, unknown and locked are one answer.
pub async fn failure_bodies_byte_identical(harness: &impl Harness) {
    let world = World::new(harness).await;
    let phone = |n: u8| format!("+9198765432{n:02}");
    let wrong_at = async |phone: &str, times: u8| {
        let challenge = world.challenge(phone).await;
        let mut last = None;
        for _ in 0..times {
            last = Some(world.verify(phone, &challenge, &world.wrong_code()).await);
        }
        (challenge, last)
    };

    let (_, wrong) = wrong_at(&phone(20), 1).await;
    let wrong = wrong.expect("a guess was made");
    assert_eq!(
        (wrong.status, wrong.problem().as_str()),
        (401, "invalid-credentials")
    );
    assert_eq!(
        wrong.text("detail"),
        "The code is wrong or no longer valid."
    );

    let unknown = world.verify(&phone(21), &"A".repeat(22), "123456").await;
    let challenge = world.challenge(&phone(22)).await;
    let code = world.code();
    assert_eq!(
        world.verify(&phone(22), &challenge, &code).await.status,
        200
    );
    let used = world.verify(&phone(22), &challenge, &code).await;
    let (challenge, _) = wrong_at(&phone(23), 3).await;
    let locked = world.verify(&phone(23), &challenge, &world.code()).await;
    let challenge = world.challenge(&phone(24)).await;
    let foreign = world.verify(BOB, &challenge, &world.code()).await;
    world.clock.advance(Duration::from_secs(300));
    let expired = world.verify(&phone(24), &challenge, &world.code()).await;

    let others: [(&str, Reply); 5] = [
        ("unknown", unknown),
        ("used", used),
        ("locked", locked),
        ("foreign", foreign),
        ("expired", expired),
    ];
    for (name, other) in others {
        assert_eq!(other, wrong, "{name}");
    }
}

/// THR-1: one subscriber has one limit, however the number is spelt.
pub async fn limits_hit_across_spellings(harness: &impl Harness) {
    let world = World::new(harness).await;
    assert_eq!(world.send(ALICE).await.status, 200);
    let spellings = [
        "+91 98765 43210",
        "+91-98765-43210",
        "00919876543210",
        "09876543210",
        "98765 43210",
        "+91\u{a0}98765\u{a0}43210",
        "\u{200f}+919876543210",
        "+\u{0669}\u{0661}\u{0669}\u{0668}\u{0667}\u{0666}\u{0665}\u{0664}\u{0663}\u{0662}\u{0661}\u{0660}",
    ];
    for spelling in spellings {
        let reply = world.send(spelling).await;
        assert_eq!(reply.status, 429, "{spelling:?}: {}", reply.json());
    }
    assert_eq!(world.sender.messages().len(), 1);
}

/// The language of the message is the field's, or else the browser's.
pub async fn the_language_reaches_the_message(harness: &impl Harness) {
    let world = World::new(harness).await;
    let send = Call::post("send-otp", &json!({ "phone_number": ALICE }));
    let sent = world
        .call(&send.header("Accept-Language", "pt-BR,pt;q=0.9"))
        .await;
    assert_eq!(sent.status, 200, "{}", sent.json());
    let send = Call::post("send-otp", &json!({ "phone_number": BOB, "locale": "hi" }));
    let sent = world.call(&send.header("Accept-Language", "pt-BR")).await;
    assert_eq!(sent.status, 200, "{}", sent.json());
    let locales = world
        .sender
        .messages()
        .into_iter()
        .map(|message| message.locale);
    let expected = ["pt-BR", "hi"].map(|locale| locale.parse().ok());
    assert_eq!(locales.collect::<Vec<_>>(), expected);
}

/// HTP-6: a retry with the same key is the same request.
pub async fn double_submit_one_sms(harness: &impl Harness) {
    let world = World::new(harness).await;
    let send = Call::post("send-otp", &json!({ "phone_number": ALICE }));
    let send = async |key| {
        world
            .call(&send.clone().header("Idempotency-Key", key))
            .await
    };
    let first = send("5f0c2a9e-1").await;
    let second = send("5f0c2a9e-1").await;
    assert_eq!((first.status, second.status), (200, 200));
    assert_eq!(first.body, second.body);
    assert_eq!(world.sender.messages().len(), 1);
    assert_eq!(send("another").await.status, 429);
    assert_eq!(send("").await.status, 422);
}

/// Two requests on one connection, the second after a refusal.
pub async fn connections_are_kept(harness: &impl Harness) {
    let world = World::new(harness).await;
    let mut connection = Connection::open(world.served.address)
        .await
        .expect("a connection");
    for (route, status) in [
        ("nothing", 404),
        ("health", 200),
        ("me", 401),
        ("health", 200),
    ] {
        connection
            .write(&Call::get(route).bytes())
            .await
            .expect("it is open");
        let reply = connection.read(false).await.expect("a reply");
        assert_eq!(reply.status, status, "{route}");
        assert_eq!(reply.field("connection"), None);
    }
}
