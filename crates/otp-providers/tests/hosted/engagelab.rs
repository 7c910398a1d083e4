//! EngageLab's own codes.

use crate::common::{address, header, json};
use crate::{checked, code, number, request, secret, started};
use otp_core::{Channel, Checked, SendErrorKind as Kind};
use otp_providers::http::{HostedProvider, HttpReply, Secret};
use otp_providers::{EngageLab, EngageLabVerify};
use std::time::Duration;

pub(crate) const TAKEN: &str = r#"{"message_id":"1725407449772531712","send_channel":"sms"}"#;
pub(crate) const REFERENCE: &str = "1725407449772531712";

fn engagelab() -> EngageLab {
    let key = Secret::new("a-key-for-tests").unwrap();
    EngageLab::new(key, secret(), "tpl").unwrap()
}

pub(crate) fn verify() -> EngageLabVerify {
    EngageLabVerify::new(engagelab())
}

pub(crate) fn at(base: &str) -> EngageLabVerify {
    EngageLabVerify::new(engagelab().at(base).unwrap())
}

pub(crate) fn verdict(verified: bool) -> String {
    format!(r#"{{"message_id":"{REFERENCE}","verify_code":"7352914086","verified":{verified}}}"#)
}

pub(crate) fn refusal(code: u32) -> String {
    format!(r#"{{"code":{code},"message":"body-canary +14155550100 7352914086"}}"#)
}

#[test]
fn a_start_names_no_code() {
    let engagelab = engagelab()
        .language("en")
        .unwrap()
        .param("brand", "Example")
        .unwrap();
    let request = EngageLabVerify::new(engagelab)
        .start_request(&request(Channel::Sms))
        .unwrap();
    let template =
        serde_json::json!({"id": "tpl", "language": "en", "params": {"brand": "Example"}});
    let expected = serde_json::json!({"to": "+14155550100", "template": template});
    assert_eq!(json(&request), expected);
    assert_eq!(
        address(&request),
        "https://otp.api.engagelab.cc/v1/messages"
    );
    assert!(
        header(&request, "authorization")
            .unwrap()
            .starts_with("Basic ")
    );
}

/// VER-11: by the reference of our challenge.
#[test]
fn a_check_is_by_the_reference() {
    let request = verify().check_request(REFERENCE, &number(), &code());
    let expected = serde_json::json!({"message_id": REFERENCE, "verify_code": "7352914086"});
    assert_eq!(json(&request), expected);
    assert_eq!(
        address(&request),
        "https://otp.api.engagelab.cc/v1/verifications"
    );
}

#[test]
fn every_channel_but_the_templates_is_refused() {
    let channels = [Channel::Sms, Channel::WhatsApp, Channel::Voice];
    for first in channels {
        let verify = EngageLabVerify::new(engagelab().begins_with(first));
        for asked in channels {
            let refused = verify.start_request(&request(asked)).err().map(|e| e.kind);
            assert_eq!(refused, (asked != first).then_some(Kind::AuthOrConfig));
        }
    }
}

#[test]
fn a_taken_message_has_a_reference() {
    assert_eq!(
        started(&verify(), 200, TAKEN),
        Ok(Some(REFERENCE.to_owned()))
    );
    assert_eq!(started(&verify(), 200, "{}"), Ok(None), "it may arrive");
}

/// The rows of the provider reference, section 6: a code of a check that waits no more is no failure.
#[test]
fn every_code_has_its_class() {
    for (kind, codes) in [
        (Kind::InvalidNumber, &[5011, 5020][..]),
        (Kind::Unreachable, &[5012, 5013, 5018, 5019, 5017]),
        (Kind::RateLimited, &[3004]),
        (Kind::AuthOrConfig, &[2001, 2002, 2004, 3001, 3002, 3003]),
        (Kind::TemplateProblem, &[4001, 5014, 5015]),
        (Kind::Transient, &[1000, 5001, 5016]),
    ] {
        for code in codes {
            for status in [200, 400, 401, 500] {
                let body = refusal(*code);
                assert_eq!(
                    started(&verify(), status, body.clone()),
                    Err(kind),
                    "{code}"
                );
                let expected = match code {
                    3003 | 4001 => Ok(Checked::Unknown),
                    _ => Err(kind),
                };
                assert_eq!(
                    checked(&verify(), status, body, REFERENCE),
                    expected,
                    "{code}"
                );
            }
        }
    }
    let odd = r#"{"code":"many","message_id":"1725407449772531712","verified":true}"#;
    assert_eq!(
        checked(&verify(), 200, odd, REFERENCE),
        Err(Kind::AuthOrConfig)
    );
}

#[test]
fn a_throttled_number_waits_for_the_templates_validity() {
    let engagelab = engagelab().valid_for(Duration::from_secs(300)).unwrap();
    let reply = HttpReply::new(400, refusal(3004));
    let error = EngageLabVerify::new(engagelab)
        .parse_start(&reply)
        .unwrap_err();
    assert_eq!(error.retry_after, Some(Duration::from_secs(300)));
}

#[test]
fn a_check_says_yes_or_no() {
    assert_eq!(
        checked(&verify(), 200, verdict(true), REFERENCE),
        Ok(Checked::Approved)
    );
    assert_eq!(
        checked(&verify(), 200, verdict(false), REFERENCE),
        Ok(Checked::Wrong)
    );
    for (status, body, kind) in [
        (500, verdict(true), Kind::Transient),
        (403, verdict(true), Kind::AuthOrConfig),
        (
            200,
            verdict(true).replace("true", "\"true\""),
            Kind::Transient,
        ),
        (200, verdict(true).replace("true", "1"), Kind::Transient),
        (200, "{}".to_owned(), Kind::Transient),
    ] {
        assert_eq!(
            checked(&verify(), status, body.clone(), REFERENCE),
            Err(kind),
            "{body}"
        );
    }
}

/// VER-11: `provider_approved_other_phone_refused`. No number is named; another message is another number's.
#[test]
fn provider_approved_other_phone_refused() {
    assert_eq!(
        checked(&verify(), 200, verdict(true), "another"),
        Ok(Checked::Unknown)
    );
    let nameless = r#"{"verified":true}"#;
    assert_eq!(
        checked(&verify(), 200, nameless, REFERENCE),
        Ok(Checked::Unknown)
    );
}
