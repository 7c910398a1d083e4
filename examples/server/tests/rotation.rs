//! STO-2: keys change while the server runs, and nothing that is alive is refused.
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
use common::{Home, PHONE, fresh_keys, path, refresh, sign_in};
use serde_json::json;
use std::fs::File;
use std::time::Duration;
use toml::{Table, Value};

/// The old file with new current keys, the current ones of before behind them.
fn rotated(before: &str) -> String {
    let (mut keys, fresh): (Table, Table) =
        (before.parse().unwrap(), fresh_keys().parse().unwrap());
    for ring in ["pepper", "refresh", "token"] {
        let ring_before = keys[ring].as_table_mut().unwrap();
        let fresh = fresh[ring]["current"].clone();
        let current = ring_before.insert("current".to_owned(), fresh).unwrap();
        ring_before.insert("old".to_owned(), Value::Array(vec![current]));
    }
    keys.to_string()
}

async fn until_keys(server: &Server, count: usize) {
    let mut again = tokio::time::interval(Duration::from_millis(20));
    for _ in 0..500 {
        again.tick().await;
        let (_, jwks) = server.get(&path("jwks.json"), "").await;
        if jwks["keys"].as_array().unwrap().len() == count {
            return;
        }
    }
    panic!("the keys were not read again");
}

/// A code that is out, an access token and a refresh token of before work after a rotation (N4).
#[tokio::test(flavor = "multi_thread")]
async fn sighup_rotates_the_keys_mid_flow() {
    let (home, mut phones) = (Home::new(), Phones::listen().await);
    let server = home.start(&phones, &[("OTP_POLICY", &home.eager())]);
    let login = sign_in(&server, &mut phones).await;
    let (status, sent) = server
        .post(&path("send-otp"), json!({"phone_number": PHONE}))
        .await;
    assert_eq!(status, 200, "{sent}");

    home.write("keys.toml", &rotated(&home.read("keys.toml")));
    server.signal("-HUP");
    until_keys(&server, 2).await;

    let token = login["access_token"].as_str().unwrap();
    assert_eq!(server.get(&path("me"), token).await.0, 200);
    let (status, next) = refresh(&server, &login).await;
    assert_eq!(status, 200, "{next}");
    let verify = json!({
        "phone_number": PHONE, "challenge_id": sent["challenge_id"], "code": phones.code(),
    });
    let (status, again) = server.post(&path("verify-otp"), verify).await;
    assert_eq!(status, 200, "{again}");
}

/// A file that cannot be used changes nothing, and that is told.
#[tokio::test(flavor = "multi_thread")]
async fn a_broken_file_leaves_the_keys_as_they_were() {
    let (home, mut phones) = (Home::new(), Phones::listen().await);
    let mut command = home.command(&phones, &[("OTP_POLICY", &home.eager())]);
    command.stderr(File::create(home.path().join("log")).unwrap());
    let server = Server::run(command);
    let login = sign_in(&server, &mut phones).await;
    let good = home.read("keys.toml");
    home.write("keys.toml", "[indx]\n");
    server.signal("-HUP");
    until_told(&home, "the keys stay as they were").await;
    assert!(home.read("log").contains("unknown field `indx`"));
    assert_eq!(refresh(&server, &login).await.0, 200);

    home.write("keys.toml", &rotated(&good));
    server.signal("-HUP");
    until_keys(&server, 2).await;
}

async fn until_told(home: &Home, words: &str) {
    let mut again = tokio::time::interval(Duration::from_millis(20));
    for _ in 0..500 {
        again.tick().await;
        if home.read("log").contains(words) {
            return;
        }
    }
    panic!("it did not say that {words}");
}
