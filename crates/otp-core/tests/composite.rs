//! Two stores as one.
#![cfg(all(feature = "conformance", feature = "testing"))]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail")]

mod common;

use common::Probe;
use otp_core::conformance::scene::{Scene, T};
use otp_core::{Backend, Composite, MemoryStore, Reach};
use std::sync::Arc;

mod suite {
    use otp_core::{Composite, MemoryStore};

    async fn composite() -> Composite<MemoryStore, MemoryStore> {
        Composite::new(MemoryStore::new(), MemoryStore::new())
    }

    otp_core::store_suite!(composite);
}

/// THR-15: either of them down is down, and no verb of the one touches the other.
#[tokio::test]
async fn each_store_has_its_own() {
    let down = || {
        let probe = Arc::new(Probe::new(MemoryStore::new()));
        probe.fail(&["open", "attempt", "charge", "create", "rotate", "ping"]);
        probe
    };
    let up = || Arc::new(MemoryStore::new());
    let without_sessions = Arc::new(Composite::new(up(), down()));
    Scene::new(&without_sessions)
        .opened(otp_core::conformance::scene::RIGHT, T)
        .await;
    assert!(without_sessions.ping().await.is_err());
    let without_challenges = Composite::new(down(), up());
    assert!(without_challenges.ping().await.is_err());
    assert!(Composite::new(up(), up()).ping().await.is_ok());
}

/// FLT-4: one that answers and takes no writes is enough to be not ready.
#[tokio::test]
async fn both_must_take_writes() {
    let reading = || {
        let probe = Arc::new(Probe::new(MemoryStore::new()));
        probe.fail(&["ready"]);
        probe
    };
    let up = || Arc::new(MemoryStore::new());
    let all = Composite::new(up(), up());
    let one = [
        Composite::new(reading(), up()).ready().await,
        Composite::new(up(), reading()).ready().await,
    ];
    assert!(one.iter().all(Result::is_err));
    assert!(all.ready().await.is_ok());
}

/// FLT-10: what one process alone sees is not shared.
#[test]
fn it_reaches_as_far_as_the_nearer() {
    let near = MemoryStore::new;
    let far = || Probe::shared(MemoryStore::new());
    assert_eq!(Composite::new(near(), far()).reach(), Reach::Process);
    assert_eq!(Composite::new(far(), near()).reach(), Reach::Process);
    assert_eq!(Composite::new(far(), far()).reach(), Reach::Shared);
}
