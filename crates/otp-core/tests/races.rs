//! Everybody at once, on real threads.
#![cfg(feature = "testing")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail"
)]

mod common;

use common::{Setup, World, is_rejected, phone, wrong};
use otp_core::challenge::Rejection;
use otp_core::policy::Policy;
use otp_core::{Client, MemoryStore, Outcome, RefreshError, Verify};
use std::collections::HashSet;
use std::future::Future;
use std::sync::Arc;
use tokio::sync::Barrier;

/// Two nodes over one store, without the probe, whose own lock would put callers in a row.
fn nodes() -> [Arc<World>; 2] {
    let setup = Setup::new(Policy::standard());
    let store = Arc::new(MemoryStore::new());
    [(); 2].map(|()| Arc::new(setup.node_with(store.clone(), setup.keys.clone())))
}

/// `n` calls that begin together, every other one on the other node.
async fn together<T: Send + 'static, F: Future<Output = T> + Send>(
    n: usize,
    nodes: &[Arc<World>; 2],
    call: impl Fn(Arc<World>, usize) -> F + Clone + Send + 'static,
) -> Vec<T> {
    let barrier = Arc::new(Barrier::new(n));
    let calls: Vec<_> = (0..n)
        .map(|i| {
            let (barrier, call, node) = (barrier.clone(), call.clone(), nodes[i % 2].clone());
            tokio::spawn(async move {
                barrier.wait().await;
                call(node, i).await
            })
        })
        .collect();
    let mut answers = Vec::new();
    for call in calls {
        answers.push(call.await.unwrap());
    }
    answers
}

/// VER-1.
#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn race_200_wrong_guesses_exactly_k_evaluated() {
    for round in 0..20 {
        let nodes = nodes();
        let (id, code) = nodes[0].started(&phone(round)).await;
        let guessed = code.clone();
        let answers = together(200, &nodes, move |node, i| {
            let guess = wrong(&guessed, i as u64);
            async move { node.verify(&phone(round), id, &guess).await }
        });
        assert!(answers.await.iter().all(is_rejected));
        let outcomes: Vec<_> = nodes[0].happened().into_iter().map(|(_, o)| o).collect();
        let count = |reason| {
            let outcome = Outcome::Rejected(reason);
            outcomes.iter().filter(|o| **o == outcome).count()
        };
        assert_eq!(
            (count(Rejection::Wrong), count(Rejection::Locked)),
            (3, 197)
        );
        assert!(is_rejected(
            &nodes[1].verify(&phone(round), id, &code).await
        ));
    }
}

/// VER-2, VER-3: one of 64 gets a session; none of them, and nobody on the other node, gets another.
#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn race_64_correct_exactly_one_session() {
    let nodes = nodes();
    for round in 0..100 {
        let (id, code) = nodes[0].started(&phone(round)).await;
        let right = code.clone();
        let answers = together(64, &nodes, move |node, _| {
            let right = right.clone();
            async move { node.verify(&phone(round), id, &right).await }
        });
        let mut logins = Vec::new();
        for answer in answers.await {
            match answer {
                Ok(verified) => logins.push(common::signed_in(verified)),
                refused => assert!(is_rejected(&refused)),
            }
        }
        assert_eq!(logins.len(), 1, "round {round}");
        let sessions = nodes[1].auth.sessions(&logins[0].user.id).await.unwrap();
        assert_eq!(sessions.len(), 1);
        for node in &nodes {
            assert!(is_rejected(&node.verify(&phone(round), id, &code).await));
        }
    }
}

/// VER-1, VER-2: right guesses among wrong ones: at most one session, at most three wrong ones compared.
#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn race_right_among_wrong() {
    for round in 0..50 {
        let nodes = nodes();
        let (id, code) = nodes[0].started(&phone(round)).await;
        let answers = together(60, &nodes, move |node, i| {
            let guess = if i % 6 == 5 {
                code.clone()
            } else {
                wrong(&code, i as u64)
            };
            async move { node.verify(&phone(round), id, &guess).await.is_ok() }
        });
        let won = answers.await.into_iter().filter(|won| *won).count();
        let wrong = Outcome::Rejected(Rejection::Wrong);
        let compared = nodes[0]
            .happened()
            .iter()
            .filter(|(_, o)| *o == wrong)
            .count();
        assert!(won <= 1 && compared <= 3, "{won} {compared}");
        assert!(won == 1 || compared == 3);
    }
}

/// THR-6, I7: of 50 starts at once for one phone one sends.
#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn race_starts() {
    let nodes = nodes();
    let answers = together(50, &nodes, |node, _| async move {
        node.auth
            .start(otp_core::Start::new(phone(1)))
            .await
            .is_ok()
    });
    assert_eq!(answers.await.into_iter().filter(|ok| *ok).count(), 1);
    assert_eq!(nodes[0].sent(), 1);
}

/// TOK-6: of 32 refreshes at once one rotates; all get the same successor, which is the one live leaf.
#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn race_32_refresh_single_leaf() {
    for round in 0..50 {
        let nodes = nodes();
        let login = nodes[0].login(&phone(round)).await;
        let parent = login.tokens.refresh.expose().to_owned();
        let shown = parent.clone();
        let answers = together(32, &nodes, move |node, _| {
            let shown = shown.clone();
            async move { node.auth.refresh(&shown, &Client::new()).await }
        });
        let mut leaves = HashSet::new();
        for answer in answers.await {
            leaves.insert(answer.unwrap().tokens.refresh.expose().to_owned());
        }
        assert_eq!(leaves.len(), 1);
        nodes[0].clock.advance(common::MINUTE);
        let leaf = leaves.into_iter().next().unwrap();
        nodes[1].auth.refresh(&leaf, &Client::new()).await.unwrap();
        let reused = nodes[0].auth.refresh(&parent, &Client::new()).await;
        assert!(matches!(reused, Err(RefreshError::Rejected)));
        assert!(nodes[1].auth.refresh(&leaf, &Client::new()).await.is_err());
    }
}

/// VER-1: a guess whose caller hangs up is counted, or never happened; it is never free.
#[tokio::test]
async fn a_dropped_guess_is_not_free() {
    let nodes = nodes();
    let (id, code) = nodes[0].started(&phone(1)).await;
    for k in 0..3 {
        let verify = Verify::new(phone(1), Some(id), wrong(&code, k));
        let mut guess = Box::pin(nodes[0].auth.verify(verify));
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        let _ = guess.as_mut().poll(&mut context);
        drop(guess);
    }
    assert!(is_rejected(&nodes[0].verify(&phone(1), id, &code).await));
}
