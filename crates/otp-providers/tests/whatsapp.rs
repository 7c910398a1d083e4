//! Meta's Cloud API: what goes out, what every answer means, and the sender suite.
#![allow(clippy::unwrap_used, reason = "a helper of a test fails the test")]

mod common;

use common::{address, class, header, hurried, json, message, never_panics};
use otp_core::conformance::senders::{Answer, SenderScene};
use otp_core::{Channel, SendErrorKind as Kind, Timestamp};
use otp_providers::http::{HttpReply, Provider, Secret};
use otp_providers::{ConfigError, WhatsApp};
use std::time::Duration;

const NOW: Timestamp = Timestamp::from_millis(0);
const TOKEN: &str = "a-token-for-tests"; // scan: allow(made up for this test)
const TAKEN: &str = r#"{"messaging_product":"whatsapp","contacts":[{"input":"+16505551234","wa_id":"16505551234"}],"messages":[{"id":"wamid.HBg","message_status":"accepted"}]}"#;

fn whatsapp() -> WhatsApp {
    let token = Secret::new(TOKEN).unwrap();
    WhatsApp::new("106540352242922", token, "verification_code", "en_US").unwrap()
}

/// As Meta refuses, with more in `error`.
fn refusal(code: u32, more: &str) -> String {
    format!(
        r#"{{"error":{{"message":"(#{code}) body-canary +919876543210 04213795","type":"OAuthException","code":{code},"fbtrace_id":"A"{more}}}}}"#
    )
}

fn scene() -> SenderScene {
    SenderScene::new(
        |base| hurried(whatsapp().at(base).unwrap()),
        Answer::new(200, TAKEN),
    )
    .with_channel(Channel::WhatsApp)
    .with_reference("wamid.HBg")
    .with_secret(TOKEN)
    .with_refusal(Answer::new(400, refusal(131_056, "")), Kind::RateLimited)
    .with_refusal(Answer::new(200, refusal(131_026, "")), Kind::Unreachable)
    .with_refusal(Answer::new(401, refusal(190, "")), Kind::AuthOrConfig)
}

mod suite {
    otp_core::sender_suite!(super::scene);
}

/// The documentation's example, with the number and the code of this test.
#[test]
fn the_code_stands_in_the_text_and_in_the_button() {
    let request = whatsapp()
        .request(&message(Channel::WhatsApp), NOW)
        .unwrap();
    let expected = serde_json::json!({
        "messaging_product": "whatsapp", "recipient_type": "individual", "to": "14155550100", "type": "template",
        "template": {
            "name": "verification_code",
            "language": {"code": "en_US"},
            "components": [
                {"type": "body", "parameters": [{"type": "text", "text": "123456"}]},
                {"type": "button", "sub_type": "url", "index": "0", "parameters": [{"type": "text", "text": "123456"}]},
            ],
        },
    });
    assert_eq!(json(&request), expected);
    assert_eq!(
        address(&request),
        "https://graph.facebook.com/v23.0/106540352242922/messages"
    );
    assert_eq!(
        header(&request, "authorization"),
        Some(format!("Bearer {TOKEN}").as_str())
    );
}

#[test]
fn the_version_is_a_setting() {
    let whatsapp = whatsapp().version("v25.0").unwrap();
    let request = whatsapp.request(&message(Channel::WhatsApp), NOW).unwrap();
    assert!(address(&request).contains("/v25.0/"));
}

#[test]
fn another_channel_is_refused() {
    for channel in [Channel::Sms, Channel::Voice] {
        let refused = whatsapp().request(&message(channel), NOW).unwrap_err();
        assert_eq!(refused.kind, Kind::AuthOrConfig);
    }
}

/// The rows of the provider reference, section 3.3.
const CODES: &[(Kind, &[u32])] = &[
    (
        Kind::Unreachable,
        &[131_026, 131_050, 131_049, 130_472, 130_497, 131_021],
    ),
    (Kind::AuthOrConfig, &[131_030]),
    (Kind::AuthOrConfig, &[100]),
    (Kind::AuthOrConfig, &[131_009, 131_008, 131_051, 33]),
    (
        Kind::RateLimited,
        &[4, 80007, 130_429, 131_048, 131_056, 613, 133_016],
    ),
    (
        Kind::AuthOrConfig,
        &[
            0, 3, 10, 190, 200, 201, 250, 299, 131_005, 131_031, 131_045, 133_010, 368,
        ],
    ),
    (Kind::InsufficientCredit, &[131_042]),
    (
        Kind::TemplateProblem,
        &[
            131_047, 132_000, 132_001, 132_005, 132_007, 132_012, 132_015, 132_016, 132_068,
            132_069,
        ],
    ),
    (Kind::Transient, &[1, 2, 131_000, 131_016, 131_057]),
    (Kind::AuthOrConfig, &[131_052, 131_053]),
];

#[test]
fn every_code_has_its_class() {
    for (kind, code) in CODES
        .iter()
        .flat_map(|(k, codes)| codes.iter().map(move |c| (k, c)))
    {
        let as_text = format!(r#"{{"error":{{"code":"{code}"}}}}"#);
        for body in [refusal(*code, r#","error_subcode":0"#), as_text] {
            for status in [400, 401, 200, 503] {
                let class = class(&whatsapp(), status, body.clone());
                assert_eq!(class, Some(*kind), "{code} {status}");
            }
        }
    }
}

#[test]
fn the_details_tell_more() {
    let detailed = |code, details: &str| {
        let more =
            format!(r#","error_data":{{"messaging_product":"whatsapp","details":"{details}"}}"#);
        class(&whatsapp(), 400, refusal(code, &more))
    };
    let button = "Button at index 0 of type Url requires a parameter";
    assert_eq!(
        detailed(100, "Recipient is no number"),
        Some(Kind::InvalidNumber)
    );
    assert_eq!(detailed(100, "Invalid parameter"), Some(Kind::AuthOrConfig));
    let of_ours = "recipient_type must be one of individual";
    assert_eq!(detailed(100, of_ours), Some(Kind::AuthOrConfig));
    assert_eq!(detailed(131_008, button), Some(Kind::TemplateProblem));
    assert_eq!(
        detailed(131_009, "components[0]"),
        Some(Kind::TemplateProblem)
    );
    assert_eq!(detailed(131_009, "something"), Some(Kind::AuthOrConfig));
    let absent = refusal(100, r#","error_subcode":2494010"#);
    assert_eq!(class(&whatsapp(), 400, absent), Some(Kind::Unreachable));
}

#[test]
fn an_unlisted_code_is_as_good_as_its_status() {
    let unlisted = |status, more| class(&whatsapp(), status, refusal(7_777, more));
    let nameless = class(&whatsapp(), 200, r#"{"error":{"message":"m"}}"#);
    assert_eq!(nameless, Some(Kind::AuthOrConfig));
    assert_eq!(unlisted(400, ""), Some(Kind::AuthOrConfig));
    assert_eq!(unlisted(429, ""), Some(Kind::RateLimited));
    assert_eq!(unlisted(500, ""), Some(Kind::Transient));
    assert_eq!(unlisted(200, ""), Some(Kind::AuthOrConfig));
    assert_eq!(
        unlisted(400, r#","is_transient":true"#),
        Some(Kind::Transient)
    );
}

#[test]
fn a_throttle_has_its_wait_where_it_is_known() {
    let usage = r#"{"1":[{"type":"messaging","estimated_time_to_regain_access":0}],"2":[{"estimated_time_to_regain_access":19}]}"#;
    for (code, header, wait) in [
        (131_056, None, Some(6)),
        (131_056, Some(("Retry-After", "30")), Some(30)),
        (4, Some(("X-Business-Use-Case-Usage", usage)), Some(19 * 60)),
        (
            80007,
            Some(("x-business-use-case-usage", usage)),
            Some(19 * 60),
        ),
        (80007, Some(("x-business-use-case-usage", "[1]")), None),
        (4, None, None),
        (130_429, Some(("x-business-use-case-usage", usage)), None),
    ] {
        let mut reply = HttpReply::new(400, refusal(code, ""));
        if let Some((name, value)) = header {
            reply = reply.with_header(name, value);
        }
        let error = whatsapp().parse(&reply).unwrap_err();
        assert_eq!(error.retry_after, wait.map(Duration::from_secs), "{code}");
    }
}

#[test]
fn a_message_without_a_status_is_taken() {
    let body = r#"{"messages":[{"id":"wamid.HBg"}]}"#;
    let receipt = whatsapp().parse(&HttpReply::new(200, body)).unwrap();
    assert_eq!(receipt.reference.as_deref(), Some("wamid.HBg"));
}

#[test]
fn what_is_no_setting_is_refused() {
    let new = |id: &str, template: &str, language: &str| {
        WhatsApp::new(id, Secret::new(TOKEN).unwrap(), template, language)
    };
    let long = "x".repeat(513);
    for refused in [
        new("+16505551234", "t", "en_US"),
        new("", "t", "en_US"),
        new("1", "", "en_US"),
        new("1", &long, "en_US"),
        new("1", "t", ""),
        whatsapp().version("23"),
    ] {
        assert!(matches!(refused, Err(ConfigError::Field(_))), "{refused:?}");
    }
    let plain = whatsapp().at("http://graph.example");
    assert!(matches!(plain, Err(ConfigError::PlainHttp)));
}

#[test]
fn no_bytes_make_it_panic() {
    never_panics(&whatsapp());
}

#[test]
fn an_echo_of_the_request_tells_nothing() {
    common::an_echo_tells_nothing(&whatsapp());
}
