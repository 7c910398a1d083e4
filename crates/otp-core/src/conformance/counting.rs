//! What adds to which limit, and what sets it back.

use super::scene::{
    LIFE, MS, RIGHT, Scene, T, TRIES, WRONG, cell, drain, refusals, rejection, secs,
};
use crate::Store;
use crate::challenge::{Attempt, Rejection};
use crate::limit::{Cell, Count};
use std::sync::Arc;

/// Ten a day of each kind: all, wrong guesses, rejections, streak.
pub(super) fn one_of_each() -> [Cell; 4] {
    [
        Count::All,
        Count::WrongGuesses,
        Count::Rejections,
        Count::Streak,
    ]
    .map(|count| cell(count, &[(10, secs(86_400))]))
}

/// How many more each admits. Uses them up.
pub(super) async fn left<S: Store>(store: &S, cells: &[Cell; 4]) -> [u32; 4] {
    let mut left = [0; 4];
    for (left, cell) in left.iter_mut().zip(cells) {
        *left = drain(store, cell, T + LIFE).await;
    }
    left
}

/// VER-1, THR-3: a wrong guess at a live code costs every kind of limit one.
pub async fn a_wrong_guess_costs_everywhere<S: Store>(store: Arc<S>) {
    let scene = Scene::new(&store);
    let cells = one_of_each();
    scene.opened(RIGHT, T).await;
    scene.guess(WRONG, &cells, T).await;
    assert_eq!(left(&*store, &cells).await, [9, 9, 9, 9]);
}

/// THR-7: a guess that was compared with no live code spends nothing of the owner's budget, only of the guesser's.
pub async fn a_guess_at_nothing_live_spends_no_budget<S: Store>(store: Arc<S>) {
    let [unknown, used, expired, locked] = std::array::from_fn(|_| Scene::new(&store));
    for scene in [&used, &expired, &locked] {
        scene.opened(RIGHT, T).await;
    }
    used.accepted(RIGHT, T).await;
    for _ in 0..TRIES {
        locked.rejected(WRONG, T).await;
    }
    for (scene, at, reason) in [
        (unknown, T, Rejection::Unknown),
        (used, T, Rejection::Used),
        (expired, T + LIFE, Rejection::Expired),
        (locked, T, Rejection::Locked),
    ] {
        for code in [WRONG, RIGHT] {
            let cells = one_of_each();
            let attempt = scene.guess(code, &cells, at).await;
            assert_eq!(rejection(&attempt), Some(reason));
            assert_eq!(left(&*store, &cells).await, [9, 10, 9, 10], "{reason:?}");
        }
    }
}

/// THR-5: a success costs no limit on failures, and only those that count everything.
pub async fn a_success_is_no_failure<S: Store>(store: Arc<S>) {
    let scene = Scene::new(&store);
    let cells = one_of_each();
    scene.opened(RIGHT, T).await;
    let attempt = scene.guess(RIGHT, &cells, T).await;
    assert!(matches!(attempt, Attempt::Accepted { .. }), "{attempt:?}");
    assert_eq!(left(&*store, &cells).await, [9, 10, 10, 10]);
}

/// THR-5: a success sets back the failures in a row and nothing else.
pub async fn a_success_resets_the_streak_alone<S: Store>(store: Arc<S>) {
    let cells = one_of_each();
    let scene = Scene::new(&store);
    scene.opened(RIGHT, T).await;
    scene.guess(WRONG, &cells, T).await;
    scene.guess(WRONG, &cells, T).await;
    let attempt = scene.guess(RIGHT, &cells, T).await;
    assert!(matches!(attempt, Attempt::Accepted { .. }), "{attempt:?}");
    assert_eq!(left(&*store, &cells).await, [7, 8, 8, 10]);
}

/// THR-3, THR-5: failures in a row refuse at their quota, over all challenges, and only a success or a window without
/// a failure sets them back.
pub async fn a_streak_lasts_until_a_success<S: Store>(store: Arc<S>) {
    let streak = [cell(Count::Streak, &[(4, secs(3_600))])];
    let mut now = T;
    for (code, reason) in [
        (WRONG, Some(Rejection::Wrong)),
        (WRONG, Some(Rejection::Wrong)),
        (RIGHT, None),
        (WRONG, Some(Rejection::Wrong)),
        (WRONG, Some(Rejection::Wrong)),
        (WRONG, Some(Rejection::Wrong)),
        (WRONG, Some(Rejection::Wrong)),
    ] {
        now = now + secs(60);
        let scene = Scene::new(&store);
        scene.opened(RIGHT, now).await;
        assert_eq!(rejection(&scene.guess(code, &streak, now).await), reason);
    }
    let healed = now + secs(3_600);
    for at in [now, healed - MS] {
        let scene = Scene::new(&store);
        scene.opened(RIGHT, at).await;
        let refused = refusals(scene.guess(RIGHT, &streak, at).await);
        assert_eq!((refused[0].cell, refused[0].retry_at), (0, healed));
    }
    assert_eq!(drain(&*store, &streak[0], healed).await, 4);
}

/// THR-3: the budget of a rolling day holds over challenges and resends, and its first room is told exactly.
pub async fn a_day_budget_holds_over_challenges<S: Store>(store: Arc<S>) {
    let budget = [cell(Count::WrongGuesses, &[(5, secs(86_400))])];
    for n in 0..5_u32 {
        let at = T + secs(600) * n;
        let scene = Scene::new(&store);
        scene.opened(RIGHT, at).await;
        let attempt = scene.guess(WRONG, &budget, at).await;
        assert_eq!(rejection(&attempt), Some(Rejection::Wrong));
        // THR-5: being right in between gives nothing back.
        let attempt = scene.guess(RIGHT, &[], at).await;
        assert!(matches!(attempt, Attempt::Accepted { .. }), "{attempt:?}");
    }
    let full = T + secs(86_400);
    let scene = Scene::new(&store);
    scene.opened(RIGHT, full - MS).await;
    let refused = refusals(scene.guess(RIGHT, &budget, full - MS).await);
    assert_eq!(refused[0].retry_at, full);
    let attempt = scene.guess(WRONG, &budget, full).await;
    assert_eq!(rejection(&attempt), Some(Rejection::Wrong));
    let refused = refusals(scene.guess(RIGHT, &budget, full).await);
    assert_eq!(refused[0].retry_at, full + secs(600));
}

/// THR-10: distinct members are counted where the attempt was rejected, and not where it was right.
pub async fn members_count_when_rejected<S: Store>(store: Arc<S>) {
    let key = cell(Count::Distinct(0), &[(2, secs(3_600))]);
    let seen = |member| {
        [Cell {
            count: Count::Distinct(member),
            ..key.clone()
        }]
    };
    for member in 0..3 {
        let scene = Scene::new(&store);
        scene.opened(RIGHT, T).await;
        let attempt = scene.guess(RIGHT, &seen(member), T).await;
        assert!(matches!(attempt, Attempt::Accepted { .. }), "{attempt:?}");
    }
    let scene = Scene::new(&store);
    for member in [7, 7, 8, 7] {
        let attempt = scene.guess(WRONG, &seen(member), T).await;
        assert_eq!(rejection(&attempt), Some(Rejection::Unknown));
    }
    assert_eq!(
        refusals(scene.guess(WRONG, &seen(9), T).await)[0].retry_at,
        T + secs(3_600)
    );
}
