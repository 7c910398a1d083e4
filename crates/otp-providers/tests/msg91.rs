//! MSG91: what goes out, what every answer means, and the sender suite over `/otp` and over `/flow`.
#![allow(clippy::unwrap_used, reason = "a helper of a test fails the test")]

mod common;

use common::{address, class, header, hurried, json, message, never_panics, survives_edits};
use otp_core::conformance::senders::{Answer, SenderScene};
use otp_core::{Channel, SendErrorKind as Kind, Timestamp};
use otp_providers::http::{HttpReply, HttpRequest, Provider, Secret};
use otp_providers::{ConfigError, Msg91};
use serde_json::json;
use std::time::Duration;

const NOW: Timestamp = Timestamp::from_millis(0);
const KEY: &str = "a-key-for-tests";
const ID: &str = "3763646c3058373530393938";

fn key() -> Secret {
    Secret::new(KEY).unwrap()
}

fn otp() -> Msg91 {
    Msg91::with_otp(key(), "5f01").unwrap()
}

fn flow() -> Msg91 {
    Msg91::with_flow(key(), "62ab", "VAR1").unwrap()
}

fn request(msg91: &Msg91) -> HttpRequest {
    msg91.request(&message(Channel::Sms), NOW).unwrap()
}

fn refusal(status: u16, code: &str) -> Answer {
    let body = format!(
        r#"{{"type":"error","message":"body-canary +919876543210 04213795","code":{code}}}"#
    );
    Answer::new(status, body)
}

fn scene(make: fn() -> Msg91, taken: String) -> SenderScene {
    SenderScene::new(
        move |base| hurried(make().at(base).unwrap()),
        Answer::new(200, taken),
    )
    .with_reference(ID)
    .with_secret(KEY)
    .with_refusal(refusal(200, "202"), Kind::InvalidNumber)
    .with_refusal(refusal(401, r#""207""#), Kind::AuthOrConfig)
    .with_refusal(refusal(200, "301"), Kind::InsufficientCredit)
    .with_refusal(
        Answer::new(200, r#"{"msg_type":"error","msg":"body-canary"}"#),
        Kind::AuthOrConfig,
    )
}

mod over_otp {
    use super::{ID, otp, scene};
    otp_core::sender_suite!(|| scene(otp, format!(r#"{{"type":"success","request_id":"{ID}"}}"#)));
}

mod over_flow {
    use super::{ID, flow, scene};
    otp_core::sender_suite!(|| scene(flow, format!(r#"{{"message":"{ID}","type":"success"}}"#)));
}

/// WHK-6: with the minutes that remain.
#[test]
fn otp_has_our_code_in_its_body() {
    let msg91 = otp().variable("VAR1", "Example").unwrap();
    let request = request(&msg91);
    let expected = json!({
        "template_id": "5f01", "mobile": "14155550100", "otp": "123456", "otp_expiry": 5, "VAR1": "Example",
    });
    assert_eq!(json(&request), expected);
    assert_eq!(address(&request), "https://control.msg91.com/api/v5/otp");
    assert_eq!(header(&request, "authkey"), Some(KEY));
}

#[test]
fn a_flow_has_the_code_as_a_variable() {
    let msg91 = flow().variable("VAR2", "Example").unwrap();
    let request = request(&msg91);
    let expected = json!({
        "template_id": "62ab", "short_url": "0",
        "recipients": [{"mobiles": "14155550100", "VAR1": "123456", "VAR2": "Example"}],
    });
    assert_eq!(json(&request), expected);
    assert_eq!(address(&request), "https://control.msg91.com/api/v5/flow");
    assert_eq!(header(&request, "authkey"), Some(KEY));
}

/// WHK-6: nobody is promised more than there is.
#[test]
fn the_minutes_are_rounded_down() {
    for (seconds, minutes) in [(1, 1), (59, 1), (119, 1), (120, 2), (86_400, 1440)] {
        let mut message = message(Channel::Sms);
        message.expires_in = Duration::from_secs(seconds);
        let request = otp().request(&message, NOW).unwrap();
        assert_eq!(json(&request)["otp_expiry"], minutes);
    }
}

#[test]
fn another_channel_is_refused() {
    for channel in [Channel::WhatsApp, Channel::Voice] {
        for msg91 in [otp(), flow()] {
            let refused = msg91.request(&message(channel), NOW).unwrap_err();
            assert_eq!(refused.kind, Kind::AuthOrConfig);
        }
    }
}

/// The rows of the provider reference, section 4.
const CODES: &[(Kind, &[u32])] = &[
    (Kind::InvalidNumber, &[101, 202]),
    (Kind::Unreachable, &[17, 9, 16, 25]),
    (Kind::RateLimited, &[311]),
    (
        Kind::AuthOrConfig,
        &[
            401, 106, 201, 207, 208, 418, 303, 306, 307, 308, 309, 310, 105, 107, 203, 205, 209,
            210, 505, 506,
        ],
    ),
    (Kind::InsufficientCredit, &[301, 302]),
    (Kind::Transient, &[1, 2, 601, 500, 502, 503]),
];

const TEXTS: &[(Kind, &[&str])] = &[
    (
        Kind::InvalidNumber,
        &[
            "Mobile no. empty or not numeric",
            "Mobile number empty or not numeric",
            "Please enter atleast one number to send sms.",
        ],
    ),
    (
        Kind::RateLimited,
        &[
            "OTP retry count maxed out",
            "Max limit reached for this otp verification",
            "No OTP request found to retryotp",
        ],
    ),
    (Kind::AuthOrConfig, &["AuthenticationFailure"]),
    (
        Kind::TemplateProblem,
        &[
            "Template id missing",
            "Unknown template ID",
            "Flow ID is not valid",
            "DLT mismatch",
        ],
    ),
];

#[test]
fn every_code_has_its_class() {
    let rows = CODES
        .iter()
        .flat_map(|(k, row)| row.iter().map(move |c| (k, c)));
    for (kind, code) in rows {
        for body in [
            format!(r#"{{"type":"error","message":"m","code":{code}}}"#),
            format!(r#"{{"type":"error","message":"Template","code":"{code}"}}"#),
            format!(r#"{{"message":"m","code":"{code:03}"}}"#),
        ] {
            for status in [200, 400, 401, 500] {
                let class = class(&otp(), status, body.clone());
                assert_eq!(class, Some(*kind), "{code} {status}");
            }
        }
    }
}

#[test]
fn every_text_has_its_class() {
    let rows = TEXTS
        .iter()
        .flat_map(|(k, row)| row.iter().map(move |t| (k, t)));
    for (kind, text) in rows {
        for text in [(*text).to_owned(), text.to_uppercase()] {
            for body in [
                json!({"type": "error", "message": text}),
                json!({"type": "error", "message": text, "code": 7777}),
                json!({"msg_type": "error", "msg": text}),
                json!({"error": text}),
                json!({"message": text}),
            ] {
                for status in [200, 400] {
                    let class = class(&otp(), status, body.to_string());
                    assert_eq!(class, Some(*kind), "{body} {status}");
                }
            }
        }
    }
}

/// The failures that the reference shows without a class of their own.
#[test]
fn any_other_failure_is_as_good_as_its_status() {
    for body in [
        r#"{"error":"Widget Not Found !"}"#,
        r#"{"type":"error","message":"Invalid request"}"#,
        r#"{"msg_type":"error","msg":"something"}"#,
        r#"{"type":"ERROR"}"#,
        r#"{"type":"error","code":7777}"#,
        r#"{"message":"m","code":"7777"}"#,
        r#"{"error":true}"#,
        "\u{feff}{\"type\":\"error\",\"message\":\"m\"}",
    ] {
        for (status, kind) in [
            (200, Kind::AuthOrConfig),
            (400, Kind::AuthOrConfig),
            (403, Kind::AuthOrConfig),
            (429, Kind::RateLimited),
            (503, Kind::Transient),
        ] {
            assert_eq!(class(&otp(), status, body), Some(kind), "{body} {status}");
        }
    }
}

#[test]
fn a_success_is_one_by_its_body_and_its_status() {
    let reference = |body: &str| {
        let receipt = otp().parse(&HttpReply::new(200, body));
        receipt.unwrap().reference
    };
    let id = Some(ID.to_owned());
    let success = |name: &str| format!(r#"{{"type":"success","{name}":"{ID}"}}"#);
    assert_eq!(reference(&success("request_id")), id);
    assert_eq!(reference(&success("message")), id);
    // A sentence is no reference.
    let sentence = r#"{"type":"success","message":"OTP Send successfully"}"#;
    assert_eq!(reference(sentence), None);
    assert_eq!(reference(r#"{"error":null}"#), None);
    let failed = class(&otp(), 400, success("request_id"));
    assert_eq!(failed, Some(Kind::AuthOrConfig));
}

#[test]
fn a_duplicate_waits_ten_seconds() {
    for (code, header, wait) in [
        (311, None, Some(10)),
        (311, Some("30"), Some(30)),
        (101, None, None),
    ] {
        let mut reply = HttpReply::new(200, format!(r#"{{"type":"error","code":"{code}"}}"#));
        if let Some(seconds) = header {
            reply = reply.with_header("Retry-After", seconds);
        }
        let error = otp().parse(&reply).unwrap_err();
        assert_eq!(error.retry_after, wait.map(Duration::from_secs), "{code}");
    }
}

#[test]
fn the_operator_is_told_the_code_or_the_known_text() {
    for (body, told) in [
        (
            r#"{"type":"error","code":"418"}"#,
            "HTTP status 200, code 418",
        ),
        (
            r#"{"type":"error","message":"DLT: +14155550100"}"#,
            "HTTP status 200, dlt",
        ),
        (r#"{"type":"error","message":"m"}"#, "HTTP status 200"),
    ] {
        let error = otp().parse(&HttpReply::new(200, body)).unwrap_err();
        assert_eq!(error.source.unwrap().to_string(), told);
    }
}

#[test]
fn what_is_no_setting_is_refused() {
    let twice = otp().variable("A", "1").unwrap().variable("A", "2");
    for refused in [
        Msg91::with_otp(key(), ""),
        Msg91::with_otp(key(), "two words"),
        Msg91::with_flow(key(), "62", ""),
        Msg91::with_flow(key(), "62", "mobiles"),
        Msg91::with_flow(key(), "62", "##code##"),
        flow().variable("VAR1", "1"),
        otp().variable("otp", "1"),
        otp().variable("authkey", "1"),
        otp().variable("A", "line\nline"),
        twice,
    ] {
        assert!(matches!(refused, Err(ConfigError::Field(_))), "{refused:?}");
    }
    let plain = otp().at("http://msg91.example");
    assert!(matches!(plain, Err(ConfigError::PlainHttp)));
}

#[test]
fn no_bytes_make_it_panic() {
    never_panics(&otp());
    let taken = format!(r#"{{"type":"success","request_id":"{ID}"}}"#);
    let refused = r#"{"type":"error","message":"Template","code":"207"}"#;
    survives_edits(&otp(), &[&taken, refused]);
}

#[test]
fn an_echo_of_the_request_tells_nothing() {
    common::an_echo_tells_nothing(&otp());
}
