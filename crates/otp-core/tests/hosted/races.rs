//! Everybody at once, on real threads.

use crate::common::{Setup, World, is_rejected, phone};
use crate::provider::{Conduct, Provider, code_of, hosted, hosted_by, no_code};
use otp_core::policy::Policy;
use otp_core::{Checked, MemoryStore, Verified, VerifyError};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use tokio::sync::Barrier;

/// Two nodes over one store, without the probe, whose own lock would put callers in a row.
fn nodes() -> ([Arc<World>; 2], Arc<Provider>) {
    let setup = Setup::new(Policy::standard());
    let (_, provider) = hosted(&setup);
    let store = Arc::new(MemoryStore::new());
    let node = || Arc::new(hosted_by(&setup, &provider, store.clone()));
    ([node(), node()], provider)
}

async fn together(n: usize, right: bool) -> (Vec<Result<Verified, VerifyError>>, Arc<Provider>) {
    let (nodes, provider) = nodes();
    provider.be(Conduct {
        finds: right.then_some(Checked::Approved),
        ..Conduct::default()
    });
    let id = nodes[0].start(&phone(1)).await.challenge_id;
    let barrier = Arc::new(Barrier::new(n));
    let guesses: Vec<_> = (0..n)
        .map(|i| {
            let (barrier, node) = (barrier.clone(), nodes[i % 2].clone());
            tokio::spawn(async move {
                barrier.wait().await;
                let code = if right { code_of(1) } else { no_code() };
                node.verify(&phone(1), id, &code).await
            })
        })
        .collect();
    let mut answers = Vec::new();
    for guess in guesses {
        answers.push(guess.await.unwrap());
    }
    (answers, provider)
}

/// VER-2, I1: the provider approves whatever it is asked, and still there is one session.
#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn race_64_correct_exactly_one_session() {
    for _ in 0..100 {
        let (answers, provider) = together(64, true).await;
        let signed_in = answers.iter().filter(|answer| answer.is_ok()).count();
        assert_eq!(signed_in, 1);
        let rejected = answers.iter().filter(|answer| is_rejected(answer)).count();
        assert_eq!(rejected, 63);
        let checks = provider.checks.load(Ordering::SeqCst);
        assert!((1..=3).contains(&checks), "{checks}");
    }
}

/// VER-1, I2: of 200 wrong ones three reach the provider.
#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn race_200_wrong_guesses_exactly_k_evaluated() {
    for _ in 0..20 {
        let (answers, provider) = together(200, false).await;
        assert!(answers.iter().all(Result::is_err));
        assert_eq!(provider.checks.load(Ordering::SeqCst), 3);
    }
}
