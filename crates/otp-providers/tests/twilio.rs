//! Twilio: what goes out, what every answer means, and the sender suite over SMS and over WhatsApp.
#![allow(clippy::unwrap_used, reason = "a helper of a test fails the test")]

mod common;

use common::{address, class, fields, form, header, hurried, message, never_panics};
use otp_core::conformance::senders::{Answer, SenderScene};
use otp_core::{Channel, Message, SendErrorKind as Kind, Timestamp};
use otp_providers::http::{Brand, HttpReply, HttpRequest, Provider, Secret};
use otp_providers::{ConfigError, Twilio};
use std::time::Duration;

const NOW: Timestamp = Timestamp::from_millis(0);
const PASSWORD: &str = "a-secret-for-tests";

/// Digits that look like a sid's, without looking like anybody's.
fn sid(prefix: &str) -> String {
    format!("{prefix}{}", "0123456789abcdef".repeat(2))
}

fn keyed() -> Twilio {
    let secret = Secret::new(PASSWORD).unwrap();
    Twilio::with_api_key(sid("AC"), sid("SK"), secret).unwrap()
}

fn twilio() -> Twilio {
    let sms = keyed().sms_from("+15005550006").unwrap();
    sms.whatsapp("+15005550006", sid("HX")).unwrap()
}

fn request(twilio: &Twilio, message: &Message) -> HttpRequest {
    twilio.request(message, NOW).unwrap()
}

/// As queued by Twilio.
fn queued() -> Answer {
    let body = format!(
        r#"{{"account_sid":"{}","api_version":"2010-04-01","body":"…","direction":"outbound-api","error_code":null,"error_message":null,"from":"+15005550006","messaging_service_sid":null,"num_segments":"1","price":null,"sid":"{}","status":"queued","to":"+14155550100"}}"#,
        sid("AC"),
        sid("SM")
    );
    Answer::new(201, body)
}

fn scene(channel: Channel) -> SenderScene {
    let refusal = |code: u32, status| {
        let body = format!(
            r#"{{"code":{code},"message":"body-canary +919876543210 04213795","more_info":"https://www.twilio.com/docs/errors/{code}","status":{status}}}"#
        );
        Answer::new(status, body)
    };
    SenderScene::new(|base| hurried(twilio().at(base).unwrap()), queued())
        .with_channel(channel)
        .with_reference(sid("SM"))
        .with_secret(PASSWORD)
        .with_secret(sid("SK"))
        .with_secret("0YWJjZGVm")
        .with_refusal(refusal(21211, 400), Kind::InvalidNumber)
        .with_refusal(refusal(20429, 429), Kind::RateLimited)
        .with_refusal(refusal(21610, 200), Kind::Unreachable)
}

mod sms {
    otp_core::sender_suite!(|| super::scene(super::Channel::Sms));
}

mod whatsapp {
    otp_core::sender_suite!(|| super::scene(super::Channel::WhatsApp));
}

#[test]
fn an_sms_is_a_form() {
    let twilio = twilio()
        .brand(Brand::new("Example").unwrap())
        .status_callback("https://auth.example.com/cb/twilio")
        .unwrap();
    let request = request(&twilio, &message(Channel::Sms));
    let expected = fields([
        ("To", "+14155550100"),
        ("From", "+15005550006"),
        (
            "Body",
            "123456 is your Example code. It is good for 5 minutes. Do not share it with anyone.",
        ),
        ("StatusCallback", "https://auth.example.com/cb/twilio"),
        ("ValidityPeriod", "300"),
    ]);
    assert_eq!(form(&request), expected);
    let path = format!("/2010-04-01/Accounts/{}/Messages.json", sid("AC"));
    assert_eq!(address(&request), format!("https://api.twilio.com{path}"));
    assert_eq!(header(&request, "accept"), Some("application/json"));
}

#[test]
fn a_service_takes_the_place_of_a_number() {
    let twilio = keyed().sms_service(sid("MG")).unwrap();
    let form = form(&request(&twilio, &message(Channel::Sms)));
    assert_eq!(form["MessagingServiceSid"], sid("MG"));
    assert!(!form.contains_key("From"));
}

#[test]
fn a_whatsapp_message_is_a_template_with_the_code() {
    let form = form(&request(&twilio(), &message(Channel::WhatsApp)));
    let expected = fields([
        ("To", "whatsapp:+14155550100"),
        ("From", "whatsapp:+15005550006"),
        ("ContentSid", &sid("HX")),
        ("ContentVariables", r#"{"1":"123456"}"#),
        ("ValidityPeriod", "300"),
    ]);
    assert_eq!(form, expected);
}

/// The headers were made with Python's `base64`.
#[test]
fn an_api_key_signs_in_with_its_sid_and_a_token_with_the_accounts() {
    let by_key = request(&twilio(), &message(Channel::Sms));
    assert_eq!(
        header(&by_key, "authorization"),
        Some(
            "Basic U0swMTIzNDU2Nzg5YWJjZGVmMDEyMzQ1Njc4OWFiY2RlZjphLXNlY3JldC1mb3ItdGVzdHM=" // scan: allow(made up for this test)
        )
    );
    let token = Secret::new(PASSWORD).unwrap();
    let twilio = Twilio::with_auth_token(sid("AC"), token).unwrap();
    let twilio = twilio.sms_from("Example").unwrap();
    let by_token = request(&twilio, &message(Channel::Sms));
    assert_eq!(
        header(&by_token, "authorization"),
        Some(
            "Basic QUMwMTIzNDU2Nzg5YWJjZGVmMDEyMzQ1Njc4OWFiY2RlZjphLXNlY3JldC1mb3ItdGVzdHM=" // scan: allow(made up for this test)
        )
    );
    assert_eq!(address(&by_key), address(&by_token));
}

/// WHK-6: Twilio gives up when the code does.
#[test]
fn the_validity_is_what_remains() {
    for (millis, seconds) in [(179_999, "179"), (999, "1"), (86_400_000, "36000")] {
        let mut message = message(Channel::Sms);
        message.expires_in = Duration::from_millis(millis);
        let form = form(&request(&twilio(), &message));
        assert_eq!(form["ValidityPeriod"], seconds);
    }
}

#[test]
fn a_channel_without_an_origin_is_refused() {
    for (twilio, channel) in [
        (twilio(), Channel::Voice),
        (keyed(), Channel::Sms),
        (keyed().sms_from("1").unwrap(), Channel::WhatsApp),
    ] {
        let refused = twilio.request(&message(channel), NOW).unwrap_err();
        assert_eq!(refused.kind, Kind::AuthOrConfig);
    }
}

/// The rows of the provider reference, section 1.4.
const CODES: &[(Kind, &[u32])] = &[
    (Kind::InvalidNumber, &[21211, 21217, 21604]),
    (Kind::Unreachable, &[21214, 21614, 21612, 21408, 21610]),
    (Kind::Unreachable, &[63003, 63024, 63014, 63033]),
    (Kind::AuthOrConfig, &[63015]),
    (Kind::RateLimited, &[20429, 14107, 63018, 63038]),
    (Kind::RateLimited, &[21611, 30001]),
    (
        Kind::AuthOrConfig,
        &[
            20003, 20404, 21212, 21401, 21421, 21601, 21602, 21603, 21606, 21607, 21609, 21617,
            21618, 21701, 21702, 21703, 21704, 21705, 63001, 63007, 63008, 63020, 63022,
        ],
    ),
    (Kind::AuthOrConfig, &[21608, 572002, 572005]),
    (Kind::InsufficientCredit, &[20005, 10001, 30002]),
    (
        Kind::TemplateProblem,
        &[
            21654, 21655, 21656, 63005, 63013, 63016, 63021, 63027, 63028, 63029, 63030, 63040,
            63041, 63042,
        ],
    ),
    (
        Kind::AuthOrConfig,
        &[30007, 30034, 30032, 30022, 30023, 30027, 30018, 30024],
    ),
    (
        Kind::Transient,
        &[20500, 20503, 21730, 63009, 63010, 63012, 30008, 30410],
    ),
    (
        Kind::Unreachable,
        &[30003, 30004, 30005, 30006, 63032, 63049],
    ),
];

#[test]
fn every_code_has_its_class() {
    let twilio = twilio();
    for (kind, code) in CODES
        .iter()
        .flat_map(|(k, codes)| codes.iter().map(move |c| (k, c)))
    {
        for body in [
            format!(r#"{{"code":{code},"message":"m","more_info":"u","status":400}}"#),
            format!(r#"{{"code":"{code}"}}"#),
            format!(
                r#"{{"type":"t","title":"t","status":400,"code":{code},"detail":"d","instance":"i"}}"#
            ),
            format!(r#"{{"sid":"SM1","status":"failed","error_code":{code}}}"#),
        ] {
            for status in [400, 200, 500] {
                assert_eq!(
                    class(&twilio, status, body.clone()),
                    Some(*kind),
                    "{code} {status}"
                );
            }
        }
    }
}

#[test]
fn an_unlisted_code_is_as_good_as_its_status() {
    for (status, kind) in [
        (400, Kind::AuthOrConfig),
        (429, Kind::RateLimited),
        (503, Kind::Transient),
        (200, Kind::AuthOrConfig),
    ] {
        let body = r#"{"code":99999,"status":400}"#;
        assert_eq!(class(&twilio(), status, body), Some(kind));
    }
}

#[test]
fn a_message_that_failed_at_once_was_not_taken() {
    for (status, taken) in [
        ("queued", true),
        ("accepted", true),
        ("sending", true),
        ("failed", false),
        ("undelivered", false),
        ("canceled", false),
    ] {
        let body = format!(r#"{{"sid":"SM1","status":"{status}","error_code":null}}"#);
        let expected = (!taken).then_some(Kind::Transient);
        assert_eq!(class(&twilio(), 201, body), expected, "{status}");
    }
}

#[test]
fn a_throttle_has_its_wait_where_it_is_known() {
    for (code, header, wait) in [
        (63038, None, Some(86_400)),
        (21611, None, Some(60)),
        (30001, None, Some(60)),
        (30001, Some("5"), Some(5)),
        (20429, None, None),
        (20429, Some("7"), Some(7)),
    ] {
        let mut reply = HttpReply::new(429, format!(r#"{{"code":{code}}}"#));
        if let Some(seconds) = header {
            reply = reply.with_header("Retry-After", seconds);
        }
        let error = twilio().parse(&reply).unwrap_err();
        assert_eq!(error.retry_after, wait.map(Duration::from_secs), "{code}");
    }
}

#[test]
fn the_operator_is_told_the_code() {
    let error = twilio().parse(&HttpReply::new(400, r#"{"code":21606}"#));
    let source = error.unwrap_err().source.unwrap();
    assert_eq!(source.to_string(), "HTTP status 400, code 21606");
}

#[test]
fn what_is_no_setting_is_refused() {
    let secret = || Secret::new(PASSWORD).unwrap();
    let zeros = sid("AC").to_uppercase();
    assert!(Twilio::with_auth_token(zeros, secret()).is_ok());
    for account in [sid("SK"), sid("AC") + "0", "AC".to_owned(), String::new()] {
        let refused = Twilio::with_auth_token(account, secret());
        assert!(matches!(refused, Err(ConfigError::Field(_))));
    }
    for refused in [
        Twilio::with_api_key(sid("AC"), sid("AC"), secret()),
        keyed().sms_service(sid("HX")),
        keyed().sms_from(""),
        keyed().sms_from("+1500\n"),
        keyed().whatsapp("15005550006", sid("HX")),
        keyed().whatsapp("+15005550006", sid("MG")),
        keyed().status_callback("https://a_b.example/"),
    ] {
        assert!(matches!(refused, Err(ConfigError::Field(_))), "{refused:?}");
    }
    for address in ["http://10.0.0.1/", "http://twilio.example"] {
        assert!(matches!(keyed().at(address), Err(ConfigError::PlainHttp)));
    }
}

#[test]
fn no_bytes_make_it_panic() {
    never_panics(&twilio());
}

#[test]
fn an_echo_of_the_request_tells_nothing() {
    common::an_echo_tells_nothing(&twilio());
}
