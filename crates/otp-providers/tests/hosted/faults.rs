//! A provider that does not answer as it should: nothing is asked twice, and no answer is no yes.

use crate::common::{json_of_a_kind, provider_words};
use crate::{SECRET, code, engagelab, msg91, number, request, twilio};
use otp_core::conformance::senders::{Answer, Stub, Then};
use otp_core::{Channel, Checked, SendError, SendErrorKind as Kind, Verifier};
use otp_providers::http::{HostedProvider, HttpClient, HttpReply, HttpVerifier};
use proptest::prelude::*;
use std::error::Error;
use std::time::Duration;

/// A provider, and what it says: a code was sent, it is right, neither.
pub(crate) struct Scene {
    pub(crate) make: fn(&str) -> Box<dyn Verifier>,
    pub(crate) reference: String,
    pub(crate) taken: String,
    pub(crate) approved: String,
    pub(crate) refused: String,
}

/// A verifier that waits out silent providers.
fn hurried<P: HostedProvider>(provider: P) -> Box<dyn Verifier> {
    let wait = Duration::from_millis(1500);
    let client = HttpClient::with_timeouts(provider.base(), wait, wait).unwrap();
    Box::new(HttpVerifier::over(provider, client))
}

pub(crate) fn scenes() -> [Scene; 3] {
    [
        Scene {
            make: |base| hurried(twilio::verify().at(base).unwrap()),
            reference: twilio::sid("VE"),
            taken: twilio::verification("pending", "+14155550100"),
            approved: twilio::verification("approved", "+14155550100"),
            refused: twilio::refusal(60212),
        },
        Scene {
            make: |base| hurried(engagelab::at(base)),
            reference: engagelab::REFERENCE.to_owned(),
            taken: engagelab::TAKEN.to_owned(),
            approved: engagelab::verdict(true),
            refused: engagelab::refusal(3004),
        },
        Scene {
            make: |base| hurried(msg91::verify().at(base).unwrap()),
            reference: msg91::REFERENCE.to_owned(),
            taken: msg91::TAKEN.to_owned(),
            approved: msg91::APPROVED.to_owned(),
            refused: r#"{"type":"error","message":"body-canary","code":311}"#.to_owned(),
        },
    ]
}

type Outcome = (
    Result<Option<String>, SendError>,
    Result<Checked, SendError>,
);

impl Scene {
    /// A start and a check, at a provider that does this; each is one request.
    async fn both(&self, then: Then) -> Outcome {
        let stub = Stub::start(then).await;
        let verifier = (self.make)(stub.base());
        let started = verifier.start(&request(Channel::Sms)).await;
        assert_eq!(stub.seen().len(), 1, "a start is one request");
        let checked = verifier.check(&self.reference, &number(), &code()).await;
        assert_eq!(stub.seen().len(), 2, "a check is one request");
        for seen in stub.seen() {
            assert_eq!(seen.method, "POST");
            let told = ["4155550100", "7352914086"]
                .iter()
                .any(|t| seen.target.contains(t));
            assert!(!told, "the address tells: {}", seen.target);
        }
        let shown = format!("{verifier:?} {started:?} {checked:?}");
        assert_tells_nothing(&shown);
        for error in [started.as_ref().err(), checked.as_ref().err()]
            .into_iter()
            .flatten()
        {
            let source = error
                .source()
                .map(|s| format!("{s} {s:?}"))
                .unwrap_or_default();
            assert_tells_nothing(&format!("{error} {source}"));
        }
        (started.map(|receipt| receipt.reference), checked)
    }
}

/// LOG-1.
fn assert_tells_nothing(text: &str) {
    for secret in [
        SECRET,
        "body-canary",
        "4155550100",
        "7352914086",
        "a-key-for-tests",
    ] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
}

#[tokio::test]
async fn a_code_is_sent_and_approved() {
    for scene in scenes() {
        let (started, _) = scene
            .both(Then::Answer(Answer::new(200, &*scene.taken)))
            .await;
        assert_eq!(started.unwrap(), Some(scene.reference.clone()));
        let (_, checked) = scene
            .both(Then::Answer(Answer::new(200, &*scene.approved)))
            .await;
        assert_eq!(checked.unwrap(), Checked::Approved);
    }
}

/// VER-11: what is no answer is an error of the provider's, never a verdict: neither is a code approved by it, nor is
/// one said to be wrong. WHK-5: a success that cannot be read may have sent a code, and stays charged.
#[tokio::test]
async fn what_is_no_answer_is_an_error() {
    for scene in scenes() {
        let page = "<html>body-canary +14155550100 7352914086</html>";
        let half = |whole: &str| whole[..whole.len() / 2].to_owned();
        for (status, body, kind) in [
            (200, page.to_owned(), Kind::Transient),
            (200, String::new(), Kind::Transient),
            (200, half(&scene.taken), Kind::Transient),
            (200, half(&scene.approved), Kind::Transient),
            (500, scene.approved.clone(), Kind::Transient),
            (502, page.to_owned(), Kind::Transient),
            (503, String::new(), Kind::Transient),
            (302, page.to_owned(), Kind::AuthOrConfig),
            (401, page.to_owned(), Kind::AuthOrConfig),
            (402, page.to_owned(), Kind::InsufficientCredit),
            (404, page.to_owned(), Kind::AuthOrConfig),
            (429, page.to_owned(), Kind::RateLimited),
            (200, scene.refused.clone(), Kind::RateLimited),
        ] {
            let (started, checked) = scene.both(Then::Answer(Answer::new(status, &*body))).await;
            let may_have_sent = status == 200 && body != page && body != scene.refused;
            match started {
                Ok(None) => assert!(may_have_sent, "start {status} {body}"),
                Err(error) => assert!(
                    !may_have_sent && error.kind == kind,
                    "start {status} {body}"
                ),
                named => panic!("{named:?}"),
            }
            assert_eq!(
                checked.err().map(|e| e.kind),
                Some(kind),
                "check {status} {body}"
            );
        }
    }
}

#[tokio::test]
async fn the_wait_it_names_is_kept() {
    for scene in scenes() {
        let answer = Answer::new(429, "<html>").with_header("retry-after", "120");
        let (started, checked) = scene.both(Then::Answer(answer)).await;
        for error in [started.err(), checked.err()] {
            assert_eq!(error.unwrap().retry_after, Some(Duration::from_secs(120)));
        }
    }
}

/// WHK-5, I7: a start that went out and was not answered may have sent a code, so it is no error, which would give back
/// what it cost; it has no reference, so that nobody signs in by it. A check that is asked for again finds no code:
/// that is an error. Neither is asked twice.
#[tokio::test]
async fn no_answer_is_no_yes_and_not_asked_again() {
    for scene in scenes() {
        for then in [Then::Silence, Then::HangUp, Then::Reset] {
            let shown = format!("{then:?}");
            let (started, checked) = scene.both(then).await;
            assert_eq!(started.unwrap(), None, "{shown}");
            assert_eq!(
                checked.err().map(|e| e.kind),
                Some(Kind::Transient),
                "{shown}"
            );
        }
    }
}

/// An answer that breaks off is an answer: the message was taken, and no code is right by it.
#[tokio::test]
async fn half_an_answer_is_no_yes() {
    for scene in scenes() {
        let cut = b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n{\"message_id\":".to_vec();
        let (started, checked) = scene.both(Then::BytesAndEnd(cut)).await;
        assert_eq!(started.unwrap(), None);
        assert_eq!(checked.err().map(|e| e.kind), Some(Kind::Transient));
    }
}

#[tokio::test]
async fn nobody_there_is_an_error() {
    for scene in scenes() {
        let verifier = (scene.make)("http://127.0.0.1:9");
        let started = verifier.start(&request(Channel::Sms)).await;
        assert_eq!(started.unwrap_err().kind, Kind::Transient);
        let checked = verifier.check(&scene.reference, &number(), &code()).await;
        assert_eq!(checked.unwrap_err().kind, Kind::Transient);
    }
}

/// No bytes make one panic, nor an approval out of what is no success.
fn never_approves(provider: &impl HostedProvider, approved: &str, reference: &str) {
    let words = provider_words(&[
        "verified",
        "approved",
        "true",
        "OTP verified success",
        reference,
    ]);
    let edits = proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 1..4);
    let edited = edits.prop_map(|edits| {
        let mut body = approved.as_bytes().to_vec();
        for (at, byte) in edits {
            *at.get_mut(&mut body) = byte;
        }
        body
    });
    let json = json_of_a_kind().prop_map(|json| json.to_string().into_bytes());
    let body = prop_oneof![1 => words, 2 => json, 2 => edited];
    let status = prop_oneof![Just(200_u16), 100..600_u16];
    proptest!(ProptestConfig::with_cases(2000), |(status in status, body in body)| {
        let reply = HttpReply::new(status, body);
        let _ = provider.parse_start(&reply);
        let checked = provider.parse_check(&reply, reference, &number());
        prop_assert!(reply.is_success() || !matches!(checked, Ok(Checked::Approved)));
    });
}

#[test]
fn no_bytes_make_one_panic() {
    let [twilio, engagelab, msg91] = scenes();
    never_approves(&twilio::verify(), &twilio.approved, &twilio.reference);
    never_approves(
        &engagelab::verify(),
        &engagelab.approved,
        &engagelab.reference,
    );
    never_approves(&msg91::verify(), &msg91.approved, &msg91.reference);
}
