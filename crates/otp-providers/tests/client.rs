//! The transport that ships: what it connects to, and how often.
#![allow(clippy::unwrap_used, reason = "a helper of a test fails the test")]

use otp_core::conformance::senders::{Answer, Stub};
use otp_providers::http::{Address, HttpClient, HttpRequest, Transport, TransportError};
use std::env;
use std::process::Command;
use std::time::Duration;

/// Where the child posts to.
const BASE: &str = "OTP_TEST_BASE";
const CHILD: &str = "posts_where_the_environment_says";

fn request(base: &str) -> HttpRequest {
    HttpRequest::json(Address::parse(base).unwrap(), &"x")
}

#[tokio::test]
async fn a_connection_is_used_again() {
    let stub = Stub::answering(Answer::new(200, "{}")).await;
    let client = HttpClient::new(&Address::parse(stub.base()).unwrap()).unwrap();
    for _ in 0..3 {
        let reply = client.clone().post(request(stub.base())).await.unwrap();
        assert_eq!((reply.status(), reply.body()), (200, b"{}".as_slice()));
    }
    assert_eq!((stub.seen().len(), stub.connections()), (3, 1));
}

#[tokio::test]
async fn an_impossible_header_is_not_sent() {
    let stub = Stub::answering(Answer::new(200, "{}")).await;
    let client = HttpClient::new(&Address::parse(stub.base()).unwrap()).unwrap();
    let split = request(stub.base()).header("x-key", "canary\r\nx-other: 1");
    let error = client.post(split).await.unwrap_err();
    assert!(matches!(error, TransportError::NotSent(_)));
    assert!(!format!("{error:?}").contains("canary"));
    assert_eq!(stub.connections(), 0);
}

/// Here nobody answers the handshake: within the time for connecting, nothing was sent.
#[tokio::test]
async fn a_connection_that_does_not_come_about_is_none() {
    let stub = Stub::answering(Answer::new(200, "{}")).await;
    let encrypted = stub.base().replace("http:", "https:");
    let to = Address::parse(stub.base()).unwrap();
    let [connect, whole] = [200, 60_000].map(Duration::from_millis);
    let client = HttpClient::with_timeouts(&to, connect, whole).unwrap();
    let error = client.post(request(&encrypted)).await.unwrap_err();
    assert!(matches!(error, TransportError::NotSent(_)), "{error:?}");
    assert!(stub.seen().is_empty());
}

/// A proxy that the environment names would read the codes. In a process of its own, which has such an environment.
#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_of_the_environment_is_not_used() {
    let stub = Stub::answering(Answer::new(200, "{}")).await;
    let proxy = Stub::answering(Answer::new(200, "{}")).await;
    let mut child = Command::new(env::current_exe().unwrap());
    child.args(["--exact", CHILD]).env(BASE, stub.base());
    for name in ["http_proxy", "HTTP_PROXY", "ALL_PROXY", "all_proxy"] {
        child.env(name, proxy.base());
    }
    child.env_remove("NO_PROXY").env_remove("no_proxy");
    let output = tokio::task::spawn_blocking(move || child.output());
    assert!(output.await.unwrap().unwrap().status.success());
    assert_eq!((stub.seen().len(), proxy.connections()), (1, 0));
}

/// The child of the test above; does nothing by itself.
#[tokio::test]
async fn posts_where_the_environment_says() {
    if let Ok(base) = env::var(BASE) {
        let client = HttpClient::new(&Address::parse(&base).unwrap()).unwrap();
        client.post(request(&base)).await.unwrap();
    }
}
