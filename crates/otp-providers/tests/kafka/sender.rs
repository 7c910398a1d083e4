//! What counts as sent.

use crate::provider::{Does, Provider};
use crate::world::{World, kafka, keys, message, publish, start};
use otp_core::{Receipt, SendError, SendErrorKind as Kind, Sender};
use otp_providers::kafka::KafkaConfigError;
use otp_providers::{Kafka, KafkaSender};
use rdkafka::bindings::rd_kafka_resp_err_t as Code;
use rdkafka::types::RDKafkaApiKey;
use std::error::Error;
use std::time::Duration;

fn kind(result: &Result<Receipt, SendError>) -> Option<Kind> {
    result.as_ref().err().map(|error| error.kind)
}

/// WHK-5: a broker that is down was sent nothing; when it is up again, codes go through the same sender.
#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_is_down_was_sent_nothing() {
    let world = World::new("down", 1);
    let sender = world.sender();
    world.cluster.broker_down(-1).unwrap();
    for number in [8, 9] {
        let refused = publish(&sender, number).await;
        assert_eq!(kind(&refused), Some(Kind::Transient));
    }
    world.cluster.broker_up(-1).unwrap();
    let mut tries = 0;
    while publish(&sender, 1).await.is_err() {
        tries += 1;
        assert!(tries < 20, "the sender does not come back");
    }
    let provider = Provider::new(&world.clock, [Does::Takes]);
    let running = start(world.worker(&provider));
    provider.has(1).await;
    running.stop().await;
    assert_eq!(provider.codes(), ["000001"]);
}

/// WHK-5: a broker that was told and does not answer may have taken it.
#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_does_not_answer_counts_as_sent() {
    let world = World::new("silent", 1);
    let sender = world.sender();
    publish(&sender, 1).await.unwrap();
    world
        .cluster
        .broker_round_trip_time(-1, Duration::from_secs(60))
        .unwrap();
    let receipt = publish(&sender, 2).await.unwrap();
    let begins = format!("{}.", message(2).challenge_id);
    assert!(receipt.reference.unwrap().starts_with(&begins));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_refuses_is_for_the_operator() {
    let world = World::new("refused", 1);
    let sender = world.sender();
    publish(&sender, 1).await.unwrap();
    let no = Code::RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED;
    world.cluster.request_errors(RDKafkaApiKey::Produce, &[no]);
    let refused = publish(&sender, 2).await;
    assert_eq!(kind(&refused), Some(Kind::AuthOrConfig));
    assert!(refused.unwrap_err().source().is_some());
}

/// An idempotent producer may come to an end: another takes its place.
#[tokio::test(flavor = "multi_thread")]
async fn a_producer_that_cannot_go_on_is_replaced() {
    let world = World::new("fatal", 1);
    let sender = world.sender();
    publish(&sender, 1).await.unwrap();
    let no = Code::RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH;
    world
        .cluster
        .request_errors(RDKafkaApiKey::Produce, &[no; 3]);
    let mut results = Vec::new();
    while !matches!(results.last(), Some(Ok(_))) || results.len() < 4 {
        assert!(
            results.len() < 20,
            "the sender does not come back: {results:?}"
        );
        results.push(publish(&sender, 2).await);
    }
}

#[test]
fn settings_that_break_a_promise_are_refused() {
    let good = || Kafka::new("127.0.0.1:9092,[::1]:9093", "a.topic_-1").unwrap();
    for property in [
        "acks",
        "enable.idempotence",
        "enable.auto.commit",
        "group.id",
    ] {
        let refused = good().set(property, "x").unwrap_err();
        assert_eq!(refused, KafkaConfigError::Reserved(property.to_owned()));
    }
    for brokers in ["", "host", "host:", ":9092", "host:70000", "a:1,,b:2"] {
        assert_eq!(
            Kafka::new(brokers, "t").unwrap_err(),
            KafkaConfigError::Brokers,
            "{brokers}"
        );
    }
    for topic in ["", ".", "..", "a b", "ü", "a/b", &"x".repeat(250)] {
        assert_eq!(
            Kafka::new("h:1", topic).unwrap_err(),
            KafkaConfigError::Name,
            "{topic}"
        );
    }
}

/// LOG-1: a property that librdkafka refuses is named, and its value is not.
#[test]
fn settings_are_not_shown() {
    let kafka = kafka("127.0.0.1:1", "t")
        .set("linger.ms", "value-canary")
        .unwrap();
    let refused = KafkaSender::new(&kafka, keys("k1", 1)).unwrap_err();
    assert_eq!(refused, KafkaConfigError::Refused("linger.ms".to_owned()));
    let told = format!("{kafka:?} {refused} {refused:?}");
    assert!(!told.contains("value-canary"), "{told}");
}

/// A message that is published twice is one job.
#[tokio::test(flavor = "multi_thread")]
async fn the_same_message_has_the_same_reference() {
    let world = World::new("reference", 1);
    let sender = world.sender();
    let [one, two] = [
        sender.send(&message(1)).await,
        sender.send(&message(1)).await,
    ];
    assert_eq!(one.unwrap(), two.unwrap());
}
