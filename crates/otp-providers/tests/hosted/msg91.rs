//! MSG91's own codes.

use crate::common::{address, header, json};
use crate::{SECRET, checked, code, number, request, secret, started};
use otp_core::{Channel, Checked, SendErrorKind as Kind};
use otp_providers::http::HostedProvider;
use otp_providers::{ConfigError, Msg91Verify};
use std::time::Duration;

pub(crate) const TAKEN: &str = r#"{"type":"success","request_id":"3763646c3058373530393938"}"#;
pub(crate) const REFERENCE: &str = "3763646c3058373530393938";
pub(crate) const APPROVED: &str = r#"{"message":"OTP verified success","type":"success"}"#;

pub(crate) fn verify() -> Msg91Verify {
    Msg91Verify::new(secret(), "5f-template").unwrap()
}

pub(crate) fn said(kind: &str, message: &str) -> String {
    format!(r#"{{"message":"{message}","type":"{kind}"}}"#)
}

#[test]
fn a_start_names_no_code() {
    let verify = verify().digits(8).unwrap().variable("VAR1", "x").unwrap();
    let request = verify.start_request(&request(Channel::Sms)).unwrap();
    let expected = serde_json::json!({
        "template_id": "5f-template", "mobile": "14155550100", "otp_length": 8,
        "otp_expiry": 5, "VAR1": "x",
    });
    assert_eq!(json(&request), expected);
    assert_eq!(address(&request), "https://control.msg91.com/api/v5/otp");
    assert_eq!(header(&request, "authkey"), Some(SECRET));
}

#[test]
fn each_language_has_its_template() {
    let verify = verify()
        .for_locale("pt".parse().unwrap(), "5f-modelo")
        .unwrap();
    for (language, template) in [
        (Some("pt-BR"), "5f-modelo"),
        (Some("fr"), "5f-template"),
        (None, "5f-template"),
    ] {
        let mut request = request(Channel::Sms);
        request.locale = language.map(|language| language.parse().unwrap());
        let request = verify.start_request(&request).unwrap();
        assert_eq!(json(&request)["template_id"], template);
    }
}

/// Minutes, rounded down, and one at the least.
#[test]
fn a_code_lives_as_long_as_the_challenge() {
    for (seconds, minutes) in [(59, 1), (60, 1), (179, 2), (600, 10)] {
        let mut request = request(Channel::Sms);
        request.expires_in = Duration::from_secs(seconds);
        let request = verify().start_request(&request).unwrap();
        assert_eq!(json(&request)["otp_expiry"], minutes);
    }
}

/// VER-11: by the number of our challenge.
#[test]
fn a_check_is_by_the_number() {
    let request = verify().check_request(REFERENCE, &number(), &code());
    let expected = serde_json::json!({"mobile": "14155550100", "otp": "7352914086"});
    assert_eq!(json(&request), expected);
    assert_eq!(
        address(&request),
        "https://control.msg91.com/api/v5/otp/verify"
    );
    assert_eq!(header(&request, "authkey"), Some(SECRET));
}

#[test]
fn a_taken_message_has_a_reference() {
    assert_eq!(
        started(&verify(), 200, TAKEN),
        Ok(Some(REFERENCE.to_owned()))
    );
    let older = r#"{"message":"5e1e93cad6fc054d8e759a5b","type":"success"}"#;
    let expected = Some("5e1e93cad6fc054d8e759a5b".to_owned());
    assert_eq!(started(&verify(), 200, older), Ok(expected));
}

/// The rows of the provider reference, section 4.
#[test]
fn every_answer_to_a_start_has_its_class() {
    for (kind, codes) in [
        (Kind::InvalidNumber, &[101, 202][..]),
        (Kind::Unreachable, &[17, 9, 16, 25]),
        (Kind::RateLimited, &[311]),
        (
            Kind::AuthOrConfig,
            &[401, 106, 201, 207, 208, 418, 303, 306, 310],
        ),
        (Kind::InsufficientCredit, &[301, 302]),
        (Kind::Transient, &[1, 2, 601, 503]),
    ] {
        for code in codes {
            for status in [200, 400, 401] {
                let body = format!(r#"{{"type":"error","message":"m","code":"{code}"}}"#);
                assert_eq!(started(&verify(), status, body), Err(kind), "{code}");
            }
        }
    }
}

/// What is said of a code decides, whatever the HTTP status is; a yes must be one in every way.
#[test]
fn every_answer_to_a_check_has_its_meaning() {
    for (message, expected) in [
        ("OTP not match", Checked::Wrong),
        ("Mobile no. not found", Checked::Unknown),
        ("OTP expired", Checked::Unknown),
        ("otp_expired", Checked::Unknown),
        ("Mobile no. already verified", Checked::Unknown),
        ("OTP retry count maxed out", Checked::TooMany),
        (
            "Max limit reached for this otp verification",
            Checked::TooMany,
        ),
        ("No OTP request found to retryotp", Checked::TooMany),
    ] {
        for status in [200, 400, 429] {
            let body = said("error", message);
            assert_eq!(
                checked(&verify(), status, body, REFERENCE),
                Ok(expected),
                "{message}"
            );
        }
    }
    assert_eq!(
        checked(&verify(), 200, APPROVED, REFERENCE),
        Ok(Checked::Approved)
    );
    for (status, body, expected) in [
        (
            200,
            said("error", "OTP verified success"),
            Err(Kind::AuthOrConfig),
        ),
        (500, APPROVED.to_owned(), Err(Kind::Transient)),
        // A code that was used is said to be verified, as a success even.
        (
            200,
            said("success", "Mobile no. already verified"),
            Ok(Checked::Unknown),
        ),
        (200, said("success", "something new"), Err(Kind::Transient)),
        (200, said("success", ""), Err(Kind::Transient)),
        (
            200,
            said("error", "AuthenticationFailure"),
            Err(Kind::AuthOrConfig),
        ),
        (429, "<html>".to_owned(), Err(Kind::RateLimited)),
    ] {
        assert_eq!(
            checked(&verify(), status, body.clone(), REFERENCE),
            expected,
            "{body}"
        );
    }
}

#[test]
fn what_is_no_setting_is_refused() {
    for digits in [0, 4, 5, 10] {
        assert!(matches!(
            verify().digits(digits),
            Err(ConfigError::Field(_))
        ));
    }
    for channel in [Channel::WhatsApp, Channel::Voice] {
        let refused = verify().start_request(&request(channel)).err();
        assert_eq!(refused.map(|e| e.kind), Some(Kind::AuthOrConfig));
    }
    for name in ["otp", "mobile", "otp_length"] {
        assert!(verify().variable(name, "1").is_err(), "{name}");
    }
}
