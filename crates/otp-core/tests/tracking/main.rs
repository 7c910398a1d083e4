//! What becomes of messages, and what follows from it.
#![cfg(feature = "testing")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail"
)]

#[path = "../common/mod.rs"]
mod common;
mod fallback;
mod fallback_costs;
mod provider;

use common::{MINUTE, Recorder, Setup, phone, send, standard};
use otp_core::limit::{Dimension, OnExceed};
use otp_core::policy::{Binding, Floor, Policy};
use otp_core::{
    ChallengeId, DeliveryState, Purpose, Report, Resend, SendErrorKind, Start, Started, Verify,
};
use provider::{Tracked, tracked};

fn watched() -> Tracked {
    tracked(&Setup::new(Policy::standard()))
}

async fn says(tracked: &Tracked, id: ChallengeId) -> Option<DeliveryState> {
    let auth = &tracked.world.auth;
    auth.delivery(&phone(1), id, Purpose::Login).await.unwrap()
}

async fn report(tracked: &Tracked, reference: &str, state: DeliveryState) {
    let reports = [Report::new(reference, state)];
    let reported = tracked.world.auth.reported("naming", &reports).await;
    reported.unwrap();
}

/// What is reported is what the owner is told, and the listeners and the metrics hear of what is new.
#[test]
fn reports_are_kept_and_told_once() {
    let recorder = Recorder::default();
    metrics::with_local_recorder(&recorder, || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        runtime.block_on(async {
            use DeliveryState::*;
            let tracked = watched();
            let started = tracked.world.start(&phone(1)).await;
            assert_eq!((started.delivery, started.previous), (Accepted, None));
            assert_eq!(tracked.world.store.calls(), ["open", "note"]);
            let id = started.challenge_id;
            assert_eq!(says(&tracked, id).await, Some(Accepted));
            for (state, now, news) in [
                (Sent, Sent, true),
                (Delivered, Delivered, true),
                (Delivered, Delivered, false),
                (Failed, Delivered, false),
                (Accepted, Delivered, false),
                (Read, Read, true),
            ] {
                report(&tracked, "message-1", state).await;
                assert_eq!(says(&tracked, id).await, Some(now));
                let heard = ("naming message-1".to_owned(), state);
                let expected = news.then_some(heard).into_iter().collect::<Vec<_>>();
                assert_eq!(tracked.ear.heard(), expected, "{state}");
            }
        });
    });
    let seen = recorder.seen();
    let delivered = "otp_deliveries_total{provider=naming,state=delivered}";
    assert!((seen[delivered] - 1.0).abs() < 0.1, "{seen:?}");
    assert!(!seen.contains_key("otp_deliveries_total{provider=naming,state=failed}"));
}

/// WHK-2: of all the store's verbs a report reaches one.
#[tokio::test]
async fn webhook_cannot_touch_challenge() {
    let tracked = watched();
    let id = tracked.world.start(&phone(1)).await.challenge_id;
    tracked.world.store.calls();
    tracked.world.happened();
    for state in DeliveryState::ALL {
        report(&tracked, "message-1", state).await;
        report(&tracked, "message-of-nobody", state).await;
    }
    let calls = tracked.world.store.calls();
    assert_eq!(calls.len(), 10);
    assert!(calls.iter().all(|verb| *verb == "report"), "{calls:?}");
    assert!(tracked.world.happened().is_empty());
    let code = tracked.world.code();
    assert!(tracked.world.verify(&phone(1), id, &code).await.is_ok());
}

/// S3: a thousand reports at once, in any order, most of them that the message failed: the highest word stays, nothing is
/// sent again, and the code is still good.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_storm_of_reports() {
    let tracked = std::sync::Arc::new(watched());
    let id = tracked.world.start(&phone(1)).await.challenge_id;
    let code = tracked.world.code();
    let mut storm = tokio::task::JoinSet::new();
    for n in 0..1_000_usize {
        let tracked = std::sync::Arc::clone(&tracked);
        let state = match n {
            517 => DeliveryState::Delivered,
            _ => DeliveryState::ALL[n * 7 % 3],
        };
        storm.spawn(async move { report(&tracked, "message-1", state).await });
    }
    storm.join_all().await;
    assert_eq!(says(&tracked, id).await, Some(DeliveryState::Delivered));
    assert_eq!(tracked.world.sender.messages().len(), 1);
    assert!(tracked.world.verify(&phone(1), id, &code).await.is_ok());
}

/// WHK-3: reports of another provider's message of the same name, of unknown ones, and ones before the message.
#[tokio::test]
async fn reports_of_others() {
    let tracked = watched();
    report(&tracked, "message-1", DeliveryState::Sent).await;
    let id = tracked.world.start(&phone(1)).await.challenge_id;
    assert_eq!(says(&tracked, id).await, Some(DeliveryState::Sent), "early");
    let read = [Report::new("message-1", DeliveryState::Read)];
    tracked.world.auth.reported("other", &read).await.unwrap();
    report(&tracked, "message-2", DeliveryState::Read).await;
    assert_eq!(says(&tracked, id).await, Some(DeliveryState::Sent));
    let failed = [Report::failed("message-1", SendErrorKind::Unreachable)];
    tracked
        .world
        .auth
        .reported("naming", &failed)
        .await
        .unwrap();
    assert_eq!(says(&tracked, id).await, Some(DeliveryState::Failed));
}

/// Whoever hands messages on says who took one.
#[tokio::test]
async fn the_provider_is_who_took_it() {
    let tracked = watched();
    *tracked.sender.leg.lock().unwrap() = Some("leg");
    let id = tracked.world.start(&phone(1)).await.challenge_id;
    report(&tracked, "message-1", DeliveryState::Delivered).await;
    assert_eq!(says(&tracked, id).await, Some(DeliveryState::Accepted));
    let reports = [Report::new("message-1", DeliveryState::Delivered)];
    tracked.world.auth.reported("leg", &reports).await.unwrap();
    assert_eq!(says(&tracked, id).await, Some(DeliveryState::Delivered));
}

/// Only its owner finds a message: another number, purpose or challenge has none.
#[tokio::test]
async fn a_message_is_its_owners() {
    let tracked = watched();
    let id = tracked.world.start(&phone(1)).await.challenge_id;
    let auth = &tracked.world.auth;
    let other = ChallengeId::random().unwrap();
    for (n, id, purpose) in [
        (2, id, Purpose::Login),
        (1, other, Purpose::Login),
        (1, id, Purpose::StepUp),
    ] {
        let found = auth.delivery(&phone(n), id, purpose).await.unwrap();
        assert_eq!(found, None);
    }
}

/// The provider is asked where it can be and nothing final is known; what it says is a report like any other.
#[tokio::test]
async fn polling() {
    use DeliveryState::*;
    let tracked = watched();
    let id = tracked.world.start(&phone(1)).await.challenge_id;
    assert_eq!(says(&tracked, id).await, Some(Accepted), "it does not know");
    assert_eq!(tracked.poll.asked(), ["message-1"]);
    let others = Report::new("message-7", Read);
    let said = vec![others, Report::new("message-1", Delivered)];
    *tracked.poll.says.lock().unwrap() = Some(said);
    assert_eq!(says(&tracked, id).await, Some(Delivered));
    let heard = ("naming message-1".to_owned(), Delivered);
    assert_eq!(tracked.ear.heard(), [heard]);
    tracked.poll.asked();
    assert_eq!(says(&tracked, id).await, Some(Delivered));
    assert!(tracked.poll.asked().is_empty(), "it has arrived");
    *tracked.sender.leg.lock().unwrap() = Some("leg");
    tracked.world.clock.advance(MINUTE);
    tracked.world.resend(&phone(1), id).await.unwrap();
    assert_eq!(says(&tracked, id).await, Some(Accepted));
    assert!(tracked.poll.asked().is_empty(), "it is another's message");
}

/// Another code says what had become of the one before; a retry says what has become of the one that there is.
#[tokio::test]
async fn what_clients_are_told() {
    use DeliveryState::*;
    let tracked = watched();
    let world = &tracked.world;
    let start = || Start::new(phone(1)).with_idempotency_key("key");
    let started = world.auth.start(start()).await.unwrap();
    report(&tracked, "message-1", Failed).await;
    let again = world.auth.start(start()).await.unwrap();
    assert!(again.replayed);
    assert_eq!((again.delivery, again.previous), (Failed, None));
    world.clock.advance(MINUTE);
    world.store.calls();
    let resent = world.resend(&phone(1), started.challenge_id).await.unwrap();
    assert_eq!((resent.delivery, resent.previous), (Accepted, Some(Failed)));
    assert_eq!(world.store.calls(), ["open", "delivery", "note"]);
    let now = says(&tracked, started.challenge_id).await;
    assert_eq!(now, Some(Accepted), "of the newest message");
}

/// THR-16: where a number alone asks for another code, whoever knows it is not told what reached its owner; and where
/// known numbers are exempt from a limit, nobody is told whether there was a message.
#[tokio::test]
async fn strangers_are_told_nothing() {
    let by_number = Policy::builder().binding(Binding::Phone).code_digits(8);
    let exempting = send(&[Dimension::Country], 1000, MINUTE)
        .on_exceed(OnExceed::Silent)
        .exempting_known();
    let exempting = Policy::builder()
        .limits([exempting])
        .without_floor(Floor::Messages)
        .accept_risk("a test of what is told");
    for policy in [by_number, exempting] {
        let tracked = tracked(&Setup::new(policy.build().unwrap()));
        let world = &tracked.world;
        let start = || Start::new(phone(1)).with_idempotency_key("key");
        let id = world.auth.start(start()).await.unwrap().challenge_id;
        report(&tracked, "message-1", DeliveryState::Delivered).await;
        let again = world.auth.start(start()).await.unwrap();
        assert_eq!(again.delivery, DeliveryState::Accepted);
        world.clock.advance(MINUTE);
        let asked = match world.auth.needs_challenge_id() {
            true => Resend::new(phone(1), Some(id)),
            false => Resend::new(phone(1), None),
        };
        let resent = world.auth.resend(asked).await.unwrap();
        assert_eq!((world.sent(), resent.previous), (2, None));
    }
}

/// A store that cannot keep it fails no code.
#[tokio::test]
async fn a_failed_note_fails_no_code() {
    let tracked = watched();
    tracked.world.store.fail(&["note", "delivery"]);
    let id = tracked.world.start(&phone(1)).await.challenge_id;
    tracked.world.clock.advance(MINUTE);
    let resent = tracked.world.resend(&phone(1), id).await.unwrap();
    assert_eq!(resent.previous, None);
    let code = tracked.world.code();
    assert!(tracked.world.verify(&phone(1), id, &code).await.is_ok());
    let auth = &tracked.world.auth;
    let failed = auth.delivery(&phone(1), id, Purpose::Login).await;
    assert!(failed.is_err());
}

/// A message that the provider did not name is one of which nothing will be known, and takes the place of the one
/// before.
#[tokio::test]
async fn a_message_without_a_name() {
    let tracked = watched();
    let id = tracked.world.start(&phone(1)).await.challenge_id;
    report(&tracked, "message-1", DeliveryState::Read).await;
    *tracked.sender.nameless.lock().unwrap() = true;
    tracked.world.clock.advance(MINUTE);
    tracked.world.resend(&phone(1), id).await.unwrap();
    assert_eq!(says(&tracked, id).await, Some(DeliveryState::Accepted));
}

/// Who does not track pays nothing and is told nothing.
#[tokio::test]
async fn without_tracking_nothing_is_kept() {
    let world = standard();
    let started = world.start(&phone(1)).await;
    assert_eq!(world.store.calls(), ["open"]);
    world.clock.advance(MINUTE);
    let resent = world.resend(&phone(1), started.challenge_id).await.unwrap();
    assert_eq!(world.store.calls(), ["open"]);
    let shown = (resent.delivery, resent.previous);
    assert_eq!(shown, (DeliveryState::Accepted, None));
    assert!(!world.auth.tracks_delivery());
}

fn shown(started: &Started) -> String {
    let mut started = started.clone();
    started.challenge_id = ChallengeId::from_bytes([0; 16]);
    format!("{started:?}")
}

/// THR-13: under a silent limit nothing tells whether the message was sent: neither its own state nor that of the one
/// before, not when it was sent, not when it was kept back, not in a retry.
#[tokio::test]
async fn a_silent_limit_is_not_given_away() {
    let silent = send(&[Dimension::Phone], 1, MINUTE).on_exceed(OnExceed::Silent);
    let policy = Policy::builder().limits([silent]).build().unwrap();
    let tracked = tracked(&Setup::new(policy));
    let world = &tracked.world;
    let start = || Start::new(phone(1)).with_idempotency_key("key");
    let first = world.auth.start(start()).await.unwrap();
    report(&tracked, "message-1", DeliveryState::Read).await;
    let retried = world.auth.start(start()).await.unwrap();
    assert_eq!(shown(&first), shown(&retried));
    let resend = || Resend::new(phone(1), Some(first.challenge_id));
    let kept_back = world.auth.resend(resend()).await.unwrap();
    assert_eq!(world.sent(), 1);
    world.clock.advance(MINUTE);
    let sent = world.auth.resend(resend()).await.unwrap();
    assert_eq!(world.sent(), 2);
    assert_eq!(shown(&kept_back), shown(&sent));
    assert_eq!(shown(&first), shown(&sent));
    let other = world.auth.start(Start::new(phone(1))).await.unwrap();
    assert_eq!(world.sent(), 2);
    assert_eq!(shown(&other), shown(&first));
}

/// What is kept of a message outlives its code by as much as the challenge's own record, and is then forgotten.
#[tokio::test]
async fn what_is_kept_goes() {
    let tracked = watched();
    let started = tracked.world.start(&phone(1)).await;
    let id = started.challenge_id;
    report(&tracked, "message-1", DeliveryState::Delivered).await;
    tracked.world.clock.advance(started.expires_in + 9 * MINUTE);
    let known = says(&tracked, id).await;
    assert_eq!(known, Some(DeliveryState::Delivered));
    tracked.world.clock.advance(MINUTE);
    assert_eq!(says(&tracked, id).await, None);
    assert!(tracked.world.auth.purge(100).await.unwrap() >= 2);
}

/// LOG-1: nothing of it shows a number or a code.
#[tokio::test]
async fn nothing_shows_a_number_or_a_code() {
    let policy = Policy::builder().code_digits(10).build().unwrap();
    let tracked = tracked(&Setup::new(policy));
    let (id, code) = tracked.world.started(&phone(1)).await;
    report(&tracked, "message-1", DeliveryState::Sent).await;
    let verify = Verify::new(phone(1), Some(id), code.clone());
    let answer = tracked.world.auth.verify(verify).await.map(drop);
    let seen = format!(
        "{:#?} {:#?} {answer:?} {:?}",
        tracked.world.store.inner,
        tracked.world.events.take(),
        tracked.world.auth,
    );
    let number = phone(1);
    let secrets = [code.expose(), number.expose(), &number.expose()[3..]];
    let secrets = secrets.map(str::to_owned);
    let found = common::scan::found(&seen, &secrets);
    assert!(found.is_none(), "{found:?}");
}
