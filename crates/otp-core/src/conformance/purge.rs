//! Clearing away: bounded, repeatable, and never anything that counts.
//!
//! These cases play in 2001, so that on a shared database they find nothing of the others'. A store whose records
//! leave by themselves may have nothing to purge.

use super::scene::{
    ABSOLUTE, GRACE, IDLE, LIFE, MS, RIGHT, Scene, WRONG, cell, refused_until, rejection, report,
    secs, sent, session, signed_in, user,
};
use crate::DeliveryState::{Delivered, Read};
use crate::challenge::Rejection;
use crate::limit::Count;
use crate::session::{Rotate, Rotation, SessionRecord};
use crate::{Channel, Delivery, Sent, SessionId, Store, StoreErrorKind, Timestamp};
use std::sync::Arc;

/// 2001-01-01T00:00:00Z.
const LONG_AGO: Timestamp = Timestamp::from_secs(978_307_200);
/// What was dead long before it.
const DEAD: Timestamp = Timestamp::from_secs(946_684_800);

/// STO-8: a purge takes what is forgotten, no more of it than it was told to, and comes to an end.
pub async fn a_purge_of_challenges_is_bounded<S: Store>(store: Arc<S>) {
    let dead: Vec<_> = (0..5).map(|_| Scene::new(&store)).collect();
    for scene in &dead {
        scene.opened(RIGHT, DEAD).await;
    }
    let still_there = async || {
        let mut there = 0;
        for scene in &dead {
            let (reason, _) = scene.rejected(RIGHT, DEAD + LIFE).await;
            assert!(
                [Rejection::Expired, Rejection::Unknown].contains(&reason),
                "{reason:?}"
            );
            there += usize::from(reason == Rejection::Expired);
        }
        there
    };
    let before = still_there().await;
    let purged = store.purge_challenges(LONG_AGO, 2).await.unwrap();
    assert!(purged <= 2, "{purged} of at most 2");
    assert!(before - still_there().await <= 2, "more went than was told");
    while store.purge_challenges(LONG_AGO, 2).await.unwrap() > 0 {}
    assert_eq!(store.purge_challenges(LONG_AGO, 1_000).await.unwrap(), 0);
    assert_eq!(store.purge_challenges(LONG_AGO, 0).await.unwrap(), 0);
}

/// STO-4, STO-8: a purge takes no challenge before its instant and no limit that still counts.
pub async fn a_purge_takes_nothing_that_counts<S: Store>(store: Arc<S>) {
    let scene = Scene::new(&store);
    let limits = [
        cell(Count::All, &[(1, secs(60))]),
        cell(Count::Distinct(1), &[(1, secs(60))]),
        cell(Count::Streak, &[(1, secs(60))]),
    ];
    scene
        .open(&scene.start(RIGHT, LONG_AGO), &limits, LONG_AGO)
        .await;
    let used = Scene::new(&store);
    used.opened(RIGHT, LONG_AGO).await;
    used.accepted(RIGHT, LONG_AGO).await;
    for before in [DEAD, LONG_AGO, LONG_AGO + LIFE - MS] {
        while store.purge_challenges(before, 100).await.unwrap() > 0 {}
        assert_eq!(
            used.rejected(RIGHT, before.max(LONG_AGO)).await.0,
            Rejection::Used
        );
        if before < LONG_AGO + secs(60) {
            for index in [0, 2] {
                let refused = refused_until(&*store, &limits[index], LONG_AGO + secs(1)).await;
                assert_eq!(refused, Some(LONG_AGO + secs(60)), "limit {index}");
            }
            let mut other = limits[1].clone();
            other.count = Count::Distinct(2);
            let refused = refused_until(&*store, &other, LONG_AGO + secs(1)).await;
            assert_eq!(refused, Some(LONG_AGO + secs(60)), "members");
        }
    }
    let late = LONG_AGO + LIFE - MS;
    assert_eq!(
        rejection(&scene.guess(WRONG, &[], late).await),
        Some(Rejection::Wrong)
    );
    scene.accepted(RIGHT, late).await;
}

/// STO-8: a purge takes messages and reports that are over, no more of them than it was told to, and none that is not.
pub async fn a_purge_of_deliveries_is_bounded<S: Store>(store: Arc<S>) {
    let over = DEAD + secs(60);
    let [unnamed, reported] = [(); 2].map(|()| [(); 3].map(|()| Scene::new(&store)));
    for (unnamed, reported) in unnamed.iter().zip(&reported) {
        let nameless = Sent::new("a provider", Channel::Sms, DEAD);
        unnamed.note(&nameless, over, DEAD).await;
        let (message, named) = sent(DEAD);
        reported.note(&named, LONG_AGO + MS, DEAD).await;
        report(&*store, &message, Delivered, over, DEAD).await;
    }
    let kept = Scene::new(&store);
    let (message, named) = sent(LONG_AGO);
    kept.note(&named, LONG_AGO + MS, LONG_AGO).await;
    report(&*store, &message, Read, LONG_AGO + MS, LONG_AGO).await;
    let still_there = async || {
        let mut there = 0;
        for scene in &unnamed {
            there += usize::from(scene.delivery(DEAD).await.is_some());
        }
        for scene in &reported {
            let delivery = scene.delivery(DEAD).await.expect("it is not over");
            there += usize::from(delivery.state == Delivered);
        }
        there
    };
    let before = still_there().await;
    let purged = store.purge_deliveries(LONG_AGO, 2).await.unwrap();
    assert!(purged <= 2, "{purged} of at most 2");
    assert!(before - still_there().await <= 2, "more went than was told");
    while store.purge_deliveries(LONG_AGO, 2).await.unwrap() > 0 {}
    let left = still_there().await;
    assert!(left == 0 || left == before, "{left} of {before} are left");
    assert_eq!(store.purge_deliveries(LONG_AGO, 1_000).await.unwrap(), 0);
    assert_eq!(store.purge_deliveries(LONG_AGO, 0).await.unwrap(), 0);
    let delivery = kept.delivery(LONG_AGO).await;
    assert_eq!(delivery, Some(Delivery::of(named, Some(Read))));
}

/// TOK-9, STO-8: a purge takes no session that lives, whatever else it takes, and stops at its bound.
pub async fn a_purge_of_sessions_is_bounded<S: Store>(store: Arc<S>) {
    let (owner, gone) = (user(), user());
    let mut dead = Vec::new();
    for _ in 0..5 {
        dead.push(signed_in(&*store, &gone, DEAD).await);
    }
    let born = LONG_AGO + IDLE - MS - ABSOLUTE;
    let kept = [
        signed_in(&*store, &owner, LONG_AGO - MS).await,
        refreshed(&*store, &owner, LONG_AGO - IDLE).await,
    ];
    // Dead by its idle end alone, long before its absolute one.
    let idle = signed_in(&*store, &gone, born).await;
    assert!(idle.expires_at > LONG_AGO && idle.idle_expires_at < LONG_AGO);

    let purged = store.purge_sessions(LONG_AGO, 2).await.unwrap();
    assert!(purged <= 2, "{purged} of at most 2");
    while store.purge_sessions(LONG_AGO, 2).await.unwrap() > 0 {}
    assert_eq!(store.purge_sessions(LONG_AGO, 1_000).await.unwrap(), 0);
    for session in &kept {
        let found = store.find(&session.id, LONG_AGO).await.unwrap();
        assert_eq!(found.as_ref(), Some(session));
    }
    for session in dead.iter().chain([&idle]) {
        assert_eq!(store.find(&session.id, LONG_AGO).await.unwrap(), None);
    }
}

/// STO-8: an id whose session was purged is as free as one that never was, or still taken; nothing in between.
pub async fn a_purged_session_does_not_come_back<S: Store>(store: Arc<S>) {
    let owner = user();
    let dead = signed_in(&*store, &owner, DEAD).await;
    while store.purge_sessions(LONG_AGO, 100).await.unwrap() > 0 {}
    let rotate = Rotate::new(dead.id, 0, GRACE);
    assert_eq!(
        store.rotate(&rotate, DEAD).await.map(is_quiet).ok(),
        Some(true)
    );
    let again = SessionRecord {
        id: SessionId::from_bytes(*dead.id.as_bytes()),
        ..session(&owner, LONG_AGO)
    };
    match store.create(&again, LONG_AGO).await {
        Ok(()) => assert_eq!(store.list(&owner, LONG_AGO).await.unwrap(), [again]),
        Err(error) => assert_eq!(error.kind, StoreErrorKind::Corrupt),
    }
}

/// A store that had nothing to purge may still know the session at a time when it lived.
fn is_quiet(rotation: Rotation) -> bool {
    matches!(rotation, Rotation::Dead | Rotation::Rotated(_))
}

/// A session from `made` on, refreshed one millisecond before it would have died.
async fn refreshed<S: Store>(store: &S, user: &crate::UserId, made: Timestamp) -> SessionRecord {
    let session = signed_in(store, user, made).await;
    let rotate = Rotate::new(session.id, 0, GRACE);
    match store.rotate(&rotate, made + IDLE - MS).await.unwrap() {
        Rotation::Rotated(record) => record,
        other => panic!("{other:?}"),
    }
}
