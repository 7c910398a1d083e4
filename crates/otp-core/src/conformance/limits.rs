//! Several cells in one step: all are charged, or none.

use super::scene::{
    LIFE, MS, RIGHT, Scene, T, TRIES, WRONG, cell, charge, drain, refusals, refused_until, secs,
    ten,
};
use crate::challenge::{Opened, Rejection};
use crate::limit::{Cell, Count, Decision, Refusal};
use crate::{Store, Timestamp};
use std::sync::Arc;

/// Three cells of which the middle one is full until the instant that is returned.
async fn full_in_the_middle<S: Store>(store: &S, count: Count) -> ([Cell; 3], Timestamp) {
    let cells = [ten(), cell(count, &[(2, secs(60))]), ten()];
    assert_eq!(drain(store, &cells[1], T).await, 2);
    (cells, T + secs(60))
}

async fn nothing_charged<S: Store>(store: &S, cells: &[Cell], now: Timestamp) {
    for cell in cells {
        assert_eq!(
            drain(store, cell, now).await,
            10,
            "a refusal was charged for"
        );
    }
}

/// THR-2, THR-12: a refusal names the cells that refused, with their instants, and charges none.
pub async fn a_refused_charge_charges_nothing<S: Store>(store: Arc<S>) {
    let (mut cells, retry_at) = full_in_the_middle(&*store, Count::All).await;
    for at in [T, T + secs(60) - MS] {
        let refused = Decision::Refused(vec![Refusal { cell: 1, retry_at }]);
        assert_eq!(charge(&*store, &cells, at).await, refused);
    }
    cells.reverse();
    nothing_charged(&*store, &[cells[0].clone(), cells[2].clone()], T).await;

    let both = Decision::Refused(vec![
        Refusal {
            cell: 0,
            retry_at: T + secs(86_400),
        },
        Refusal { cell: 2, retry_at },
    ]);
    let open = ten();
    let three = [cells[0].clone(), open.clone(), cells[1].clone()];
    assert_eq!(charge(&*store, &three, T + MS).await, both);
    nothing_charged(&*store, &[open], T + MS).await;
}

/// THR-12: when all admit, all are charged once.
pub async fn an_admitted_charge_charges_each_once<S: Store>(store: Arc<S>) {
    let cells = [ten(), ten(), cell(Count::All, &[(3, secs(60))])];
    assert_eq!(charge(&*store, &cells, T).await, Decision::Admitted);
    for (cell, left) in cells.iter().zip([9, 9, 2]) {
        assert_eq!(drain(&*store, cell, T).await, left);
    }
}

/// THR-12: no cells, no refusal.
pub async fn no_cells_admit<S: Store>(store: Arc<S>) {
    assert_eq!(charge(&*store, &[], T).await, Decision::Admitted);
}

/// THR-12: a refused start stores nothing and charges nothing, and what was there stays.
pub async fn a_refused_start_stores_nothing<S: Store>(store: Arc<S>) {
    let (cells, retry_at) = full_in_the_middle(&*store, Count::All).await;
    let refused = Opened::Refused(vec![Refusal { cell: 1, retry_at }]);
    let fresh = Scene::new(&store);
    assert_eq!(fresh.open(&fresh.start(1, T), &cells, T).await, refused);
    assert_eq!(fresh.rejected(1, T).await, (Rejection::Unknown, 0));

    let live = Scene::new(&store);
    live.opened(1, T).await;
    assert_eq!(live.open(&live.start(2, T), &cells, T).await, refused);
    assert_eq!(live.open(&live.resend(2, T), &cells, T).await, refused);
    assert_eq!(live.rejected(2, T).await, (Rejection::Wrong, 2));
    live.accepted(1, T).await;
    nothing_charged(&*store, &[cells[0].clone(), cells[2].clone()], T).await;
}

/// THR-2: a start that is admitted charges every cell, wherever each is kept, and tells from when there is room.
pub async fn a_start_charges_every_cell<S: Store>(store: Arc<S>) {
    let scene = Scene::new(&store);
    let mut cells = [ten(), cell(Count::All, &[(1, secs(30)), (3, secs(600))])];
    cells[1].home = Some(scene.key.phone);
    let opened = scene.open(&scene.start(1, T), &cells, T).await;
    let Opened::Stored(state) = opened else {
        panic!("{opened:?}")
    };
    assert_eq!(state.next_at, T + secs(30));
    assert_eq!(
        refused_until(&*store, &cells[1], T).await,
        Some(T + secs(30))
    );
    assert_eq!(drain(&*store, &cells[0], T).await, 9);
}

/// VER-1, THR-12: a guess that a limit refuses is neither counted nor compared, and costs nothing.
pub async fn a_refused_guess_is_not_counted<S: Store>(store: Arc<S>) {
    for count in [
        Count::All,
        Count::WrongGuesses,
        Count::Rejections,
        Count::Streak,
    ] {
        let (cells, retry_at) = full_in_the_middle(&*store, count).await;
        let scene = Scene::new(&store);
        scene.opened(RIGHT, T).await;
        for code in [WRONG, WRONG, WRONG, WRONG, RIGHT] {
            let refused = vec![Refusal { cell: 1, retry_at }];
            assert_eq!(
                refusals(scene.guess(code, &cells, T).await),
                refused,
                "{count:?}"
            );
        }
        assert_eq!(
            scene.rejected(WRONG, T).await,
            (Rejection::Wrong, TRIES - 1)
        );
        scene.accepted(RIGHT, T + LIFE - MS).await;
        nothing_charged(&*store, &[cells[0].clone(), cells[2].clone()], T).await;
    }
}

/// THR-2: the same key counts for every verb that names it.
pub async fn verbs_share_a_cell<S: Store>(store: Arc<S>) {
    let shared = [cell(Count::All, &[(3, secs(60))])];
    let scene = Scene::new(&store);
    assert_eq!(charge(&*store, &shared, T).await, Decision::Admitted);
    let opened = scene.open(&scene.start(1, T), &shared, T).await;
    assert!(matches!(opened, Opened::Stored(_)), "{opened:?}");
    scene.guess(WRONG, &shared, T).await;
    assert_eq!(
        refused_until(&*store, &shared[0], T).await,
        Some(T + secs(60))
    );
    assert_eq!(refusals(scene.guess(1, &shared, T).await).len(), 1);
}

/// THR-2: a cell that lies beside its phone's challenges, and one that does not, are cells like any other.
pub async fn a_home_changes_no_answer<S: Store>(store: Arc<S>) {
    let scene = Scene::new(&store);
    let mut at_home = cell(Count::All, &[(2, secs(60))]);
    at_home.home = Some(scene.key.phone);
    let cells = [at_home, cell(Count::All, &[(3, secs(90))])];
    for at in [T, T + secs(1)] {
        assert_eq!(charge(&*store, &cells, at).await, Decision::Admitted);
    }
    let full = |cell, retry_at| Decision::Refused(vec![Refusal { cell, retry_at }]);
    assert_eq!(
        charge(&*store, &cells, T + secs(2)).await,
        full(0, T + secs(60))
    );
    assert_eq!(
        charge(&*store, &cells, T + secs(60)).await,
        Decision::Admitted
    );
    assert_eq!(
        charge(&*store, &cells, T + secs(61)).await,
        full(1, T + secs(90))
    );
}
