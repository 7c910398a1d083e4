//! What costs more or less than one, and what a right code gives back.

use super::scene::{
    MS, RIGHT, Scene, T, WRONG, cell, charge, drain, is_accepted, refused_until, rejection, secs,
};
use crate::challenge::{Opened, Rejection};
use crate::limit::{Cell, Count, Decision};
use crate::{Store, Timestamp};
use std::sync::Arc;

/// Ten in 64 seconds, of which an act takes `price`. It is kept by whole seconds.
fn purse() -> impl Fn(u32) -> Cell {
    let ten = cell(Count::Spend(0), &[(10, secs(64))]);
    move |price| Cell {
        count: Count::Spend(price),
        ..ten.clone()
    }
}

/// When what was charged in the `n`th second has left.
fn left(n: u64) -> Timestamp {
    T + secs(n + 65) - MS
}

/// THR-11, THR-13, THR-14: an act is admitted if its price fits beside all that was spent in the window, and not a
/// millisecond before; the dearer one waits longer.
pub async fn a_price_is_charged_whole<S: Store>(store: Arc<S>) {
    let cost = purse();
    for (price, after) in [(4, 0), (3, 1), (2, 2)] {
        let at = T + secs(after);
        assert_eq!(refused_until(&*store, &cost(price), at).await, None);
    }
    let now = T + secs(3);
    for (price, from) in [(2, 0), (5, 0), (6, 1), (8, 1), (9, 2), (10, 2)] {
        let told = Some(left(from));
        assert_eq!(refused_until(&*store, &cost(price), now).await, told);
        let before = left(from) - MS;
        assert_eq!(refused_until(&*store, &cost(price), before).await, told);
    }
    assert_eq!(refused_until(&*store, &cost(1), now).await, None);
    assert_eq!(refused_until(&*store, &cost(4), left(0)).await, None);
    assert_eq!(
        refused_until(&*store, &cost(1), left(0)).await,
        Some(left(1))
    );
}

/// THR-14: what costs more than the quota is never admitted, and a price as large as can be is a price.
pub async fn what_is_too_dear_never_passes<S: Store>(store: Arc<S>) {
    let never = Some(Timestamp::from_millis(i64::MAX));
    for price in [11, u32::MAX] {
        assert_eq!(refused_until(&*store, &purse()(price), T).await, never);
    }
    let largest = cell(Count::Spend(u32::MAX), &[(u32::MAX, secs(64))]);
    assert_eq!(refused_until(&*store, &largest, T).await, None);
    assert_eq!(refused_until(&*store, &largest, T).await, Some(left(0)));
    assert_eq!(refused_until(&*store, &largest, left(0)).await, None);
}

/// THR-11, THR-12: a message that was not sent gives its price back, all of it and once.
pub async fn a_refund_gives_back_the_price<S: Store>(store: Arc<S>) {
    let (scene, cost) = (Scene::new(&store), purse());
    assert_eq!(refused_until(&*store, &cost(2), T).await, None);
    let cells = [cost(7)];
    let opened = scene.open(&scene.start(RIGHT, T), &cells, T).await;
    assert!(matches!(opened, Opened::Stored(_)), "{opened:?}");
    assert_eq!(refused_until(&*store, &cost(2), T).await, Some(left(0)));
    for _ in 0..2 {
        scene.refund(RIGHT, &cells, T + secs(1)).await;
    }
    assert_eq!(drain(&*store, &cost(1), T + secs(1)).await, 8);
}

/// Charges of `limited` at these seconds, the last one for a message whose code is right.
async fn sent<S: Store>(scene: &Scene<S>, limited: &Cell, seconds: &[u64]) {
    let (last, before) = seconds.split_last().expect("a message");
    let cells = std::slice::from_ref(limited);
    for after in before {
        let charged = charge(&*scene.store, cells, T + secs(*after)).await;
        assert_eq!(charged, Decision::Admitted);
    }
    let at = T + secs(*last);
    let opened = scene.open(&scene.start(RIGHT, at), cells, at).await;
    assert!(matches!(opened, Opened::Stored(_)), "{opened:?}");
}

/// THR-11: a right code takes away the oldest charges, one and as many more as the limit says, and charges nothing.
pub async fn a_right_code_gives_back_the_oldest<S: Store>(store: Arc<S>) {
    let (scene, limited) = (
        Scene::new(&store),
        cell(Count::Unverified(2), &[(5, secs(64))]),
    );
    sent(&scene, &limited, &[0, 1, 2, 3, 4]).await;
    let now = T + secs(5);
    let full = refused_until(&*store, &limited, now).await;
    assert_eq!(full, Some(T + secs(64)));
    let cells = [limited.clone()];
    assert!(is_accepted(&scene.guess(RIGHT, &cells, now).await));
    assert_eq!(drain(&*store, &limited, now).await, 3);
    let full = refused_until(&*store, &limited, now).await;
    assert_eq!(full, Some(T + secs(67)), "the oldest went");
}

/// THR-11: so it does where the quota is kept in sub-windows, over several of them.
pub async fn a_right_code_gives_back_of_a_large_quota<S: Store>(store: Arc<S>) {
    let (scene, limited) = (
        Scene::new(&store),
        cell(Count::Unverified(69), &[(120, secs(64))]),
    );
    for after in 0..3 {
        for _ in 0..39 {
            assert_eq!(
                refused_until(&*store, &limited, T + secs(after)).await,
                None
            );
        }
    }
    sent(&scene, &limited, &[3]).await;
    let cells = [limited.clone()];
    assert!(is_accepted(&scene.guess(RIGHT, &cells, T + secs(4)).await));
    assert_eq!(drain(&*store, &limited, T + secs(5)).await, 72);
    let full = refused_until(&*store, &limited, T + secs(5)).await;
    assert_eq!(full, Some(left(1)), "eight of the second are left");
}

/// THR-11: what has left the window is not given back in place of what counts; more than there is, is all there is.
pub async fn what_has_left_is_not_given_back<S: Store>(store: Arc<S>) {
    for (quota, more, charged) in [(5, 0, 4), (5, 9, 5), (101, 0, 100), (101, 900, 101)] {
        let (scene, limited) = (
            Scene::new(&store),
            cell(Count::Unverified(more), &[(quota, secs(64))]),
        );
        sent(&scene, &limited, &[0, 0, 30, 30]).await;
        let now = T + secs(66);
        let cells = [limited.clone()];
        assert!(is_accepted(&scene.guess(RIGHT, &cells, now).await));
        assert_eq!(drain(&*store, &limited, now).await, charged);
    }
}

/// THR-11, THR-4: a limit of unverified messages keeps nobody from trying a code, and takes nothing for it.
pub async fn unverified_messages_stop_no_guess<S: Store>(store: Arc<S>) {
    let (scene, limited) = (
        Scene::new(&store),
        cell(Count::Unverified(0), &[(2, secs(64))]),
    );
    sent(&scene, &limited, &[0, 1]).await;
    let (cells, now) = ([limited.clone()], T + secs(2));
    let wrong = scene.guess(WRONG, &cells, now).await;
    assert_eq!(rejection(&wrong), Some(Rejection::Wrong));
    let full = refused_until(&*store, &limited, now).await;
    assert_eq!(full, Some(T + secs(64)), "a wrong code gives nothing back");
    let nobody = Scene::new(&store).guess(RIGHT, &cells, now).await;
    assert_eq!(rejection(&nobody), Some(Rejection::Unknown));
    assert_eq!(refused_until(&*store, &limited, now).await, full);
    assert!(is_accepted(&scene.guess(RIGHT, &cells, now).await));
    let again = scene.guess(RIGHT, &cells, now).await;
    assert_eq!(rejection(&again), Some(Rejection::Used));
    assert_eq!(drain(&*store, &limited, now).await, 1);
}
