//! Completing a registration with a ticket.

use super::world::{ALICE, BOB, SignedIn, World, roomy};
use super::{Call, Harness, Reply};
use otp_core::policy::SignUp;
use serde_json::{Value, json};
use std::time::Duration;

/// VER-10: a new number gets a ticket and no token; the ticket is good once.
pub async fn ticket_once(harness: &impl Harness) {
    let (world, ticket) = with_ticket(harness).await;
    let mut without_consent = body(ALICE, &ticket);
    without_consent["consent_version"] = Value::Null;
    let refused = register(&world, &without_consent).await;
    assert_eq!(
        (refused.status, refused.text("field")),
        (422, "consent_version".to_owned())
    );

    let registered = register(&world, &body(ALICE, &ticket)).await;
    let login = SignedIn::read(&registered);
    assert_eq!(registered.json()["is_new_user"], true);
    let user = json!({ "id": login.user, "phone_number": ALICE, "roles": [], "first_name": "Asha", "email": "asha@example.org" });
    assert_eq!(registered.json()["user"], user);
    assert_eq!(world.me(&login.access).await.status, 200);

    let again = register(&world, &body(ALICE, &ticket)).await;
    assert_eq!(
        (again.status, again.problem().as_str()),
        (409, "ticket-spent")
    );
}

/// VER-10
pub async fn ticket_other_phone_fails(harness: &impl Harness) {
    let (world, ticket) = with_ticket(harness).await;
    let other = register(&world, &body(BOB, &ticket)).await;
    assert_eq!(
        (other.status, other.problem().as_str()),
        (401, "invalid-credentials")
    );
    // Nothing was spent by it.
    assert_eq!(register(&world, &body(ALICE, &ticket)).await.status, 200);
}

/// VER-4, VER-10
pub async fn ticket_expires(harness: &impl Harness) {
    let (world, ticket) = with_ticket(harness).await;
    world.clock.advance(Duration::from_secs(600));
    let late = register(&world, &body(ALICE, &ticket)).await;
    assert_eq!(
        (late.status, late.problem().as_str()),
        (410, "ticket-expired")
    );
}

/// VER-10
pub async fn register_without_ticket_401(harness: &impl Harness) {
    let (world, _) = with_ticket(harness).await;
    for ticket in [
        json!(null),
        json!(""),
        json!("nonsense"),
        json!("A".repeat(64)),
    ] {
        let mut body = body(ALICE, "");
        body["registration_ticket"] = ticket;
        let refused = register(&world, &body).await;
        assert_eq!(
            (refused.status, refused.problem().as_str()),
            (401, "invalid-credentials")
        );
    }
}

/// Whether a number is known shows after the right code only.
pub async fn registration_closed_after_the_code(harness: &impl Harness) {
    let world = World::of(harness, roomy().sign_up(SignUp::Deny)).await;
    let challenge = world.challenge(ALICE).await;
    let wrong = world.verify(ALICE, &challenge, &world.wrong_code()).await;
    assert_eq!(
        (wrong.status, wrong.problem().as_str()),
        (401, "invalid-credentials")
    );
    let right = world.verify(ALICE, &challenge, &world.code()).await;
    assert_eq!(
        (right.status, right.problem().as_str()),
        (403, "registration-closed")
    );
}

/// A server on which Alice holds a ticket.
async fn with_ticket(harness: &impl Harness) -> (World, String) {
    let world = World::of(harness, roomy().sign_up(SignUp::Ticket)).await;
    let challenge = world.challenge(ALICE).await;
    let verified = world.verify(ALICE, &challenge, &world.code()).await;
    let ticket = verified.text("registration_ticket");
    let expected = json!({
        "registration_required": true, "is_new_user": true, "registration_ticket": ticket, "expires_in": 600,
    });
    assert_eq!((verified.status, verified.json()), (200, expected));
    (world, ticket)
}

fn body(phone: &str, ticket: &str) -> Value {
    json!({
        "phone_number": phone, "registration_ticket": ticket, "first_name": "Asha", "email": "asha@example.org",
        "consent_version": "3", "consent_text_id": "terms",
    })
}

async fn register(world: &World, body: &Value) -> Reply {
    world.call(&Call::post("complete-registration", body)).await
}
