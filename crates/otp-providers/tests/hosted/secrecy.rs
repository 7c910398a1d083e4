//! LOG-1: what is logged while a provider makes and checks the codes.

use crate::ear::{HEARD, hear, heard};
use crate::faults::scenes;
use crate::{SECRET, code, number, request, twilio};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use otp_core::Channel;
use otp_core::conformance::senders::{Answer, Stub, Then};

/// LOG-1, LOG-2: at TRACE, through `tracing` and `log`, the HTTP client's lines among them, no line has the number, the
/// code, a credential, or what an answer said; whether the provider takes it, refuses it, breaks off or is not there.
#[tokio::test]
async fn no_line_tells_a_secret() {
    hear();
    for scene in scenes() {
        let answer = |status, body: &str| Then::Answer(Answer::new(status, body));
        for then in [
            answer(200, &scene.taken),
            answer(200, &scene.approved),
            answer(200, &scene.refused),
            answer(500, "body-canary +14155550100 7352914086"),
            Then::BytesAndEnd(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nbody".to_vec()),
        ] {
            let stub = Stub::start(then).await;
            asked(&scene, stub.base()).await;
            assert_eq!(stub.seen().len(), 2);
            let port = stub.base().rsplit(':').next().unwrap().trim_matches('/');
            assert!(heard("", port), "the client's own lines are heard");
        }
        asked(&scene, "http://127.0.0.1:9").await;
    }
    let told = String::from_utf8_lossy(&HEARD.lock().unwrap()).into_owned();
    for secret in secrets() {
        let line = told.lines().find(|line| line.contains(&secret));
        assert!(line.is_none(), "{secret} was told: {line:?}");
    }
}

/// A start and a check, however they end.
async fn asked(scene: &crate::faults::Scene, base: &str) {
    let verifier = (scene.make)(base);
    let started = verifier.start(&request(Channel::Sms)).await;
    let checked = verifier.check(&scene.reference, &number(), &code()).await;
    // As a host may log them.
    tracing::info!(?verifier, ?started, ?checked, "asked");
}

/// What nobody may read, as it is and as HTTP's Basic scheme has it.
fn secrets() -> Vec<String> {
    let basic = |user: &str| STANDARD.encode(format!("{user}:{SECRET}"));
    vec![
        number().expose().trim_start_matches("+1").to_owned(),
        code().expose().to_owned(),
        SECRET.to_owned(),
        "a-key-for-tests".to_owned(),
        basic(&twilio::sid("SK")),
        basic("a-key-for-tests"),
        "body-canary".to_owned(),
    ]
}
