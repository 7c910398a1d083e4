//! The login on every store that a URL can name, against real servers.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a helper of a test fails the test"
)]

#[allow(dead_code, reason = "each test file needs a part of it")]
mod common;

use common::process::Phones;
use common::{Home, whole_login};
use otp_testkit::{MariaDb, Postgres, Redis, RedisCluster, RedisSentinel, RedisTls};

/// What the server says of its store and users shows where they are.
async fn works_on(url: &str, more: &[(&str, &str)], home: &Home) -> String {
    let mut phones = Phones::listen().await;
    let variables = [&[("OTP_STORE", url)], more].concat();
    let server = home.start(&phones, &variables);
    whole_login(&server, &mut phones).await;
    server.said.clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn memory() {
    let said = works_on("memory:", &[], &Home::new()).await;
    assert!(said.contains("store    memory\n"), "{said}");
    assert!(said.contains("users    IN MEMORY"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn sqlite() {
    let home = Home::new();
    let said = works_on(&home.sqlite(), &[], &home).await;
    assert!(
        said.contains(&format!("users    {}\n", home.sqlite())),
        "{said}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn postgres() {
    let postgres = Postgres::start();
    let said = works_on(
        &postgres.url(),
        &[("OTP_SEVERAL_NODES", "true")],
        &Home::new(),
    )
    .await;
    let shown = format!(
        "store    postgres://127.0.0.1:{}/postgres\n",
        postgres.port()
    );
    assert!(said.contains(&shown), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn mysql() {
    let mariadb = MariaDb::start();
    let said = works_on(&mariadb.url(), &[], &Home::new()).await;
    let shown = format!("store    mysql://127.0.0.1:{}/otp\n", mariadb.port());
    assert!(said.contains(&shown), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn redis() {
    let redis = Redis::start();
    let said = works_on(&redis.url(), &[], &Home::new()).await;
    assert!(said.contains("users    IN MEMORY"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn redis_with_users_in_sql() {
    let (redis, home) = (Redis::start(), Home::new());
    let url = format!("{} users={}", redis.url(), home.sqlite());
    let said = works_on(&url, &[("OTP_AUDIT_REQUIRED", "true")], &home).await;
    assert!(said.contains("before anybody is signed in"), "{said}");
    assert!(
        said.contains(&format!("users    {}\n", home.sqlite())),
        "{said}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn redis_by_tls_with_a_private_authority() {
    let (redis, home) = (RedisTls::start(), Home::new());
    let authority = home.write("ca.pem", redis.ca_pem());
    works_on(&redis.url(), &[("OTP_STORE_CA", &authority)], &home).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn redis_behind_sentinels() {
    let redis = RedisSentinel::start();
    works_on(&redis.url(), &[], &Home::new()).await;
    redis.guard("otp", "the-sentinels");
    let login = ("OTP_STORE_SENTINEL_LOGIN", "otp:the-sentinels");
    let said = works_on(&redis.url(), &[login], &Home::new()).await;
    assert!(!said.contains("the-sentinels"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn redis_cluster() {
    let redis = RedisCluster::start();
    works_on(&redis.url(), &[], &Home::new()).await;
}

/// Composite: what is short-lived in Redis, what must last in SQL.
#[tokio::test(flavor = "multi_thread")]
async fn challenges_and_sessions_apart() {
    let (redis, postgres) = (Redis::start(), Postgres::start());
    let url = format!("challenges={} sessions={}", redis.url(), postgres.url());
    let said = works_on(&url, &[("OTP_SEVERAL_NODES", "true")], &Home::new()).await;
    let shown = format!(
        "challenges in {}, sessions in postgres://127.0.0.1:{}/postgres\n",
        redis.url(),
        postgres.port()
    );
    assert!(said.contains(&shown), "{said}");
}
