//! What the metrics say, and that each session was told of once.
#![cfg(feature = "testing")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail"
)]

mod common;

use common::{Recorder, Setup, scan, story};
use otp_core::{Action, Outcome};
use std::collections::BTreeSet;

/// I11: as many sign-ins are told as there were sessions, each with a session of its own.
#[tokio::test]
async fn one_event_for_each_session() {
    let world = Setup::new(story::policy()).node();
    let story = story::tell(&world).await;
    let events = world.events.take();
    let begun: Vec<_> = events
        .iter()
        .filter(|e| matches!(e.action, Action::Verify | Action::Register))
        .filter(|e| e.outcome == Outcome::Done && e.session.is_some())
        .collect();
    let sessions: BTreeSet<_> = begun.iter().map(|e| e.session).collect();
    assert_eq!((begun.len(), sessions.len()), (story.logins, story.logins));
    assert!(
        begun
            .iter()
            .all(|e| ["authn_login_success", "user_created"].contains(&e.name()))
    );
}

/// LOG-2, STO-5: labels of metrics are actions and outcomes, and nothing about anybody.
#[test]
fn metrics_name_nobody() {
    let recorder = Recorder::default();
    let secrets = metrics::with_local_recorder(&recorder, || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        let world = Setup::new(story::policy()).node();
        runtime.block_on(story::tell(&world)).secrets
    });
    let seen = recorder.seen();
    assert!(
        seen["otp_events_total{action=verify,outcome=wrong}"] >= 1.0,
        "{seen:?}"
    );
    scan::clean("a metric", &format!("{seen:?}"), &secrets);
    for name in seen.keys() {
        assert!(!name.contains("192.0.2") && !name.contains('+') && !name.contains("Pixel"));
        let plain = |c: char| c.is_ascii_lowercase() || "_{}=,".contains(c);
        assert!(name.chars().all(plain), "{name}");
    }
}
