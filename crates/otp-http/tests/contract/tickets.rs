//! VER-10: between a right code and an account there is a ticket, good once, for its phone and device.

use crate::world::{PHONE, World};
use otp_core::policy::{Policy, SignUp};
use serde_json::{Value, json};
use std::time::Duration;

const OTHER: &str = "+919876543211";

async fn world_with_ticket(device: Option<&str>) -> (World, String) {
    let world = World::with_policy(Policy::builder().sign_up(SignUp::Ticket).build().unwrap());
    let (challenge, code) = world.send(PHONE).await;
    let body = json!({"phone_number": PHONE, "challenge_id": challenge, "code": code, "device_id": device});
    let reply = world.post("/verify-otp", &body).await;
    let ticket = reply.member("registration_ticket");
    assert_eq!(
        reply.json(),
        json!({
            "registration_required": true,
            "is_new_user": true,
            "registration_ticket": ticket,
            "expires_in": 600,
        })
    );
    (world, ticket)
}

fn form(phone: &str, ticket: impl Into<Value>) -> Value {
    json!({
        "phone_number": phone, "registration_ticket": ticket.into(), "first_name": " Ada ",
        "last_name": "", "email": "ada@example.com", "consent_version": "2026-01", "consent_text_id": "terms",
    })
}

#[tokio::test]
async fn a_registration() {
    let (world, ticket) = world_with_ticket(None).await;
    let reply = world
        .post("/complete-registration", &form(PHONE, ticket.as_str()))
        .await
        .json();
    assert_eq!(reply["is_new_user"], true);
    assert_eq!(reply["token_type"], "bearer");
    let id = &reply["user"]["id"];
    assert_eq!(
        reply["user"],
        json!({"id": id, "phone_number": PHONE, "roles": [], "first_name": "Ada", "email": "ada@example.com"})
    );
    let me = world
        .get("/me", reply["access_token"].as_str().unwrap())
        .await;
    assert_eq!(me.json()["user"], reply["user"]);
    let consent = world
        .auth
        .user(&id.as_str().unwrap().parse().unwrap())
        .await
        .unwrap()
        .unwrap()
        .profile
        .consent;
    let consent = consent.unwrap();
    assert_eq!(
        (consent.version.as_str(), consent.text_id.as_str()),
        ("2026-01", "terms")
    );
}

/// VER-10: no ticket, one that is none, another's: 401, counted like a wrong code.
#[tokio::test]
async fn register_without_ticket_401() {
    let (world, ticket) = world_with_ticket(None).await;
    let forged = format!(
        "{}{}",
        &ticket[..64],
        if ticket.ends_with('A') { "E" } else { "A" }
    );
    let never = format!("{}.{}", "A".repeat(22), "A".repeat(43));
    let tickets = [
        json!(null),
        json!(""),
        json!("x"),
        json!("x.y"),
        json!(forged),
        json!(never),
    ];
    let mut texts = Vec::new();
    for ticket in tickets {
        let reply = world
            .post("/complete-registration", &form(PHONE, ticket))
            .await;
        assert_eq!(reply.problem(), (401, "invalid-credentials".into(), None));
        texts.push(reply.text().to_owned());
    }
    texts.dedup();
    assert_eq!(texts.len(), 1);
    for _ in 0..24 {
        assert_eq!(
            world
                .post("/complete-registration", &form(PHONE, "x"))
                .await
                .status,
            401
        );
    }
    assert_eq!(
        world
            .post("/complete-registration", &form(PHONE, "x"))
            .await
            .status,
        429
    );
}

/// VER-10.
#[tokio::test]
async fn ticket_twice_fails() {
    let (world, ticket) = world_with_ticket(None).await;
    let form = form(PHONE, ticket);
    assert_eq!(
        world.post("/complete-registration", &form).await.status,
        200
    );
    let again = world.post("/complete-registration", &form).await;
    assert_eq!(again.problem(), (409, "ticket-spent".into(), None));
}

/// VER-10.
#[tokio::test]
async fn ticket_other_phone_fails() {
    let (world, ticket) = world_with_ticket(Some("d1")).await;
    let form = form(OTHER, ticket.as_str());
    assert_eq!(
        world.post("/complete-registration", &form).await.status,
        401
    );
    for device in [json!(null), json!("d2")] {
        let mut form = self::form(PHONE, ticket.as_str());
        form["device_id"] = device;
        assert_eq!(
            world.post("/complete-registration", &form).await.status,
            401
        );
    }
    let mut form = self::form(PHONE, ticket.as_str());
    form["device_id"] = json!("d1");
    assert_eq!(
        world.post("/complete-registration", &form).await.status,
        200
    );
}

/// VER-10.
#[tokio::test]
async fn ticket_too_late() {
    let (world, ticket) = world_with_ticket(None).await;
    world.clock.advance(Duration::from_secs(600));
    let reply = world
        .post("/complete-registration", &form(PHONE, ticket))
        .await;
    assert_eq!(reply.problem(), (410, "ticket-expired".into(), None));
}

/// A form that is not complete does not cost the ticket.
#[tokio::test]
async fn incomplete_forms_spend_nothing() {
    let (world, ticket) = world_with_ticket(None).await;
    for missing in ["consent_version", "consent_text_id", "phone_number"] {
        let mut form = form(PHONE, ticket.as_str());
        form.as_object_mut().unwrap().remove(missing);
        let reply = world.post("/complete-registration", &form).await;
        assert_eq!(
            reply.problem(),
            (422, "invalid-field".into(), Some(missing.into()))
        );
    }
    assert_eq!(
        world
            .post("/complete-registration", &form(PHONE, ticket))
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn registration_closed() {
    let world = World::with_policy(Policy::builder().sign_up(SignUp::Deny).build().unwrap());
    let (challenge, code) = world.send(PHONE).await;
    let body = json!({"phone_number": PHONE, "challenge_id": challenge, "code": code});
    let reply = world.post("/verify-otp", &body).await;
    assert_eq!(reply.problem(), (403, "registration-closed".into(), None));
}
