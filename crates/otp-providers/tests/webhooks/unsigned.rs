//! MSG91, Kavenegar and Gupshup, which sign nothing: their forms and their states.

use crate::{TOKEN, read, sign, token};
use otp_core::SendErrorKind as Kind;
use otp_core::{Callback, CallbackError, DeliveryState as State, DeliveryWebhook, Report};
use otp_providers::http::CallbackToken;
use otp_providers::{ConfigError, GupshupSmsWebhook, GupshupWhatsAppWebhook};
use otp_providers::{KavenegarWebhook, Msg91Webhook};
use serde_json::{Value, json};

pub(crate) fn all() -> [Box<dyn DeliveryWebhook>; 4] {
    [
        Box::new(Msg91Webhook::new(token())),
        Box::new(KavenegarWebhook::new(token())),
        Box::new(GupshupSmsWebhook::new(token())),
        Box::new(GupshupWhatsAppWebhook::new(token())),
    ]
}

/// WHK-1: who signs nothing needs a token that nobody guesses.
#[test]
fn a_token_is_long_and_plain() {
    let long = "a".repeat(129);
    for wrong in ["", "short", &TOKEN[..21], "a/b.c d?e#f%g&h+i=j,k;l", &long] {
        assert!(
            matches!(CallbackToken::new(wrong), Err(ConfigError::Field(_))),
            "{wrong}"
        );
    }
    let drawn = [
        CallbackToken::draw().unwrap(),
        CallbackToken::draw().unwrap(),
    ];
    assert_ne!(drawn[0].expose(), drawn[1].expose());
    assert!(
        drawn
            .iter()
            .all(|token| CallbackToken::new(token.expose()).is_ok())
    );
    for webhook in all() {
        assert_eq!(webhook.token(), Some(TOKEN));
        let asked = webhook.handshake(&Callback::new("", &[], b""));
        assert_eq!(asked, Err(CallbackError::Unexpected));
    }
}

fn msg91(body: &str) -> Result<Vec<Report>, CallbackError> {
    read(&Msg91Webhook::new(token()), "", &[], body.as_bytes())
}

fn failed(reference: &str, reason: Option<Kind>) -> Report {
    let mut report = Report::new(reference, State::Failed);
    report.reason = reason;
    report
}

/// The rows of the provider reference, section 4.
#[test]
fn msg91_states() {
    for (status, expected) in [
        (json!("1"), Report::new("r", State::Delivered)),
        (json!(1), Report::new("r", State::Delivered)),
        (json!("2"), failed("r", None)),
        (json!(9), failed("r", Some(Kind::Unreachable))),
        (json!("16"), failed("r", Some(Kind::Unreachable))),
        (json!(17), failed("r", Some(Kind::Unreachable))),
        (json!("25"), failed("r", Some(Kind::Unreachable))),
        (json!("5"), Report::new("r", State::Accepted)),
        (json!("SUBMITTED"), Report::new("r", State::Accepted)),
    ] {
        let flat = json!({"requestId": "r", "status": status});
        assert_eq!(
            msg91(&flat.to_string()),
            Ok(vec![expected.clone()]),
            "{status}"
        );
        let list = json!([{"requestId": "r", "report": [{"status": status}]}]);
        assert_eq!(msg91(&list.to_string()), Ok(vec![expected]), "{status}");
    }
}

#[test]
fn msg91_has_three_forms() {
    let list = json!([
        {"senderId": "EXMPLE", "requestId": "a", "userId": "1", "campaignName": "c", "report": [
            {"date": "2026-01-01", "number": "919999999999", "status": "1", "desc": "DELIVERED"},
            {"date": "2026-01-01", "number": "919999999998", "status": 2, "failedReason": "x"},
        ]},
        {"requestId": "b", "report": [{"status": "16"}]},
        {"requestId": "c"},
        5,
    ]);
    let form = sign::form(&[("data", &list.to_string())]);
    let expected = vec![
        Report::new("a", State::Delivered),
        failed("a", None),
        failed("b", Some(Kind::Unreachable)),
    ];
    assert_eq!(msg91(&String::from_utf8(form).unwrap()), Ok(expected));
    let newer = r#"{"requestId":"d","status":"1","telNum":"919999999999","failureReason":"","deliveryTime":"","UUID":"u","CRQID":""}"#;
    assert_eq!(msg91(newer), Ok(vec![Report::new("d", State::Delivered)]));
    // What looks like a form's field within a text of JSON is none.
    let alike = r#"{"requestId":"e","status":"1","campaignName":"a&data=5&b"}"#;
    assert_eq!(msg91(alike), Ok(vec![Report::new("e", State::Delivered)]));
    let marked = format!("\u{feff}{newer}");
    assert_eq!(msg91(&marked), Ok(vec![Report::new("d", State::Delivered)]));
    for wrong in [
        "",
        "x",
        "data=",
        "data=x",
        "data=5",
        "{",
        "5",
        "\"a\"",
        "null",
        "data=[]&data=[]",
    ] {
        assert_eq!(msg91(wrong), Err(CallbackError::Malformed), "{wrong}");
    }
}

/// The rows of the provider reference, section 5, by GET and by POST.
#[test]
fn kavenegar_states() {
    for (status, expected) in [
        ("1", Some(Report::new("8792343", State::Accepted))),
        ("2", Some(Report::new("8792343", State::Accepted))),
        ("4", Some(Report::new("8792343", State::Sent))),
        ("5", Some(Report::new("8792343", State::Sent))),
        ("10", Some(Report::new("8792343", State::Delivered))),
        ("6", Some(failed("8792343", None))),
        ("11", Some(failed("8792343", None))),
        ("13", Some(failed("8792343", None))),
        ("14", Some(failed("8792343", Some(Kind::Unreachable)))),
        ("100", None),
        ("7", None),
        ("", None),
    ] {
        let text = format!("messageid=8792343&status={status}");
        let webhook = KavenegarWebhook::new(token());
        let expected: Vec<_> = expected.into_iter().collect();
        assert_eq!(
            read(&webhook, &text, &[], b""),
            Ok(expected.clone()),
            "{status}"
        );
        assert_eq!(
            read(&webhook, "", &[], text.as_bytes()),
            Ok(expected),
            "{status}"
        );
    }
    for wrong in [
        "",
        "messageid=1",
        "status=10",
        "messageid=1&status=1&status=10",
        "{}",
    ] {
        let webhook = KavenegarWebhook::new(token());
        assert_eq!(
            read(&webhook, wrong, &[], b""),
            Err(CallbackError::Malformed)
        );
        assert_eq!(
            read(&webhook, "", &[], wrong.as_bytes()),
            Err(CallbackError::Malformed)
        );
    }
}

fn gupshup_sms(query: &str, body: &[u8]) -> Result<Vec<Report>, CallbackError> {
    read(&GupshupSmsWebhook::new(token()), query, &[], body)
}

/// The rows of the provider reference, section 7a, by GET and by POST.
#[test]
fn gupshup_sms_states() {
    let lost = |kind| Some(failed("3270-3311", Some(kind)));
    for (code, word, expected) in [
        (
            "000",
            "SUCCESS",
            Some(Report::new("3270-3311", State::Delivered)),
        ),
        (
            "0",
            "DELIVERED",
            Some(Report::new("3270-3311", State::Delivered)),
        ),
        ("001", "FAIL", lost(Kind::Unreachable)),
        ("002", "FAIL", lost(Kind::Unreachable)),
        ("003", "FAIL", lost(Kind::Unreachable)),
        ("004", "FAIL", lost(Kind::Transient)),
        ("005", "FAIL", lost(Kind::Transient)),
        ("006", "FAIL", lost(Kind::Unreachable)),
        ("007", "FAIL", lost(Kind::Unreachable)),
        ("008", "FAIL", lost(Kind::Unreachable)),
        ("009", "FAIL", lost(Kind::AuthOrConfig)),
        ("042", "FAILED", Some(failed("3270-3311", None))),
        (
            "",
            "delivered",
            Some(Report::new("3270-3311", State::Delivered)),
        ),
        ("042", "SUBMITTED", None),
        ("", "", None),
    ] {
        let expected: Vec<_> = expected.into_iter().collect();
        let query = format!("externalId=3270-3311&status={word}&errCode={code}&phoneNo=919");
        assert_eq!(
            gupshup_sms(&query, b""),
            Ok(expected.clone()),
            "{code} {word}"
        );
        let event = json!({"externalId": "3270-3311", "eventType": word, "errCode": code,
            "eventTs": 1_700_000_000_000_u64, "destAddr": 919_u32, "channel": "SMS"});
        let form = sign::form(&[("response", &json!([event, null]).to_string())]);
        assert_eq!(gupshup_sms("", &form), Ok(expected), "{code} {word}");
    }
    for wrong in [
        "",
        "response=",
        "response=5",
        "response={}",
        "status=SUCCESS",
        "{}",
    ] {
        assert_eq!(
            gupshup_sms("", wrong.as_bytes()),
            Err(CallbackError::Malformed),
            "{wrong}"
        );
    }
}

fn gupshup_whatsapp(event: &Value) -> Result<Vec<Report>, CallbackError> {
    let body = event.to_string();
    read(
        &GupshupWhatsAppWebhook::new(token()),
        "",
        &[],
        body.as_bytes(),
    )
}

/// The rows of the provider reference, section 7b.
#[test]
fn gupshup_whatsapp_states() {
    for (word, state) in [
        ("enqueued", Some(State::Accepted)),
        ("sent", Some(State::Sent)),
        ("delivered", Some(State::Delivered)),
        ("read", Some(State::Read)),
        ("failed", Some(State::Failed)),
        ("deleted", None),
        ("something_new", None),
    ] {
        let expected: Vec<_> = state.map(|s| Report::new("g-17", s)).into_iter().collect();
        for ids in [
            json!({"id": "g-17"}),
            json!({"id": "wamid.1", "gsId": "g-17"}),
        ] {
            let mut payload = ids;
            payload["type"] = word.into();
            payload["destination"] = "919876543210".into();
            let event = json!({"app": "a", "version": 2, "type": "message-event",
                "payload": payload});
            assert_eq!(gupshup_whatsapp(&event), Ok(expected.clone()), "{word}");
        }
    }
    for (code, reason) in [
        (1002, Some(Kind::Unreachable)),
        (1003, Some(Kind::InsufficientCredit)),
        (4003, Some(Kind::TemplateProblem)),
        (131_026, Some(Kind::Unreachable)),
        (424_242, None),
    ] {
        let payload = json!({"id": "g", "type": "failed", "payload": {"code": code}});
        let event = json!({"type": "message-event", "payload": payload});
        assert_eq!(
            gupshup_whatsapp(&event),
            Ok(vec![failed("g", reason)]),
            "{code}"
        );
    }
}

/// Meta's form, with Gupshup's id for the message; and what is no event of a message.
#[test]
fn gupshup_whatsapp_as_meta() {
    let statuses = json!([
        {"id": "wamid.1", "gs_id": "g-17", "status": "delivered"},
        {"id": "wamid.2", "status": "sent"},
    ]);
    let event = json!({"gs_app_id": "x", "object": "whatsapp_business_account",
        "entry": [{"changes": [{"field": "messages", "value": {"statuses": statuses}}]}]});
    let expected = vec![
        Report::new("g-17", State::Delivered),
        Report::new("wamid.2", State::Sent),
    ];
    assert_eq!(gupshup_whatsapp(&event), Ok(expected));
    for other in [
        json!({"type": "user-event", "payload": {"type": "sandbox-start"}}),
        json!({"type": "message", "payload": {"id": "g", "type": "text"}}),
        json!({}),
    ] {
        assert_eq!(gupshup_whatsapp(&other), Ok(vec![]));
    }
    assert_eq!(gupshup_whatsapp(&json!([])), Err(CallbackError::Malformed));
    let webhook = GupshupWhatsAppWebhook::new(token());
    assert_eq!(read(&webhook, "", &[], b"x"), Err(CallbackError::Malformed));
}
