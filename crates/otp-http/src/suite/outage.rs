//! Something that the login depends on is down.

use super::world::{ALICE, TEACHER, World, path, roomy};
use super::{Call, Harness, Reply};
use otp_core::Action;
use otp_core::Outcome;
use serde_json::json;

const CANNOT_SEND: &str = "Unable to send OTP at this moment. Please try again later.";

pub async fn health(harness: &impl Harness) {
    let world = World::new(harness).await;
    let well = world.call(&Call::get("health")).await;
    assert_eq!((well.status, well.json()), (200, json!({ "status": "ok" })));
    assert_eq!(well.field("content-type"), Some("application/json"));
    world.store.off(true);
    assert_unavailable(&world.call(&Call::get("health")).await, "health");
}

/// THR-15: no message and no token while the store is down; afterwards all is as before.
pub async fn store_down_matrix_never_2xx(harness: &impl Harness) {
    let world = World::of(harness, roomy().check_sessions(true)).await;
    let login = world.login(TEACHER).await;
    let challenge = world.challenge(ALICE).await;
    let messages = world.sender.messages().len();
    let phone = json!({ "phone_number": "+919876543219" });
    let resend = json!({ "phone_number": ALICE, "challenge_id": challenge });
    let session = Call::new("DELETE", path(&format!("sessions/{}", "A".repeat(22))));
    let calls = [
        ("send", Call::post("send-otp", &phone)),
        ("resend", Call::post("resend-otp", &resend)),
        ("verify", World::guess(ALICE, &challenge, &world.code())),
        (
            "refresh",
            Call::post("refresh-token", &json!({ "refresh_token": login.refresh })),
        ),
        (
            "logout",
            Call::post("logout", &json!({ "refresh_token": login.refresh })),
        ),
        ("me", Call::get("me").bearer(&login.access)),
        ("sessions", Call::get("sessions").bearer(&login.access)),
        ("session", session.bearer(&login.access)),
    ];
    world.store.off(true);
    for (name, call) in &calls {
        assert_unavailable(&world.call(call).await, name);
    }
    let send = world.call(&calls[0].1).await;
    assert_eq!(send.text("detail"), CANNOT_SEND);
    assert_eq!(world.sender.messages().len(), messages);

    world.store.off(false);
    assert_eq!(
        world.verify(ALICE, &challenge, &world.code()).await.status,
        200
    );
    assert_eq!(world.me(&login.access).await.status, 200);
}

/// A message that no provider took costs no limit, and its challenge is gone.
pub async fn refused_message_costs_nothing(harness: &impl Harness) {
    let world = World::new(harness).await;
    world.sender.refuse(true);
    for _ in 0..12 {
        let refused = world.send(ALICE).await;
        assert_eq!(
            (refused.status, refused.problem().as_str()),
            (503, "delivery-failed")
        );
        assert_eq!(refused.text("detail"), CANNOT_SEND);
    }
    world.sender.refuse(false);
    assert_eq!(world.send(ALICE).await.status, 200);
    assert_eq!(world.audit.count(Action::Send, &Outcome::Done), 1);
}

fn assert_unavailable(reply: &Reply, name: &str) {
    assert_eq!(
        (reply.status, reply.problem().as_str()),
        (503, "unavailable"),
        "{name}: {}",
        reply.json()
    );
}
