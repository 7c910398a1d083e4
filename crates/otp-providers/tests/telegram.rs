//! Telegram's Gateway: what goes out, what every answer means, and the sender suite.
#![allow(clippy::unwrap_used, reason = "a helper of a test fails the test")]

mod common;

use common::{address, class, header, hurried, json, message, never_panics};
use otp_core::conformance::senders::{Answer, SenderScene};
use otp_core::{Channel, Code, Receipt, SendErrorKind as Kind, Timestamp};
use otp_providers::http::{HttpReply, Provider, Secret};
use otp_providers::{ConfigError, Telegram};
use std::time::Duration;

const NOW: Timestamp = Timestamp::from_millis(0);
const TOKEN: &str = "a-token-for-tests"; // scan: allow(made up for this test)
const TAKEN: &str = r#"{"ok":true,"result":{"request_id":"123","phone_number":"+919876543210","request_cost":0.01,"delivery_status":{"status":"sent","updated_at":1740000000}}}"#;

fn telegram() -> Telegram {
    Telegram::new(Secret::new(TOKEN).unwrap()).unwrap()
}

fn refusal(name: &str) -> String {
    format!(r#"{{"ok":false,"error":"{name}"}}"#)
}

fn scene() -> SenderScene {
    let canary = refusal("body-canary +919876543210 04213795");
    let refused = |name, kind| (Answer::new(200, refusal(name)), kind);
    let refusals = [
        refused("PHONE_NUMBER_INVALID", Kind::InvalidNumber),
        refused("PHONE_NUMBER_NOT_FOUND", Kind::Unreachable),
        refused("ACCESS_TOKEN_INVALID", Kind::AuthOrConfig),
        (Answer::new(400, canary), Kind::AuthOrConfig),
    ];
    let scene = SenderScene::new(
        |base| hurried(telegram().at(base).unwrap()),
        Answer::new(200, TAKEN),
    );
    let scene = scene.with_reference("123").with_secret(TOKEN);
    refusals.into_iter().fold(scene, |scene, (answer, kind)| {
        scene.with_refusal(answer, kind)
    })
}

mod suite {
    otp_core::sender_suite!(super::scene);
}

#[test]
fn a_code_of_ours_is_json() {
    let request = telegram().request(&message(Channel::Sms), NOW).unwrap();
    let expected =
        serde_json::json!({"phone_number": "+14155550100", "code": "123456", "ttl": 300});
    assert_eq!(json(&request), expected);
    assert_eq!(
        address(&request),
        "https://gatewayapi.telegram.org/sendVerificationMessage"
    );
    assert_eq!(
        header(&request, "authorization"),
        Some(format!("Bearer {TOKEN}").as_str())
    );
}

#[test]
fn a_sender_and_a_callback_are_settings() {
    let telegram = telegram().sender_username("example").unwrap();
    let address = "https://auth.example.com/webhooks/telegram";
    let telegram = telegram.callback_url(address).unwrap();
    let request = json(&telegram.request(&message(Channel::Sms), NOW).unwrap());
    assert_eq!(request["sender_username"], "example");
    assert_eq!(request["callback_url"], address);
}

/// WHK-6: Telegram gives up when the code does.
#[test]
fn the_ttl_is_what_remains() {
    for (millis, seconds) in [(179_999, 179), (999, 30), (86_400_000, 3_600)] {
        let mut message = message(Channel::Sms);
        message.expires_in = Duration::from_millis(millis);
        let request = json(&telegram().request(&message, NOW).unwrap());
        assert_eq!(request["ttl"], seconds);
    }
}

#[test]
fn what_it_cannot_carry_is_refused() {
    let mut long = message(Channel::Sms);
    long.code = Code::parse("123456789").unwrap();
    for message in [message(Channel::WhatsApp), message(Channel::Voice), long] {
        let refused = telegram().request(&message, NOW).unwrap_err();
        assert_eq!(refused.kind, Kind::AuthOrConfig);
    }
    let mut longest = message(Channel::Sms);
    longest.code = Code::parse("12345678").unwrap();
    assert!(telegram().request(&longest, NOW).is_ok());
}

/// The rows of the provider reference, section 9.
const NAMES: &[(Kind, &[&str])] = &[
    (Kind::InvalidNumber, &["PHONE_NUMBER_INVALID"]),
    (
        Kind::Unreachable,
        &["PHONE_NUMBER_NOT_FOUND", "PHONE_NUMBER_NOT_AVAILABLE"],
    ),
    (Kind::InsufficientCredit, &["BALANCE_NOT_ENOUGH"]),
    (Kind::RateLimited, &["FLOOD_WAIT", "FLOOD_WAIT_30"]),
    (
        Kind::AuthOrConfig,
        &[
            "ACCESS_TOKEN_INVALID",
            "ACCESS_TOKEN_REQUIRED",
            "SENDER_INVALID",
            "SENDER_NOT_VERIFIED",
            "CALLBACK_URL_INVALID",
            "TTL_INVALID",
            "PAYLOAD_INVALID",
        ],
    ),
];

#[test]
fn every_name_has_its_class() {
    for (kind, name) in NAMES
        .iter()
        .flat_map(|(k, names)| names.iter().map(move |n| (k, n)))
    {
        for status in [200, 400, 401, 503] {
            let class = class(&telegram(), status, refusal(name));
            assert_eq!(class, Some(*kind), "{name} {status}");
        }
    }
}

#[test]
fn a_message_that_was_sent_before_is_taken() {
    for status in [200, 400] {
        let reply = HttpReply::new(status, refusal("MESSAGE_ALREADY_SENT"));
        assert_eq!(telegram().parse(&reply).unwrap(), Receipt::default());
    }
}

#[test]
fn an_unlisted_name_is_as_good_as_its_status() {
    let bodies = [
        refusal("SOMETHING_ELSE"),
        r#"{"ok":false}"#.to_owned(),
        r#"{"ok":false,"error":{"code":1}}"#.to_owned(),
        r#"{"ok":false,"result":{"request_id":"123"}}"#.to_owned(),
    ];
    for body in bodies {
        for (status, kind) in [
            (200, Kind::AuthOrConfig),
            (400, Kind::AuthOrConfig),
            (429, Kind::RateLimited),
            (503, Kind::Transient),
        ] {
            assert_eq!(class(&telegram(), status, body.clone()), Some(kind));
        }
    }
}

#[test]
fn the_operator_is_told_the_name_of_the_table() {
    for (name, told) in [
        ("BALANCE_NOT_ENOUGH", "HTTP status 200, BALANCE_NOT_ENOUGH"),
        ("FLOOD_WAIT_30", "HTTP status 200, FLOOD_WAIT"),
        ("SENDER_042137", "HTTP status 200, SENDER_"),
        ("SOMETHING_ELSE", "HTTP status 200"),
    ] {
        let error = telegram().parse(&HttpReply::new(200, refusal(name)));
        assert_eq!(error.unwrap_err().source.unwrap().to_string(), told);
    }
}

#[test]
fn what_is_no_setting_is_refused() {
    let long = format!("https://auth.example.com/{}", "x".repeat(232));
    for refused in [
        telegram().sender_username(""),
        telegram().sender_username("example\n"),
        telegram().callback_url(&long),
    ] {
        assert!(matches!(refused, Err(ConfigError::Field(_))), "{refused:?}");
    }
    for refused in [
        telegram().callback_url("http://127.0.0.1/"),
        telegram().callback_url("http://auth.example.com/"),
        telegram().at("http://gateway.example"),
    ] {
        assert!(matches!(refused, Err(ConfigError::PlainHttp)));
    }
    assert!(telegram().callback_url(&long[..256]).is_ok());
}

#[test]
fn no_bytes_make_it_panic() {
    never_panics(&telegram());
}

#[test]
fn an_echo_of_the_request_tells_nothing() {
    common::an_echo_tells_nothing(&telegram());
}
