//! Twilio's status callbacks: the states, and what is not signed for us.

use crate::sign::{self, Headers, headers};
use crate::{read, secret};
use otp_core::SendErrorKind as Kind;
use otp_core::{Callback, CallbackError, DeliveryState as State, DeliveryWebhook, Report};
use otp_providers::{ConfigError, TwilioWebhook};

pub(crate) const TOKEN: &str = "0123456789-of-a-test";
pub(crate) const URL: &str = "https://auth.example.com/webhooks/twilio";

pub(crate) fn webhook() -> TwilioWebhook {
    TwilioWebhook::with_auth_token(URL, secret(TOKEN)).unwrap()
}

pub(crate) const FORM: &str = "application/x-www-form-urlencoded";

fn reports(fields: &[(&str, &str)]) -> Result<Vec<Report>, CallbackError> {
    let headers = sign::twilio(TOKEN, URL, fields);
    read(&webhook(), "", &headers, &sign::form(fields))
}

/// WHK-2: the rows of the provider reference, section 1.6.
#[test]
fn every_status_has_its_state() {
    for (state, statuses) in [
        (
            State::Accepted,
            &["accepted", "scheduled", "queued", "sending"][..],
        ),
        (State::Sent, &["sent"]),
        (State::Delivered, &["delivered", "partially_delivered"]),
        (State::Read, &["read"]),
        (State::Failed, &["undelivered", "failed", "canceled"]),
    ] {
        for status in statuses {
            let fields = [("MessageSid", "SM1"), ("MessageStatus", status)];
            assert_eq!(reports(&fields), Ok(vec![Report::new("SM1", state)]));
            let older = [("SmsSid", "SM1"), ("SmsStatus", status)];
            assert_eq!(reports(&older), Ok(vec![Report::new("SM1", state)]));
        }
    }
    for fields in [
        &[("MessageSid", "SM1"), ("MessageStatus", "receiving")][..],
        &[("MessageSid", "SM1")],
        &[("MessageStatus", "sent")],
        &[("MessageSid", "SM 1"), ("MessageStatus", "sent")],
        &[
            ("MessageSid", "SM1"),
            ("MessageSid", "SM2"),
            ("MessageStatus", "sent"),
        ],
        &[],
    ] {
        assert_eq!(reports(fields), Ok(vec![]), "{fields:?}");
    }
}

/// By the table of refusals, where the code is one of its numbers.
#[test]
fn a_failure_has_a_reason() {
    for (code, reason) in [
        ("30003", Some(Kind::Unreachable)),
        ("30007", Some(Kind::AuthOrConfig)),
        ("30008", Some(Kind::Transient)),
        ("63016", Some(Kind::TemplateProblem)),
        ("63024", Some(Kind::Unreachable)),
        ("InvalidSandboxRequest", None),
        ("7", None),
        ("", None),
    ] {
        let fields = [
            ("MessageSid", "SM1"),
            ("MessageStatus", "failed"),
            ("ErrorCode", code),
        ];
        let read = reports(&fields).unwrap();
        assert_eq!(
            (read[0].state, read[0].reason),
            (State::Failed, reason),
            "{code}"
        );
    }
    let odd = [
        ("MessageSid", "SM1"),
        ("MessageStatus", "sent"),
        ("ErrorCode", "30003"),
    ];
    assert_eq!(reports(&odd), Ok(vec![Report::new("SM1", State::Sent)]));
}

/// WHK-4: what is signed is the address that was set: no header stands in for it.
#[test]
fn host_header_ignored() {
    let fields = [("MessageSid", "SM1"), ("MessageStatus", "sent")];
    let body = sign::form(&fields);
    let elsewhere = "https://evil.example/webhooks/twilio";
    for name in ["host", "x-forwarded-host", "forwarded", "x-original-url"] {
        let mut headers = sign::twilio(TOKEN, elsewhere, &fields);
        headers.push((name.to_owned(), b"evil.example".to_vec()));
        assert_eq!(
            read(&webhook(), "", &headers, &body),
            Err(CallbackError::Forged)
        );
        let mut headers = sign::twilio(TOKEN, URL, &fields);
        headers.push((name.to_owned(), b"evil.example".to_vec()));
        assert!(read(&webhook(), "", &headers, &body).is_ok());
    }
}

/// WHK-1: a form is one by its media type, in any case (RFC 9110 §8.3.1); the fields of anything else are not signed.
#[test]
fn a_form_is_known_by_its_type() {
    let fields = [("MessageSid", "SM1"), ("MessageStatus", "sent")];
    for (kind, is_form) in [
        (FORM, true),
        ("Application/X-WWW-Form-URLEncoded; charset=UTF-8", true),
        ("application/x-www-form-urlencoded ;charset=utf-8", true),
        ("application/x-www-form-urlencoded-not", false),
        ("text/plain", false),
        ("", false),
    ] {
        let mut headers = sign::twilio(TOKEN, URL, &fields);
        headers[0].1 = kind.as_bytes().to_vec();
        let read = read(&webhook(), "", &headers, &sign::form(&fields));
        let expected = match is_form {
            true => Ok(vec![Report::new("SM1", State::Sent)]),
            false => Err(CallbackError::Forged),
        };
        assert_eq!(read, expected, "{kind}");
    }
}

/// WHK-1: a body that is not covered is not read.
#[test]
fn a_body_without_a_hash_is_forged() {
    let mut headers = sign::twilio(TOKEN, URL, &[]);
    headers[0].1 = b"application/json".to_vec();
    let body = br#"{"MessageSid": "SM1", "MessageStatus": "delivered"}"#;
    assert_eq!(
        read(&webhook(), "", &headers, body),
        Err(CallbackError::Forged)
    );
    let hash = "57a3c35cfbbdb8d06faeb95c3b03e21a4a8d8a1e23c7a1c1b40b0f4eb3d2a5e5";
    let query = format!("bodySHA256={hash}");
    let mut headers = sign::twilio(TOKEN, &format!("{URL}?{query}"), &[]);
    headers[0].1 = b"application/json".to_vec();
    assert_eq!(
        read(&webhook(), &query, &headers, body),
        Err(CallbackError::Forged)
    );
}

#[test]
fn a_hashed_body_is_read() {
    use sha2::Digest;
    let read = |body: &[u8]| {
        let hash = sha2::Sha256::digest(body);
        let hash: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
        let query = format!("bodySHA256={hash}");
        let mut headers = sign::twilio(TOKEN, &format!("{URL}?{query}"), &[]);
        headers[0].1 = b"application/json".to_vec();
        read(&webhook(), &query, &headers, body)
    };
    let body = br#"{"MessageSid": "SM1", "MessageStatus": "failed", "ErrorCode": 30003}"#;
    assert_eq!(
        read(body),
        Ok(vec![Report::failed("SM1", Kind::Unreachable)])
    );
    assert_eq!(read(b"{"), Err(CallbackError::Malformed));
}

/// WHK-1: `unsigned_401`.
#[test]
fn unsigned_is_forged() {
    let fields = [("MessageSid", "SM1"), ("MessageStatus", "sent")];
    let body = sign::form(&fields);
    let form = || headers([("content-type", FORM)]);
    let mut twice = sign::twilio(TOKEN, URL, &fields);
    twice.push(twice[1].clone());
    let other = sign::twilio("another-token", URL, &fields);
    for headers in [form(), Headers::new(), twice, other] {
        assert_eq!(
            read(&webhook(), "", &headers, &body),
            Err(CallbackError::Forged)
        );
    }
    let asked = webhook().handshake(&Callback::new("", &[], b""));
    assert_eq!(asked, Err(CallbackError::Unexpected));
    assert_eq!((webhook().provider(), webhook().token()), ("twilio", None));
}

#[test]
fn an_address_has_no_query() {
    for url in [
        "https://a.example/?x",
        "https://a.example/#x",
        "https://a.example?",
    ] {
        let made = TwilioWebhook::with_auth_token(url, secret(TOKEN));
        assert!(matches!(made, Err(ConfigError::Field(_))), "{url}");
    }
    let made = TwilioWebhook::with_shared_key("auth.example.com", secret(TOKEN));
    assert!(matches!(made, Err(ConfigError::Url)));
    let shown = format!(
        "{:?}",
        TwilioWebhook::with_auth_token("https://u:canary@a.example", secret("canary")).unwrap()
    );
    assert!(!shown.contains("canary"), "{shown}");
}
