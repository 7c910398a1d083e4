//! Sessions: what is stored, found, listed and ended.

use super::scene::{ABSOLUTE, GRACE, IDLE, MS, T, random, secs, session, signed_in, user};
use crate::session::{Revoke, Rotate, Rotation};
use crate::{SessionId, Store, StoreErrorKind, Timestamp};
use std::sync::Arc;

/// TOK-9: a session is found as it was made, and no other is.
pub async fn a_session_is_found_as_it_was_made<S: Store>(store: Arc<S>) {
    let made = signed_in(&*store, &user(), T).await;
    assert_eq!(store.find(&made.id, T).await.unwrap(), Some(made.clone()));
    let near = {
        let mut bytes = *made.id.as_bytes();
        bytes[15] ^= 1;
        SessionId::from_bytes(bytes)
    };
    assert_eq!(store.find(&near, T).await.unwrap(), None);

    let bare = crate::session::SessionRecord {
        amr: Vec::new(),
        device_info: None,
        ..session(&user(), T)
    };
    store.create(&bare, T).await.unwrap();
    assert_eq!(store.find(&bare.id, T).await.unwrap(), Some(bare));
}

/// TOK-6: an id that is there already is refused, and what is there stays.
pub async fn an_id_is_made_once<S: Store>(store: Arc<S>) {
    let (first, thief) = (signed_in(&*store, &user(), T).await, user());
    let second = crate::session::SessionRecord {
        id: first.id,
        ..session(&thief, T)
    };
    let error = store.create(&second, T).await.expect_err("the id is taken");
    assert_eq!(error.kind, StoreErrorKind::Corrupt);
    assert_eq!(store.find(&first.id, T).await.unwrap(), Some(first));
    assert_eq!(store.list(&thief, T).await.unwrap(), []);
}

/// TOK-9: a session that idles dies at its instant.
pub async fn an_idle_session_dies_at_its_instant<S: Store>(store: Arc<S>) {
    let made = signed_in(&*store, &user(), T).await;
    let end = T + IDLE;
    assert!(store.find(&made.id, end - MS).await.unwrap().is_some());
    assert_eq!(store.find(&made.id, end).await.unwrap(), None);
    assert_eq!(store.list(&made.user, end - MS).await.unwrap().len(), 1);
    assert_eq!(store.list(&made.user, end).await.unwrap(), []);
    let rotate = Rotate::new(made.id, 0, GRACE);
    assert_eq!(store.rotate(&rotate, end).await.unwrap(), Rotation::Dead);
}

/// TOK-9: however often it is refreshed, a session dies at its absolute end.
pub async fn a_session_dies_at_its_absolute_end<S: Store>(store: Arc<S>) {
    let made = signed_in(&*store, &user(), T).await;
    let (mut now, mut counter) = (T, 0);
    while now + IDLE < T + ABSOLUTE {
        now = now + (IDLE - MS);
        let rotated = store
            .rotate(&Rotate::new(made.id, counter, GRACE), now)
            .await;
        let Rotation::Rotated(record) = rotated.unwrap() else {
            panic!("refreshed in time")
        };
        assert_eq!(record.expires_at, made.expires_at, "the end does not move");
        assert_eq!(record.idle_expires_at, (now + IDLE).min(made.expires_at));
        counter += 1;
    }
    let end = T + ABSOLUTE;
    assert!(store.find(&made.id, end - MS).await.unwrap().is_some());
    assert_eq!(store.find(&made.id, end).await.unwrap(), None);
    let rotate = Rotate::new(made.id, counter, GRACE);
    assert_eq!(store.rotate(&rotate, end).await.unwrap(), Rotation::Dead);
}

/// TOK-9: a user's live sessions are listed, newest first, and nobody else's.
pub async fn sessions_are_listed_newest_first<S: Store>(store: Arc<S>) {
    let (owner, other) = (user(), user());
    let mut made = Vec::new();
    for after in [2, 0, 3, 1] {
        made.push(signed_in(&*store, &owner, T + secs(after)).await);
    }
    let others = signed_in(&*store, &other, T).await;
    let now = T + secs(10);
    made.sort_by_key(|session| std::cmp::Reverse(session.created_at));
    assert_eq!(store.list(&owner, now).await.unwrap(), made);
    assert_eq!(store.list(&other, now).await.unwrap(), [others]);
    assert_eq!(store.list(&user(), now).await.unwrap(), []);

    // Being refreshed changes what is listed, not its place.
    let oldest = made.pop().unwrap();
    let rotate = Rotate::new(oldest.id, 0, GRACE);
    let Rotation::Rotated(rotated) = store.rotate(&rotate, now).await.unwrap() else {
        panic!("a live session")
    };
    made.push(rotated);
    assert_eq!(store.list(&owner, now).await.unwrap(), made);
    let first = made.remove(0);
    store.revoke(&Revoke::Session(first.id), now).await.unwrap();
    assert_eq!(store.list(&owner, now).await.unwrap(), made);
}

/// TOK-9: a session that is ended is dead at once, and was live once only.
pub async fn an_ended_session_is_dead_at_once<S: Store>(store: Arc<S>) {
    let owner = user();
    let made = signed_in(&*store, &owner, T).await;
    let kept = signed_in(&*store, &owner, T).await;
    for live in [1, 0] {
        let ended = store.revoke(&Revoke::Session(made.id), T).await;
        assert_eq!(ended.unwrap(), live);
    }
    assert_eq!(store.find(&made.id, T).await.unwrap(), None);
    let rotate = Rotate::new(made.id, 0, GRACE);
    assert_eq!(store.rotate(&rotate, T).await.unwrap(), Rotation::Dead);
    assert_eq!(store.list(&owner, T).await.unwrap(), [kept]);
    let unknown = Revoke::Session(SessionId::from_bytes(random()));
    assert_eq!(store.revoke(&unknown, T).await.unwrap(), 0);
}

/// TOK-9: one may end one's own sessions and nobody else's.
pub async fn a_stranger_ends_nothing<S: Store>(store: Arc<S>) {
    let (owner, stranger) = (user(), user());
    let made = signed_in(&*store, &owner, T).await;
    let by = |user: &crate::UserId| Revoke::OwnSession(user.clone(), made.id);
    assert_eq!(store.revoke(&by(&stranger), T).await.unwrap(), 0);
    assert_eq!(store.find(&made.id, T).await.unwrap(), Some(made.clone()));
    assert_eq!(store.revoke(&Revoke::User(stranger), T).await.unwrap(), 0);
    assert_eq!(store.find(&made.id, T).await.unwrap(), Some(made.clone()));
    assert_eq!(store.revoke(&by(&owner), T).await.unwrap(), 1);
    assert_eq!(store.find(&made.id, T).await.unwrap(), None);
}

/// TOK-9: all of a user's sessions end together; the number is of those that were live.
pub async fn all_sessions_of_a_user_end_together<S: Store>(store: Arc<S>) {
    let (owner, other) = (user(), user());
    let dead = signed_in(&*store, &owner, T).await;
    let now = T + IDLE;
    let made = [
        signed_in(&*store, &owner, now).await,
        signed_in(&*store, &owner, now).await,
    ];
    let others = signed_in(&*store, &other, now).await;
    let everything = Revoke::User(owner.clone());
    assert_eq!(store.revoke(&everything, now).await.unwrap(), 2);
    assert_eq!(store.revoke(&everything, now).await.unwrap(), 0);
    for session in made.iter().chain([&dead]) {
        assert_eq!(store.find(&session.id, now).await.unwrap(), None);
    }
    assert_eq!(store.list(&owner, now).await.unwrap(), []);
    assert_eq!(store.list(&other, now).await.unwrap(), [others]);
    // Signing in again is not held against.
    let again = signed_in(&*store, &owner, now).await;
    assert_eq!(store.list(&owner, now).await.unwrap(), [again]);
}

/// FLT-1, FLT-3: what health checks ask is answered, and the time in milliseconds.
pub async fn a_store_tells_its_time<S: Store>(store: Arc<S>) {
    store.ready().await.expect("ready");
    let told = store.ping().await.expect("ping");
    let year = |year: i64| Timestamp::from_secs((year - 1970) * 31_556_952);
    assert!(told > year(2025) && told < year(2225), "{told:?}");
}
