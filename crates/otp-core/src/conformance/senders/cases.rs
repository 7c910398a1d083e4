//! What a provider that answers is understood to say, and what the world is told of it.

use super::hearing::Hearing;
use super::{Answer, PATIENCE, Received, SenderScene, Stub, Then};
use crate::{Receipt, SendError, SendErrorKind, Sender};
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

/// In the body of an answer that no error may repeat.
const CANARY: &str = "body-canary";

impl SenderScene {
    pub(super) fn sender(&self, stub: &Stub) -> Arc<dyn Sender> {
        (self.make)(stub.base())
    }

    /// Sends one message; fails where the provider got another number of requests than one.
    pub(super) async fn one(&self, then: Then) -> (Result<Receipt, SendError>, Received) {
        let stub = Stub::start(then).await;
        let result = self.bounded(&*self.sender(&stub)).await;
        let seen = stub.seen();
        assert_eq!(seen.len(), 1, "a message is one request");
        (result, seen[0].clone())
    }

    pub(super) async fn bounded(&self, sender: &dyn Sender) -> Result<Receipt, SendError> {
        let sent = tokio::time::timeout(PATIENCE, sender.send(&self.message)).await;
        sent.expect("a sender ends by itself within ten seconds")
    }

    pub(super) fn kind(&self, status: u16) -> Option<SendErrorKind> {
        let mut statuses = self.statuses.iter();
        let found = statuses.find(|(known, _)| *known == status);
        found.expect("a status of the table").1
    }
}

/// A page where the provider's own answer should be: what was sent stands in it.
pub(super) fn page(scene: &SenderScene, status: u16) -> Answer {
    let (to, code) = (scene.message.to.expose(), scene.message.code.expose());
    Answer::new(status, format!("<html>{CANARY} {to} {code}</html>"))
}

/// A message that the provider took has a receipt with its reference.
pub async fn a_taken_message_has_a_receipt(scene: &SenderScene) {
    let (result, _) = scene.one(Then::Answer(scene.taken.clone())).await;
    let receipt = result.expect("it was taken");
    assert_eq!(receipt.reference, scene.reference);
}

/// A message is one POST. GEN-6: it says the code.
pub async fn a_message_is_one_post(scene: &SenderScene) {
    let (_, request) = scene.one(Then::Answer(scene.taken.clone())).await;
    let code = scene.message.code.expose();
    let told = request.target.contains(code) || request.text().contains(code);
    assert!(told, "the provider was not told the code");
    assert!(scene.code_in_address || request.method == "POST");
}

/// LOG-1: the address, which proxies log, has neither the code nor the number.
pub async fn the_address_tells_nothing(scene: &SenderScene) {
    let (_, request) = scene.one(Then::Answer(scene.taken.clone())).await;
    let secret = [scene.message.code.expose(), national(scene)];
    let told = secret.iter().any(|text| request.target.contains(text));
    assert!(scene.code_in_address || !told);
}

/// Every status of the table has its class, whatever the body is, and nothing is sent again.
pub async fn every_status_has_its_class(scene: &SenderScene) {
    for (status, kind) in &scene.statuses {
        for body in [page(scene, *status).body, b"{\"truncated\": [".to_vec()] {
            let paged = body.starts_with(b"<");
            if *status < 300 && !paged {
                continue;
            }
            let (result, _) = scene.one(Then::Answer(Answer::new(*status, body))).await;
            assert_eq!(result.err().map(|e| e.kind), *kind, "{status}");
        }
    }
}

/// Every refusal of the provider's own has its class, a success with an error in it as well.
pub async fn a_refusal_has_its_class(scene: &SenderScene) {
    for (answer, kind) in &scene.refusals {
        let (result, _) = scene.one(Then::Answer(answer.clone())).await;
        assert_eq!(result.err().map(|e| e.kind), Some(*kind), "{answer:?}");
    }
}

/// The wait that a throttling provider names in `Retry-After` is kept.
pub async fn the_wait_it_names_is_kept(scene: &SenderScene) {
    if scene.kind(429) == Some(SendErrorKind::RateLimited) {
        let answer = page(scene, 429).with_header("retry-after", "120");
        let (result, _) = scene.one(Then::Answer(answer)).await;
        let wait = result.expect_err("it was refused").retry_after;
        assert_eq!(wait, Some(Duration::from_secs(120)));
    }
}

/// LOG-1, HTP-3: no code, number, credential or answer in `Debug`, in an error, or in any log line at TRACE.
pub async fn nothing_tells_a_secret(scene: &SenderScene) {
    let hearing = Hearing::start();
    let mut told = String::new();
    let mut thens = vec![
        Then::Answer(scene.taken.clone()),
        Then::Silence,
        Then::HangUp,
    ];
    let pages = [400, 401, 429, 500].map(|status| Then::Answer(page(scene, status)));
    let refusals = scene.refusals.iter();
    thens.extend(pages);
    thens.extend(refusals.map(|(answer, _)| Then::Answer(answer.clone())));
    for then in thens {
        let stub = Stub::start(then).await;
        let sender = scene.sender(&stub);
        told += &format!("{} {sender:?} {sender:#?}", sender.name());
        if let Err(error) = scene.bounded(&*sender).await {
            told += &all_of(&error);
        }
    }
    told += &hearing.heard();
    let own = [CANARY, scene.message.code.expose(), national(scene)];
    let given = scene.secrets.iter().map(String::as_str);
    for (index, secret) in own.into_iter().chain(given).enumerate() {
        assert!(!told.contains(secret), "secret {index} was told:\n{told}");
    }
}

/// The number without its country code, which every spelling of it has.
fn national(scene: &SenderScene) -> &str {
    let digits = scene.message.to.expose().trim_start_matches('+');
    let country = scene.message.to.country_code().to_string();
    digits.strip_prefix(&*country).unwrap_or(digits)
}

/// An error with all its causes, shown in both ways.
pub(super) fn all_of(error: &(dyn Error + 'static)) -> String {
    let mut text = format!("{error} {error:?} {error:#?}");
    if let Some(source) = error.source() {
        text += &all_of(source);
    }
    text
}
