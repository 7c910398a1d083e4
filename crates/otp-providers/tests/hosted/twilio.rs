//! Twilio Verify.

use crate::common::{address, fields, form, header};
use crate::{OTHER, SECRET, checked, code, number, request, secret, started};
use otp_core::{Channel, Checked, SendErrorKind as Kind};
use otp_providers::http::{HostedProvider, HttpReply};
use otp_providers::{ConfigError, TwilioVerify};
use std::time::Duration;

/// Digits that look like a sid's, without looking like anybody's.
pub(crate) fn sid(prefix: &str) -> String {
    format!("{prefix}{}", "0123456789abcdef".repeat(2))
}

pub(crate) fn verify() -> TwilioVerify {
    TwilioVerify::with_api_key(sid("VA"), sid("SK"), secret()).unwrap()
}

/// As Twilio describes a verification.
pub(crate) fn verification(status: &str, to: &str) -> String {
    let (sid, service, account) = (sid("VE"), sid("VA"), sid("AC"));
    let valid = status == "approved";
    format!(
        r#"{{"sid":"{sid}","service_sid":"{service}","account_sid":"{account}","to":"{to}","channel":"sms","status":"{status}","valid":{valid},"date_created":"2015-07-30T20:00:00Z","lookup":{{}},"amount":null,"payee":null}}"#
    )
}

pub(crate) fn refusal(code: u32) -> String {
    format!(r#"{{"code":{code},"message":"body-canary +14155550100 7352914086","status":400}}"#)
}

#[test]
fn a_start_is_a_form() {
    for (channel, word) in [
        (Channel::Sms, "sms"),
        (Channel::WhatsApp, "whatsapp"),
        (Channel::Voice, "call"),
    ] {
        let request = verify().start_request(&request(channel)).unwrap();
        let expected = fields([("To", "+14155550100"), ("Channel", word)]);
        assert_eq!(form(&request), expected);
        let path = format!("/v2/Services/{}/Verifications", sid("VA"));
        assert_eq!(
            address(&request),
            format!("https://verify.twilio.com{path}")
        );
        assert!(
            header(&request, "authorization")
                .unwrap()
                .starts_with("Basic ")
        );
    }
}

/// VER-11: by the reference of our challenge.
#[test]
fn a_check_is_by_the_reference() {
    let request = verify().check_request(&sid("VE"), &number(), &code());
    let expected = fields([("VerificationSid", &sid("VE")), ("Code", "7352914086")]);
    assert_eq!(form(&request), expected);
    let path = format!("/v2/Services/{}/VerificationCheck", sid("VA"));
    assert_eq!(
        address(&request),
        format!("https://verify.twilio.com{path}")
    );
}

/// The user of Basic is the API key, or the account itself.
#[test]
fn either_credential_will_do() {
    let with_token = TwilioVerify::with_auth_token(sid("VA"), sid("AC"), secret()).unwrap();
    let basic = |verify: &TwilioVerify| {
        let request = verify.start_request(&request(Channel::Sms)).unwrap();
        header(&request, "authorization").unwrap().to_owned()
    };
    assert_ne!(basic(&verify()), basic(&with_token));
}

#[test]
fn a_pending_verification_has_a_reference() {
    for status in [200, 201] {
        let body = verification("pending", "+14155550100");
        assert_eq!(started(&verify(), status, body), Ok(Some(sid("VE"))));
    }
    for status in ["canceled", "approved", "failed"] {
        let body = verification(status, "+14155550100");
        assert_eq!(
            started(&verify(), 201, body),
            Err(Kind::Transient),
            "{status}"
        );
    }
}

/// The rows of the provider reference, section 2.
const CODES: &[(Kind, &[u32])] = &[
    (Kind::Unreachable, &[60205, 60410, 60605, 60220]),
    (Kind::RateLimited, &[60203, 60212, 20429, 60202]),
    (
        Kind::AuthOrConfig,
        &[20003, 20404, 60200, 60223, 60204, 60217, 60221, 575_001],
    ),
    (Kind::TemplateProblem, &[60201, 60224, 60227, 60228, 60229]),
];

#[test]
fn every_code_has_its_class() {
    for (kind, code) in CODES
        .iter()
        .flat_map(|(k, all)| all.iter().map(move |c| (k, c)))
    {
        for status in [200, 400, 403, 404, 429] {
            let body = refusal(*code);
            assert_eq!(
                started(&verify(), status, body.clone()),
                Err(*kind),
                "{code}"
            );
            let expected = match code {
                20404 => Ok(Checked::Unknown),
                60202 => Ok(Checked::TooMany),
                _ => Err(*kind),
            };
            assert_eq!(checked(&verify(), status, body, "VE1"), expected, "{code}");
        }
    }
    for (status, kind) in [
        (400, Kind::AuthOrConfig),
        (429, Kind::RateLimited),
        (500, Kind::Transient),
    ] {
        assert_eq!(started(&verify(), status, refusal(99_999)), Err(kind));
    }
}

#[test]
fn a_refused_parameter_is_the_number_or_ours() {
    for (body, kind) in [
        (
            r#"{"code":60200,"message":"Invalid parameter `To`: +1"}"#,
            Kind::InvalidNumber,
        ),
        (
            r#"{"code":60200,"message":"Invalid parameter: To"}"#,
            Kind::InvalidNumber,
        ),
        (
            r#"{"type":"t","title":"t","status":400,"code":60200,"detail":"d","errors":[{"detail":"d","pointer":"/To"}]}"#,
            Kind::InvalidNumber,
        ),
        (
            r#"{"code":60200,"message":"Invalid parameter `Channel`: Token"}"#,
            Kind::AuthOrConfig,
        ),
        (
            r#"{"code":60200,"message":"unable to do so"}"#,
            Kind::AuthOrConfig,
        ),
        (r#"{"code":60200}"#, Kind::AuthOrConfig),
    ] {
        assert_eq!(started(&verify(), 400, body), Err(kind), "{body}");
    }
}

#[test]
fn a_throttled_number_waits_while_one_is_pending() {
    for (code, header, wait) in [
        (60203, None, Some(600)),
        (60203, Some("30"), Some(30)),
        (60212, None, None),
        (60212, Some("7"), Some(7)),
    ] {
        let mut reply = HttpReply::new(429, refusal(code));
        if let Some(seconds) = header {
            reply = reply.with_header("Retry-After", seconds);
        }
        let error = verify().parse_start(&reply).unwrap_err();
        assert_eq!(error.retry_after, wait.map(Duration::from_secs), "{code}");
    }
}

#[test]
fn every_status_of_a_check_has_its_meaning() {
    for (word, expected) in [
        ("approved", Ok(Checked::Approved)),
        ("pending", Ok(Checked::Wrong)),
        ("max_attempts_reached", Ok(Checked::TooMany)),
        ("canceled", Ok(Checked::Unknown)),
        ("deleted", Ok(Checked::Unknown)),
        ("failed", Ok(Checked::Unknown)),
        ("expired", Ok(Checked::Unknown)),
        ("something_new", Err(Kind::Transient)),
    ] {
        for status in [200, 201] {
            let body = verification(word, "+14155550100");
            assert_eq!(
                checked(&verify(), status, body, &sid("VE")),
                expected,
                "{word}"
            );
        }
    }
    // No success approves that is none.
    let approved = verification("approved", "+14155550100");
    assert_eq!(
        checked(&verify(), 500, approved, &sid("VE")),
        Err(Kind::Transient)
    );
    assert_eq!(
        checked(&verify(), 404, "<html>", &sid("VE")),
        Err(Kind::AuthOrConfig)
    );
}

/// VER-11: `provider_approved_other_phone_refused`, nor another verification, nor one that names none.
#[test]
fn provider_approved_other_phone_refused() {
    let ours = verification("approved", "+14155550100");
    let cases = [
        (verification("approved", OTHER), sid("VE")),
        (verification("approved", ""), sid("VE")),
        (ours.replace(r#""to":"+14155550100","#, ""), sid("VE")),
        (ours.clone(), "VE1".to_owned()),
        (ours.replace(r#""sid""#, r#""old_sid""#), sid("VE")),
    ];
    for (body, reference) in cases {
        let found = checked(&verify(), 200, body.clone(), &reference);
        assert_eq!(found, Ok(Checked::Unknown), "{body}");
    }
    assert_eq!(
        checked(&verify(), 200, ours, &sid("VE")),
        Ok(Checked::Approved)
    );
}

#[test]
fn what_is_no_setting_is_refused() {
    for refused in [
        TwilioVerify::with_api_key("VA1", sid("SK"), secret()),
        TwilioVerify::with_api_key(sid("VA"), sid("AC"), secret()),
        TwilioVerify::with_auth_token(sid("VA"), sid("SK"), secret()),
    ] {
        assert!(matches!(refused, Err(ConfigError::Field(_))));
    }
    let plain = verify().at("http://verify.example");
    assert!(matches!(plain, Err(ConfigError::PlainHttp)));
    assert!(!format!("{:?}", verify()).contains(SECRET));
}
