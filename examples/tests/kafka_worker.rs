//! The worker as a process: it takes a sealed job out of a topic, hands it over once, and ends when it is told to.
//!
//! The broker is librdkafka's mock, which this process serves on the loopback.
#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

#[allow(dead_code, reason = "each test file needs a part of it")]
mod process;

use otp_core::{Code, Message, PhoneNumber, SecretKey, Sender};
use otp_providers::job::JobKeys;
use otp_providers::{Kafka, KafkaSender};
use process::{Phones, command, refused};
use rdkafka::mocking::MockCluster;
use rdkafka::producer::DefaultProducerContext;
use std::io::Read;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::JoinHandle;
use std::time::Duration;

const TOPIC: &str = "codes";
const NUMBER: &str = "+919876543210";
/// "jobs that are none, by this text"
const KEY: &str = "am9icyB0aGF0IGFyZSBub25lLCBieSB0aGlzIHRleHQ=";

struct Broker {
    cluster: MockCluster<'static, DefaultProducerContext>,
    sender: KafkaSender,
}

impl Broker {
    fn start() -> Self {
        let cluster = MockCluster::new(1).unwrap();
        for topic in [TOPIC, "codes.dead"] {
            cluster.create_topic(topic, 1, 1).unwrap();
        }
        let kafka = Kafka::new(cluster.bootstrap_servers(), TOPIC).unwrap();
        let key = SecretKey::from_base64(KEY).unwrap();
        let keys = JobKeys::new("2026-11".parse().unwrap(), &key).unwrap();
        let sender = KafkaSender::new(&kafka, keys).unwrap();
        Self { cluster, sender }
    }

    async fn publish(&self, code: &str) {
        let to = PhoneNumber::parse(NUMBER, None).unwrap();
        let id = "AAECAwQFBgcICQoLDA0ODw".parse().unwrap();
        let life = Duration::from_secs(300);
        let message = Message::new(to, Code::parse(code).unwrap(), id, life);
        self.sender.send(&message).await.unwrap();
    }

    fn worker(&self, phones: &Phones) -> Worker {
        let mut command = command("kafka_worker", &[]);
        command
            .env("OTP_KAFKA_BROKERS", self.cluster.bootstrap_servers())
            .env("OTP_KAFKA_TOPIC", TOPIC)
            .env("OTP_JOB_KEY", KEY)
            .env("OTP_JOB_KEY_ID", "2026-11")
            .env("OTP_WEBHOOK_URL", &phones.url)
            // The group forgets a worker that was killed soon.
            .env(
                "OTP_KAFKA_PROPERTIES",
                "session.timeout.ms=6000;client.id=worker",
            )
            .env("RUST_LOG", "trace")
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut errors = child.stderr.take().unwrap();
        let log = std::thread::spawn(move || {
            let mut log = String::new();
            errors.read_to_string(&mut log).unwrap();
            log
        });
        Worker {
            child,
            log: Some(log),
        }
    }
}

/// A running worker. Killed when dropped.
struct Worker {
    child: Child,
    log: Option<JoinHandle<String>>,
}

impl Worker {
    /// Asks the process to end, and waits for it: how it ended, and all that it logged.
    fn stop(mut self, signal: &str) -> (ExitStatus, String) {
        let pid = self.child.id().to_string();
        let sent = Command::new("kill").args([signal, &pid]).status().unwrap();
        assert!(sent.success());
        let status = self.child.wait().unwrap();
        (status, self.log.take().unwrap().join().unwrap())
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// WHK-8, LOG-2: each job is handed over once, whichever signal ends the worker in between: what it did is committed.
#[tokio::test(flavor = "multi_thread")]
async fn a_job_is_handed_over_once_and_a_signal_ends_it() {
    let (broker, mut phones) = (Broker::start(), Phones::listen().await);
    for (code, signal) in [("8642097531", "-TERM"), ("9753108642", "-INT")] {
        broker.publish(code).await;
        let worker = broker.worker(&phones);
        let (_, message) = phones.wait().await;
        assert_eq!(message["code"], code, "{message}");
        assert_eq!(message["to"], NUMBER, "{message}");
        let (status, log) = tokio::task::block_in_place(|| worker.stop(signal));
        assert_eq!(status.code(), Some(0), "{signal}: {log}");
        for line in ["the worker has more partitions", " TRACE "] {
            assert!(log.contains(line), "{line}: {log}");
        }
        for secret in [code, NUMBER.trim_start_matches('+'), KEY] {
            assert!(!log.contains(secret), "{secret} was told: {log}");
        }
        assert!(phones.is_quiet(), "{code} came again");
    }
}

/// LOG-1: what is not taken is named, and its value is not repeated.
#[test]
fn a_bad_setting_is_named_and_ends_the_program() {
    let good = [("OTP_KAFKA_BROKERS", "127.0.0.1:9"), ("OTP_JOB_KEY", KEY)];
    for (name, value, expected) in [
        ("OTP_KAFKA_BROKERS", "", "OTP_KAFKA_BROKERS is not set"),
        ("OTP_KAFKA_BROKERS", "canary", "host:port"),
        ("OTP_JOB_KEY", "", "OTP_JOB_KEY is not set"),
        ("OTP_JOB_KEY", "canary", "key"),
        ("OTP_KAFKA_PROPERTIES", "canary", "OTP_KAFKA_PROPERTIES"),
        ("OTP_KAFKA_PROPERTIES", "linger.ms=canary", "linger.ms"),
        ("OTP_KAFKA_PROPERTIES", "acks=canary", "acks"),
        ("OTP_KAFKA_TOPIC", "a canary", "topic"),
    ] {
        let mut variables = good.to_vec();
        variables.push((name, value));
        let (code, said) = refused("kafka_worker", &variables);
        let line = said.lines().last().unwrap();
        assert_eq!(code, Some(1), "{said}");
        assert!(
            line.starts_with("error: ") && line.contains(expected),
            "{said}"
        );
        assert!(
            !said.contains("canary") && !said.contains("panicked"),
            "{said}"
        );
    }
}
