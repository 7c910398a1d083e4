//! EngageLab: the vector made with its verifier, the states, times and repetitions.

use crate::sign::{self, headers};
use crate::signed::engagelab;
use crate::{NOW, TOKEN, read, secret, token};
use otp_core::{Callback, CallbackError, Channel, DeliveryState as State, DeliveryWebhook};
use otp_core::{Report, SendErrorKind as Kind, Timestamp};
use otp_providers::{ConfigError, EngageLabWebhook};
use serde_json::{Value, json};

fn rows(rows: Value) -> Vec<u8> {
    json!({"total": 1, "rows": rows}).to_string().into_bytes()
}

/// WHK-1: made with the provider's own verifier.
#[test]
fn engagelab_vector() {
    let id = "timestamp=1700000000;nonce=nonce1;username=user;signature=5bd81361da6b703892de09c6b09181cd039ae574186a1a7cde4309983d5ca2ac";
    let body = rows(json!([{"message_id": "m-1", "status": {"message_status": "delivered"}}]));
    let read = read(&engagelab(), "", &headers([("x-callback-id", id)]), &body);
    assert_eq!(read, Ok(vec![Report::new("m-1", State::Delivered)]));
}

fn engagelab_reads(webhook: &EngageLabWebhook, row: Value) -> Result<Vec<Report>, CallbackError> {
    let nonce = format!("{:?}", row.to_string());
    let nonce = nonce.replace([';', '='], "_");
    let headers = sign::engagelab("secret", "user", NOW.as_secs(), &nonce);
    read(webhook, "", &headers, &rows(json!([row])))
}

/// WHK-2: the words of the provider reference, section 6.
#[test]
fn engagelab_states() {
    for (state, words) in [
        (Some(State::Accepted), &["plan", "target_valid"][..]),
        (Some(State::Sent), &["sent"]),
        (Some(State::Delivered), &["delivered"]),
        (Some(State::Read), &["verified"]),
        (
            Some(State::Failed),
            &[
                "target_invalid",
                "sent_failed",
                "sent_fail",
                "delivered_failed",
            ],
        ),
        (
            None,
            &["verified_failed", "verified_timeout", "something_new"],
        ),
    ] {
        for word in words {
            let row = json!({"message_id": "m-1", "status": {"message_status": word}});
            let expected = state.map(|state| Report::new("m-1", state));
            let reports = engagelab_reads(&engagelab(), row);
            assert_eq!(reports, Ok(expected.into_iter().collect()), "{word}");
        }
    }
    let failed = |webhook: &EngageLabWebhook, code| {
        let status = json!({"message_status": "sent_failed", "error_code": code});
        let row = json!({"message_id": "m-1", "status": status});
        engagelab_reads(webhook, row).unwrap()[0].reason
    };
    assert_eq!(failed(&engagelab(), 5012), Some(Kind::Unreachable));
    assert_eq!(failed(&engagelab(), 5020), Some(Kind::InvalidNumber));
    let whatsapp = engagelab().begins_with(Channel::WhatsApp);
    assert_eq!(failed(&whatsapp, 5020), Some(Kind::Unreachable));
    assert_eq!(failed(&engagelab(), 0), None);
    for other in [
        json!({"notification": {"event": "insufficient_balance"}}),
        json!({"response": {"event": "uplink_message"}}),
        json!({"system_event": {}}),
        json!(null),
    ] {
        assert_eq!(engagelab_reads(&engagelab(), other), Ok(vec![]));
    }
}

/// EngageLab asks whether anybody is there, without a signature.
#[test]
fn an_empty_callback_says_nothing() {
    for body in ["", "{}", " {}\n"] {
        assert_eq!(read(&engagelab(), "", &[], body.as_bytes()), Ok(vec![]));
    }
    let body = rows(json!([]));
    assert_eq!(
        read(&engagelab(), "", &[], &body),
        Err(CallbackError::Forged)
    );
    let signed = sign::engagelab("secret", "user", NOW.as_secs(), "n");
    let read = read(&engagelab(), "", &signed, b"[]");
    assert_eq!(read, Err(CallbackError::Malformed));
    assert_eq!(engagelab().token(), Some(TOKEN));
}

/// WHK-3: within 300 seconds either way, to the second, and each signature for one body: what the store could not keep may
/// come again, and nothing else under its signature.
#[test]
fn engagelab_is_fresh_and_new() {
    let body = rows(json!([]));
    let altered = rows(json!([{}]));
    for (offset, fresh) in [
        (-301, false),
        (-300, true),
        (0, true),
        (300, true),
        (301, false),
    ] {
        let headers = sign::engagelab("secret", "user", NOW.as_secs() + offset, "n");
        let read = read(&engagelab(), "", &headers, &body);
        assert_eq!(read.is_ok(), fresh, "{offset}");
    }
    let webhook = engagelab();
    let headers = sign::engagelab("secret", "user", NOW.as_secs(), "n");
    let other = sign::engagelab("secret", "user", NOW.as_secs(), "o");
    let forged = Err(CallbackError::Forged);
    for _ in 0..2 {
        assert!(read(&webhook, "", &headers, &body).is_ok());
        assert_eq!(read(&webhook, "", &headers, &altered), forged);
    }
    assert!(read(&webhook, "", &other, &altered).is_ok());
    assert_eq!(read(&webhook, "", &other, &body), forged);
    // As far ahead as is believed: still remembered at the last moment when it would be.
    let ahead = sign::engagelab("secret", "user", NOW.as_secs() + 300, "n");
    assert!(webhook.read(&Callback::new("", &ahead, &body), NOW).is_ok());
    let last = Timestamp::from_secs(NOW.as_secs() + 600);
    let callback = Callback::new("", &ahead, &altered);
    assert_eq!(webhook.read(&callback, last), forged);
}

/// Where the nonce ends and the username begins is not signed.
#[test]
fn engagelabs_parts_are_not_cut_otherwise() {
    let known = "timestamp=1700000000;nonce=nonce1;username=user;signature=5bd81361da6b703892de09c6b09181cd039ae574186a1a7cde4309983d5ca2ac";
    for (from, to) in [
        ("nonce=nonce1;username=user", "nonce=nonce1u;username=ser"),
        (
            "timestamp=1700000000;nonce=nonce1",
            "timestamp=170000000;nonce=0nonce1",
        ),
        ("nonce=nonce1", "nonce=nonce1;nonce=nonce1"),
        ("nonce=nonce1;", ""),
        ("signature=", "signature=;signature="),
    ] {
        let id = known.replace(from, to);
        let read = read(&engagelab(), "", &headers([("x-callback-id", &id)]), b"[1]");
        assert_eq!(read, Err(CallbackError::Forged), "{id}");
    }
    let webhook = EngageLabWebhook::new("a;b", secret("secret"), token());
    assert!(matches!(webhook, Err(ConfigError::Field(_))));
}

/// What is remembered is bounded, and what is over makes room.
#[test]
fn the_memory_of_signatures_is_bounded() {
    let webhook = engagelab();
    let body = rows(json!([]));
    let signed = |n: u32| sign::engagelab("secret", "user", NOW.as_secs(), &n.to_string());
    for n in 0..=10_000 {
        assert!(read(&webhook, "", &signed(n), &body).is_ok(), "{n}");
    }
    let altered = rows(json!([{}]));
    assert!(read(&webhook, "", &signed(10_000), &altered).is_err());
    assert!(
        read(&webhook, "", &signed(0), &altered).is_ok(),
        "the oldest is forgotten"
    );
}
