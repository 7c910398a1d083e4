//! HTP-4: bodies that are too large, too slow or broken.

use super::world::{ALICE, Setting, World, path};
use super::{Call, Connection, Harness, Reply};
use crate::BODY_LIMIT;
use serde_json::json;
use std::time::Duration;

/// From `Content-Length` alone: not a byte of the body is waited for.
pub async fn too_large_by_length(harness: &impl Harness) {
    let world = World::new(harness).await;
    for length in [BODY_LIMIT + 1, 100_000_000] {
        let head = post("send-otp").header("Content-Length", &length.to_string());
        let reply = world.raw(&head.bytes()).await;
        assert_too_large(&reply);
    }
}

pub async fn too_large_in_chunks(harness: &impl Harness) {
    let world = World::new(harness).await;
    let chunk = format!("400\r\n{}\r\n", " ".repeat(0x400));
    let head = post("send-otp")
        .header("Transfer-Encoding", "chunked")
        .bytes();
    // Five are one too many, and the end never comes.
    let bytes = [head.as_slice(), chunk.repeat(5).as_bytes()].concat();
    assert_too_large(&world.raw(&bytes).await);
}

pub async fn the_limit_itself_is_read(harness: &impl Harness) {
    let world = World::new(harness).await;
    let mut body = json!({ "phone_number": ALICE }).to_string();
    body += &" ".repeat(BODY_LIMIT - body.len());
    let reply = world
        .call(&Call::new("POST", path("send-otp")).json(body.clone()))
        .await;
    assert_eq!(reply.status, 200, "{}", reply.json());
    let chunked = post("send-otp").header("Transfer-Encoding", "chunked");
    let bytes = format!("{:x}\r\n{body}\r\n0\r\n\r\n", body.len());
    let reply = world
        .raw(&[chunked.bytes(), bytes.into_bytes()].concat())
        .await;
    assert_eq!(reply.status, 429, "it was read: {}", reply.json());
}

/// HTP-4: neither a body that does not come nor one that drips keeps a connection.
pub async fn slowloris_times_out(harness: &impl Harness) {
    let setting = Setting {
        body_timeout: Duration::from_millis(50),
        ..Setting::default()
    };
    let world = World::with(harness, setting).await;
    for drips in [false, true] {
        let head = post("send-otp").header("Content-Length", "1000").bytes();
        let mut connection = Connection::open(world.served.address)
            .await
            .expect("a connection");
        connection.write(&head).await.expect("it is open");
        let reply = match drips {
            true => drip(&mut connection).await,
            false => connection.read(false).await.expect("a reply"),
        };
        let slow = (408, "request-timeout");
        assert_eq!((reply.status, reply.problem().as_str()), slow);
        assert_eq!(reply.field("connection"), Some("close"));
        let closed = connection.read(false).await.is_err();
        assert!(closed, "the connection was closed");
    }
}

/// A byte at a time, each well within the time for the whole, until there is a reply.
async fn drip(connection: &mut Connection) -> Reply {
    for _ in 0..900 {
        connection.write(b" ").await.expect("it is open");
        let reply = tokio::time::timeout(Duration::from_millis(10), connection.read(false));
        if let Ok(reply) = reply.await {
            return reply.expect("a reply");
        }
    }
    panic!("900 drips and no reply");
}

/// A client that offers another protocol is answered in this one, and its request has the length that it says.
pub async fn an_offered_upgrade_changes_nothing(harness: &impl Harness) {
    let world = World::new(harness).await;
    for protocol in ["websocket", "h2c"] {
        let offer = |call: Call| {
            let call = call.header("Connection", "Upgrade");
            call.header("Upgrade", protocol)
        };
        let health = world.call(&offer(Call::get("health"))).await;
        assert_eq!(health.status, 200, "{protocol}");
        let send = Call::post("send-otp", &json!({ "phone_number": "+12" }));
        let send = world.call(&offer(send)).await;
        assert_eq!(
            (send.status, send.problem().as_str()),
            (422, "invalid-field")
        );
        let large = post("send-otp").header("Content-Length", "5000");
        assert_too_large(&world.call(&offer(large)).await);
    }
}

pub async fn broken_chunks(harness: &impl Harness) {
    let world = World::new(harness).await;
    let head = post("send-otp")
        .header("Transfer-Encoding", "chunked")
        .bytes();
    let reply = world
        .raw(&[head.as_slice(), b"zz\r\n{}\r\n0\r\n\r\n"].concat())
        .await;
    assert_eq!(
        (reply.status, reply.problem().as_str()),
        (400, "malformed-json")
    );
    assert_eq!(reply.field("connection"), Some("close"));
}

fn post(route: &str) -> Call {
    Call::new("POST", path(route)).header("Content-Type", "application/json")
}

fn assert_too_large(reply: &Reply) {
    assert_eq!(
        (reply.status, reply.problem().as_str()),
        (413, "payload-too-large")
    );
    assert_eq!(reply.field("connection"), Some("close"));
}
