//! The seam: a host's own transport and provider, addresses, credentials, replies read leniently.
#![allow(clippy::unwrap_used, reason = "a helper of a test fails the test")]

use otp_core::{
    Code, Message, PhoneNumber, Receipt, SendError, SendErrorKind as Kind, Sender, Timestamp,
    async_trait,
};
use otp_providers::ConfigError;
use otp_providers::http::{
    Address, HttpReply, HttpRequest, HttpSender, Provider, Secret, Transport, TransportError,
};
use std::sync::Mutex;
use std::time::Duration;

#[derive(Debug)]
struct Pigeon(Address);

impl Provider for Pigeon {
    fn name(&self) -> &str {
        "pigeon"
    }

    fn base(&self) -> &Address {
        &self.0
    }

    fn request(&self, message: &Message, now: Timestamp) -> Result<HttpRequest, SendError> {
        let form = [
            ("code", message.code.expose()),
            ("at", &now.as_secs().to_string()),
        ];
        Ok(HttpRequest::form(self.0.join(["a b", "c/d"]), form))
    }

    fn parse(&self, reply: &HttpReply) -> Result<Receipt, SendError> {
        reply
            .text("/id")
            .map_or_else(|| reply.unexpected(), |id| Ok(HttpReply::taken(id)))
    }
}

/// Answers once, and keeps what it was given.
#[derive(Debug)]
struct Script(
    Mutex<Option<Result<HttpReply, TransportError>>>,
    Mutex<Vec<HttpRequest>>,
);

#[async_trait]
impl Transport for Script {
    async fn post(&self, request: HttpRequest) -> Result<HttpReply, TransportError> {
        self.1.lock().unwrap().push(request);
        self.0.lock().unwrap().take().unwrap()
    }
}

fn message() -> Message {
    let to = PhoneNumber::parse("+14155550100", None).unwrap();
    let code = Code::parse("123456").unwrap();
    let id = "AAECAwQFBgcICQoLDA0ODw".parse().unwrap();
    Message::new(to, code, id, Duration::from_secs(300))
}

async fn over(answer: Result<HttpReply, TransportError>) -> Result<Receipt, SendError> {
    let script = std::sync::Arc::new(Script(Mutex::new(Some(answer)), Mutex::default()));
    let pigeon = Pigeon(Address::parse("https://pigeon.example/v1/?k=v").unwrap());
    let clock = otp_core::testing::ManualClock::at(Timestamp::from_secs(7));
    let sender = HttpSender::over(pigeon, script.clone()).with_clock(clock);
    assert_eq!(sender.name(), "pigeon");
    let result = sender.send(&message()).await;
    let requests = script.1.lock().unwrap().clone();
    let [request] = requests.try_into().unwrap();
    let address = request.address().expose();
    assert_eq!(address, "https://pigeon.example/v1/a%20b/c%2Fd?k=v");
    assert_eq!(request.body(), b"code=123456&at=7");
    assert_eq!(format!("{:?}", request), "HttpRequest([redacted])");
    result
}

#[tokio::test]
async fn a_host_brings_its_own_transport() {
    let taken = over(Ok(HttpReply::new(200, r#"{"id":7}"#))).await.unwrap();
    assert_eq!(taken.reference.as_deref(), Some("7"));
    // WHK-5: it may have been read.
    let silent = over(Err(TransportError::Unanswered)).await.unwrap();
    assert_eq!(silent, Receipt::default());
    let unsent = over(Err(TransportError::NotSent("no wire".into()))).await;
    assert_eq!(unsent.unwrap_err().kind, Kind::Transient);
}

#[test]
fn a_reply_that_is_neither_yes_nor_no_has_the_class_of_its_status() {
    for (status, body, expected) in [
        (200, "{\"id\": tru", Ok(())),
        (204, "", Ok(())),
        (200, " <!DOCTYPE html><p>", Err(Kind::Transient)),
        (200, "<HTML>", Err(Kind::Transient)),
        (200, "\u{feff}<html>", Err(Kind::Transient)),
        (
            200,
            "<?xml version=\"1.0\"?>\n<!-- a proxy -->\n<!DOCTYPE html>",
            Err(Kind::Transient),
        ),
        (200, "<PublishResponse><Publish", Ok(())),
        (200, "{\"message\": \"<html>", Ok(())),
        (302, "", Err(Kind::AuthOrConfig)),
        (401, "", Err(Kind::AuthOrConfig)),
        (402, "", Err(Kind::InsufficientCredit)),
        (403, "", Err(Kind::AuthOrConfig)),
        (404, "", Err(Kind::AuthOrConfig)),
        (408, "", Err(Kind::Transient)),
        (425, "", Err(Kind::Transient)),
        (429, "", Err(Kind::RateLimited)),
        (500, "", Err(Kind::Transient)),
        (599, "", Err(Kind::Transient)),
    ] {
        let result = HttpReply::new(status, body).unexpected();
        assert_eq!(result.map(drop).map_err(|e| e.kind), expected, "{status}");
    }
}

/// A byte order mark before an answer, and bytes in a text that are no UTF-8, hide neither a yes nor a no.
#[test]
fn a_mark_or_a_broken_text_hides_no_answer() {
    for body in [
        &b"\xef\xbb\xbf{\"code\":\"207\",\"text\":\"ok\"}"[..],
        b"{\"code\":207,\"text\":\"\xe9\xff\"}",
        b"\xef\xbb\xbf{\"code\":207,\"code\":207,\"text\":\"\xed\xa0\x80\"}",
    ] {
        let reply = HttpReply::new(200, body);
        assert_eq!(reply.code("/code"), Some(207), "{body:?}");
        assert!(reply.body().starts_with(b"{"));
        assert!(reply.text("/text").is_some());
    }
    for body in [&b"\xef\xbb\xbf"[..], b"\xfe\xff\0{", b"\x1f\x8b\x08", b"\0"] {
        let reply = HttpReply::new(200, body);
        assert!(reply.json().is_null(), "{body:?}");
        assert_eq!(reply.unexpected().ok(), Some(Receipt::default()));
    }
}

/// A name is a text or a whole number: one with its last digits lost would be another message's.
#[test]
fn no_name_is_rounded() {
    for (body, name) in [
        (
            r#"{"id":18446744073709551615}"#,
            Some("18446744073709551615"),
        ),
        (r#"{"id":-7}"#, Some("-7")),
        (r#"{"id":18446744073709551616}"#, None),
        (r#"{"id":32706375701923935213311663540515}"#, None),
        (r#"{"id":1e3}"#, None),
        (r#"{"id":1.0}"#, None),
        (r#"{"id":true}"#, None),
        (r#"{"id":["a"]}"#, None),
        (r#"{"id":"a","id":"b"}"#, Some("b")),
    ] {
        let named = HttpReply::new(200, body).text("/id");
        assert_eq!(named.as_deref(), name, "{body}");
    }
}

/// RFC 9110 §10.2.3: seconds. A date is relative to a clock that nobody here has.
#[test]
fn a_wait_is_whole_seconds_and_a_day_at_most() {
    for (value, wait) in [
        ("0", Some(0)),
        (" 120 ", Some(120)),
        ("86401", Some(86_400)),
        ("18446744073709551616", Some(86_400)),
        ("99999999999999999999999999", Some(86_400)),
        ("-1", None),
        ("+5", None),
        ("1.5", None),
        ("1e3", None),
        ("\u{664}", None),
        ("", None),
        ("Wed, 21 Oct 2026 07:28:00 GMT", None),
    ] {
        let reply = HttpReply::new(429, "").with_header("RETRY-after", value);
        let expected = wait.map(Duration::from_secs);
        assert_eq!(reply.retry_after(), expected, "{value}");
        let again = reply.with_header("Retry-After", "7");
        assert_eq!(again.retry_after(), expected, "the first one");
    }
}

#[test]
fn codes_are_numbers_or_texts() {
    let body = r#"{"a":401,"b":"207","c":" 9 ","d":"x","e":-1,"f":9876543210,"g":null,"h":[5]}"#;
    let reply = HttpReply::new(200, body);
    for (pointer, code) in [
        ("/a", Some(401)),
        ("/b", Some(207)),
        ("/c", Some(9)),
        ("/d", None),
        ("/e", None),
        ("/f", None),
        ("/g", None),
        ("/h/0", Some(5)),
        ("/i", None),
    ] {
        assert_eq!(reply.code(pointer), code, "{pointer}");
    }
    assert!(!format!("{reply:?}").contains("401"));
}

#[test]
fn credentials_are_pasted_whole() {
    for sound in ["x", "two words", "ключ", "a:b@c"] {
        assert_eq!(Secret::new(sound).unwrap().expose(), sound);
    }
    let long = "x".repeat(4097);
    for wrong in ["", " ", "key\n", " key", "a\0b", "a\r\nx: y", &long] {
        assert!(matches!(Secret::new(wrong), Err(ConfigError::Secret)));
    }
}

#[test]
fn addresses_are_encrypted_or_on_this_machine() {
    for sound in ["https://a.example", "http://localhost:1/x", "http://[::1]"] {
        assert!(Address::parse(sound).is_ok(), "{sound}");
    }
    for plain in ["http://a.example", "http://10.0.0.1", "http://0.0.0.0"] {
        assert!(matches!(Address::parse(plain), Err(ConfigError::PlainHttp)));
        assert!(Address::parse_plain(plain).is_ok());
    }
    for wrong in ["", "/x", "ftp://a.example", "mailto:a@b.example"] {
        assert!(matches!(Address::parse_plain(wrong), Err(ConfigError::Url)));
    }
    let address = Address::parse("https://user:canary@a.example/canary").unwrap();
    assert!(!format!("{address:?}").contains("canary"));
    for (text, authority) in [
        ("https://a.example:443/b?c", "a.example"),
        ("http://[::1]:8080/b", "[::1]:8080"),
    ] {
        let address = Address::parse(text).unwrap();
        assert_eq!(address.authority(), authority);
        assert_eq!(address.path(), "/b");
    }
}
