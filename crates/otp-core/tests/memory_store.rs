//! The store suite on the memory store, and what is its own: it is bounded, and forgets by itself.
#![cfg(feature = "conformance")]
#![allow(clippy::panic, reason = "a test fails by panicking")]

mod suite {
    use otp_core::MemoryStore;

    async fn memory() -> MemoryStore {
        MemoryStore::new()
    }

    otp_core::store_suite!(memory);
}

mod bounds {
    use otp_core::challenge::{Attempt, Opened};
    use otp_core::conformance::scene::{
        ABSOLUTE, GRACE, IDLE, LIFE, MS, RIGHT, Scene, T, WRONG, cell, charge, is_accepted,
        refused_until, secs, session, user,
    };
    use otp_core::limit::{Cell, Count, Decision};
    use otp_core::session::Rotate;
    use otp_core::{
        Backend, ChallengeStore, MemoryStore, Reach, SessionStore, StoreErrorKind, Timestamp,
    };
    use std::sync::Arc;

    /// Until what is told apart from nothing can be forgotten.
    const FORGOTTEN: std::time::Duration = secs(300 + 600);

    /// Opens challenges until the store refuses, so that every part of it is full.
    async fn filled(store: &Arc<MemoryStore>, now: Timestamp) -> Vec<Scene<MemoryStore>> {
        let mut kept = Vec::new();
        for _ in 0..3_000 {
            let scene = Scene::new(store);
            match store.open(&scene.start(RIGHT, now), &[], now).await {
                Ok(Opened::Stored(_)) => kept.push(scene),
                Ok(other) => panic!("{other:?}"),
                Err(error) => assert_eq!(error.kind, StoreErrorKind::Unavailable),
            }
        }
        kept
    }

    /// FLT-10: a full store takes no more challenges, forgets none, and still answers those that it has.
    #[tokio::test]
    async fn a_full_store_forgets_no_challenge() {
        let store = Arc::new(MemoryStore::with_capacity(128));
        let kept = filled(&store, T).await;
        assert_eq!(kept.len(), 128);
        for (n, scene) in kept.iter().enumerate() {
            let limits = [cell(Count::All, &[(3, secs(60))])];
            if n % 2 == 0 {
                let wrong = scene.guess(WRONG, &limits, T).await;
                assert!(
                    matches!(wrong, Attempt::Rejected { tries_left: 2, .. }),
                    "{wrong:?}"
                );
            }
            assert!(is_accepted(&scene.guess(RIGHT, &limits, T).await));
        }
    }

    /// FLT-10: in a full store a challenge can still get another code: it takes no room.
    #[tokio::test]
    async fn a_full_store_resends() {
        let store = Arc::new(MemoryStore::with_capacity(64));
        for scene in filled(&store, T).await {
            scene.resent(RIGHT + 1, T).await;
            scene.accepted(RIGHT + 1, T).await;
        }
    }

    /// STO-8, FLT-10: what has expired leaves when room is needed; nobody calls purge.
    #[tokio::test]
    async fn expired_challenges_make_room() {
        let store = Arc::new(MemoryStore::with_capacity(128));
        assert_eq!(filled(&store, T).await.len(), 128);
        assert_eq!(filled(&store, T + FORGOTTEN - MS).await.len(), 0);
        assert_eq!(filled(&store, T + FORGOTTEN).await.len(), 128);
        assert_eq!(
            store.purge_challenges(T + FORGOTTEN, 1_000).await.unwrap(),
            0
        );
    }

    /// THR-15, FLT-10: a limit that could not be kept refuses; those that are kept still count.
    #[tokio::test]
    async fn a_full_store_forgets_no_limit() {
        let store = Arc::new(MemoryStore::with_capacity(64));
        let mut kept: Vec<Cell> = Vec::new();
        for _ in 0..3_000 {
            let limited = cell(Count::All, &[(2, secs(60))]);
            match store.charge(std::slice::from_ref(&limited), T).await {
                Ok(decision) => {
                    assert_eq!(decision, Decision::Admitted);
                    kept.push(limited);
                }
                Err(error) => assert_eq!(error.kind, StoreErrorKind::Unavailable),
            }
        }
        assert_eq!(kept.len(), 256, "four times as many as challenges");
        for limited in &kept {
            assert_eq!(
                refused_until(&*store, limited, T + MS).await,
                None,
                "it is kept already"
            );
            assert_eq!(
                refused_until(&*store, limited, T + MS).await,
                Some(T + secs(60))
            );
        }
        let scene = Scene::new(&store);
        let new = scene.start(RIGHT, T);
        let limits = [cell(Count::All, &[(2, secs(60))])];
        let error = store
            .open(&new, &limits, T)
            .await
            .expect_err("no room for the limit");
        assert_eq!(error.kind, StoreErrorKind::Unavailable);
        // When they have left their windows there is room, and nobody called purge.
        let opened = store.open(&new, &limits, T + secs(61)).await.unwrap();
        assert!(matches!(opened, Opened::Stored(_)), "{opened:?}");
    }

    /// STO-8: what is swept is what a purge would have taken, counted exactly, and no more than was told.
    #[tokio::test]
    async fn a_purge_counts() {
        let store = Arc::new(MemoryStore::new());
        for _ in 0..5 {
            Scene::new(&store).opened(RIGHT, T).await;
        }
        charge(&*store, &[cell(Count::All, &[(1, LIFE)])], T).await;
        assert_eq!(store.purge_challenges(T + LIFE - MS, 10).await.unwrap(), 0);
        assert_eq!(
            store.purge_challenges(T + LIFE, 10).await.unwrap(),
            1,
            "the limit"
        );
        assert_eq!(
            store
                .purge_challenges(T + FORGOTTEN - MS, 10)
                .await
                .unwrap(),
            0
        );
        for (most, gone) in [(0, 0), (2, 2), (2, 2), (2, 1), (2, 0)] {
            let purged = store.purge_challenges(T + FORGOTTEN, most).await.unwrap();
            assert_eq!(purged, gone);
        }
    }

    /// TOK-9, FLT-10: a full store signs nobody in and out; what is dead, by either end, makes room by itself.
    #[tokio::test]
    async fn dead_sessions_make_room() {
        let store = MemoryStore::with_capacity(3);
        let sessions = [T, T, T].map(|now| session(&user(), now));
        for made in &sessions {
            store.create(made, T).await.unwrap();
        }
        store
            .rotate(&Rotate::new(sessions[2].id, 0, GRACE), T + secs(1))
            .await
            .unwrap();
        let full = store.create(&session(&user(), T), T + IDLE - MS).await;
        assert_eq!(full.unwrap_err().kind, StoreErrorKind::Unavailable);
        for made in &sessions {
            assert!(store.find(&made.id, T + IDLE - MS).await.unwrap().is_some());
        }
        let now = T + IDLE;
        for _ in 0..2 {
            store.create(&session(&user(), now), now).await.unwrap();
        }
        let full = store.create(&session(&user(), now), now).await;
        assert_eq!(full.unwrap_err().kind, StoreErrorKind::Unavailable);
        assert!(
            store.find(&sessions[2].id, now).await.unwrap().is_some(),
            "it was refreshed"
        );
    }

    /// STO-8: sessions that died by idling are purged then, not at their absolute end.
    #[tokio::test]
    async fn a_purge_counts_sessions() {
        let store = MemoryStore::new();
        for _ in 0..3 {
            store.create(&session(&user(), T), T).await.unwrap();
        }
        assert_eq!(store.purge_sessions(T + IDLE - MS, 10).await.unwrap(), 0);
        for (most, gone) in [(0, 0), (2, 2), (2, 1), (2, 0)] {
            assert_eq!(store.purge_sessions(T + IDLE, most).await.unwrap(), gone);
        }
        assert!(T + IDLE < T + ABSOLUTE);
    }

    /// FLT-10: it says that no other process sees it.
    #[test]
    fn it_reaches_this_process() {
        assert_eq!(MemoryStore::new().reach(), Reach::Process);
    }
}
