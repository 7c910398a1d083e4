//! What the tests of all providers share.
#![allow(dead_code, reason = "no test uses all of it")]
#![allow(clippy::unwrap_used, reason = "a helper of a test fails the test")]

use otp_core::{Channel, Code, Message, PhoneNumber, SendErrorKind as Kind, Timestamp};
use otp_providers::http::{Address, Dlt, HttpClient, HttpReply, HttpRequest, HttpSender, Provider};
use proptest::prelude::*;
use serde_json::Value;
use std::collections::BTreeMap;
use std::time::Duration;

/// Code 123456 to the number of the documentation's examples, good for five minutes.
pub(crate) fn message(channel: Channel) -> Message {
    let to = PhoneNumber::parse("+14155550100", None).unwrap();
    let code = Code::parse("123456").unwrap();
    let id = "AAECAwQFBgcICQoLDA0ODw".parse().unwrap();
    let mut message = Message::new(to, code, id, Duration::from_secs(300));
    message.channel = channel;
    message
}

/// As [`message`], to an Indian mobile.
pub(crate) fn in_india(channel: Channel) -> Message {
    let mut message = message(channel);
    message.to = PhoneNumber::parse("+919876543210", None).unwrap();
    message
}

/// The English text as India's operators have it, for a brand with a space after it.
pub(crate) fn registered(whose: &str) -> Dlt {
    let text = format!(
        "{{#var#}} is your {whose}code. It is good for {{#var#}} minutes. Do not share it with anyone."
    );
    Dlt::new("1101", "EXMPLE", "1107", text).unwrap()
}

/// A sender for the suite, which waits out silent providers.
pub(crate) fn hurried<P: Provider>(provider: P) -> HttpSender<P> {
    let wait = Duration::from_millis(1500);
    let client = HttpClient::with_timeouts(provider.base(), wait, wait).unwrap();
    HttpSender::over(provider, client)
}

/// Where a request goes.
pub(crate) fn address(request: &HttpRequest) -> &str {
    Address::expose(request.address())
}

/// A header of a request.
pub(crate) fn header<'a>(request: &'a HttpRequest, name: &str) -> Option<&'a str> {
    let found = request.headers().find(|(key, _)| *key == name);
    found.map(|(_, value)| value)
}

/// The fields of a form, decoded; none may stand twice.
pub(crate) fn form(request: &HttpRequest) -> BTreeMap<String, String> {
    let content = header(request, "content-type").unwrap();
    assert!(content.starts_with("application/x-www-form-urlencoded"));
    let pairs: Vec<_> = url::form_urlencoded::parse(request.body())
        .into_owned()
        .collect();
    let fields: BTreeMap<_, _> = pairs.iter().cloned().collect();
    assert_eq!(fields.len(), pairs.len(), "a field stands twice");
    fields
}

/// A form as it is expected.
pub(crate) fn fields<const N: usize>(pairs: [(&str, &str); N]) -> BTreeMap<String, String> {
    let owned = pairs.map(|(name, value)| (name.to_owned(), value.to_owned()));
    owned.into_iter().collect()
}

/// The JSON of a request.
pub(crate) fn json(request: &HttpRequest) -> Value {
    assert_eq!(header(request, "content-type"), Some("application/json"));
    serde_json::from_slice(request.body()).unwrap()
}

/// What a provider makes of an answer: none for taken.
pub(crate) fn class(
    provider: &impl Provider,
    status: u16,
    body: impl Into<Vec<u8>>,
) -> Option<Kind> {
    let parsed = provider.parse(&HttpReply::new(status, body));
    parsed.err().map(|error| error.kind)
}

/// That no bytes make `parse` panic, nor a receipt out of what is no success.
pub(crate) fn never_panics(provider: &impl Provider) {
    let status = prop_oneof![Just(200_u16), Just(201), 100..600_u16];
    let bytes = proptest::collection::vec(any::<u8>(), 0..200);
    let words = provider_words(&[]);
    let json = json_of_a_kind().prop_map(|json| json.to_string().into_bytes());
    let cut = (json_of_a_kind(), 0..60_usize).prop_map(|(json, at)| {
        let mut bytes = json.to_string().into_bytes();
        bytes.truncate(at);
        bytes
    });
    let body = prop_oneof![1 => bytes, 2 => words, 6 => json, 1 => cut];
    proptest!(ProptestConfig::with_cases(4000), |(status in status, body in body)| {
        let reply = HttpReply::new(status, body).with_header("retry-after", "1e9");
        let parsed = provider.parse(&reply);
        prop_assert!(parsed.is_err() || reply.is_success());
    });
}

/// LOG-1: an answer that says back what was sent gives neither an error nor a receipt the code or the number.
pub(crate) fn an_echo_tells_nothing(provider: &impl Provider) {
    let requests = [Channel::Sms, Channel::WhatsApp]
        .into_iter()
        .flat_map(|channel| {
            ["008642", "5011864", "9000000075"]
                .into_iter()
                .filter_map(move |code| {
                    let mut message = message(channel);
                    message.code = Code::parse(code).unwrap();
                    let request = provider.request(&message, Timestamp::from_secs(0));
                    Some((code, request.ok()?))
                })
        });
    let requests: Vec<_> = requests.collect();
    assert!(!requests.is_empty());
    for (code, request) in requests {
        for status in [200, 400, 401, 500] {
            let told = match provider.parse(&HttpReply::new(status, request.body())) {
                Err(error) => format!("{error:?} {}", error.causes()),
                Ok(receipt) => format!("{receipt:?}"),
            };
            for secret in [code.trim_start_matches('0'), "4155550100"] {
                assert!(!told.contains(secret), "{secret} at {status}: {told}");
            }
        }
    }
}

/// As [`never_panics`], with what the provider does say, a few bytes of it changed.
pub(crate) fn survives_edits(provider: &impl Provider, answers: &[&str]) {
    let answers: Vec<_> = answers.iter().map(|a| a.as_bytes().to_vec()).collect();
    let answer = proptest::sample::select(answers);
    let edit = (any::<proptest::sample::Index>(), any::<u8>());
    let edits = proptest::collection::vec(edit, 0..4);
    let status = prop_oneof![Just(200_u16), 100..600_u16];
    let config = ProptestConfig::with_cases(2000);
    proptest!(config, |(status in status, mut body in answer, edits in edits)| {
        for (at, byte) in edits {
            *at.get_mut(&mut body) = byte;
        }
        let reply = HttpReply::new(status, body);
        let parsed = provider.parse(&reply);
        prop_assert!(parsed.is_err() || reply.is_success());
    });
}

/// Pieces of replies, and these ones, in any order.
pub(crate) fn provider_words(more: &[&str]) -> impl Strategy<Value = Vec<u8>> + use<> {
    let pieces = WORDS.iter().chain(more).map(|word| (*word).to_owned());
    let words = proptest::sample::select(pieces.collect::<Vec<_>>());
    proptest::collection::vec(words, 0..20).prop_map(|words| words.concat().into_bytes())
}

/// JSON with the keys that providers use, and values that they do not.
pub(crate) fn json_of_a_kind() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        (0..1000_u32).prop_map(Value::from),
        proptest::sample::select(WORDS).prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        let list = proptest::collection::vec(inner.clone(), 0..3).prop_map(Value::from);
        let key = proptest::sample::select(KEYS).prop_map(str::to_owned);
        let map = proptest::collection::hash_map(key, inner, 0..6);
        let map = map.prop_map(|map| Value::Object(map.into_iter().collect()));
        prop_oneof![1 => list, 3 => map]
    })
}

const KEYS: &[&str] = &[
    "Fields",
    "Message",
    "MessageId",
    "Reason",
    "__type",
    "code",
    "entries",
    "error",
    "error_code",
    "error_data",
    "error_subcode",
    "id",
    "message",
    "message_id",
    "messages",
    "ok",
    "request_id",
    "response",
    "result",
    "return",
    "sid",
    "status",
    "to",
    "type",
    "verified",
];

/// Pieces of which replies are made, and some that are not.
const WORDS: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    "\"",
    "null",
    "-1",
    "0",
    "401",
    "\"207\"",
    "1e400",
    "\u{fffd}",
    "99999999999999999999",
    "\"code\"",
    "\"error\"",
    "\"sid\"",
    "\"type\"",
    "\"id\"",
    "<html>",
    "<Code>",
    "</Code>",
    "<Message>",
    "<MessageId>",
    "</MessageId>",
    "<ErrorResponse ",
    "<",
    ">",
    "/",
    "InvalidParameter",
    "Throttling",
    "\"__type\"",
    "|",
    "success",
    "error",
    " ",
    "\\u0000",
    "+14155550100",
    "4294967296",
];
