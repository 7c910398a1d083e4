//! The Enterprise gateway.

use crate::common::{
    address, class, fields, form, hurried, in_india, message, never_panics, registered,
    survives_edits,
};
use otp_core::conformance::senders::{Answer, SenderScene};
use otp_core::{Channel, SendErrorKind as Kind, Timestamp};
use otp_providers::http::{Brand, HttpReply, HttpRequest, Provider, Secret};
use otp_providers::{ConfigError, GupshupSms};

const NOW: Timestamp = Timestamp::from_millis(0);
const PASSWORD: &str = "a-secret-for-tests";
const ID: &str = "3270637570192393521-331166354051551677";

fn sms() -> GupshupSms {
    GupshupSms::new("2000100000", Secret::new(PASSWORD).unwrap()).unwrap()
}

fn request(sms: &GupshupSms) -> HttpRequest {
    sms.request(&message(Channel::Sms), NOW).unwrap()
}

fn taken() -> String {
    format!(
        r#"{{"response":{{"id":"{ID}","phone":"919876543210","details":"","status":"success"}}}}"#
    )
}

fn refusal(code: &str) -> String {
    format!(
        r#"{{"response":{{"id":"{code}","phone":"919876543210","details":"body-canary 04213795","status":"error"}}}}"#
    )
}

fn scene(taken: Answer) -> SenderScene {
    let text = "error | 102 | body-canary 919876543210 04213795";
    SenderScene::new(
        |base| hurried(sms().dlt(registered("")).at(base).unwrap()),
        taken,
    )
    .with_reference(ID)
    .with_secret(PASSWORD)
    .with_refusal(Answer::new(200, refusal("105")), Kind::InvalidNumber)
    .with_refusal(Answer::new(200, refusal("109")), Kind::Unreachable)
    .with_refusal(Answer::new(200, text), Kind::AuthOrConfig)
    .with_refusal(Answer::new(401, refusal("04213795")), Kind::AuthOrConfig)
}

mod suite {
    use super::{Answer, scene, taken};
    otp_core::sender_suite!(|| scene(Answer::new(200, taken())));
}

#[test]
fn an_sms_is_a_form() {
    let sms = sms().brand(Brand::new("Example").unwrap());
    let sms = sms.mask("MASKED").unwrap().dlt(registered("Example "));
    let request = sms.request(&in_india(Channel::Sms), NOW).unwrap();
    let expected = fields([
        ("userid", "2000100000"),
        ("password", PASSWORD),
        ("auth_scheme", "plain"),
        ("v", "1.1"),
        ("method", "SendMessage"),
        ("format", "JSON"),
        ("send_to", "919876543210"),
        (
            "msg",
            "123456 is your Example code. It is good for 5 minutes. Do not share it with anyone.",
        ),
        ("msg_type", "TEXT"),
        ("mask", "EXMPLE"),
        ("principalEntityId", "1101"),
        ("dltTemplateId", "1107"),
    ]);
    assert_eq!(form(&request), expected);
    assert_eq!(
        address(&request),
        "https://enterprise.smsgupshup.com/GatewayAPI/rest"
    );
}

#[test]
fn what_is_not_set_does_not_go_out() {
    let sms = sms().dlt(registered(""));
    let form = form(&request(&sms));
    for field in ["mask", "principalEntityId", "dltTemplateId"] {
        assert!(!form.contains_key(field), "{field}");
    }
}

#[test]
fn elsewhere_the_mask_is_who_it_comes_from() {
    let form = form(&request(&sms().mask("MASKED").unwrap().dlt(registered(""))));
    assert_eq!(form["mask"], "MASKED");
}

#[test]
fn a_brand_beyond_ascii_is_unicode() {
    let form = form(&request(&sms().brand(Brand::new("उदाहरण").unwrap())));
    assert_eq!(form["msg_type"], "Unicode_text");
    assert!(form["msg"].contains("उदाहरण"));
}

#[test]
fn another_channel_is_refused() {
    for channel in [Channel::WhatsApp, Channel::Voice] {
        let refused = sms().request(&message(channel), NOW).unwrap_err();
        assert_eq!(refused.kind, Kind::AuthOrConfig);
    }
}

/// The rows of the provider reference, section 7a. Those of the gateway's own two-factor checks, and codes that are not
/// known, are for the operator.
const CODES: &[(Kind, &[u32])] = &[
    (Kind::InvalidNumber, &[105]),
    (Kind::Unreachable, &[175, 109]),
    (Kind::RateLimited, &[308]),
    (Kind::AuthOrConfig, &[309, 310, 301, 311]),
    (Kind::Transient, &[100]),
    (Kind::AuthOrConfig, &[101, 102, 103, 104, 106, 107, 108]),
    (Kind::AuthOrConfig, &[110, 777, 9_999]),
];

#[test]
fn every_code_has_its_class() {
    let rows = CODES
        .iter()
        .flat_map(|(k, row)| row.iter().map(move |c| (k, c)));
    for (kind, code) in rows {
        for body in [
            refusal(&code.to_string()),
            refusal(&code.to_string()).replace("error", "Error"),
            format!(r#"{{"response":{{"id":{code},"status":"error"}}}}"#),
            format!("error | {code} | words | and a bar"),
            format!("ERROR|{code}|words\r\n"),
        ] {
            for status in [200, 400, 401] {
                let class = class(&sms(), status, body.clone());
                assert_eq!(class, Some(*kind), "{body} {status}");
            }
        }
    }
}

#[test]
fn any_other_failure_is_as_good_as_its_status() {
    for body in ["error", "error |", "error | words", &refusal("words")] {
        for (status, kind) in [
            (200, Kind::AuthOrConfig),
            (429, Kind::RateLimited),
            (500, Kind::Transient),
        ] {
            assert_eq!(class(&sms(), status, body), Some(kind), "{body} {status}");
        }
    }
    assert_eq!(class(&sms(), 503, refusal("777")), Some(Kind::Transient));
}

#[test]
fn a_success_is_one_in_json_and_in_text() {
    for (body, id) in [
        (taken(), Some(ID)),
        (format!("success | 919876543210 | {ID}"), Some(ID)),
        (format!("SUCCESS|919876543210|{ID}\r\n"), Some(ID)),
        (
            "success | 919876543210 | 5013010796508266548 | OTP sent.".to_owned(),
            Some("5013010796508266548"),
        ),
        ("success | 919876543210".to_owned(), None),
    ] {
        let receipt = sms().parse(&HttpReply::new(200, body.clone())).unwrap();
        assert_eq!(receipt.reference.as_deref(), id, "{body}");
        for (status, kind) in [(302, Kind::AuthOrConfig), (500, Kind::Transient)] {
            assert_eq!(class(&sms(), status, body.clone()), Some(kind), "{body}");
        }
    }
}

#[test]
fn the_operator_is_told_the_code_and_nothing_that_was_sent() {
    for (body, told) in [
        (refusal("308"), "HTTP status 200, code 308"),
        (refusal("777"), "HTTP status 200, code 777"),
        (refusal("123456"), "HTTP status 200"),
        ("error | 14155550100".to_owned(), "HTTP status 200"),
    ] {
        let error = sms().parse(&HttpReply::new(200, body)).unwrap_err();
        assert_eq!(error.source.unwrap().to_string(), told);
    }
}

#[test]
fn the_password_is_not_shown() {
    let shown = format!("{:?} {:?}", sms(), request(&sms()));
    assert!(!shown.contains(PASSWORD));
}

#[test]
fn what_is_no_setting_is_refused() {
    for refused in [
        GupshupSms::new("", Secret::new(PASSWORD).unwrap()),
        GupshupSms::new("2000 100000", Secret::new(PASSWORD).unwrap()),
        sms().mask("EXAMPLE"),
        sms().mask("EX PLE"),
    ] {
        assert!(matches!(refused, Err(ConfigError::Field(_))), "{refused:?}");
    }
    let plain = sms().at("http://gupshup.example");
    assert!(matches!(plain, Err(ConfigError::PlainHttp)));
}

#[test]
fn no_bytes_make_it_panic() {
    never_panics(&sms());
    let text = format!("success | 919876543210 | {ID}");
    let refused = "error | 102 | Authentication failed";
    survives_edits(&sms(), &[&taken(), &refusal("102"), &text, refused]);
}

#[test]
fn an_echo_of_the_request_tells_nothing() {
    crate::common::an_echo_tells_nothing(&sms());
}
