//! Bodies, whatever is in them.

use crate::refused::{LOGOUT, REFRESH, REGISTER, RESEND, SEND, VERIFY};
use crate::world::{PHONE, World, bearing, post};
use proptest::prelude::*;
use serde_json::Value;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// HTP-4: no bytes break an endpoint: each answers with JSON, and never that something is wrong with the server.
    #[test]
    fn no_body_breaks_an_endpoint(body in body(), token in "[ -~]{0,40}") {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let world = World::new();
            for path in [SEND, RESEND, VERIFY, REGISTER, REFRESH, LOGOUT] {
                let reply = world.call(bearing(post(path, body.clone()), &token)).await;
                let is_json = serde_json::from_slice::<Value>(&reply.bytes).is_ok();
                assert!(is_json && reply.status < 500, "{path} {}", reply.status);
            }
        });
    }
}

/// Bytes, pieces of bodies in any order, and bodies that are JSON.
fn body() -> impl Strategy<Value = Vec<u8>> {
    let bytes = proptest::collection::vec(any::<u8>(), 0..200);
    let pieces = proptest::collection::vec(proptest::sample::select(PIECES), 0..24);
    let name = proptest::sample::select(NAMES).prop_map(str::to_owned);
    let object = proptest::collection::hash_map(name, value(), 0..5);
    prop_oneof![
        1 => bytes,
        2 => pieces.prop_map(|pieces| pieces.concat().into_bytes()),
        4 => object.prop_map(|object| serde_json::to_vec(&object).unwrap()),
    ]
}

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        Just(Value::from(PHONE)),
        Just(Value::from("AAAAAAAAAAAAAAAAAAAAAA")),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "[0-9 -]{4,12}".prop_map(Value::from),
        ".{0,300}".prop_map(Value::from),
        proptest::collection::vec(".{0,3}", 0..3).prop_map(Value::from),
    ]
}

const NAMES: &[&str] = &[
    "phone_number",
    "challenge_id",
    "code",
    "locale",
    "channel",
    "country_code",
    "all",
    "device_id",
    "device_info",
    "remember_me",
    "refresh_token",
    "registration_ticket",
    "first_name",
    "email",
];

const PIECES: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    "\"",
    "\\u0000",
    "\\ud800",
    "null",
    "true",
    "1e400",
    "\u{fffd}",
    "\"phone_number\"",
    "\"code\"",
    "\"+919876543210\"",
    "\"123456\"",
];
