//! What the tests of faults share.

use super::database;
use otp_core::challenge::{Attempt, ChallengeKey, Guess};
use otp_core::conformance::scene::{T, cell, digest, kid, secs};
use otp_core::limit::{Cell, Count};
use otp_core::{ChallengeStore, StoreError};
use otp_store_sql::{SqlOptions, SqlStore};
use otp_testkit::Proxy;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, timeout};

/// How long it may take until all is well again.
pub const HEALED: Duration = Duration::from_secs(30);

/// As a deployment has it.
pub fn usual(url: &str) -> SqlOptions {
    SqlOptions::new(url).op_timeout(Duration::from_millis(500))
}

pub async fn usual_store(url: &str) -> Arc<SqlStore> {
    database(url).await;
    Arc::new(SqlStore::connect(usual(url)).await.unwrap())
}

pub async fn try_guess(
    store: &SqlStore,
    key: &ChallengeKey,
    code: u8,
    cells: &[Cell],
) -> Result<Attempt, StoreError> {
    let digests = [(kid(), digest(code))];
    store.attempt(&Guess::new(key, &digests), cells, T).await
}

/// Asks until it is answered; says how long that took.
pub async fn healed(store: &SqlStore) -> Duration {
    let since = Instant::now();
    let answered = async {
        while store
            .charge(&[cell(Count::All, &[(1, secs(60))])], T)
            .await
            .is_err()
        {
            tokio::task::yield_now().await;
        }
    };
    timeout(HEALED, answered).await.expect("all is well again");
    since.elapsed()
}

/// A proxy before the server at `url`, and the URL through it.
pub fn proxied(url: &str) -> (Proxy, String) {
    let (before, rest) = url.rsplit_once("127.0.0.1:").unwrap();
    let (port, name) = rest.split_once('/').unwrap();
    let proxy = Proxy::to(port.parse().unwrap());
    let through = format!("{before}{}/{name}", proxy.address());
    (proxy, through)
}
