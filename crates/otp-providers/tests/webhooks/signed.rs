//! Meta and Telegram: the published and the made vectors, the states, the times.

use crate::sign::{self, Headers, headers};
use crate::{NOW, read, secret, token};
use otp_core::{Callback, CallbackError, DeliveryState as State, DeliveryWebhook};
use otp_core::{Report, SendErrorKind as Kind, Timestamp};
use otp_providers::{EngageLabWebhook, TelegramWebhook, WhatsAppWebhook};
use serde_json::{Value, json};

pub(crate) const SECRET: &str = "app_secret";

pub(crate) fn whatsapp() -> WhatsAppWebhook {
    WhatsAppWebhook::new(secret(SECRET), secret("a-word-of-ours"))
}

pub(crate) fn engagelab() -> EngageLabWebhook {
    EngageLabWebhook::new("user", secret("secret"), token()).unwrap()
}

pub(crate) fn telegram() -> TelegramWebhook {
    TelegramWebhook::new(secret(SECRET))
}

const META: &str = r#"{"object":"whatsapp_business_account","entry":[{"id":"WABA1","changes":[{"value":{"messaging_product":"whatsapp","metadata":{"display_phone_number":"15550783881","phone_number_id":"106540352242922"},"statuses":[{"id":"wamid.TEST1","status":"delivered","timestamp":"1750263773","recipient_id":"16505551234"}]},"field":"messages"}]}]}"#;

/// WHK-1: `meta_vectors`.
#[test]
fn meta_vectors() {
    let signature = "5c8c79d02bd25613426820707230a2eb846ab6590e0c440f602d19ee0b31a329";
    let value = format!("sha256={signature}");
    let known = headers([("x-hub-signature-256", &value)]);
    let expected = vec![Report::new("wamid.TEST1", State::Delivered)];
    assert_eq!(read(&whatsapp(), "", &known, META.as_bytes()), Ok(expected));
    for wrong in [
        "",
        signature,
        &format!("sha1={signature}"),
        &value.to_uppercase(),
        &value[..value.len() - 2],
        &format!("{value}00"),
    ] {
        let headers = headers([("x-hub-signature-256", wrong)]);
        let read = read(&whatsapp(), "", &headers, META.as_bytes());
        assert_eq!(read, Err(CallbackError::Forged), "{wrong}");
    }
    let same = serde_json::from_str::<Value>(META).unwrap().to_string();
    let again = read(&whatsapp(), "", &known, format!("{same} ").as_bytes());
    assert_eq!(again, Err(CallbackError::Forged), "bytes, not meanings");
}

fn meta(event: &Value) -> Result<Vec<Report>, CallbackError> {
    let body = event.to_string().into_bytes();
    read(&whatsapp(), "", &sign::meta(SECRET, &body), &body)
}

fn statuses(statuses: Value) -> Value {
    json!({"entry": [{"changes": [{"value": {"statuses": statuses}}]}]})
}

/// WHK-2: the words of the provider reference, section 3.4.
#[test]
fn meta_states() {
    for (word, state) in [
        ("sent", Some(State::Sent)),
        ("delivered", Some(State::Delivered)),
        ("read", Some(State::Read)),
        ("played", Some(State::Read)),
        ("failed", Some(State::Failed)),
        ("deleted", None),
        ("warning", None),
    ] {
        let reports = meta(&statuses(json!([{"id": "wamid.1", "status": word}])));
        let expected = state.map(|state| Report::new("wamid.1", state));
        assert_eq!(reports, Ok(expected.into_iter().collect()), "{word}");
    }
    for (code, reason) in [
        (json!(131_026), Some(Kind::Unreachable)),
        (json!("131042"), Some(Kind::InsufficientCredit)),
        (json!(132_015), Some(Kind::TemplateProblem)),
        (json!(424_242), None),
        (json!(null), None),
    ] {
        let failed = json!([{"id": "w", "status": "failed", "errors": [{"code": code}]}]);
        assert_eq!(meta(&statuses(failed)).unwrap()[0].reason, reason, "{code}");
    }
}

/// Several entries, changes and statuses; errors without a message; whatever else Meta has to say.
#[test]
fn meta_sends_several() {
    let one = |id: &str| json!({"id": id, "status": "sent"});
    let event = json!({"object": "whatsapp_business_account", "entry": [
        {"changes": [
            {"value": {"statuses": [one("a"), one("b")]}},
            {"value": {"errors": [{"code": 131_000}]}},
            {"value": {"messages": [{"id": "inbound", "text": {"body": "STOP"}}]}},
            {"field": "account_update"},
        ]},
        {"changes": [{"value": {"statuses": [one("c"), {"status": "sent"}, {"id": "d"}, 5]}}]},
        7,
    ]});
    let expected = ["a", "b", "c"].map(|id| Report::new(id, State::Sent));
    assert_eq!(meta(&event), Ok(expected.into()));
    assert_eq!(meta(&json!({})), Ok(vec![]));
    let body = b"{not json";
    let read = read(&whatsapp(), "", &sign::meta(SECRET, body), body);
    assert_eq!(read, Err(CallbackError::Malformed));
}

/// WHK-1: the challenge is said back to who knows our word, and nothing that a browser would run.
#[test]
fn meta_asks_first() {
    let asked = |query: &str| whatsapp().handshake(&Callback::new(query, &[], b""));
    let known = "hub.mode=subscribe&hub.verify_token=a-word-of-ours";
    assert_eq!(
        asked(&format!("{known}&hub.challenge=1158201444")),
        Ok("1158201444".into())
    );
    for query in [
        "",
        known,
        &format!("{known}&hub.challenge="),
        &format!("{known}&hub.challenge=%3Cscript%3E"),
        &format!("{known}&hub.challenge={}", "1".repeat(129)),
        &format!("{known}&hub.challenge=1&hub.verify_token=x"),
        "hub.mode=unsubscribe&hub.verify_token=a-word-of-ours&hub.challenge=1",
        "hub.mode=subscribe&hub.verify_token=another&hub.challenge=1",
        "hub.mode=subscribe&hub.verify_token=&hub.challenge=1",
        "hub.mode=subscribe&hub.challenge=1",
    ] {
        assert_eq!(asked(query), Err(CallbackError::Forged), "{query}");
    }
}

/// WHK-1, WHK-3: published with Telegram's documentation of its Gateway; then the window.
#[test]
fn telegram_vector() {
    let body = br#"{"request_id":"123","phone_number":"+391234567890","request_cost":0.01,"delivery_status":{"status":"delivered","updated_at":1740000000}}"#;
    let signature = "648467be198b4a5eb899441e865a42207c5de1843c12b71022cd10a507babb3a";
    let time = "1740000001";
    let pairs = [
        ("x-request-timestamp", time),
        ("x-request-signature", signature),
    ];
    let webhook = TelegramWebhook::new(secret("AAEFgTg:example"));
    let headers = headers(pairs);
    let callback = Callback::new("", &headers, body);
    for (offset, fresh) in [
        (-301, false),
        (-300, true),
        (0, true),
        (300, true),
        (301, false),
    ] {
        let now = Timestamp::from_secs(1_740_000_001 + offset);
        let expected = Ok(vec![Report::new("123", State::Delivered)]);
        let expected = if fresh {
            expected
        } else {
            Err(CallbackError::Forged)
        };
        assert_eq!(webhook.read(&callback, now), expected, "{offset}");
    }
}

/// WHK-2: the words of the provider reference, section 9. What the Gateway verified is nothing to a report.
#[test]
fn telegram_states() {
    for (word, state) in [
        ("sent", Some(State::Sent)),
        ("delivered", Some(State::Delivered)),
        ("read", Some(State::Read)),
        ("expired", Some(State::Failed)),
        ("revoked", Some(State::Failed)),
        ("something_new", None),
    ] {
        let event = json!({"request_id": "r", "delivery_status": {"status": word},
            "verification_status": {"status": "code_valid"}});
        let body = event.to_string().into_bytes();
        let headers = sign::telegram(SECRET, NOW.as_secs(), &body);
        let expected = state.map(|state| Report::new("r", state));
        let read = read(&telegram(), "", &headers, &body);
        assert_eq!(read, Ok(expected.into_iter().collect()), "{word}");
    }
    let headers = sign::telegram(SECRET, NOW.as_secs(), b"{");
    let read = read(&telegram(), "", &headers, b"{");
    assert_eq!(read, Err(CallbackError::Malformed));
}

fn twice(headers: Headers) -> Headers {
    [headers.clone(), headers].concat()
}

/// WHK-1: `unsigned_401`. Without a signature, with another's secret, with two.
#[test]
fn unsigned_is_forged() {
    let now = NOW.as_secs();
    let body = b"{\"rows\":[]}";
    let cases: [(&dyn DeliveryWebhook, [Vec<_>; 3]); 3] = [
        (
            &whatsapp(),
            [
                vec![],
                sign::meta("other", body),
                twice(sign::meta(SECRET, body)),
            ],
        ),
        (
            &telegram(),
            [
                vec![],
                sign::telegram("other", now, body),
                twice(sign::telegram(SECRET, now, body)),
            ],
        ),
        (
            &engagelab(),
            [
                vec![],
                sign::engagelab("other", "user", now, "n"),
                sign::engagelab("secret", "somebody", now, "n"),
            ],
        ),
    ];
    for (webhook, wrong) in cases {
        for headers in wrong {
            let read = read(webhook, "", &headers, body);
            assert_eq!(read, Err(CallbackError::Forged), "{webhook:?}");
        }
    }
    for webhook in [&telegram() as &dyn DeliveryWebhook, &engagelab()] {
        let asked = webhook.handshake(&Callback::new("", &[], b""));
        assert_eq!(asked, Err(CallbackError::Unexpected));
    }
}
