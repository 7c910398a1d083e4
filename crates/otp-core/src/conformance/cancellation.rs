//! A caller that goes away in the middle: the step happened whole or not at all.
//!
//! Each case polls the verb once, drops it, and asks in a way that gives the same answer whether the step had
//! happened, had not, or is still on its way.

use super::scene::{
    GRACE, RIGHT, Scene, T, TRIES, WRONG, charge, digest, is_accepted, kid, signed_in, ten, user,
};
use crate::Store;
use crate::challenge::{Guess, Opened, Rejection};
use crate::limit::{Cell, Count, Decision};
use crate::session::{Rotate, Rotation};
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

/// Polls `verb` once and drops it.
async fn abandon<F: Future>(verb: F) {
    let mut verb = pin!(verb);
    poll_fn(|context| {
        let _ = verb.as_mut().poll(context);
        Poll::Ready(())
    })
    .await;
}

/// VER-1: a wrong guess whose caller hung up is counted, or was never made: no more than three are compared in all.
pub async fn an_abandoned_guess_is_no_free_guess<S: Store>(store: Arc<S>) {
    let scene = Scene::new(&store);
    let budget = [Cell {
        count: Count::WrongGuesses,
        ..ten()
    }];
    scene.opened(RIGHT, T).await;
    for _ in 0..10 {
        abandon(scene.guess(WRONG, &budget, T)).await;
    }
    let mut wrong = 0;
    loop {
        match scene.rejected(WRONG, T).await.0 {
            Rejection::Wrong => wrong += 1,
            Rejection::Locked => break,
            other => panic!("{other:?}"),
        }
    }
    assert!(wrong <= TRIES, "{wrong} more were compared");
    assert_eq!(scene.rejected(RIGHT, T).await, (Rejection::Locked, 0));
}

/// VER-2: a right guess whose caller hung up used the code up, or left it; nobody else gets it twice.
pub async fn an_abandoned_right_guess_is_used_or_not<S: Store>(store: Arc<S>) {
    let scene = Scene::new(&store);
    scene.opened(RIGHT, T).await;
    let digests = [(kid(), digest(RIGHT))];
    abandon(store.attempt(&Guess::new(&scene.key, &digests), &[], T)).await;
    let mut accepted = 0;
    for _ in 0..5 {
        accepted += u32::from(is_accepted(&scene.guess(RIGHT, &[], T).await));
    }
    assert!(accepted <= 1, "{accepted} were accepted");
    assert_eq!(scene.rejected(RIGHT, T).await.0, Rejection::Used);
}

/// VER-2: an approval whose caller hung up used the challenge up, or left it; nobody else gets it twice.
pub async fn an_abandoned_approval_is_used_or_not<S: Store>(store: Arc<S>) {
    let scene = Scene::new(&store);
    scene.opened(RIGHT, T).await;
    let digests = [(kid(), digest(RIGHT))];
    abandon(store.approve(&Guess::new(&scene.key, &digests), T, &[], T)).await;
    let mut accepted = 0;
    for _ in 0..5 {
        accepted += u32::from(is_accepted(&scene.approve(RIGHT, T, &[], T).await));
    }
    assert!(accepted <= 1, "{accepted} were accepted");
    assert_eq!(scene.rejected(RIGHT, T).await.0, Rejection::Used);
}

/// THR-12: a charge whose caller hung up is on every cell, or on none.
pub async fn an_abandoned_charge_is_whole<S: Store>(store: Arc<S>) {
    for _ in 0..10 {
        let cells = [(); 4].map(|()| Cell {
            rates: super::scene::cell(Count::All, &[(1, super::scene::secs(60))]).rates,
            ..ten()
        });
        abandon(store.charge(&cells, T)).await;
        if let Decision::Refused(refusals) = charge(&*store, &cells, T).await {
            assert_eq!(refusals.len(), cells.len(), "{refusals:?}");
        }
    }
}

/// THR-12: a start whose caller hung up is stored and charged, or neither.
pub async fn an_abandoned_start_is_whole<S: Store>(store: Arc<S>) {
    for _ in 0..10 {
        let scene = Scene::new(&store);
        let cells = [super::scene::cell(
            Count::All,
            &[(1, super::scene::secs(60))],
        )];
        let new = scene.start(RIGHT, T);
        abandon(store.open(&new, &cells, T)).await;
        match scene.open(&new, &cells, T).await {
            // It had not happened, and now it has.
            Opened::Stored(_) => {}
            Opened::Refused(_) => {}
            other => panic!("{other:?}"),
        }
        scene.accepted(RIGHT, T).await;
    }
}

/// TOK-6, TOK-8: a refresh whose caller hung up rotated or not; the same token gets the one successor either way.
pub async fn an_abandoned_rotation_can_be_repeated<S: Store>(store: Arc<S>) {
    let session = signed_in(&*store, &user(), T).await;
    let rotate = Rotate::new(session.id, 0, GRACE);
    abandon(store.rotate(&rotate, T)).await;
    let rotation = store.rotate(&rotate, T).await.unwrap();
    let (Rotation::Rotated(leaf) | Rotation::Repeated(leaf)) = rotation else {
        panic!("{rotation:?}")
    };
    assert_eq!(leaf.counter, 1);
    let next = Rotate::new(session.id, 1, GRACE);
    let next = store.rotate(&next, T).await.unwrap();
    assert!(matches!(next, Rotation::Rotated(leaf) if leaf.counter == 2));
}
