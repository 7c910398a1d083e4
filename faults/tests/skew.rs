//! N2: nodes whose clocks are ten minutes ahead and behind (FLT-3), over stores that have a clock of their own.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use otp_core::{
    Clock, MemoryUsers, OtpAuth, Start, StartError, Store, StoreClock, SystemClock, Timestamp,
    UserDirectory,
};
use otp_faults::{Load, Scenario, Turn, clocked, of_redis, of_sql, sql_users, turn};
use otp_store_redis::RedisStore;
use otp_store_sql::{Database, SqlOptions, SqlStore};
use otp_testkit::{MariaDb, Postgres, Redis};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

const TEN_MINUTES: Duration = Duration::from_secs(600);

/// What measuring the store's clock may miss it by on a busy machine.
const SLACK: Duration = Duration::from_millis(250);

/// A node's clock that is wrong.
#[derive(Clone, Copy, Debug)]
enum Skewed {
    Ahead,
    Behind,
}

impl Clock for Skewed {
    fn now(&self) -> Timestamp {
        match self {
            Self::Ahead => SystemClock.now() + TEN_MINUTES,
            Self::Behind => SystemClock.now() - TEN_MINUTES,
        }
    }
}

/// FLT-3, on Redis.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn skewed_nodes_agree_on_redis() {
    let turn = turn().await;
    let redis = Redis::start();
    let nodes = redis_nodes(&redis, true).await;
    agree(&nodes).await;
    let mut scenario = Scenario::begin(turn, "N2 Redis", nodes, load());
    skewed(&mut scenario, 6_000).await;
    scenario.endless(of_redis(&redis));
    scenario.ends();
}

/// FLT-3: what it is good for. By their own clocks they refuse each other's codes; none of them outlives its time
/// (R11).
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn skewed_nodes_disagree_without_it() {
    let turn = turn().await;
    let redis = Redis::start();
    let nodes = redis_nodes(&redis, false).await;
    let mut scenario = Scenario::begin(turn, "N2 without it", nodes, load());
    skewed(&mut scenario, 3_000).await;
    let violations = scenario.judged();
    let late = violations
        .iter()
        .any(|violation| violation.invariant == "I3");
    let order = violations
        .iter()
        .any(|violation| violation.invariant == "order");
    assert!(order && !late, "{} violations", violations.len());
}

/// FLT-3, on Postgres.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn skewed_nodes_agree_on_postgres() {
    let turn = turn().await;
    let server = Postgres::start();
    on_sql(turn, "N2 Postgres", &server.url(), 2_500).await;
}

/// FLT-3, on MariaDB.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn skewed_nodes_agree_on_mariadb() {
    let turn = turn().await;
    let server = MariaDb::start();
    on_sql(turn, "N2 MariaDB", &server.url(), 2_500).await;
}

/// FLT-3, on SQLite.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn skewed_nodes_agree_on_sqlite() {
    let turn = turn().await;
    let file = format!("n2-{}.db", std::process::id());
    let file = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(file);
    on_sql(
        turn,
        "N2 SQLite",
        &format!("sqlite:{}", file.display()),
        1_500,
    )
    .await;
    std::fs::remove_file(file).unwrap();
}

async fn on_sql(turn: Turn, name: &'static str, url: &str, calls: u64) {
    let mut nodes = Vec::new();
    for skew in [Skewed::Ahead, Skewed::Behind] {
        let options = SqlOptions::new(url).op_timeout(Duration::from_secs(5));
        let database = Database::connect(options).await.unwrap();
        database.migrate().await.unwrap();
        let users = sql_users(&database);
        nodes.push(by_store(SqlStore::new(&database), users, skew).await);
    }
    agree(&nodes).await;
    let mut scenario = Scenario::begin(turn, name, nodes, load());
    skewed(&mut scenario, calls).await;
    let store = SqlStore::new(&Database::connect(url).await.unwrap());
    scenario.endless(of_sql(&store, url).await);
    scenario.ends();
}

async fn redis_nodes(redis: &Redis, by_its_clock: bool) -> Vec<OtpAuth> {
    let users = Arc::new(MemoryUsers::new());
    let mut nodes = Vec::new();
    for skew in [Skewed::Ahead, Skewed::Behind] {
        let store = RedisStore::connect(&redis.url()).await.unwrap();
        let users = Arc::clone(&users);
        nodes.push(match by_its_clock {
            true => by_store(store, users, skew).await,
            false => clocked(store, users, skew),
        });
    }
    nodes
}

async fn by_store(store: impl Store, users: impl UserDirectory, skew: Skewed) -> OtpAuth {
    let clock = StoreClock::measured(&store, skew).await.unwrap();
    clocked(store, users, clock)
}

/// A limit that is spent on one node is spent on the other, and for as long.
async fn agree(nodes: &[OtpAuth]) {
    let [ahead, behind] = nodes else {
        panic!("two nodes");
    };
    let phone = ahead.phone("+989350000001", None).unwrap();
    while ahead.start(Start::new(phone.clone())).await.is_ok() {}
    let mut waits = Vec::new();
    for node in [ahead, behind] {
        match node.start(Start::new(phone.clone())).await {
            Err(StartError::Limited(limited)) => waits.push(limited.retry_after),
            other => panic!("{other:?}"),
        }
    }
    let (longest, shortest) = (waits.iter().max().unwrap(), waits.iter().min().unwrap());
    assert!(*longest - *shortest < Duration::from_secs(2), "{waits:?}");
}

fn load() -> Load {
    Load {
        slack: SLACK,
        ..Load::default()
    }
}

async fn skewed(scenario: &mut Scenario, calls: u64) {
    // One clock ahead, and one behind: they were so from the start.
    scenario.fault(|| ());
    scenario.fault(|| ());
    scenario.calls(calls).await;
    scenario.outlives_codes().await;
    scenario.rests().await;
}
