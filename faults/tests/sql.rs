//! Databases that are killed and restarted under load, and callers who go away (FLT-1, FLT-3, VER-1).
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use otp_faults::{Load, Scenario, audit_of, of_sql, sql_nodes, turn};
use otp_store_sql::{Database, SqlAudit, SqlStore};
use otp_testkit::{MariaDb, Postgres};

/// Calls before and after each fault.
const SOME: u64 = 1_000;

/// P1: killed with all its children; nothing that was answered is lost.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn p1_postgres_killed() {
    let turn = turn().await;
    let server = Postgres::start();
    let (nodes, audits) = sql_nodes(&server.url(), true).await;
    let mut scenario = Scenario::begin(turn, "P1", nodes, Load::default());
    for _ in 0..2 {
        scenario.calls(SOME).await;
        scenario.fault(|| {
            server.kill();
            server.restart();
        });
        scenario.heals().await;
    }
    scenario.calls(SOME).await;
    end(scenario, &audits, true, &server.url()).await;
}

/// P3: restarted, with connections closed and with connections cut; the audit is queued.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn p3_postgres_restarted() {
    let turn = turn().await;
    let server = Postgres::start();
    let (nodes, audits) = sql_nodes(&server.url(), false).await;
    let mut scenario = Scenario::begin(turn, "P3", nodes, Load::default());
    let restarts: [fn(&Postgres); 2] = [Postgres::restart_fast, Postgres::restart];
    for restart in restarts {
        scenario.calls(SOME).await;
        scenario.fault(|| restart(&server));
        scenario.heals().await;
    }
    scenario.calls(SOME).await;
    end(scenario, &audits, false, &server.url()).await;
}

/// P5: the callers go away in the middle of a call. Every session is in the audit, also one that nobody heard of.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn p5_callers_go_away() {
    let turn = turn().await;
    let server = Postgres::start();
    let (nodes, audits) = sql_nodes(&server.url(), true).await;
    let load = Load {
        leaves: 50,
        ..Load::default()
    };
    let mut scenario = Scenario::begin(turn, "P5", nodes, load);
    scenario.calls(4 * SOME).await;
    scenario.heals().await;
    end(scenario, &audits, true, &server.url()).await;
}

/// M1: MariaDB, killed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn m1_mariadb_killed() {
    let turn = turn().await;
    let server = MariaDb::start();
    let (nodes, audits) = sql_nodes(&server.url(), true).await;
    let mut scenario = Scenario::begin(turn, "M1", nodes, Load::default());
    for _ in 0..2 {
        scenario.calls(SOME).await;
        scenario.fault(|| {
            server.kill();
            server.restart();
        });
        scenario.heals().await;
    }
    scenario.calls(SOME).await;
    end(scenario, &audits, true, &server.url()).await;
}

async fn end(mut scenario: Scenario, audits: &[SqlAudit], required: bool, url: &str) {
    scenario.rests().await;
    scenario.audited(audit_of(audits, required, url).await);
    let store = SqlStore::new(&Database::connect(url).await.unwrap());
    scenario.endless(of_sql(&store, url).await);
    scenario.ends();
}
