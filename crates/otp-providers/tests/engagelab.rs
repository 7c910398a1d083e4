//! EngageLab: what goes out, what every answer means, and the sender suite.
#![allow(clippy::unwrap_used, reason = "a helper of a test fails the test")]

mod common;

use common::{address, class, header, hurried, json, message, never_panics};
use otp_core::conformance::senders::{Answer, SenderScene};
use otp_core::{Channel, SendErrorKind as Kind, Timestamp};
use otp_providers::http::{HttpReply, Provider, Secret};
use otp_providers::{ConfigError, EngageLab};
use std::time::Duration;

const NOW: Timestamp = Timestamp::from_millis(0);
const KEY: &str = "a-key-for-tests"; // scan: allow(made up for this test)
const SECRET: &str = "a-secret-for-tests"; // scan: allow(made up for this test)
const TAKEN: &str = r#"{"message_id":"1725407449772531712","send_channel":"sms"}"#;
/// Made with Python's `base64`.
const BASIC: &str = "YS1rZXktZm9yLXRlc3RzOmEtc2VjcmV0LWZvci10ZXN0cw=="; // scan: allow(made up for this test)

fn keyed(key: &str, template: &str) -> Result<EngageLab, ConfigError> {
    let (key, secret) = (Secret::new(key).unwrap(), Secret::new(SECRET).unwrap());
    EngageLab::new(key, secret, template)
}

fn engagelab() -> EngageLab {
    keyed(KEY, "tpl").unwrap()
}

fn refusal(code: u32) -> String {
    format!(r#"{{"code":{code},"message":"body-canary +919876543210 04213795"}}"#)
}

fn scene() -> SenderScene {
    SenderScene::new(
        |base| hurried(engagelab().at(base).unwrap()),
        Answer::new(200, TAKEN),
    )
    .with_reference("1725407449772531712")
    .with_secret(KEY)
    .with_secret(SECRET)
    .with_secret(BASIC)
    .with_refusal(Answer::new(400, refusal(5011)), Kind::InvalidNumber)
    .with_refusal(Answer::new(400, refusal(3004)), Kind::RateLimited)
    .with_refusal(Answer::new(401, refusal(2001)), Kind::AuthOrConfig)
    .with_refusal(Answer::new(200, refusal(5012)), Kind::Unreachable)
}

mod suite {
    otp_core::sender_suite!(super::scene);
}

#[test]
fn a_code_of_ours_is_json() {
    let request = engagelab().request(&message(Channel::Sms), NOW).unwrap();
    let expected = serde_json::json!({
        "to": "+14155550100", "code": "123456", "template": {"id": "tpl", "language": "default"},
    });
    assert_eq!(json(&request), expected);
    assert_eq!(address(&request), "https://otp.api.engagelab.cc/v1/codes");
    assert_eq!(
        header(&request, "authorization"),
        Some(format!("Basic {BASIC}").as_str())
    );
}

#[test]
fn a_template_has_a_language_and_variables() {
    let engagelab = engagelab().language("zh_HK").unwrap();
    let engagelab = engagelab.param("brand", "Example").unwrap();
    let request = engagelab.request(&message(Channel::Sms), NOW).unwrap();
    let expected =
        serde_json::json!({"id": "tpl", "language": "zh_HK", "params": {"brand": "Example"}});
    assert_eq!(json(&request)["template"], expected);
}

#[test]
fn every_channel_but_the_templates_is_refused() {
    let channels = [Channel::Sms, Channel::WhatsApp, Channel::Voice];
    for first in channels {
        let engagelab = engagelab().begins_with(first);
        for asked in channels {
            let request = engagelab.request(&message(asked), NOW);
            let refused = request.err().map(|error| error.kind);
            let expected = (asked != first).then_some(Kind::AuthOrConfig);
            assert_eq!(refused, expected);
        }
    }
}

/// The rows of the provider reference, section 6.
const CODES: &[(Kind, &[u32])] = &[
    (Kind::InvalidNumber, &[5011, 5020]),
    (Kind::Unreachable, &[5012, 5013, 5018, 5019, 5017]),
    (Kind::RateLimited, &[3004]),
    (Kind::AuthOrConfig, &[2001, 2002, 2004, 3001, 3002, 3003]),
    (Kind::TemplateProblem, &[4001, 5014, 5015]),
    (Kind::Transient, &[1000, 5001, 5016]),
];

#[test]
fn every_code_has_its_class() {
    for (kind, code) in CODES
        .iter()
        .flat_map(|(k, codes)| codes.iter().map(move |c| (k, c)))
    {
        for body in [refusal(*code), format!(r#"{{"code":"{code}"}}"#)] {
            for status in [400, 401, 200, 500] {
                let class = class(&engagelab(), status, body.clone());
                assert_eq!(class, Some(*kind), "{code} {status}");
            }
        }
    }
}

#[test]
fn not_on_whatsapp_is_no_verdict_on_the_number() {
    let whatsapp = engagelab().begins_with(Channel::WhatsApp);
    let refused = |code| class(&whatsapp, 400, refusal(code));
    assert_eq!(refused(5020), Some(Kind::Unreachable));
    assert_eq!(refused(5011), Some(Kind::InvalidNumber));
}

#[test]
fn an_unlisted_code_is_as_good_as_its_status() {
    for (status, kind) in [
        (400, Kind::AuthOrConfig),
        (429, Kind::RateLimited),
        (502, Kind::Transient),
        (503, Kind::Transient),
        (504, Kind::Transient),
        (200, Kind::AuthOrConfig),
    ] {
        for body in [r#"{"code":7777}"#, r#"{"code":"many","message":"m"}"#] {
            assert_eq!(class(&engagelab(), status, body), Some(kind), "{status}");
        }
    }
}

#[test]
fn a_throttled_number_waits_for_the_templates_validity() {
    let known = || engagelab().valid_for(Duration::from_secs(300)).unwrap();
    for (engagelab, code, header, wait) in [
        (engagelab(), 3004, None, None),
        (known(), 3004, None, Some(300)),
        (known(), 3004, Some("30"), Some(30)),
        (known(), 1000, None, None),
    ] {
        let mut reply = HttpReply::new(400, refusal(code));
        if let Some(seconds) = header {
            reply = reply.with_header("Retry-After", seconds);
        }
        let error = engagelab.parse(&reply).unwrap_err();
        assert_eq!(error.retry_after, wait.map(Duration::from_secs), "{code}");
    }
}

#[test]
fn the_operator_is_told_the_code() {
    let error = engagelab().parse(&HttpReply::new(400, refusal(4001)));
    let source = error.unwrap_err().source.unwrap();
    assert_eq!(source.to_string(), "HTTP status 400, code 4001");
}

#[test]
fn what_is_no_setting_is_refused() {
    for refused in [
        keyed(KEY, ""),
        keyed(KEY, "tpl\n"),
        engagelab().language("fr"),
        engagelab().language(""),
        engagelab().param("", "v"),
        engagelab().param("k", "v\n"),
        engagelab().valid_for(Duration::from_secs(59)),
        engagelab().valid_for(Duration::from_secs(601)),
    ] {
        assert!(matches!(refused, Err(ConfigError::Field(_))), "{refused:?}");
    }
    assert!(matches!(keyed("a:b", "tpl"), Err(ConfigError::Secret)));
    let plain = engagelab().at("http://otp.example");
    assert!(matches!(plain, Err(ConfigError::PlainHttp)));
}

#[test]
fn no_bytes_make_it_panic() {
    never_panics(&engagelab());
}

#[test]
fn an_echo_of_the_request_tells_nothing() {
    common::an_echo_tells_nothing(&engagelab());
}
