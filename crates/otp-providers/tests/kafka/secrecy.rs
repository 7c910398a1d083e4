//! Nothing that is logged or lies in a topic has a number or a code.

use crate::ear::{HEARD, hear, heard};
use crate::provider::{CAUSE, Does, Provider};
use crate::world::{NUMBER, World, key, message, start};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use otp_core::{Code, SendErrorKind as Kind, Sender};

/// WHK-8, LOG-2: a dump of every topic has neither the number nor the codes; nor has any log line, or any `Debug`.
#[tokio::test(flavor = "multi_thread")]
async fn queue_dump_has_no_canary() {
    hear();
    let world = World::new("canary", 1);
    let sender = world.sender();
    let codes = ["8642097531", "9753186420", "8097531642"];
    let mut told = format!("{sender:?} {:?}", world.kafka());
    for (number, code) in codes.iter().enumerate() {
        let mut message = message(u32::try_from(number).unwrap());
        message.code = Code::parse(code).unwrap();
        told += &format!("{:?}", sender.send(&message).await.unwrap());
    }
    let script = [
        Does::Refuses(Kind::InvalidNumber),
        Does::Refuses(Kind::Transient),
        Does::Panics,
        Does::Takes,
    ];
    let provider = Provider::new(&world.clock, script);
    let worker = world.worker(&provider).concurrency(1);
    told += &format!("{worker:?}");
    let running = start(worker);
    let dead = world.read("canary.dead", 2);
    world.until_committed(3);
    running.stop().await;

    for record in world.read("canary", 3).iter().chain(&dead) {
        let bytes = [&record.key[..], &record.payload].concat();
        told += &String::from_utf8_lossy(&bytes);
        told += record.reason.as_deref().unwrap_or_default();
    }
    assert!(heard("canary", "more partitions") && heard("otp", "dead letters"));
    // Nowhere else does an operator learn why.
    assert!(heard("a provider took no message", CAUSE));
    told += &String::from_utf8_lossy(&HEARD.lock().unwrap());
    let key = STANDARD.encode(key(1).expose());
    let secrets = codes
        .into_iter()
        .chain([NUMBER.trim_start_matches("+91"), &key]);
    for secret in secrets {
        assert!(!told.contains(secret), "{secret} was told");
    }
}
