//! Kavenegar: what goes out, what every answer means, and the sender suite over lookup and over send.
#![allow(clippy::unwrap_used, reason = "a helper of a test fails the test")]

mod common;

use common::{
    address, class, fields, form, header, hurried, message, never_panics, survives_edits,
};
use otp_core::conformance::senders::{Answer, SenderScene};
use otp_core::{Channel, Message, PhoneNumber, SendErrorKind as Kind, Timestamp};
use otp_providers::http::{Brand, HttpReply, HttpRequest, Provider, Secret};
use otp_providers::{ConfigError, Kavenegar};
use std::time::Duration;

const NOW: Timestamp = Timestamp::from_millis(0);
const KEY: &str = "a-key-for-tests";
/// As the provider reference shows it.
const TAKEN: &str = r#"{"return":{"status":200,"message":"تایید شد"},"entries":[{"messageid":8792343,"message":"…","status":5,"statustext":"ارسال به مخابرات","sender":"10004346","receptor":"09121234567","date":1356619709,"cost":120}]}"#;

fn key() -> Secret {
    Secret::new(KEY).unwrap()
}

fn lookup() -> Kavenegar {
    Kavenegar::with_template(key(), "login").unwrap()
}

fn send() -> Kavenegar {
    Kavenegar::with_line(key(), "10004346", Brand::new("Example").unwrap()).unwrap()
}

fn iranian(channel: Channel) -> Message {
    let mut message = message(channel);
    message.to = PhoneNumber::parse("+989121234567", None).unwrap();
    message
}

fn request(kavenegar: &Kavenegar, channel: Channel) -> HttpRequest {
    kavenegar.request(&iranian(channel), NOW).unwrap()
}

fn no(code: u16) -> String {
    format!(
        r#"{{"return":{{"status":{code},"message":"body-canary 00919876543210 04213795"}},"entries":null}}"#
    )
}

fn refusal(status: u16, code: u16) -> Answer {
    Answer::new(status, no(code))
}

fn scene(make: fn() -> Kavenegar, channel: Channel) -> SenderScene {
    SenderScene::new(
        move |base| hurried(make().at(base).unwrap()),
        Answer::new(200, TAKEN),
    )
    .with_channel(channel)
    .with_reference("8792343")
    .with_secret(KEY)
    // The operation failed; the address is not listed.
    .with_status(402, Kind::Transient)
    .with_status(429, Kind::AuthOrConfig)
    .with_refusal(refusal(411, 411), Kind::InvalidNumber)
    .with_refusal(refusal(200, 418), Kind::InsufficientCredit)
    .with_refusal(refusal(424, 424), Kind::TemplateProblem)
    .with_refusal(refusal(451, 451), Kind::RateLimited)
}

mod over_lookup {
    use super::{Channel, lookup, scene};
    otp_core::sender_suite!(|| scene(lookup, Channel::Sms));
}

mod over_lookup_by_call {
    use super::{Channel, lookup, scene};
    otp_core::sender_suite!(|| scene(lookup, Channel::Voice));
}

mod over_send {
    use super::{Channel, scene, send};
    otp_core::sender_suite!(|| scene(send, Channel::Sms));
}

#[test]
fn a_lookup_is_a_form_with_the_code_as_its_token() {
    for (channel, kind) in [(Channel::Sms, "sms"), (Channel::Voice, "call")] {
        let request = request(&lookup(), channel);
        let expected = fields([
            ("receptor", "+989121234567"),
            ("token", "123456"),
            ("template", "login"),
            ("type", kind),
        ]);
        assert_eq!(form(&request), expected);
        let path = format!("/v1/{KEY}/verify/lookup.json");
        assert_eq!(
            address(&request),
            format!("https://api.kavenegar.com{path}")
        );
        assert_eq!(header(&request, "charset"), Some("utf-8"));
    }
}

#[test]
fn a_text_comes_from_a_line() {
    let request = request(&send(), Channel::Sms);
    let text =
        "123456 is your Example code. It is good for 5 minutes. Do not share it with anyone.";
    let expected = fields([
        ("receptor", "+989121234567"),
        ("message", text),
        ("sender", "10004346"),
    ]);
    assert_eq!(form(&request), expected);
    let path = format!("/v1/{KEY}/sms/send.json");
    assert_eq!(
        address(&request),
        format!("https://api.kavenegar.com{path}")
    );
}

#[test]
fn a_number_abroad_begins_with_zeros() {
    for kavenegar in [lookup(), send()] {
        let request = kavenegar.request(&message(Channel::Sms), NOW).unwrap();
        assert_eq!(form(&request)["receptor"], "0014155550100");
    }
}

#[test]
fn another_channel_is_refused() {
    for (kavenegar, channel) in [
        (lookup(), Channel::WhatsApp),
        (send(), Channel::WhatsApp),
        (send(), Channel::Voice),
    ] {
        let refused = kavenegar.request(&message(channel), NOW).unwrap_err();
        assert_eq!(refused.kind, Kind::AuthOrConfig);
    }
}

/// The rows of the provider reference, section 5.
const CODES: &[(Kind, &[u16])] = &[
    (Kind::InvalidNumber, &[411]),
    (Kind::Transient, &[402]),
    (Kind::Transient, &[409]),
    (Kind::InsufficientCredit, &[418]),
    (Kind::TemplateProblem, &[424]),
    (
        Kind::TemplateProblem,
        &[431, 432, 422, 428, 413, 417, 419, 420],
    ),
    (Kind::RateLimited, &[451]),
    (Kind::AuthOrConfig, &[414]),
    (
        Kind::AuthOrConfig,
        &[
            400, 401, 403, 404, 405, 406, 407, 412, 415, 416, 426, 427, 429, 607,
        ],
    ),
    (Kind::AuthOrConfig, &[501]),
];

fn rows() -> impl Iterator<Item = (Kind, u16)> {
    CODES
        .iter()
        .flat_map(|(k, row)| row.iter().map(|c| (*k, *c)))
}

#[test]
fn every_code_has_its_class() {
    for (kind, code) in rows() {
        for body in [
            format!(r#"{{"return":{{"status":{code},"message":"m"}},"entries":null}}"#),
            format!(r#"{{"return":{{"status":"{code}"}}}}"#),
        ] {
            // The last two are what a proxy may make of the first two.
            for status in [code, 200, 400, 429] {
                let class = class(&lookup(), status, body.clone());
                assert_eq!(class, Some(kind), "{code} {status}");
            }
        }
    }
}

/// The documentation's own example of an error is no JSON.
#[test]
fn the_http_status_is_the_code_where_the_body_cannot_be_read() {
    for (kind, code) in rows() {
        let malformed =
            format!(r#"{{"return":{{"status":{code},"message":"m"}},"entries":{{ null }}}}"#);
        for body in ["", "<html>", "{}", r#"{"return":null}"#, &malformed] {
            assert_eq!(class(&lookup(), code, body), Some(kind), "{code} {body}");
        }
    }
}

#[test]
fn any_other_code_is_as_good_as_its_status() {
    let unlisted = no(499);
    for (status, kind) in [
        (200, Kind::AuthOrConfig),
        (499, Kind::AuthOrConfig),
        (418, Kind::InsufficientCredit),
        (503, Kind::Transient),
    ] {
        assert_eq!(class(&lookup(), status, unlisted.clone()), Some(kind));
    }
    for status in [408, 425, 500, 502, 503] {
        assert_eq!(class(&lookup(), status, ""), Some(Kind::Transient));
    }
    // What says that it was taken, and with a status that denies it.
    assert_eq!(class(&lookup(), 500, TAKEN), Some(Kind::Transient));
    assert_eq!(class(&lookup(), 424, TAKEN), Some(Kind::TemplateProblem));
}

/// The delivery states of the provider reference, section 5, in the reply itself.
#[test]
fn a_message_that_failed_at_once_was_not_taken() {
    for (state, kind) in [
        (1, None),
        (2, None),
        (4, None),
        (5, None),
        (10, None),
        (6, Some(Kind::Transient)),
        (11, Some(Kind::Transient)),
        (13, Some(Kind::Transient)),
        (14, Some(Kind::Unreachable)),
    ] {
        for state in [state.to_string(), format!("\"{state}\"")] {
            let body = TAKEN.replace(r#""status":5"#, &format!(r#""status":{state}"#));
            assert_eq!(class(&lookup(), 200, body), kind, "{state}");
        }
    }
}

#[test]
fn codes_and_ids_may_be_texts() {
    let body = r#"{"return":{"status":"200"},"entries":[{"messageid":"17"}]}"#;
    let receipt = lookup().parse(&HttpReply::new(200, body)).unwrap();
    assert_eq!(receipt.reference.as_deref(), Some("17"));
}

#[test]
fn a_throttle_has_a_wait() {
    for (code, header, wait) in [
        (451, None, Some(60)),
        (451, Some("5"), Some(5)),
        (429, None, None),
        (409, None, None),
    ] {
        let mut reply = HttpReply::new(code, no(code));
        if let Some(seconds) = header {
            reply = reply.with_header("Retry-After", seconds);
        }
        let error = lookup().parse(&reply).unwrap_err();
        assert_eq!(error.retry_after, wait.map(Duration::from_secs), "{code}");
    }
}

#[test]
fn the_operator_is_told_the_code() {
    for (body, told) in [
        (no(431), "HTTP status 431, code 431"),
        (String::new(), "HTTP status 431"),
    ] {
        let error = lookup().parse(&HttpReply::new(431, body)).unwrap_err();
        assert_eq!(error.source.unwrap().to_string(), told);
    }
}

#[test]
fn the_key_is_not_shown() {
    let request = request(&lookup(), Channel::Sms);
    let shown = format!(
        "{:?} {:?} {request:?} {:?}",
        lookup(),
        send(),
        request.address()
    );
    assert!(!shown.contains(KEY));
}

#[test]
fn what_is_no_setting_is_refused() {
    let line = |line: &str| Kavenegar::with_line(key(), line, Brand::default());
    for refused in [
        Kavenegar::with_template(key(), ""),
        Kavenegar::with_template(key(), "login\n"),
        line(""),
        line("1000 4346"),
        line("1000\n"),
    ] {
        assert!(matches!(refused, Err(ConfigError::Field(_))), "{refused:?}");
    }
    let plain = lookup().at("http://kavenegar.example");
    assert!(matches!(plain, Err(ConfigError::PlainHttp)));
}

#[test]
fn no_bytes_make_it_panic() {
    never_panics(&lookup());
    survives_edits(&lookup(), &[TAKEN, &no(418)]);
}

#[test]
fn an_echo_of_the_request_tells_nothing() {
    common::an_echo_tells_nothing(&lookup());
}
