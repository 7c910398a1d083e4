//! What follows when the provider does not take a code.

use crate::provider::{Does, Provider};
use crate::world::{LIFE, NUMBER, World, keys, publish, start};
use otp_core::{Clock, SendErrorKind as Kind};
use rdkafka::ClientConfig;
use rdkafka::producer::{FutureProducer, FutureRecord};
use std::time::Duration;

/// A failure that may pass is tried again, not before the wait that the provider names, with what is left of the life.
#[tokio::test(flavor = "multi_thread")]
async fn what_may_pass_is_tried_again() {
    let world = World::new("again", 1);
    publish(&world.sender(), 1).await.unwrap();
    let wait = Duration::from_secs(40);
    let script = [
        Does::Refuses(Kind::Transient),
        Does::Throttles(wait),
        Does::Takes,
    ];
    let provider = Provider::new(&world.clock, script);
    let running = start(world.worker(&provider));
    let got = provider.has(3).await;
    world.until_committed(1);
    let waits = [got[1].at.since(got[0].at), got[2].at.since(got[1].at)];
    assert!(waits[0] >= Duration::from_millis(500) && waits[0] <= Duration::from_secs(1));
    assert_eq!(waits[1], wait);
    assert_eq!(got[2].message.expires_in, LIFE - waits[0] - waits[1]);
    assert_eq!(provider.got().len(), 3);
    running.stop().await;
}

/// WHK-6: nothing is tried when it has expired; who would have to wait longer does not wait.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_tried_beyond_its_life() {
    let world = World::new("beyond", 1);
    let begun = world.clock.now();
    publish(&world.sender(), 1).await.unwrap();
    let provider = Provider::new(&world.clock, [Does::Throttles(LIFE)]);
    let running = start(world.worker(&provider));
    let dead = world.read("beyond.dead", 1);
    assert_eq!(dead[0].reason.as_deref(), Some("rate_limited"));
    assert_eq!((provider.got().len(), world.clock.now()), (1, begun));
    world.until_committed(1);
    running.stop().await;

    let world = World::new("beyond-all", 1);
    publish(&world.sender(), 1).await.unwrap();
    let provider = Provider::new(&world.clock, [Does::Refuses(Kind::Transient)]);
    let running = start(world.worker(&provider));
    let dead = world.read("beyond-all.dead", 1);
    assert_eq!(dead[0].reason.as_deref(), Some("transient"));
    let got = provider.got();
    assert!(
        got.iter()
            .all(|got| got.at < begun + LIFE && !got.message.expires_in.is_zero())
    );
    assert!(got.len() > 5, "{got:?}");
    running.stop().await;
}

/// WHK-8: what cannot be sent is kept as it was, sealed, with the reason; and what follows it is sent.
#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_sent_is_a_dead_letter() {
    let world = World::new("dead", 1);
    let sender = world.sender();
    for number in 1..=3 {
        publish(&sender, number).await.unwrap();
    }
    publish(&world.sender_with(keys("k9", 9)), 4).await.unwrap();
    publish(&world.sender_with(keys("k1", 9)), 5).await.unwrap();
    let producer: FutureProducer = ClientConfig::new()
        .set("bootstrap.servers", world.cluster.bootstrap_servers())
        .create()
        .unwrap();
    for payload in [&b""[..], b"\x07 from the future", b"\x01\x05no"] {
        let record = FutureRecord::to("dead").key("k").payload(payload);
        producer
            .send(record, Duration::from_secs(60))
            .await
            .unwrap();
    }
    publish(&sender, 6).await.unwrap();

    let script = [
        Does::Refuses(Kind::InvalidNumber),
        Does::Refuses(Kind::TemplateProblem),
        Does::Panics,
        Does::Takes,
    ];
    let provider = Provider::new(&world.clock, script);
    let running = start(world.worker(&provider).concurrency(1));
    let dead = world.read("dead.dead", 8);
    world.until_committed(9);
    let mut reasons: Vec<_> = dead
        .iter()
        .filter_map(|dead| dead.reason.as_deref())
        .collect();
    reasons.sort_unstable();
    let expected = [
        "altered",
        "invalid_number",
        "malformed",
        "malformed",
        "panicked",
        "template_problem",
        "unknown_key",
        "unknown_version",
    ];
    assert_eq!(reasons, expected);
    let sealed = world.read("dead", 9);
    for dead in &dead {
        let same = |raw: &&crate::world::Raw| raw.key == dead.key && raw.payload == dead.payload;
        assert!(
            sealed.iter().find(same).is_some(),
            "a dead letter is not as the job was"
        );
        let text = String::from_utf8_lossy(&dead.payload);
        assert!(!text.contains(NUMBER.trim_start_matches("+91")));
    }
    assert_eq!(provider.codes().len(), 4);
    running.stop().await;
}
