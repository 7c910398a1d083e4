//! A handle of one kind, phone or purpose finds nothing of another.

use super::scene::{RIGHT, Scene, T, TRIES, WRONG, random, rejection, signed_in, user};
use crate::challenge::{Attempt, ChallengeKey, Opened, Rejection};
use crate::session::{Revoke, Rotate, Rotation};
use crate::{ChallengeId, PhoneKey, Purpose, SessionId, Store};
use std::sync::Arc;

const PURPOSES: [Purpose; 4] = [
    Purpose::Login,
    Purpose::StepUp,
    Purpose::ChangePhone,
    Purpose::Registration,
];

/// STO-7, VER-5: the right code with another purpose, phone or id is a guess at nothing, and costs the owner nothing.
pub async fn a_handle_fits_one_challenge_only<S: Store>(store: Arc<S>) {
    for purpose in PURPOSES {
        let scene = Scene::new(&store);
        let own = scene.at(ChallengeKey {
            purpose,
            ..scene.key
        });
        own.opened(RIGHT, T).await;
        for foreign in strangers(own.key) {
            let foreign = own.at(foreign);
            for _ in 0..=TRIES {
                assert_eq!(foreign.rejected(RIGHT, T).await, (Rejection::Unknown, 0));
            }
            let opened = foreign.open(&foreign.resend(RIGHT, T), &[], T).await;
            assert_eq!(opened, Opened::NotLive);
            foreign.refund(RIGHT, &[], T).await;
            let approved = foreign.approve(RIGHT, T, &[], T).await;
            assert_eq!(rejection(&approved), Some(Rejection::Unknown));
        }
        assert_eq!(own.rejected(WRONG, T).await, (Rejection::Wrong, TRIES - 1));
        own.accepted(RIGHT, T).await;
    }
}

/// STO-7, THR-8: challenges that differ in purpose, phone or id alone live beside each other.
pub async fn challenges_live_beside_each_other<S: Store>(store: Arc<S>) {
    let own = Scene::new(&store);
    let all: Vec<_> = std::iter::once(own.key).chain(strangers(own.key)).collect();
    for (code, key) in (1..).zip(&all) {
        own.at(*key).opened(code, T).await;
    }
    for (code, key) in (1..).zip(&all) {
        let scene = own.at(*key);
        assert_eq!(
            scene.rejected(WRONG, T).await,
            (Rejection::Wrong, 2),
            "{key:?}"
        );
        scene.accepted(code, T).await;
    }
}

/// STO-7: the id of a challenge names no session, and the id of a session no challenge.
pub async fn challenges_and_sessions_share_no_handle<S: Store>(store: Arc<S>) {
    let scene = Scene::new(&store);
    scene.opened(RIGHT, T).await;
    let as_session = SessionId::from_bytes(*scene.key.id.as_bytes());
    assert_eq!(store.find(&as_session, T).await.unwrap(), None);
    let rotate = Rotate::new(as_session, 0, super::scene::GRACE);
    assert_eq!(store.rotate(&rotate, T).await.unwrap(), Rotation::Dead);
    let revoked = store.revoke(&Revoke::Session(as_session), T).await;
    assert_eq!(revoked.unwrap(), 0);
    scene.accepted(RIGHT, T).await;

    let session = signed_in(&*store, &user(), T).await;
    let as_challenge = scene.at(ChallengeKey {
        id: ChallengeId::from_bytes(*session.id.as_bytes()),
        ..scene.key
    });
    let attempt = as_challenge.guess(RIGHT, &[], T).await;
    assert!(
        matches!(
            attempt,
            Attempt::Rejected {
                reason: Rejection::Unknown,
                ..
            }
        ),
        "{attempt:?}"
    );
    assert_eq!(store.find(&session.id, T).await.unwrap(), Some(session));
}

/// Every key that differs from `own` in one part.
pub(super) fn strangers(own: ChallengeKey) -> Vec<ChallengeKey> {
    let purposes = PURPOSES.iter().filter(|purpose| **purpose != own.purpose);
    let mut keys: Vec<_> = purposes
        .map(|purpose| ChallengeKey {
            purpose: *purpose,
            ..own
        })
        .collect();
    // One that shares the first bytes too, where stores find their shards and slots.
    let mut near = *own.phone.as_bytes();
    near[15] ^= 1;
    for phone in [near, random()] {
        keys.push(ChallengeKey {
            phone: PhoneKey::from_bytes(phone),
            ..own
        });
    }
    let mut near = *own.id.as_bytes();
    near[15] ^= 1;
    for id in [near, random()] {
        keys.push(ChallengeKey {
            id: ChallengeId::from_bytes(id),
            ..own
        });
    }
    keys
}
