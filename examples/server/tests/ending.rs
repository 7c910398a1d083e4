//! How the server ends, and what is there after: in peace, and not.
#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a helper of a test fails the test"
)]

#[allow(dead_code, reason = "each test file needs a part of it")]
mod common;

use common::process::{Phones, Server};
use common::{Home, PHONE, path, refresh, sign_in};
use otp_core::SecretKey;
use otp_store_sql::{AuditKeys, Database, SqlAudit};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// A request that waits for its provider is answered, and new ones are not taken.
#[tokio::test(flavor = "multi_thread")]
async fn a_request_under_way_ends_after_sigterm() {
    let (home, phones) = (Home::new(), Phones::listen().await);
    let slow = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", slow.local_addr().unwrap());
    let mut command = home.command(&phones, &[("OTP_STORE", &home.sqlite())]);
    let server = std::sync::Arc::new(Server::run({
        command.env("OTP_WEBHOOK_URL", &url);
        command
    }));
    let asking = tokio::spawn({
        let server = server.clone();
        async move {
            server
                .post(&path("send-otp"), json!({"phone_number": PHONE}))
                .await
        }
    });
    let (mut provider, _) = slow.accept().await.unwrap();
    let read = provider.read(&mut [0; 4096]).await.unwrap();
    assert!(read > 0);
    server.signal("-TERM");
    until_refused(&server.url).await;
    let reply = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
    provider.write_all(reply).await.unwrap();
    let (status, sent) = asking.await.unwrap();
    assert_eq!(status, 200, "{sent}");
    let server = std::sync::Arc::into_inner(server).unwrap();
    assert_eq!(server.wait().code(), Some(0));
}

/// New connections are refused as soon as the server has taken the signal.
async fn until_refused(url: &str) {
    let address = url.strip_prefix("http://").unwrap();
    let mut again = tokio::time::interval(std::time::Duration::from_millis(10));
    for _ in 0..500 {
        again.tick().await;
        if tokio::net::TcpStream::connect(address).await.is_err() {
            return;
        }
    }
    panic!("it still takes connections");
}

/// What was answered is on disk, also when the process is killed right after.
#[tokio::test(flavor = "multi_thread")]
async fn a_session_survives_kill_9_with_sqlite() {
    let (home, mut phones) = (Home::new(), Phones::listen().await);
    let store = home.sqlite();
    let variables = [("OTP_STORE", store.as_str())];
    let server = home.start(&phones, &variables);
    let login = sign_in(&server, &mut phones).await;
    server.stop("-KILL");

    let server = home.start(&phones, &variables);
    let (status, next) = refresh(&server, &login).await;
    assert_eq!(status, 200, "{next}");
    let token = next["access_token"].as_str().unwrap();
    let (status, me) = server.get(&path("me"), token).await;
    assert_eq!((status, &me["user"]["id"]), (200, &login["user"]["id"]));
    drop(server);

    // The same number is the same user, without another registration.
    let server = home.start(
        &phones,
        &[("OTP_STORE", &store), ("OTP_POLICY", &home.eager())],
    );
    let again = sign_in(&server, &mut phones).await;
    assert_eq!(
        (&again["is_new_user"], &again["user"]["id"]),
        (&json!(false), &login["user"]["id"])
    );
}

/// LOG-3: what happened before the signal is in the audit after it, and the chain holds.
#[tokio::test(flavor = "multi_thread")]
async fn the_audit_is_written_before_the_end() {
    let (home, mut phones) = (Home::new(), Phones::listen().await);
    let server = home.start(&phones, &[("OTP_STORE", &home.sqlite())]);
    sign_in(&server, &mut phones).await;
    assert_eq!(server.stop("-TERM").code(), Some(0));

    let keys: toml::Table = home.read("keys.toml").parse().unwrap();
    let current = &keys["audit"]["current"];
    let key = SecretKey::from_base64(current["key"].as_str().unwrap()).unwrap();
    let keys = AuditKeys::new(current["kid"].as_str().unwrap().parse().unwrap(), &key);
    let database = Database::connect(home.sqlite()).await.unwrap();
    let audit = SqlAudit::start(&database, "default", keys);
    let report = audit.verify("default", None).await.unwrap();
    // Sent, and signed in.
    assert_eq!(report.rows, 2);
}
