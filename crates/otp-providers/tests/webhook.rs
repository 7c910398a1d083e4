//! The webhook against a receiver on the loopback.
#![allow(clippy::unwrap_used, reason = "a helper of a test fails the test")]

use otp_core::conformance::senders::{Answer, SenderScene, Stub};
use otp_core::testing::ManualClock;
use otp_core::{
    Channel, Code, Message, PhoneNumber, Receipt, SendError, SendErrorKind as Kind, Sender,
    Timestamp,
};
use otp_providers::{ConfigError, WebhookSecret, WebhookSender};
use std::time::Duration;

const SECRET: &[u8] = b"kR7!vq2Lx9#Tz4Wm8@Hb1Nc6$Yd3Pf5G"; // scan: allow(made up for this test)
const ID: &str = "AAECAwQFBgcICQoLDA0ODw";

fn message() -> Message {
    let to = PhoneNumber::parse("+919876543210", None).unwrap();
    let code = Code::parse("042137").unwrap();
    Message::new(to, code, ID.parse().unwrap(), Duration::from_secs(300))
}

fn url(base: &str) -> String {
    format!("{base}/codes?token=path-canary")
}

/// Any success is one: the receiver is the team's own, and may answer in HTML.
fn scene() -> SenderScene {
    let webhook = |base: &str| {
        WebhookSender::builder(url(base))
            .signed_with(WebhookSecret::from_bytes(SECRET).unwrap())
            .timeout(Duration::from_millis(1500))
            .build()
            .unwrap()
    };
    SenderScene::new(webhook, Answer::new(200, r#"{"id":"m-17"}"#))
        .with_reference("m-17")
        .with_secret("path-canary")
        .with_secret("kR7!")
        .with_status(200, None)
        .with_status(418, Kind::AuthOrConfig)
        .with_status(422, Kind::InvalidNumber)
        .with_status(599, Kind::Transient)
}

mod suite {
    otp_core::sender_suite!(super::scene);
}

async fn send(stub: &Stub) -> Result<Receipt, SendError> {
    let sender = WebhookSender::builder(url(stub.base())).build().unwrap();
    sender.send(&message()).await
}

#[tokio::test]
async fn posts_the_code_as_json() {
    let stub = Stub::answering(Answer::new(200, r#"{"id":"m-17"}"#)).await;
    let sender = WebhookSender::builder(url(stub.base()))
        .brand("Example")
        .build()
        .unwrap();
    let mut by_voice = message();
    by_voice.channel = Channel::Voice;
    by_voice.expires_in = Duration::from_secs(179);
    let receipt = sender.send(&by_voice).await.unwrap();
    assert_eq!(receipt, Receipt::with_reference("m-17"));

    let seen = stub.seen();
    assert_eq!(seen[0].method, "POST");
    assert_eq!(seen[0].target, "/codes?token=path-canary");
    assert_eq!(seen[0].header("content-type"), Some("application/json"));
    assert_eq!(seen[0].header("x-otp-signature"), None);
    let json: serde_json::Value = serde_json::from_slice(&seen[0].body).unwrap();
    let expected = serde_json::json!({
        "to": "+919876543210", "code": "042137", "channel": "voice", "expires_in": 179, "challenge_id": ID,
        "message": "042137 is your Example code. It is good for 2 minutes. Do not share it with anyone.",
    });
    assert_eq!(json, expected);
}

#[tokio::test]
async fn the_readers_language_is_passed_on() {
    let stub = Stub::answering(Answer::new(204, "")).await;
    let sender = WebhookSender::builder(url(stub.base())).build().unwrap();
    let mut message = message();
    message.locale = "pt-BR".parse().ok();
    sender.send(&message).await.unwrap();
    let json: serde_json::Value = serde_json::from_slice(&stub.seen()[0].body).unwrap();
    assert_eq!(json["locale"], "pt-BR");
}

/// The vector was computed with Python's `hmac` over the documented input.
#[tokio::test]
async fn signs_the_raw_body_with_the_time() {
    let stub = Stub::answering(Answer::new(204, "")).await;
    let sender = WebhookSender::builder(url(stub.base()))
        .signed_with(WebhookSecret::from_bytes(SECRET).unwrap())
        .clock(ManualClock::at(Timestamp::from_millis(1_767_225_600_999)))
        .build()
        .unwrap();
    sender.send(&message()).await.unwrap();

    let seen = stub.seen();
    assert_eq!(
        seen[0].text(),
        format!(
            r#"{{"to":"+919876543210","code":"042137","channel":"sms","message":"042137 is your code. It is good for 5 minutes. Do not share it with anyone.","expires_in":300,"challenge_id":"{ID}"}}"#
        )
    );
    assert_eq!(
        seen[0].header("x-otp-signature"),
        Some("t=1767225600,v1=10d18ff4b7f948b7fafcac5ce4d4d3205d83cc2eba1426ae75ba0eb5a02600d5")
    );
}

#[tokio::test]
async fn the_wait_it_names_is_kept() {
    for (header, wait) in [
        ("120", Some(120)),
        ("99999999999", Some(86_400)),
        ("Wed, 21 Oct 2026 07:28:00 GMT", None),
        ("", None),
    ] {
        let stub = Stub::answering(Answer::new(429, "").with_header("retry-after", header)).await;
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
        let stub = Stub::answering(Answer::new(202, body)).await;
        let receipt = send(&stub).await.unwrap();
        assert_eq!(receipt.reference.as_deref(), reference, "{body}");
    }
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
        assert!(matches!(build(url), Err(ConfigError::PlainHttp)), "{url}");
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
        assert!(matches!(build(url), Err(ConfigError::Url)), "{url}");
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
        assert!(matches!(with(brand), Err(ConfigError::Brand)), "{brand:?}");
    }
}

#[test]
fn a_weak_secret_is_refused() {
    for weak in [b"short".as_slice(), &[7; 32], &[0; 65]] {
        assert!(WebhookSecret::from_bytes(weak).is_err());
    }
}

/// LOG-1: a setting that is refused is not repeated, and a builder shows none.
#[test]
fn settings_are_not_shown() {
    let builder = WebhookSender::builder("http://path-canary.example");
    let mut told = format!("{builder:?}");
    let error = builder.build().unwrap_err();
    told += &format!("{error} {error:?}");
    assert!(!told.contains("path-canary"), "{told}");
}
