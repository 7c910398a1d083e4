//! Codes that the server puts into a Kafka topic: librdkafka's mock broker, served by this process on the loopback.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a helper of a test fails the test"
)]

#[allow(dead_code, reason = "each test file needs a part of it")]
mod common;

use common::process::{Server, command};
use common::{Home, PHONE, path, refusal};
use otp_core::{Message, Receipt, SecretKey, SendError, Sender, async_trait};
use otp_providers::job::JobKeys;
use otp_providers::{Kafka, KafkaWorker};
use rdkafka::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::mocking::MockCluster;
use serde_json::json;
use std::process::Stdio;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

/// A slow machine joins a group slowly.
const PATIENCE: Duration = Duration::from_secs(120);
const TOPIC: &str = "codes";
/// "jobs that are none, by this text"
const KEY: &str = "am9icyB0aGF0IGFyZSBub25lLCBieSB0aGlzIHRleHQ=";

/// Gives away what it is handed.
#[derive(Debug)]
struct Hands(mpsc::UnboundedSender<Message>);

#[async_trait]
impl Sender for Hands {
    fn name(&self) -> &str {
        "hands"
    }

    async fn send(&self, message: &Message) -> Result<Receipt, SendError> {
        self.0.send(message.clone()).unwrap();
        Ok(Receipt::default())
    }
}

fn table(brokers: &str, key: &str) -> String {
    format!(
        "[sender]\nkind = \"kafka\"\nbrokers = \"{brokers}\"\ntopic = \"{TOPIC}\"\nkey = {{ kid = \"2026-11\", {key} }}\n"
    )
}

fn keys() -> JobKeys {
    let key = SecretKey::from_base64(KEY).unwrap();
    JobKeys::new("2026-11".parse().unwrap(), &key).unwrap()
}

/// How many records the topic has.
fn published(brokers: &str) -> i64 {
    let mut config = ClientConfig::new();
    let consumer: BaseConsumer = config.set("bootstrap.servers", brokers).create().unwrap();
    let (first, next) = consumer.fetch_watermarks(TOPIC, 0, PATIENCE).unwrap();
    next - first
}

/// The worker's end, and what it was handed.
fn worker(brokers: &str) -> (mpsc::UnboundedReceiver<Message>, oneshot::Sender<()>) {
    let (hand, handed) = mpsc::unbounded_channel();
    let kafka = Kafka::new(brokers, TOPIC).unwrap();
    // The group forgets a worker that was killed soon.
    let kafka = kafka.set("session.timeout.ms", "6000").unwrap();
    let never = |_| std::future::pending();
    let worker = KafkaWorker::builder(kafka, keys(), Hands(hand), never);
    let worker = worker.build().unwrap();
    let (stop, stopped) = oneshot::channel();
    tokio::spawn(worker.run(async {
        let _ = stopped.await;
    }));
    (handed, stop)
}

/// WHK-8: one code is one sealed job, which a worker opens with the key that both have; the code that it carries signs in.
#[tokio::test(flavor = "multi_thread")]
async fn a_code_goes_through_the_topic() {
    let cluster = MockCluster::new(1).unwrap();
    for topic in [TOPIC, "codes.dead"] {
        cluster.create_topic(topic, 1, 1).unwrap();
    }
    let brokers = cluster.bootstrap_servers();
    let home = Home::new();
    let more = "properties = { \"client.id\" = \"login\" }\n";
    let config = table(&brokers, "env = \"OTP_KEY_JOB\"");
    let config = home.write("server.toml", &format!("{config}{more}"));
    let mut server = command("server", &[("OTP_CONFIG", &config), ("OTP_KEY_JOB", KEY)]);
    server
        .env("OTP_KEYS_FILE", home.path().join("keys.toml"))
        .stderr(Stdio::null());
    let server = Server::run(server);
    assert!(server.said.contains("sender   kafka"), "{}", server.said);
    assert!(!server.said.contains(KEY), "{}", server.said);

    let send = json!({"phone_number": PHONE, "locale": "hi"});
    let (status, sent) = server.post(&path("send-otp"), send).await;
    assert_eq!(status, 200, "{sent}");
    assert_eq!(tokio::task::block_in_place(|| published(&brokers)), 1);

    let (mut handed, stop) = worker(&brokers);
    let message = timeout(PATIENCE, handed.recv()).await.unwrap().unwrap();
    assert_eq!(message.to.expose(), PHONE);
    assert_eq!(message.challenge_id.to_string(), sent["challenge_id"]);
    assert_eq!(message.locale.unwrap().as_str(), "hi");
    let verify = json!({
        "phone_number": PHONE, "challenge_id": sent["challenge_id"], "code": message.code.expose(),
    });
    let (status, login) = server.post(&path("verify-otp"), verify).await;
    assert_eq!(status, 200, "{login}");
    stop.send(()).unwrap();
    assert!(timeout(PATIENCE, handed.recv()).await.unwrap().is_none());
    ends(server);
}

fn ends(server: Server) {
    let status = tokio::task::block_in_place(|| server.stop("-TERM"));
    assert_eq!(status.code(), Some(0));
}

/// WHK-5: without its broker nobody was sent anything, and it is told so; the server ends all the same.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_sent_without_a_broker() {
    let home = Home::new();
    let config = home.write(
        "server.toml",
        &table("127.0.0.1:9", &format!("key = \"{KEY}\"")),
    );
    let mut server = command("server", &[("OTP_CONFIG", &config)]);
    server.stderr(Stdio::null());
    let server = Server::run(server);
    let send = json!({"phone_number": PHONE});
    let (status, sent) = server.post(&path("send-otp"), send).await;
    assert_eq!(
        (status, &sent["type"]),
        (503, &json!("urn:otp:problem:delivery-failed")),
        "{sent}"
    );
    ends(server);
}

/// LOG-1: what is not taken is told by name, and never by value.
#[test]
fn what_kafka_does_not_take() {
    let home = Home::new();
    let key = format!("key = \"{KEY}\"");
    let good = table("127.0.0.1:9", &key);
    let keyed = |key: &str| table("127.0.0.1:9", key);
    let cases = [
        (good.replace("127.0.0.1:9", "canary"), "host:port"),
        (good.replace("\"codes\"", "\"a canary\""), "a topic"),
        (good.replace("brokers", "broker"), "unknown field `broker`"),
        (keyed("key = \"canary\""), "key: "),
        (
            keyed("env = \"OTP_KEY_JOB\""),
            "the variable OTP_KEY_JOB is not set",
        ),
        (keyed("file = \"no/such\""), "cannot read no/such"),
        (good.replace("2026-11", "?"), "key: "),
        (
            format!("{good}properties = {{ acks = \"canary\" }}"),
            "acks",
        ),
        (
            format!("{good}properties = {{ \"linger.ms\" = \"canary\" }}"),
            "linger.ms",
        ),
    ];
    for (config, expected) in cases {
        let path = home.write("server.toml", &config);
        let said = refusal(&[("OTP_CONFIG", &path)]);
        assert!(said.contains(expected), "{config}: {said}");
        assert!(
            said.contains("sender.kind in") && !said.contains(KEY),
            "{config}: {said}"
        );
    }
}
