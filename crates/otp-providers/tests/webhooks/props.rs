//! What holds of all webhooks, whatever the bytes are.

use crate::sign::{self, Headers};
use crate::{NOW, signed, twilio, unsigned};
use otp_core::{Callback, CallbackError, DeliveryState, DeliveryWebhook, Report};
use proptest::prelude::*;
use std::collections::BTreeMap;

/// A request that its provider signed.
struct Signed {
    /// A fresh one each time: EngageLab's remembers.
    webhook: fn() -> Box<dyn DeliveryWebhook>,
    headers: Headers,
    body: Vec<u8>,
    /// EngageLab's signature does not cover it.
    body_covered: bool,
}

const FORM: &[(&str, &str)] = &[
    ("From", "+15005550006"),
    ("MessageSid", "SM1"),
    ("MessageStatus", "delivered"),
];

fn all_signed() -> Vec<Signed> {
    let now = NOW.as_secs();
    let meta = br#"{"entry":[{"changes":[{"value":{"statuses":[{"id":"w","status":"read"}]}}]}]}"#;
    let telegram = br#"{"request_id":"r","delivery_status":{"status":"delivered"}}"#;
    let rows = br#"{"rows":[{"message_id":"m","status":{"message_status":"sent"}}]}"#;
    vec![
        Signed {
            webhook: || Box::new(twilio::webhook()),
            headers: sign::twilio(twilio::TOKEN, twilio::URL, FORM),
            body: sign::form(FORM),
            body_covered: true,
        },
        Signed {
            webhook: || Box::new(signed::whatsapp()),
            headers: sign::meta(signed::SECRET, meta),
            body: meta.to_vec(),
            body_covered: true,
        },
        Signed {
            webhook: || Box::new(signed::telegram()),
            headers: sign::telegram(signed::SECRET, now, telegram),
            body: telegram.to_vec(),
            body_covered: true,
        },
        Signed {
            webhook: || Box::new(signed::engagelab()),
            headers: sign::engagelab("secret", "user", now, "nonce1"),
            body: rows.to_vec(),
            body_covered: false,
        },
    ]
}

fn read(signed: &Signed, headers: &Headers, body: &[u8]) -> Result<Vec<Report>, CallbackError> {
    (signed.webhook)().read(&Callback::new("", headers, body), NOW)
}

fn flipped(bytes: &[u8], bit: usize) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    bytes[bit / 8] ^= 1 << (bit % 8);
    bytes
}

fn decoded(form: &[u8]) -> Vec<(String, String)> {
    let mut fields: Vec<_> = url::form_urlencoded::parse(form).into_owned().collect();
    fields.sort();
    fields
}

/// WHK-1: `one_bit_flip_prop`. Every bit, not some: of the body and of every header that is signed or a signature.
/// Twilio signs what a form says, so that `%2b` is as good as `%2B`.
#[test]
fn one_bit_flip_prop() {
    for signed in all_signed() {
        let before = read(&signed, &signed.headers, &signed.body).unwrap();
        assert_eq!(before.len(), 1);
        let is_form = signed
            .headers
            .iter()
            .any(|(name, _)| name == "Content-Type");
        for bit in 0..signed.body.len() * 8 {
            let body = flipped(&signed.body, bit);
            let result = read(&signed, &signed.headers, &body);
            if is_form && decoded(&body) == decoded(&signed.body) {
                assert_eq!(result, Ok(before.clone()));
            } else if signed.body_covered {
                assert_eq!(result, Err(CallbackError::Forged), "bit {bit} of the body");
            }
        }
        for (index, (name, value)) in signed.headers.iter().enumerate() {
            if name == "Content-Type" {
                continue;
            }
            for bit in 0..value.len() * 8 {
                let mut headers = signed.headers.clone();
                headers[index].1 = flipped(value, bit);
                let result = read(&signed, &headers, &signed.body);
                assert_eq!(result, Err(CallbackError::Forged), "bit {bit} of {name}");
            }
        }
    }
}

/// A webhook, and requests that its provider makes.
type Events = (fn() -> Box<dyn DeliveryWebhook>, Vec<(Headers, Vec<u8>)>);

/// The words that each provider has for the way of a message, as one event each.
fn events() -> [Events; 3] {
    let twilio = ["queued", "sent", "undelivered", "delivered", "read"].map(|status| {
        let fields = [("MessageSid", "m"), ("MessageStatus", status)];
        (
            sign::twilio(twilio::TOKEN, twilio::URL, &fields),
            sign::form(&fields),
        )
    });
    let meta = ["sent", "failed", "delivered", "read"].map(|status| {
        let status = format!(r#"[{{"id":"m","status":"{status}"}}]"#);
        let body = format!(r#"{{"entry":[{{"changes":[{{"value":{{"statuses":{status}}}}}]}}]}}"#);
        (
            sign::meta(signed::SECRET, body.as_bytes()),
            body.into_bytes(),
        )
    });
    let msg91 = ["5", "2", "1"].map(|status| {
        let body = format!(r#"{{"requestId":"m","status":"{status}"}}"#);
        (Headers::new(), body.into_bytes())
    });
    [
        (|| Box::new(twilio::webhook()), twilio.into()),
        (|| Box::new(signed::whatsapp()), meta.into()),
        (|| unsigned::all().into_iter().next().unwrap(), msg91.into()),
    ]
}

/// Of two words about one message the higher is believed.
fn folded(reports: impl IntoIterator<Item = Report>) -> BTreeMap<String, DeliveryState> {
    let mut states = BTreeMap::new();
    for report in reports {
        let state = states.entry(report.reference).or_insert(report.state);
        *state = (*state).max(report.state);
    }
    states
}

proptest! {
    /// WHK-3: `webhook_permutation_prop`. In any order and as often as it likes, a message's states end alike.
    #[test]
    fn webhook_permutation_prop(
        which in 0..3_usize,
        order in proptest::collection::vec(any::<proptest::sample::Index>(), 0..12),
    ) {
        let (webhook, events) = events().into_iter().nth(which).unwrap();
        let webhook = webhook();
        let hear = |(headers, body): &(Headers, Vec<u8>)| {
            webhook.read(&Callback::new("", headers, body), NOW).unwrap()
        };
        let in_order = folded(events.iter().flat_map(hear));
        // Some of them, some twice, then all backwards.
        let mixed = order.iter().map(|at| at.get(&events)).chain(events.iter().rev());
        prop_assert_eq!(folded(mixed.flat_map(hear)), in_order);
    }

    /// No bytes make one panic, signed or not; what is not signed is not believed.
    #[test]
    fn no_bytes_make_one_panic(
        query in ".{0,60}",
        body in body(),
        name in proptest::sample::select(HEADERS),
        value in proptest::collection::vec(any::<u8>(), 0..80),
    ) {
        let own = [(name.to_owned(), value)];
        let given = Callback::new(&query, &own, &body);
        let unsigned = unsigned::all();
        for webhook in &unsigned {
            let _ = (webhook.read(&given, NOW), webhook.handshake(&given));
        }
        for signed in all_signed() {
            let webhook = (signed.webhook)();
            let read = webhook.read(&given, NOW);
            prop_assert!(read.is_err() || read == Ok(Vec::new()));
            let _ = webhook.handshake(&given);
        }
        let time = NOW.as_secs();
        let fields = decoded(&body);
        let fields: Vec<_> = fields.iter().map(|(name, value)| (&**name, &**value)).collect();
        let called = match &*query {
            "" => twilio::URL.to_owned(),
            query => format!("{}?{query}", twilio::URL),
        };
        let known = [
            (sign::twilio(twilio::TOKEN, &called, &fields), sign::form(&fields)),
            (sign::meta(signed::SECRET, &body), body.clone()),
            (sign::telegram(signed::SECRET, time, &body), body.clone()),
            (sign::engagelab("secret", "user", time, "n"), body),
        ];
        for ((headers, body), signed) in known.iter().zip(all_signed()) {
            let read = (signed.webhook)().read(&Callback::new(&query, headers, body), NOW);
            prop_assert!(read != Err(CallbackError::Forged));
        }
    }
}

const HEADERS: &[&str] = &[
    "x-twilio-signature",
    "x-twilio-webhooks-signature-settings",
    "x-hub-signature-256",
    "x-request-timestamp",
    "x-request-signature",
    "x-callback-id",
    "content-type",
];

/// Bytes, and what looks like a report.
fn body() -> impl Strategy<Value = Vec<u8>> {
    let pieces = proptest::collection::vec(proptest::sample::select(PIECES), 0..24);
    let bytes = proptest::collection::vec(any::<u8>(), 0..200);
    prop_oneof![1 => bytes, 3 => pieces.prop_map(|pieces| pieces.concat().into_bytes())]
}

const PIECES: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    "&",
    "=",
    "%",
    "\"",
    "null",
    "-1",
    "0",
    "10",
    "1e400",
    "\u{fffd}",
    "\\u0000",
    "data=",
    "response=",
    "messageid=",
    "status=",
    "externalId=",
    "errCode=",
    "\"entry\":[",
    "\"changes\":[",
    "\"value\":{",
    "\"statuses\":[",
    "\"id\":",
    "\"status\":",
    "\"rows\":[",
    "\"requestId\":",
    "\"report\":[",
    "\"payload\":{",
    "\"type\":\"message-event\"",
    "\"delivered\"",
    "\"failed\"",
    "99999999999999999999",
];

/// LOG-1: `Debug` shows no secret, token, word, or number.
#[test]
fn debug_shows_no_secret() {
    let mut shown = String::new();
    for webhook in unsigned::all() {
        shown += &format!("{webhook:?} {webhook:#?}");
    }
    for signed in all_signed() {
        let webhook = (signed.webhook)();
        read(&signed, &signed.headers, &signed.body).unwrap();
        shown += &format!("{webhook:?} {webhook:#?}");
        shown += &format!(
            "{:?}",
            Callback::new("canary", &signed.headers, &signed.body)
        );
    }
    shown += &format!("{:?}", crate::token());
    let secrets = [
        twilio::TOKEN,
        signed::SECRET,
        "\"secret\"",
        "a-word-of-ours",
        crate::TOKEN,
        "auth.example.com",
        "canary",
    ];
    for secret in secrets {
        assert!(!shown.contains(secret), "{secret} in {shown}");
    }
}
