//! A store that goes away and comes back.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a helper of a test fails the test"
)]

#[allow(dead_code, reason = "each test file needs a part of it")]
mod common;

use common::process::{Phones, Server};
use common::{Home, PHONE, path, refresh, sign_in, until_healthy};
use otp_testkit::{Fault, Postgres, Proxy, Redis, RedisOptions, RedisPair};
use serde_json::{Value, json};
use std::fs::File;
use std::time::Duration;
use tokio::time::Instant;

/// THR-15: no message, no token; FLT-8: and not late.
async fn is_closed(server: &Server, phones: &mut Phones, login: &Value) {
    let began = Instant::now();
    assert_eq!(server.get("/health", "").await.0, 503);
    assert_eq!(server.get(&path("health"), "").await.0, 503);
    let body = json!({"phone_number": PHONE});
    let (status, problem) = server.post(&path("send-otp"), body).await;
    assert_eq!(
        (status, &problem["type"]),
        (503, &json!("urn:otp:problem:unavailable")),
        "{problem}"
    );
    assert_eq!(
        problem["detail"],
        "Unable to send OTP at this moment. Please try again later."
    );
    assert_eq!(refresh(server, login).await.0, 503);
    assert!(phones.is_quiet(), "a message went out");
    assert!(began.elapsed() < Duration::from_secs(10));
}

#[tokio::test(flavor = "multi_thread")]
async fn redis_dies_and_comes_back() {
    let (home, mut phones) = (Home::new(), Phones::listen().await);
    let redis = RedisOptions::new().durable().start();
    let variables = [("OTP_STORE", redis.url()), ("OTP_POLICY", home.eager())];
    let variables = variables
        .each_ref()
        .map(|(name, value)| (*name, value.as_str()));
    let server = home.start(&phones, &variables);
    let login = sign_in(&server, &mut phones).await;
    redis.kill();
    is_closed(&server, &mut phones, &login).await;
    redis.restart();
    until_healthy(&server).await;
    assert_eq!(refresh(&server, &login).await.0, 200);
    sign_in(&server, &mut phones).await;
}

/// FLT-4: a store that answers and takes no writes is as good as none.
#[tokio::test(flavor = "multi_thread")]
async fn redis_takes_no_writes() {
    let (home, mut phones) = (Home::new(), Phones::listen().await);
    let redis = Redis::start();
    let variables = [("OTP_STORE", redis.url()), ("OTP_POLICY", home.eager())];
    let variables = variables
        .each_ref()
        .map(|(name, value)| (*name, value.as_str()));
    let server = home.start(&phones, &variables);
    let login = sign_in(&server, &mut phones).await;
    redis.must(&["CONFIG", "SET", "min-replicas-to-write", "1"]);
    is_closed(&server, &mut phones, &login).await;
    redis.must(&["CONFIG", "SET", "min-replicas-to-write", "0"]);
    until_healthy(&server).await;
    assert_eq!(refresh(&server, &login).await.0, 200);
}

/// The audit is in another database than what failed, or in the one that did: the log tells it, and of whom it does not.
#[tokio::test(flavor = "multi_thread")]
async fn what_failed_is_in_the_log_wherever_the_audit_is() {
    let (home, phones) = (Home::new(), Phones::listen().await);
    let redis = RedisOptions::new().start();
    let (url, sqlite) = (redis.url(), home.sqlite());
    let store = format!("challenges={url} sessions={url} users={sqlite}");
    for required in ["false", "true"] {
        let variables = [("OTP_STORE", &*store), ("OTP_AUDIT_REQUIRED", required)];
        let mut command = home.command(&phones, &variables);
        command.stderr(File::create(home.path().join("log")).unwrap());
        let server = Server::run(command);
        redis.kill();
        let body = json!({"phone_number": PHONE});
        assert_eq!(server.post(&path("send-otp"), body).await.0, 503);
        server.stop("-TERM");
        let log = home.read("log");
        let line = log.lines().find(|line| line.contains("StoreFailed"));
        let line = line.unwrap_or_else(|| panic!("nothing is told: {log}"));
        assert!(line.contains(" ERROR ") && line.contains("send"), "{line}");
        assert!(
            !line.contains("3210") && !line.contains("127.0.0.1"),
            "{line}"
        );
        redis.restart();
    }
}

/// FLT-4: what a replica does not have did not happen, where the operator wants so.
#[tokio::test(flavor = "multi_thread")]
async fn without_its_replica_nothing_counts() {
    let (home, mut phones) = (Home::new(), Phones::listen().await);
    let pair = RedisPair::start();
    let (url, policy) = (pair.master.url(), home.eager());
    let variables = [
        ("OTP_STORE", url.as_str()),
        ("OTP_STORE_REPLICAS", "1"),
        ("OTP_POLICY", policy.as_str()),
    ];
    let server = home.start(&phones, &variables);
    let body = json!({"phone_number": PHONE});
    let mut again = tokio::time::interval(Duration::from_millis(100));
    // A slow machine's replica may be late now and then.
    for _ in 0..300 {
        again.tick().await;
        if server.post(&path("send-otp"), body.clone()).await.0 == 200 {
            break;
        }
    }
    phones.code();
    pair.replica.kill();
    assert_eq!(server.get("/health", "").await.0, 503);
    let (status, problem) = server.post(&path("send-otp"), body).await;
    assert_eq!(status, 503, "{problem}");
    assert!(phones.is_quiet(), "a message went out");
}

#[tokio::test(flavor = "multi_thread")]
async fn postgres_hangs_and_comes_back() {
    let (home, mut phones) = (Home::new(), Phones::listen().await);
    let postgres = Postgres::start();
    let proxy = Proxy::to(postgres.port());
    let url = format!("postgres://postgres@{}/postgres", proxy.address());
    let server = home.start(
        &phones,
        &[("OTP_STORE", &url), ("OTP_POLICY", &home.eager())],
    );
    let login = sign_in(&server, &mut phones).await;
    proxy.set(Fault::BlackHole);
    is_closed(&server, &mut phones, &login).await;
    proxy.set(Fault::None);
    until_healthy(&server).await;
    assert_eq!(refresh(&server, &login).await.0, 200);
    sign_in(&server, &mut phones).await;
}

/// Users that live elsewhere are part of the health.
#[tokio::test(flavor = "multi_thread")]
async fn users_elsewhere_are_missed() {
    let (home, phones) = (Home::new(), Phones::listen().await);
    let postgres = Postgres::start();
    let url = format!("sqlite::memory: users={}", postgres.url());
    let server = home.start(&phones, &[("OTP_STORE", &url)]);
    until_healthy(&server).await;
    postgres.kill();
    assert_eq!(server.get("/health", "").await.0, 503);
    postgres.restart();
    until_healthy(&server).await;
}
