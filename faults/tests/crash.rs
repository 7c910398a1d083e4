//! N1: nodes that are killed between any two awaits of a call.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use otp_faults::{Matrix, of_redis, of_sql, turn};
use otp_store_sql::Database;
use otp_testkit::{MariaDb, Postgres, Redis};
use std::path::{Path, PathBuf};

const PROGRAM: &str = env!("CARGO_BIN_EXE_otp-faults-victim");

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn n1_redis() {
    let _turn = turn().await;
    let redis = Redis::start();
    let url = redis.url();
    let matrix = Matrix::new("N1 Redis", &url, Path::new(PROGRAM)).await;
    matrix.run(async |_| of_redis(&redis)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn n1_postgres() {
    let _turn = turn().await;
    let server = Postgres::start();
    sql("N1 Postgres", &server.url()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn n1_mariadb() {
    let _turn = turn().await;
    let server = MariaDb::start();
    sql("N1 MariaDB", &server.url()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn n1_sqlite() {
    let _turn = turn().await;
    let file =
        PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("n1-{}.db", std::process::id()));
    sql("N1 SQLite", &format!("sqlite:{}", file.display())).await;
    std::fs::remove_file(file).unwrap();
}

async fn sql(name: &str, url: &str) {
    Database::connect(url)
        .await
        .unwrap()
        .migrate()
        .await
        .unwrap();
    let matrix = Matrix::new(name, url, Path::new(PROGRAM)).await;
    matrix.run(async |store| of_sql(store, url).await).await;
}
