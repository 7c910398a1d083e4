//! A provider that does not answer as it should. WHK-5: nothing is sent twice, and what may have arrived counts.

use super::cases::{all_of, page};
use super::stub::FLOOD;
use super::{Answer, SenderScene, Stub, Then};
use crate::{Receipt, SendErrorKind};
use tokio::net::TcpListener;

/// A success whose body breaks off was one: the code may arrive.
pub async fn a_success_that_breaks_off_is_taken(scene: &SenderScene) {
    let whole = scene.taken.body.len();
    let half = Answer {
        body: scene.taken.body[..whole / 2].to_vec(),
        ..scene.taken.clone()
    };
    let cut = Then::BytesAndEnd(half.promising(whole.max(1)));
    for then in [cut, Then::Answer(half)] {
        let (result, _) = scene.one(then).await;
        assert!(result.is_ok(), "{result:?}");
    }
}

/// A failure whose body breaks off was one.
pub async fn a_failure_that_breaks_off_is_one(scene: &SenderScene) {
    let answer = page(scene, 500).promising(1000);
    let (result, _) = scene.one(Then::BytesAndEnd(answer)).await;
    assert_eq!(result.err().map(|e| e.kind), scene.kind(500));
}

/// An answer that does not come is bounded, and counts as sent.
pub async fn a_silent_provider_counts_as_sent(scene: &SenderScene) {
    counts_as_sent(scene, Then::Silence).await;
}

/// A connection that ends after the request was read counts as sent.
pub async fn a_provider_that_hangs_up_counts_as_sent(scene: &SenderScene) {
    counts_as_sent(scene, Then::HangUp).await;
}

/// A connection that is reset after the request was read counts as sent.
pub async fn a_provider_that_resets_counts_as_sent(scene: &SenderScene) {
    counts_as_sent(scene, Then::Reset).await;
}

async fn counts_as_sent(scene: &SenderScene, then: Then) {
    let (result, _) = scene.one(then).await;
    let receipt = result.expect("the code may arrive");
    assert_eq!(receipt, Receipt::default());
}

/// Without a connection nothing was sent, and another time it may be.
pub async fn nobody_listening_is_transient(scene: &SenderScene) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    drop(listener);
    let sender = (scene.make)(&format!("http://{address}"));
    let error = scene.bounded(&*sender).await.expect_err("nobody is there");
    assert_eq!(error.kind, SendErrorKind::Transient);
    let told = all_of(&error);
    for secret in &scene.secrets {
        assert!(!told.contains(secret), "a secret is in an error");
    }
}

/// A redirect would carry the code and the credentials elsewhere.
pub async fn a_redirect_is_not_followed(scene: &SenderScene) {
    let other = Stub::answering(scene.taken.clone()).await;
    for status in [301, 302, 303, 307, 308] {
        let answer = page(scene, status).with_header("location", other.base());
        let (result, _) = scene.one(Then::Answer(answer)).await;
        assert_eq!(result.err().map(|e| e.kind), scene.kind(status), "{status}");
    }
    assert!(other.seen().is_empty(), "the redirect was followed");
}

/// A body that never ends is neither waited for nor kept.
pub async fn a_huge_answer_is_not_read_to_its_end(scene: &SenderScene) {
    for (status, kind) in [(scene.taken.status, None), (500, scene.kind(500))] {
        let head = Answer::new(status, "").promising(1 << 40);
        let stub = Stub::start(Then::Endless(head)).await;
        let result = scene.bounded(&*scene.sender(&stub)).await;
        assert_eq!(result.err().map(|e| e.kind), kind, "{status}");
        assert!(stub.endless() < FLOOD, "all of a huge answer was read");
    }
}
