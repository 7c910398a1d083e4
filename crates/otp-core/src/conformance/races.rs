//! Many callers in the same instant: the counts hold, and one wins.

use super::scene::{
    RIGHT, Scene, T, TRIES, WRONG, cell, charge, drain, is_accepted, random, rejection, secs,
    signed_in, ten, user,
};
use crate::challenge::{Attempt, NewChallenge, Opened, Rejection};
use crate::limit::{Cell, Count, Decision};
use crate::{Store, StoreErrorKind};
use std::future::Future;
use std::sync::Arc;
use tokio::sync::Barrier;

/// Runs `n` calls that begin together, each on a task of its own.
pub async fn together<F>(n: usize, call: impl Fn(usize) -> F) -> Vec<F::Output>
where
    F: Future<Output: Send> + Send + 'static,
{
    let barrier = Arc::new(Barrier::new(n));
    let begin = |index| {
        let (barrier, call) = (Arc::clone(&barrier), call(index));
        tokio::spawn(async move {
            barrier.wait().await;
            call.await
        })
    };
    let tasks: Vec<_> = (0..n).map(begin).collect();
    let mut results = Vec::with_capacity(n);
    for task in tasks {
        results.push(task.await.expect("a task"));
    }
    results
}

async fn guesses<S: Store>(scene: &Scene<S>, codes: Vec<u8>, cells: &[Cell]) -> Vec<Attempt> {
    together(codes.len(), |index| {
        let (scene, code, cells) = (scene.clone(), codes[index], cells.to_vec());
        async move { scene.guess(code, &cells, T).await }
    })
    .await
}

fn count(attempts: &[Attempt], reason: Rejection) -> usize {
    let reasons = attempts.iter().filter_map(rejection);
    reasons.filter(|found| *found == reason).count()
}

/// VER-1: of 200 wrong guesses at once exactly three are compared, and the right one comes too late.
pub async fn parallel_wrong_guesses_count<S: Store>(store: Arc<S>, rounds: u32) {
    for _ in 0..rounds.div_ceil(10) {
        let scene = Scene::new(&store);
        let budget = [ten()].map(|ten| Cell {
            count: Count::WrongGuesses,
            ..ten
        });
        scene.opened(RIGHT, T).await;
        let attempts = guesses(&scene, vec![WRONG; 200], &budget).await;
        assert_eq!(count(&attempts, Rejection::Wrong), usize::from(TRIES));
        assert_eq!(
            count(&attempts, Rejection::Locked),
            200 - usize::from(TRIES)
        );
        assert_eq!(scene.rejected(RIGHT, T).await, (Rejection::Locked, 0));
        assert_eq!(drain(&*store, &budget[0], T).await, 10 - u32::from(TRIES));
    }
}

/// VER-2: of 64 right guesses at once exactly one is accepted, and the others are told that it was used.
pub async fn parallel_right_guesses_win_once<S: Store>(store: Arc<S>, rounds: u32) {
    for _ in 0..rounds {
        let scene = Scene::new(&store);
        scene.opened(RIGHT, T).await;
        let attempts = guesses(&scene, vec![RIGHT; 64], &[]).await;
        assert_eq!(attempts.iter().filter(|a| is_accepted(a)).count(), 1);
        assert_eq!(count(&attempts, Rejection::Used), 63);
    }
}

/// VER-1, VER-2: right and wrong together: at most one is accepted, at most three wrong ones are compared.
pub async fn parallel_mixed_guesses_hold<S: Store>(store: Arc<S>, rounds: u32) {
    for _ in 0..rounds {
        let scene = Scene::new(&store);
        let streak = [cell(Count::Streak, &[(100, secs(3_600))])];
        scene.opened(RIGHT, T).await;
        let codes = [WRONG, RIGHT].repeat(12);
        let attempts = guesses(&scene, codes, &streak).await;
        let accepted = attempts.iter().filter(|a| is_accepted(a)).count();
        let wrong = count(&attempts, Rejection::Wrong);
        assert!(accepted <= 1, "{accepted} were accepted");
        assert!(wrong <= usize::from(TRIES), "{wrong} were compared");
        assert_eq!(accepted == 0, wrong == usize::from(TRIES), "{attempts:?}");
        let failures = if accepted == 1 { 0 } else { u32::from(TRIES) };
        assert_eq!(drain(&*store, &streak[0], T).await, 100 - failures);
    }
}

/// VER-8: codes that are sent again while guesses run add no guess.
pub async fn parallel_resends_refill_nothing<S: Store>(store: Arc<S>, rounds: u32) {
    for _ in 0..rounds {
        let scene = Scene::new(&store);
        scene.opened(RIGHT, T).await;
        let attempts = together(24, |index| {
            let scene = scene.clone();
            async move {
                if index % 2 == 0 {
                    let resend = scene.resend(RIGHT + 1, T);
                    scene.open(&resend, &[], T).await;
                    None
                } else {
                    Some(scene.guess(WRONG, &[], T).await)
                }
            }
        })
        .await;
        let attempts: Vec<_> = attempts.into_iter().flatten().collect();
        assert_eq!(count(&attempts, Rejection::Wrong), usize::from(TRIES));
        assert_eq!(scene.rejected(RIGHT + 1, T).await, (Rejection::Locked, 0));
    }
}

/// THR-12: one request that arrives several times at once opens one challenge, and is charged once.
pub async fn parallel_retries_open_once<S: Store>(store: Arc<S>, rounds: u32) {
    for _ in 0..rounds {
        let scene = Scene::new(&store);
        let (cells, request) = ([ten()], random());
        let opened = together(9, |index| {
            let (scene, cells) = (scene.clone(), cells.clone());
            let code = u8::try_from(index).unwrap();
            let new = NewChallenge {
                request: Some(request),
                ..scene.start(code, T)
            };
            async move { scene.open(&new, &cells, T).await }
        })
        .await;
        let stored = opened.iter().filter(|o| matches!(o, Opened::Stored(_)));
        assert_eq!(stored.count(), 1);
        let replayed = opened.iter().filter(|o| matches!(o, Opened::Replayed(_)));
        assert_eq!(replayed.count(), 8);
        assert_eq!(drain(&*store, &cells[0], T).await, 9);
    }
}

/// THR-12, THR-13: of any number of acts at once exactly the quota is admitted, and no refusal is charged for.
pub async fn parallel_charges_admit_the_quota<S: Store>(store: Arc<S>, rounds: u32) {
    for round in 0..rounds {
        let quota = if round % 2 == 0 { 10 } else { 110 };
        let cells = [
            cell(Count::All, &[(quota, secs(60))]),
            cell(Count::All, &[(500, secs(60))]),
        ];
        let decisions = together(quota as usize + 22, |_| {
            let (store, cells) = (Arc::clone(&store), cells.clone());
            async move { charge(&*store, &cells, T).await }
        })
        .await;
        let admitted = decisions.iter().filter(|d| **d == Decision::Admitted);
        assert_eq!(admitted.count(), quota as usize);
        assert_eq!(drain(&*store, &cells[1], T).await, 500 - quota);
    }
}

/// THR-12: whoever takes several cells at once, in whatever order they are named, gets there.
pub async fn overlapping_cells_do_not_deadlock<S: Store>(store: Arc<S>, rounds: u32) {
    let scenes: Vec<_> = (0..6).map(|_| Scene::new(&store)).collect();
    let cells: Vec<_> = (0..6)
        .map(|_| cell(Count::All, &[(1_000, secs(60))]))
        .collect();
    let calls = rounds.min(200) as usize * 6;
    let opened = together(calls, |index| {
        let scene = scenes[index % 6].clone();
        let mut cells: Vec<_> = (0..4).map(|n| cells[(index + n) % 6].clone()).collect();
        if index % 2 == 0 {
            cells.reverse();
        }
        async move {
            match index % 3 {
                0 => charge(&*scene.store, &cells, T).await == Decision::Admitted,
                1 => {
                    scene.guess(WRONG, &cells, T).await;
                    true
                }
                _ => {
                    let opened = scene.open(&scene.start(RIGHT, T), &cells, T).await;
                    matches!(opened, Opened::Stored(_))
                }
            }
        }
    })
    .await;
    assert!(opened.into_iter().all(|done| done));
    for cell in &cells {
        let left = 1_000 - u32::try_from(calls).unwrap() * 4 / 6;
        assert_eq!(drain(&*store, cell, T).await, left);
    }
}

/// THR-12: several refunds of one code at once give back one act.
pub async fn parallel_refunds_give_back_once<S: Store>(store: Arc<S>, rounds: u32) {
    for _ in 0..rounds {
        let scene = Scene::new(&store);
        let cells = [ten()];
        for _ in 0..5 {
            charge(&*store, &cells, T).await;
        }
        scene.open(&scene.start(RIGHT, T), &cells, T).await;
        together(8, |_| {
            let (scene, cells) = (scene.clone(), cells.clone());
            async move { scene.refund(RIGHT, &cells, T).await }
        })
        .await;
        assert_eq!(drain(&*store, &cells[0], T).await, 5);
    }
}

/// TOK-6: a session id that is made twice at once is made once.
pub async fn parallel_creates_make_one<S: Store>(store: Arc<S>, rounds: u32) {
    for _ in 0..rounds {
        let session = super::scene::session(&user(), T);
        let created = together(8, |_| {
            let (store, session) = (Arc::clone(&store), session.clone());
            async move { store.create(&session, T).await }
        })
        .await;
        let corrupt = |result: &Result<_, crate::StoreError>| {
            result
                .as_ref()
                .is_err_and(|e| e.kind == StoreErrorKind::Corrupt)
        };
        assert_eq!(created.iter().filter(|result| result.is_ok()).count(), 1);
        assert_eq!(created.iter().filter(|result| corrupt(result)).count(), 7);
    }
}

/// TOK-6: of 32 callers with the same refresh token one rotates, and all others get the same successor.
pub async fn parallel_rotations_have_one_leaf<S: Store>(store: Arc<S>, rounds: u32) {
    use crate::session::{Rotate, Rotation};
    for _ in 0..rounds {
        let session = signed_in(&*store, &user(), T).await;
        let rotate = Rotate::new(session.id, 0, super::scene::GRACE);
        let rotations = together(32, |_| {
            let store = Arc::clone(&store);
            async move { store.rotate(&rotate, T + secs(1)).await.expect("rotate") }
        })
        .await;
        let mut rotated = 0;
        for rotation in rotations {
            match rotation {
                Rotation::Rotated(record) => {
                    rotated += 1;
                    assert_eq!(record.counter, 1);
                }
                Rotation::Repeated(record) => assert_eq!(record.counter, 1),
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(rotated, 1);
        let found = store.find(&session.id, T + secs(1)).await.unwrap();
        assert_eq!(found.map(|record| record.counter), Some(1));
    }
}

/// TOK-9: a session that is ended while it rotates is dead after both.
pub async fn a_rotation_brings_no_session_back<S: Store>(store: Arc<S>, rounds: u32) {
    use crate::session::{Revoke, Rotate, Rotation};
    for _ in 0..rounds {
        let owner = user();
        let session = signed_in(&*store, &owner, T).await;
        together(8, |index| {
            let (store, owner) = (Arc::clone(&store), owner.clone());
            async move {
                if index % 4 == 0 {
                    store.revoke(&Revoke::User(owner), T).await.expect("revoke");
                } else {
                    let rotate = Rotate::new(session.id, 0, super::scene::GRACE);
                    store.rotate(&rotate, T).await.expect("rotate");
                }
            }
        })
        .await;
        assert_eq!(store.find(&session.id, T).await.unwrap(), None);
        for counter in 0..3 {
            let rotate = Rotate::new(session.id, counter, super::scene::GRACE);
            assert_eq!(store.rotate(&rotate, T).await.unwrap(), Rotation::Dead);
        }
    }
}
