//! Connections that say nothing.
#![allow(clippy::unwrap_used, reason = "a helper of a test fails the test")]

#[path = "../connections.rs"]
mod connections;

use axum::{Router, extract::ConnectInfo, routing::get};
use std::future::pending;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::time::timeout;

const HOUR: Duration = Duration::from_secs(3600);

async fn serving(stop: impl Future<Output = ()> + Send + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let peer = get(|ConnectInfo(peer): ConnectInfo<SocketAddr>| async move { peer.to_string() });
    let app = Router::new().route("/", peer);
    tokio::spawn(connections::serve(listener, app, stop, Duration::ZERO));
    address
}

/// HTP-4: the clock goes on by itself while nobody does anything, up to the end of the connection.
#[tokio::test(start_paused = true)]
async fn slowloris_times_out() {
    let address = serving(pending()).await;
    for said in ["", "GET / HTTP/1.1\r\nhost: x\r\nx: "] {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(said.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        let ended = timeout(HOUR, stream.read_to_end(&mut answer)).await;
        assert!(ended.is_ok(), "it would stay open for ever: {said}");
        assert!(!answer.starts_with(b"HTTP/1.1 200"), "{said}");
    }
}

/// Two requests on one connection, which knows whose it is; it ends with the server.
#[tokio::test]
async fn a_connection_is_kept_until_the_server_ends() {
    let (end, ends) = oneshot::channel::<()>();
    let address = serving(async move { ends.await.unwrap() }).await;
    let mut stream = TcpStream::connect(address).await.unwrap();
    let peer = stream.local_addr().unwrap().to_string();
    for _ in 0..2 {
        let asked = b"GET / HTTP/1.1\r\nhost: x\r\n\r\n";
        stream.write_all(asked).await.unwrap();
        let mut answer = String::new();
        while !answer.ends_with(&peer) {
            let mut bytes = [0; 1024];
            let read = stream.read(&mut bytes).await.unwrap();
            assert!(read > 0, "{answer}");
            answer.push_str(std::str::from_utf8(bytes.get(..read).unwrap()).unwrap());
        }
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }
    end.send(()).unwrap();
    assert_eq!(stream.read(&mut [0; 1]).await.unwrap(), 0);
    assert!(TcpStream::connect(address).await.is_err());
}
