//! A code that no provider accepted is taken back, once, with what it cost.

use super::scene::{
    LIFE, MS, RIGHT, Scene, T, WRONG, cell, charge, drain, random, refused_until, secs, ten,
};
use crate::challenge::{Attempt, NewChallenge, Opened, Rejection};
use crate::limit::{Cell, Count, Decision};
use crate::{Channel, Store};
use std::sync::Arc;

async fn opened_with<S: Store>(scene: &Scene<S>, new: &NewChallenge, cells: &[Cell]) {
    let opened = scene.open(new, cells, new.expires_at - LIFE).await;
    assert!(matches!(opened, Opened::Stored(_)), "{opened:?}");
}

/// THR-12: nothing is left of the challenge, and the limits are as before; a second refund finds nothing.
pub async fn a_refund_gives_back_once<S: Store>(store: Arc<S>) {
    let scene = Scene::new(&store);
    let cells = [ten(), cell(Count::All, &[(200, secs(86_400))])];
    assert_eq!(charge(&*store, &cells, T).await, Decision::Admitted);
    assert_eq!(charge(&*store, &cells, T + MS).await, Decision::Admitted);
    opened_with(&scene, &scene.start(RIGHT, T + MS), &cells).await;
    for _ in 0..3 {
        scene.refund(RIGHT, &cells, T + secs(5)).await;
    }
    assert_eq!(
        scene.rejected(RIGHT, T + secs(5)).await,
        (Rejection::Unknown, 0)
    );
    assert_eq!(drain(&*store, &cells[0], T + secs(5)).await, 8);
    assert_eq!(drain(&*store, &cells[1], T + secs(5)).await, 198);
}

/// THR-13: the room that a refund leaves is that of the act it took back, and no other's.
pub async fn a_refund_takes_back_its_own_instant<S: Store>(store: Arc<S>) {
    let scene = Scene::new(&store);
    let cells = [cell(Count::All, &[(2, secs(60))])];
    assert_eq!(charge(&*store, &cells, T).await, Decision::Admitted);
    opened_with(&scene, &scene.start(RIGHT, T + secs(20)), &cells).await;
    scene.refund(RIGHT, &cells, T + secs(40)).await;
    assert_eq!(refused_until(&*store, &cells[0], T + secs(40)).await, None);
    assert_eq!(
        refused_until(&*store, &cells[0], T + secs(40)).await,
        Some(T + secs(60))
    );
    assert_eq!(refused_until(&*store, &cells[0], T + secs(60)).await, None);
    assert_eq!(
        refused_until(&*store, &cells[0], T + secs(60)).await,
        Some(T + secs(100))
    );
}

/// THR-12: a code that was used is not taken back.
pub async fn a_used_code_is_not_refunded<S: Store>(store: Arc<S>) {
    let scene = Scene::new(&store);
    let cells = [ten()];
    opened_with(&scene, &scene.start(RIGHT, T), &cells).await;
    scene.accepted(RIGHT, T).await;
    scene.refund(RIGHT, &cells, T).await;
    assert_eq!(scene.rejected(RIGHT, T).await, (Rejection::Used, 0));
    assert_eq!(drain(&*store, &cells[0], T).await, 9);
}

/// THR-12: only the current code is taken back: not an unknown one, and not one that was replaced.
pub async fn another_code_is_not_refunded<S: Store>(store: Arc<S>) {
    let scene = Scene::new(&store);
    let cells = [ten()];
    opened_with(&scene, &scene.start(1, T), &cells).await;
    opened_with(&scene, &scene.resend(2, T), &cells).await;
    for code in [WRONG, 1] {
        scene.refund(code, &cells, T).await;
    }
    Scene::new(&store).refund(2, &cells, T).await;
    assert_eq!(drain(&*store, &cells[0], T).await, 8);
    scene.accepted(2, T).await;
}

/// THR-8: after a resend that was not delivered the code before is good again, until its own expiry.
pub async fn a_failed_resend_leaves_the_code_before<S: Store>(store: Arc<S>) {
    let scene = Scene::new(&store);
    let cells = [ten()];
    opened_with(&scene, &scene.start(1, T), &cells).await;
    opened_with(&scene, &scene.resend(2, T + secs(60)), &cells).await;
    scene.refund(2, &cells, T + secs(61)).await;
    scene.refund(2, &cells, T + secs(61)).await;
    assert_eq!(scene.rejected(2, T + secs(61)).await, (Rejection::Wrong, 2));
    let late = T + LIFE - MS;
    scene.accepted(1, late).await;
    assert_eq!(drain(&*store, &cells[0], late).await, 9);
}

/// VER-4: what comes back still expires when it would have.
pub async fn a_code_that_comes_back_expires<S: Store>(store: Arc<S>) {
    let scene = Scene::new(&store);
    opened_with(&scene, &scene.start(1, T), &[]).await;
    opened_with(&scene, &scene.resend(2, T + secs(60)), &[]).await;
    scene.refund(2, &[], T + secs(61)).await;
    assert_eq!(scene.rejected(1, T + LIFE).await, (Rejection::Expired, 0));
}

/// VER-8: a resend that is taken back gives back no guess that was made meanwhile.
pub async fn a_failed_resend_refills_no_tries<S: Store>(store: Arc<S>) {
    let scene = Scene::new(&store);
    opened_with(&scene, &scene.start(1, T), &[]).await;
    scene.rejected(WRONG, T).await;
    opened_with(&scene, &scene.resend(2, T), &[]).await;
    assert_eq!(scene.rejected(WRONG, T).await, (Rejection::Wrong, 1));
    scene.refund(2, &[], T).await;
    assert_eq!(scene.rejected(WRONG, T).await, (Rejection::Wrong, 0));
    assert_eq!(scene.rejected(1, T).await, (Rejection::Locked, 0));
}

/// THR-12: a request whose code was taken back was not answered: its retry sends one, and does not replay.
pub async fn a_refunded_request_is_not_replayed<S: Store>(store: Arc<S>) {
    let tagged = |scene: &Scene<S>, code, request| NewChallenge {
        request: Some(request),
        ..scene.start(code, T)
    };
    let (first, second) = (random(), random());
    let alone = Scene::new(&store);
    opened_with(&alone, &tagged(&alone, 1, first), &[]).await;
    alone.refund(1, &[], T).await;
    opened_with(&alone, &tagged(&alone, 2, first), &[]).await;

    // One challenge to a phone: the one before comes back, but not as the answer to this request.
    let replaced = Scene::new(&store);
    opened_with(&replaced, &tagged(&replaced, 1, first), &[]).await;
    opened_with(&replaced, &tagged(&replaced, 2, second), &[]).await;
    replaced.refund(2, &[], T).await;
    opened_with(&replaced, &tagged(&replaced, 3, second), &[]).await;
    replaced.accepted(3, T).await;
}

/// THR-8: a code that comes back brings its own channel and session length, and answers its own request again.
pub async fn a_code_that_comes_back_is_as_it_was<S: Store>(store: Arc<S>) {
    let scene = Scene::new(&store);
    let (first, second) = (random(), random());
    let start = |code, request, channel, remember_me| NewChallenge {
        request: Some(request),
        channel: Some(channel),
        remember_me,
        ..scene.start(code, T)
    };
    let one = start(1, first, Channel::Voice, true);
    let two = start(2, second, Channel::WhatsApp, false);
    opened_with(&scene, &one, &[]).await;
    opened_with(&scene, &two, &[]).await;
    scene.refund(2, &[], T).await;
    let again = scene.open(&one, &[], T).await;
    assert!(
        matches!(again, Opened::Replayed(state) if state.channel == Channel::Voice),
        "{again:?}"
    );
    let accepted = Attempt::Accepted {
        channel: Channel::Voice,
        remember_me: true,
    };
    assert_eq!(scene.guess(1, &[], T).await, accepted);
}
