//! Whose word about a client's address is taken.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a helper of a test fails the test"
)]

#[allow(dead_code, reason = "each test file needs a part of it")]
mod common;

use common::process::{Phones, Server};
use common::{Home, path};
use serde_json::json;

/// The floor under every policy: messages for one address in an hour.
const MOST: u32 = 20;

/// Asks for a code for another number each time; the status.
async fn send(server: &Server, number: u32, forwarded_for: &str) -> u16 {
    let body = json!({"phone_number": format!("+91987654{number:04}")});
    let request = reqwest::Client::new()
        .post(format!("{}{}", server.url, path("send-otp")))
        .header("content-type", "application/json")
        .header("x-forwarded-for", forwarded_for)
        .body(body.to_string());
    request.send().await.unwrap().status().as_u16()
}

/// THR-9: without trusted proxies a client cannot name its own address.
#[tokio::test(flavor = "multi_thread")]
async fn a_spoofed_address_changes_nothing() {
    let (home, phones) = (Home::new(), Phones::listen().await);
    let server = home.start(&phones, &[]);
    for number in 0..MOST {
        let spoofed = format!("198.51.100.{number}");
        assert_eq!(send(&server, number, &spoofed).await, 200);
    }
    assert_eq!(send(&server, MOST, "203.0.113.1").await, 429);
}

/// THR-9: behind a trusted proxy each client is limited by itself, and only what the proxy wrote counts.
#[tokio::test(flavor = "multi_thread")]
async fn a_trusted_proxy_is_believed() {
    let (home, phones) = (Home::new(), Phones::listen().await);
    let server = home.start(&phones, &[("OTP_PROXIES", "127.0.0.0/8, ::1")]);
    for number in 0..MOST {
        let spoofed = format!("203.0.113.{number}, 198.51.100.7");
        assert_eq!(send(&server, number, &spoofed).await, 200);
    }
    assert_eq!(send(&server, MOST, "203.0.113.99, 198.51.100.7").await, 429);
    assert_eq!(send(&server, MOST, "198.51.100.8").await, 200);
}
