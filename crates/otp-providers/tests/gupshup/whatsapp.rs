//! The self-serve API.

use crate::common::{
    address, class, fields, form, header, hurried, message, never_panics, survives_edits,
};
use otp_core::conformance::senders::{Answer, SenderScene};
use otp_core::{Channel, SendErrorKind as Kind, Timestamp};
use otp_providers::http::{HttpReply, Provider, Secret};
use otp_providers::{ConfigError, GupshupWhatsApp};
use std::time::Duration;

const NOW: Timestamp = Timestamp::from_millis(0);
const KEY: &str = "a-key-for-tests";
const TAKEN: &str = r#"{"status":"submitted","messageId":"ee4a68a0-1203-4c85-8dc3-49d0b3226a35"}"#;
const ID: &str = "ee4a68a0-1203-4c85-8dc3-49d0b3226a35";
const THROTTLED: &str = r#"{"status":"error","message":"Too Many Requests"}"#;

fn whatsapp() -> GupshupWhatsApp {
    let key = Secret::new(KEY).unwrap();
    GupshupWhatsApp::new(key, "917700900100", "ExampleApp", "c6aecef6").unwrap()
}

fn refusal(code: &str) -> String {
    format!(r#"{{"status":"error","message":"body-canary 919876543210 04213795","code":{code}}}"#)
}

fn scene() -> SenderScene {
    SenderScene::new(
        |base| hurried(whatsapp().at(base).unwrap()),
        Answer::new(202, TAKEN),
    )
    .with_channel(Channel::WhatsApp)
    .with_reference(ID)
    .with_secret(KEY)
    .with_refusal(Answer::new(429, THROTTLED), Kind::RateLimited)
    .with_refusal(Answer::new(200, refusal("1002")), Kind::Unreachable)
    .with_refusal(Answer::new(400, refusal("1003")), Kind::InsufficientCredit)
}

mod suite {
    otp_core::sender_suite!(super::scene);
}

#[test]
fn a_message_is_a_template_with_the_code() {
    let request = whatsapp()
        .request(&message(Channel::WhatsApp), NOW)
        .unwrap();
    let mut form = form(&request);
    let template = form.remove("template").unwrap();
    let template: serde_json::Value = serde_json::from_str(&template).unwrap();
    let expected = serde_json::json!({"id": "c6aecef6", "params": ["123456"]});
    assert_eq!(template, expected);
    let expected = fields([
        ("channel", "whatsapp"),
        ("source", "917700900100"),
        ("destination", "14155550100"),
        ("src.name", "ExampleApp"),
    ]);
    assert_eq!(form, expected);
    assert_eq!(
        address(&request),
        "https://api.gupshup.io/wa/api/v1/template/msg"
    );
    assert_eq!(header(&request, "apikey"), Some(KEY));
}

#[test]
fn another_channel_is_refused() {
    for channel in [Channel::Sms, Channel::Voice] {
        let refused = whatsapp().request(&message(channel), NOW).unwrap_err();
        assert_eq!(refused.kind, Kind::AuthOrConfig);
    }
}

/// The codes of the provider reference, section 7b; other numbers are Meta's, section 3.3.
const CODES: &[(Kind, &[u32])] = &[
    (Kind::Unreachable, &[1002, 1012, 1004, 1006, 1008]),
    (Kind::InsufficientCredit, &[1003]),
    (Kind::TemplateProblem, &[1005, 1007, 4003, 4005]),
    (Kind::RateLimited, &[4001]),
    (Kind::Transient, &[500, 4002, 4004]),
    (Kind::Unreachable, &[131_026, 131_049]),
    (Kind::RateLimited, &[131_056, 130_429]),
    (Kind::AuthOrConfig, &[190, 200, 299, 100]),
    (Kind::InsufficientCredit, &[131_042]),
    (Kind::TemplateProblem, &[132_000, 132_001]),
    (Kind::Transient, &[131_000]),
];

#[test]
fn every_code_has_its_class() {
    let rows = CODES
        .iter()
        .flat_map(|(k, row)| row.iter().map(move |c| (k, c)));
    for (kind, code) in rows {
        for body in [
            refusal(&code.to_string()),
            refusal(&format!("\"{code}\"")),
            format!(r#"{{"code":{code},"message":"m"}}"#),
            format!(
                r#"{{"type":"message-event","payload":{{"type":"failed","payload":{{"code":{code},"reason":"r"}}}}}}"#
            ),
        ] {
            for status in [200, 400, 401, 500] {
                let class = class(&whatsapp(), status, body.clone());
                assert_eq!(class, Some(*kind), "{body} {status}");
            }
        }
    }
}

#[test]
fn any_other_failure_is_as_good_as_its_status() {
    for body in [
        THROTTLED,
        r#"{"status":"ERROR"}"#,
        r#"{"status":"error","code":7777}"#,
    ] {
        for (status, kind) in [
            (200, Kind::AuthOrConfig),
            (202, Kind::AuthOrConfig),
            (401, Kind::AuthOrConfig),
            (402, Kind::InsufficientCredit),
            (429, Kind::RateLimited),
            (500, Kind::Transient),
        ] {
            let class = class(&whatsapp(), status, body);
            assert_eq!(class, Some(kind), "{body} {status}");
        }
    }
}

#[test]
fn a_success_is_one_by_its_body_and_its_status() {
    for status in [200, 201, 202] {
        let receipt = whatsapp().parse(&HttpReply::new(status, TAKEN)).unwrap();
        assert_eq!(receipt.reference.as_deref(), Some(ID));
    }
    for (status, kind) in [
        (302, Kind::AuthOrConfig),
        (400, Kind::AuthOrConfig),
        (503, Kind::Transient),
    ] {
        assert_eq!(class(&whatsapp(), status, TAKEN), Some(kind));
    }
    let nameless = HttpReply::new(202, r#"{"status":"submitted"}"#);
    assert_eq!(whatsapp().parse(&nameless).unwrap().reference, None);
}

#[test]
fn a_throttle_has_its_wait_where_it_is_known() {
    for (code, header, wait) in [
        ("131056", None, Some(6)),
        ("131056", Some("30"), Some(30)),
        ("4001", None, None),
        ("4001", Some("7"), Some(7)),
    ] {
        let mut reply = HttpReply::new(429, refusal(code));
        if let Some(seconds) = header {
            reply = reply.with_header("Retry-After", seconds);
        }
        let error = whatsapp().parse(&reply).unwrap_err();
        assert_eq!(error.retry_after, wait.map(Duration::from_secs), "{code}");
    }
}

#[test]
fn what_is_no_setting_is_refused() {
    let new = |source: &str, app: &str, template: &str| {
        GupshupWhatsApp::new(Secret::new(KEY).unwrap(), source, app, template)
    };
    for refused in [
        new("+917700900100", "App", "t"),
        new("", "App", "t"),
        new("91", "", "t"),
        new("91", "App", ""),
        new("91", "App", "two words"),
    ] {
        assert!(matches!(refused, Err(ConfigError::Field(_))), "{refused:?}");
    }
    let plain = whatsapp().at("http://gupshup.example");
    assert!(matches!(plain, Err(ConfigError::PlainHttp)));
}

#[test]
fn no_bytes_make_it_panic() {
    never_panics(&whatsapp());
    survives_edits(&whatsapp(), &[TAKEN, THROTTLED, &refusal("1002")]);
}

#[test]
fn an_echo_of_the_request_tells_nothing() {
    crate::common::an_echo_tells_nothing(&whatsapp());
}
