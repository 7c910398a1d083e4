//! Paths are taken as they were sent.

use super::world::{ALICE, World, path};
use super::{Call, Harness};
use serde_json::json;

pub async fn no_way_out_of_the_mount(harness: &impl Harness) {
    let world = World::new(harness).await;
    let login = world.login(ALICE).await;
    for route in [
        "../hello",
        "../../../hello",
        "sessions/../health",
        "./health",
        "health/..",
        "%2e%2e/hello",
        "..%2fhello",
        "sessions%2f",
        "/health",
        "//",
        "health//",
        "health%00",
        "health%0a",
        "health;a=b",
        "health%20",
        "%ff",
        "\\health",
    ] {
        let reply = world.call(&Call::get(route).bearer(&login.access)).await;
        assert_eq!(
            (reply.status, reply.problem().as_str()),
            (404, "not-found"),
            "{route}"
        );
    }
}

/// An encoded slash is a part of a segment: this is the path of one session, with a strange id.
pub async fn encoded_slashes_part_nothing(harness: &impl Harness) {
    let world = World::new(harness).await;
    let login = world.login(ALICE).await;
    let target = path("sessions/..%2f..%2fhealth");
    for (method, status) in [("GET", 405), ("DELETE", 404)] {
        let call = Call::new(method, target.clone()).bearer(&login.access);
        assert_eq!(world.call(&call).await.status, status, "{method}");
    }
}

/// A route has one spelling; a slash at the end makes no difference.
pub async fn nothing_is_decoded(harness: &impl Harness) {
    let world = World::new(harness).await;
    for route in ["%68ealth", "h%65alth", "jwks%2ejson", "HEALTH"] {
        let reply = world.call(&Call::get(route)).await;
        assert_eq!(
            (reply.status, reply.problem().as_str()),
            (404, "not-found"),
            "{route}"
        );
    }
    assert_eq!(world.call(&Call::get("health/")).await.status, 200);
    let login = world.login(ALICE).await;
    let encoded = Call::new("DELETE", path("sessions/%41AAAAAAAAAAAAAAAAAAAAA"));
    assert_eq!(world.call(&encoded.bearer(&login.access)).await.status, 404);
}

/// HTP-4: nothing is read from a query.
pub async fn query_is_ignored(harness: &impl Harness) {
    let world = World::new(harness).await;
    assert_eq!(world.call(&Call::get("health?a=b&c=%2f")).await.status, 200);
    let call = Call::post("send-otp?phone_number=%2B919876543210", &json!({}));
    assert_eq!(world.call(&call).await.status, 422);
    assert!(world.sender.messages().is_empty());
}
