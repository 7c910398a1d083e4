//! The webhook against a receiver on the loopback.
#![allow(clippy::unwrap_used, reason = "a helper of a test fails the test")]

mod stub;

use otp_core::testing::ManualClock;
use otp_core::{
    Channel, Code, Message, PhoneNumber, Receipt, SendError, SendErrorKind as Kind, Sender,
    Timestamp,
};
use otp_providers::{WebhookError, WebhookSecret, WebhookSender};
use std::io::{self, Write};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use stub::{Stub, Then};

const SECRET: &[u8] = b"kR7!vq2Lx9#Tz4Wm8@Hb1Nc6$Yd3Pf5G"; // scan: allow(made up for this test)
const ID: &str = "AAECAwQFBgcICQoLDA0ODw";

fn message() -> Message {
    let to = PhoneNumber::parse("+919876543210", None).unwrap();
    let code = Code::parse("042137").unwrap();
    Message::new(to, code, ID.parse().unwrap(), Duration::from_secs(300))
}

async fn send(stub: &Stub) -> Result<Receipt, SendError> {
    let sender = WebhookSender::builder(stub.url.as_str()).build().unwrap();
    sender.send(&message()).await
}

fn hurried(url: &str) -> WebhookSender {
    let builder = WebhookSender::builder(url).timeout(Duration::from_millis(300));
    builder.build().unwrap()
}

#[tokio::test]
async fn posts_the_code_as_json() {
    let stub = Stub::answering("200 OK", "", r#"{"id":"m-17"}"#).await;
    let sender = WebhookSender::builder(stub.url.as_str())
        .brand("Example")
        .build()
        .unwrap();
    let mut by_voice = message();
    by_voice.channel = Channel::Voice;
    by_voice.expires_in = Duration::from_secs(179);
    let receipt = sender.send(&by_voice).await.unwrap();
    assert_eq!(receipt, Receipt::with_reference("m-17"));

    let seen = stub.seen();
    let (head, body) = seen[0].split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("POST /codes?token=path-canary HTTP/1.1\r\n"));
    assert!(head.contains("content-type: application/json"));
    assert!(!head.contains("x-otp-signature"));
    let json: serde_json::Value = serde_json::from_str(body).unwrap();
    let expected = serde_json::json!({
        "to": "+919876543210", "code": "042137", "channel": "voice", "expires_in": 179, "challenge_id": ID,
        "message": "042137 is your Example code. It is good for 2 minutes. Do not share it with anyone.",
    });
    assert_eq!(json, expected);
}

/// The vector was computed with Python's `hmac` over the documented input.
#[tokio::test]
async fn signs_the_raw_body_with_the_time() {
    let stub = Stub::answering("204 No Content", "", "").await;
    let sender = WebhookSender::builder(stub.url.as_str())
        .signed_with(WebhookSecret::from_bytes(SECRET).unwrap())
        .clock(ManualClock::at(Timestamp::from_millis(1_767_225_600_999)))
        .build()
        .unwrap();
    sender.send(&message()).await.unwrap();

    let seen = stub.seen();
    let (head, body) = seen[0].split_once("\r\n\r\n").unwrap();
    assert_eq!(
        body,
        format!(
            r#"{{"to":"+919876543210","code":"042137","channel":"sms","message":"042137 is your code. It is good for 5 minutes. Do not share it with anyone.","expires_in":300,"challenge_id":"{ID}"}}"#
        )
    );
    let signature = head
        .lines()
        .find_map(|l| l.strip_prefix("x-otp-signature: "))
        .unwrap();
    assert_eq!(
        signature,
        "t=1767225600,v1=10d18ff4b7f948b7fafcac5ce4d4d3205d83cc2eba1426ae75ba0eb5a02600d5"
    );
}

#[tokio::test]
async fn every_status_has_its_class() {
    for (status, kind) in [
        ("301 Moved", Kind::AuthOrConfig),
        ("400 Bad Request", Kind::AuthOrConfig),
        ("401 Unauthorized", Kind::AuthOrConfig),
        ("402 Payment Required", Kind::InsufficientCredit),
        ("403 Forbidden", Kind::AuthOrConfig),
        ("404 Not Found", Kind::AuthOrConfig),
        ("408 Request Timeout", Kind::Transient),
        ("418 Teapot", Kind::AuthOrConfig),
        ("422 Unprocessable", Kind::InvalidNumber),
        ("425 Too Early", Kind::Transient),
        ("429 Too Many", Kind::RateLimited),
        ("500 Internal", Kind::Transient),
        ("503 Unavailable", Kind::Transient),
        ("599 Odd", Kind::Transient),
    ] {
        let stub = Stub::answering(status, "", "<html>no JSON</html>").await;
        assert_eq!(send(&stub).await.unwrap_err().kind, kind, "{status}");
        assert_eq!(stub.seen().len(), 1, "{status} is not tried again");
    }
}

#[tokio::test]
async fn the_wait_it_names_is_kept() {
    for (header, wait) in [
        ("retry-after: 120\r\n", Some(120)),
        ("retry-after: 99999999999\r\n", Some(86_400)),
        ("retry-after: Wed, 21 Oct 2026 07:28:00 GMT\r\n", None),
        ("", None),
    ] {
        let stub = Stub::answering("429 Too Many", header, "").await;
        let error = send(&stub).await.unwrap_err();
        assert_eq!(error.retry_after, wait.map(Duration::from_secs), "{header}");
    }
}

#[tokio::test]
async fn a_reference_is_taken_only_if_it_is_sound() {
    let long = format!(r#"{{"id":"{}"}}"#, "x".repeat(129));
    for (body, reference) in [
        (r#"{"id":"a-1","more":[1]}"#, Some("a-1")),
        (r#"{"id":42}"#, Some("42")),
        (r#"{"id":"two words"}"#, None),
        (r#"{"id":""}"#, None),
        (r#"{"id":null}"#, None),
        ("queued", None),
        ("", None),
        (long.as_str(), None),
    ] {
        let stub = Stub::answering("202 Accepted", "", body).await;
        let receipt = send(&stub).await.unwrap();
        assert_eq!(receipt.reference.as_deref(), reference, "{body}");
    }
}

/// WHK-5: an answer that does not come is bounded, and counts as sent.
#[tokio::test]
async fn a_silent_receiver_counts_as_sent() {
    let stub = Stub::start(Then::Silence).await;
    let receipt = hurried(&stub.url).send(&message()).await.unwrap();
    assert_eq!(receipt, Receipt::default());
    assert_eq!(stub.seen().len(), 1);
}

#[tokio::test]
async fn a_receiver_that_hangs_up_after_reading_counts_as_sent() {
    let stub = Stub::start(Then::HangUp).await;
    assert_eq!(send(&stub).await.unwrap(), Receipt::default());
    assert_eq!(stub.seen().len(), 1);
}

#[tokio::test]
async fn nobody_listening_is_transient() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!(
        "http://{}/codes?token=path-canary",
        listener.local_addr().unwrap()
    );
    drop(listener);
    let error = hurried(&url).send(&message()).await.unwrap_err();
    assert_eq!(error.kind, Kind::Transient);
    assert!(!all_of(&error).contains("path-canary"));
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let other = Stub::answering("200 OK", "", "").await;
    let location = format!("location: {}\r\n", other.url);
    for status in ["302 Found", "307 Temporary", "308 Permanent"] {
        let stub = Stub::answering(status, &location, "").await;
        assert_eq!(send(&stub).await.unwrap_err().kind, Kind::AuthOrConfig);
    }
    assert!(other.seen().is_empty());
}

#[tokio::test]
async fn a_huge_answer_is_not_read_to_its_end() {
    let mut endless = b"HTTP/1.1 200 OK\r\ncontent-length: 1000000000\r\n\r\n".to_vec();
    endless.extend(vec![b' '; 1 << 20]);
    let stub = Stub::start(Then::Answer(endless)).await;
    let sender = WebhookSender::builder(stub.url.as_str()).build().unwrap();
    assert_eq!(sender.send(&message()).await.unwrap(), Receipt::default());
}

#[tokio::test]
async fn an_answer_that_breaks_off_has_its_status() {
    let head = |status| format!("HTTP/1.1 {status}\r\ncontent-length: 100\r\n\r\n{{");
    let ok = Stub::start(Then::Answer(head("200 OK").into_bytes())).await;
    assert!(hurried(&ok.url).send(&message()).await.is_ok());
    let down = Stub::start(Then::Answer(head("500 Internal").into_bytes())).await;
    let error = hurried(&down.url).send(&message()).await.unwrap_err();
    assert_eq!(error.kind, Kind::Transient);
}

#[test]
fn codes_stay_private_unless_it_is_allowed() {
    let build = |url: &str| WebhookSender::builder(url).build();
    for url in [
        "https://a.example/x",
        "http://localhost/x",
        "http://127.8.8.8/",
        "http://[::1]:1/",
    ] {
        assert!(build(url).is_ok(), "{url}");
    }
    for url in [
        "http://a.example/",
        "http://10.0.0.1/",
        "http://localhost.a.example/",
        "http://[::2]/",
    ] {
        assert!(matches!(build(url), Err(WebhookError::PlainHttp)), "{url}");
        assert!(
            WebhookSender::builder(url)
                .allow_plain_http()
                .build()
                .is_ok()
        );
    }
    for url in [
        "",
        "a.example",
        "/x",
        "file:///x",
        "ftp://a.example/",
        "http://",
        "data:,x",
    ] {
        assert!(matches!(build(url), Err(WebhookError::Url)), "{url}");
    }
}

/// GEN-6: a brand can neither add a line nor forge an autofill line.
#[test]
fn a_brand_is_a_name() {
    let with = |brand: &str| {
        WebhookSender::builder("http://localhost/")
            .brand(brand)
            .build()
    };
    assert!(with("Bäckerei 42").is_ok());
    for brand in [
        "",
        "  ",
        "a\nb",
        "a\u{2028}b",
        "a @b.example #1",
        "a#1",
        &"x".repeat(33),
    ] {
        assert!(matches!(with(brand), Err(WebhookError::Brand)), "{brand:?}");
    }
}

#[test]
fn a_weak_secret_is_refused() {
    for weak in [b"short".as_slice(), &[7; 32], &[0; 65]] {
        assert!(WebhookSecret::from_bytes(weak).is_err());
    }
}

/// LOG-1: no address, code, number or secret in `Debug`, in errors, or in any log line at TRACE.
#[tokio::test]
async fn nothing_tells_a_secret() {
    // Made first: the numbering library logs what it parses.
    let message = message();
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
        .with_writer(move || writer.clone())
        .finish();
    let _guard = tracing_subscriber::util::SubscriberInitExt::set_default(subscriber);

    let mut told = String::new();
    let down = Stub::answering("500 Internal", "", "042137 body-canary").await;
    let silent = Stub::start(Then::Silence).await;
    for url in [
        &down.url,
        &silent.url,
        "http://user:path-canary@127.0.0.1:1/path-canary",
    ] {
        let builder = WebhookSender::builder(url)
            .signed_with(WebhookSecret::from_bytes(SECRET).unwrap())
            .timeout(Duration::from_millis(300));
        told += &format!("{builder:?}");
        let sender = builder.build().unwrap();
        told += &format!("{sender:?}");
        if let Err(error) = sender.send(&message).await {
            told += &all_of(&error);
        }
    }
    let bad = WebhookSender::builder("http://path-canary.example")
        .build()
        .unwrap_err();
    told += &format!("{bad} {bad:?}");
    // The HTTP client does log: what follows is no proof by silence.
    assert!(log.text().contains("starting new connection"));
    told += &log.text();
    for canary in ["path-canary", "042137", "9876543210", "kR7!", "body-canary"] {
        assert!(!told.contains(canary), "{canary} in {told}");
    }
}

/// An error with all its causes, shown in both ways.
fn all_of(error: &dyn std::error::Error) -> String {
    let mut text = format!("{error} {error:?}");
    if let Some(source) = error.source() {
        text += &all_of(source);
    }
    text
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned()
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
