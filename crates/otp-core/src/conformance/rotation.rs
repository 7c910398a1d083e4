//! Refresh tokens: one successor, told again for a moment, and theft after that.

use super::scene::{GRACE, IDLE, MS, T, secs, signed_in, user};
use crate::session::{Rotate, Rotation, SessionRecord};
use crate::{Store, Timestamp};
use std::sync::Arc;
use std::time::Duration;

async fn rotate<S: Store>(
    store: &S,
    session: &SessionRecord,
    counter: u64,
    now: Timestamp,
) -> Rotation {
    let presented = Rotate::new(session.id, counter, GRACE);
    store.rotate(&presented, now).await.expect("rotate")
}

/// TOK-6: each token is exchanged once; the session keeps everything but its counter and its idle end.
pub async fn a_token_is_exchanged_once<S: Store>(store: Arc<S>) {
    let made = signed_in(&*store, &user(), T).await;
    for counter in 0..4_u32 {
        let now = T + secs(100) * (counter + 1);
        let expected = SessionRecord {
            counter: u64::from(counter) + 1,
            rotated_at: now,
            idle_expires_at: now + IDLE,
            ..made.clone()
        };
        let rotated = rotate(&*store, &made, counter.into(), now).await;
        assert_eq!(rotated, Rotation::Rotated(expected.clone()));
        assert_eq!(store.find(&made.id, now).await.unwrap(), Some(expected));
    }
}

/// TOK-8: the token before is answered with the same successor, and moves nothing.
pub async fn the_parent_gets_the_same_successor<S: Store>(store: Arc<S>) {
    let made = signed_in(&*store, &user(), T).await;
    let Rotation::Rotated(leaf) = rotate(&*store, &made, 0, T).await else {
        panic!("the first to ask")
    };
    for after in [Duration::ZERO, MS, GRACE - MS] {
        let again = rotate(&*store, &made, 0, T + after).await;
        assert_eq!(again, Rotation::Repeated(leaf.clone()));
    }
    let found = store.find(&made.id, T + GRACE).await.unwrap();
    assert_eq!(found, Some(leaf.clone()));
    let next = rotate(&*store, &made, 1, T + GRACE).await;
    assert!(matches!(next, Rotation::Rotated(record) if record.counter == 2));
}

/// TOK-7, TOK-8: at the end of the grace the parent is theft, and the session is dead for its owner too.
pub async fn grace_ends_at_its_instant<S: Store>(store: Arc<S>) {
    let made = signed_in(&*store, &user(), T).await;
    rotate(&*store, &made, 0, T).await;
    let now = T + GRACE;
    let Rotation::Reused(ended) = rotate(&*store, &made, 0, now).await else {
        panic!("the grace is over")
    };
    assert_eq!((ended.id, &ended.user), (made.id, &made.user));
    assert_eq!(ended.revoked_at, Some(now));
    for counter in 0..3 {
        assert_eq!(rotate(&*store, &made, counter, now).await, Rotation::Dead);
    }
    assert_eq!(store.find(&made.id, now).await.unwrap(), None);
    assert_eq!(store.list(&made.user, now).await.unwrap(), []);
}

/// TOK-8: without a grace the parent is theft in the same millisecond.
pub async fn no_grace_is_none<S: Store>(store: Arc<S>) {
    let made = signed_in(&*store, &user(), T).await;
    let presented = Rotate::new(made.id, 0, Duration::ZERO);
    let first = store.rotate(&presented, T).await.unwrap();
    assert!(matches!(first, Rotation::Rotated(_)), "{first:?}");
    let second = store.rotate(&presented, T).await.unwrap();
    assert!(matches!(second, Rotation::Reused(_)), "{second:?}");
}

/// TOK-7, TOK-8: a grandparent is theft, also within the grace.
pub async fn a_grandparent_is_theft<S: Store>(store: Arc<S>) {
    let made = signed_in(&*store, &user(), T).await;
    rotate(&*store, &made, 0, T).await;
    rotate(&*store, &made, 1, T).await;
    let reused = rotate(&*store, &made, 0, T + MS).await;
    assert!(matches!(reused, Rotation::Reused(_)), "{reused:?}");
    assert_eq!(rotate(&*store, &made, 2, T + MS).await, Rotation::Dead);
    assert_eq!(store.find(&made.id, T + MS).await.unwrap(), None);
}

/// TOK-7: theft ends one session; the user's others live.
pub async fn theft_ends_one_family<S: Store>(store: Arc<S>) {
    let owner = user();
    let stolen = signed_in(&*store, &owner, T).await;
    let other = signed_in(&*store, &owner, T).await;
    rotate(&*store, &stolen, 0, T).await;
    let reused = rotate(&*store, &stolen, 0, T + GRACE).await;
    assert!(matches!(reused, Rotation::Reused(_)), "{reused:?}");
    assert_eq!(store.list(&owner, T + GRACE).await.unwrap(), [other]);
}

/// TOK-6: a counter that was never given out is no token, and does no harm.
pub async fn a_counter_from_the_future_is_nothing<S: Store>(store: Arc<S>) {
    let made = signed_in(&*store, &user(), T).await;
    for counter in [1, 2, i64::MAX as u64, u64::MAX] {
        assert_eq!(rotate(&*store, &made, counter, T).await, Rotation::Dead);
    }
    let rotated = rotate(&*store, &made, 0, T).await;
    assert!(matches!(rotated, Rotation::Rotated(_)), "{rotated:?}");
}

/// TOK-9: a refresh moves the idle end from where it is asked, so a session that is used lives on.
pub async fn a_refresh_keeps_a_session_alive<S: Store>(store: Arc<S>) {
    let made = signed_in(&*store, &user(), T).await;
    let refreshed = T + IDLE - MS;
    rotate(&*store, &made, 0, refreshed).await;
    let end = refreshed + IDLE;
    assert!(store.find(&made.id, end - MS).await.unwrap().is_some());
    assert_eq!(store.find(&made.id, end).await.unwrap(), None);
    // Within the grace, but dead: nothing is told again.
    let late = Rotate::new(made.id, 0, IDLE * 2);
    assert_eq!(store.rotate(&late, end).await.unwrap(), Rotation::Dead);
}
