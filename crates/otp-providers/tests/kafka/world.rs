//! A cluster, a clock, keys, and what publishes and takes out.

use crate::provider::Provider;
use otp_core::testing::ManualClock;
use otp_core::{ChallengeId, Code, Message, PhoneNumber, Receipt, SecretKey, SendError, Sender};
use otp_providers::job::JobKeys;
use otp_providers::kafka::{KafkaWorkerBuilder, KafkaWorkerError};
use otp_providers::{Kafka, KafkaSender, KafkaWorker};
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::message::{Headers, Message as _};
use rdkafka::mocking::MockCluster;
use rdkafka::producer::DefaultProducerContext;
use rdkafka::{ClientConfig, Offset, TopicPartitionList};
use std::future::{Future, ready};
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// A slow machine joins a group slowly.
pub(crate) const PATIENCE: Duration = Duration::from_secs(180);
pub(crate) const LIFE: Duration = Duration::from_secs(300);
pub(crate) const NUMBER: &str = "+919876543210";
pub(crate) const GROUP: &str = "otp-workers";
const ASKED: Duration = Duration::from_secs(5);

pub(crate) struct World {
    pub(crate) cluster: MockCluster<'static, DefaultProducerContext>,
    pub(crate) topic: String,
    pub(crate) partitions: i32,
    pub(crate) clock: ManualClock,
}

/// A record as a topic has it.
#[derive(Debug)]
pub(crate) struct Raw {
    pub(crate) key: Vec<u8>,
    pub(crate) payload: Vec<u8>,
    pub(crate) reason: Option<String>,
}

/// A worker that runs.
pub(crate) struct Running {
    stop: oneshot::Sender<()>,
    worker: JoinHandle<Result<(), KafkaWorkerError>>,
}

impl World {
    /// A topic of its own, so that log lines tell the tests apart.
    pub(crate) fn new(topic: &str, partitions: i32) -> Self {
        let cluster = MockCluster::new(1).unwrap();
        for (topic, partitions) in [(topic.to_owned(), partitions), (format!("{topic}.dead"), 1)] {
            cluster.create_topic(&topic, partitions, 1).unwrap();
        }
        Self {
            cluster,
            topic: topic.to_owned(),
            partitions,
            clock: ManualClock::default(),
        }
    }

    pub(crate) fn kafka(&self) -> Kafka {
        kafka(&self.cluster.bootstrap_servers(), &self.topic)
    }

    pub(crate) fn sender(&self) -> KafkaSender {
        self.sender_with(keys("k1", 1))
    }

    pub(crate) fn sender_with(&self, keys: JobKeys) -> KafkaSender {
        let sender = KafkaSender::new(&self.kafka(), keys).unwrap();
        sender.with_clock(self.clock.clone())
    }

    /// A worker whose waits pass at once, and move the clock.
    pub(crate) fn worker(&self, provider: &Provider) -> KafkaWorkerBuilder {
        let clock = self.clock.clone();
        let sleep = move |time| {
            clock.advance(time);
            ready(())
        };
        KafkaWorker::builder(self.kafka(), keys("k1", 1), provider.clone(), sleep)
            .clock(self.clock.clone())
    }

    /// A worker whose waits never pass.
    pub(crate) fn waiting_worker(&self, provider: &Provider) -> KafkaWorkerBuilder {
        let never = |_| std::future::pending();
        KafkaWorker::builder(self.kafka(), keys("k1", 1), provider.clone(), never)
            .clock(self.clock.clone())
    }

    /// What the group has committed, over all partitions.
    pub(crate) fn committed(&self) -> i64 {
        let consumer: BaseConsumer = self.consumer_config().create().unwrap();
        let mut asked = TopicPartitionList::new();
        asked.add_partition_range(&self.topic, 0, self.partitions - 1);
        let Ok(committed) = consumer.committed_offsets(asked, ASKED) else {
            return 0;
        };
        let offsets = committed.elements();
        let offsets = offsets.iter().map(|one| match one.offset() {
            Offset::Offset(offset) => offset,
            _ => 0,
        });
        offsets.sum()
    }

    /// Waits until so many jobs are committed, over all partitions: what was to be done is done.
    pub(crate) fn until_committed(&self, count: i64) {
        tokio::task::block_in_place(|| {
            otp_testkit::until("committed", PATIENCE, || self.committed() >= count);
        });
    }

    /// The first `count` records of a topic.
    pub(crate) fn read(&self, topic: &str, count: usize) -> Vec<Raw> {
        tokio::task::block_in_place(|| {
            let consumer: BaseConsumer = self
                .consumer_config()
                .set("group.id", "reader")
                .create()
                .unwrap();
            let partitions = if topic == self.topic {
                self.partitions
            } else {
                1
            };
            let mut all = TopicPartitionList::new();
            all.add_partition_range(topic, 0, partitions - 1);
            all.set_all_offsets(Offset::Beginning).unwrap();
            consumer.assign(&all).unwrap();
            let mut records = Vec::new();
            otp_testkit::until("so many records", PATIENCE, || {
                if let Some(Ok(record)) = consumer.poll(Duration::ZERO) {
                    records.push(raw(&record));
                }
                records.len() >= count
            });
            records
        })
    }

    fn consumer_config(&self) -> ClientConfig {
        let mut config = ClientConfig::new();
        config
            .set("bootstrap.servers", self.cluster.bootstrap_servers())
            .set("group.id", GROUP);
        config
    }
}

fn raw(record: &rdkafka::message::BorrowedMessage<'_>) -> Raw {
    let owned = |bytes: Option<&[u8]>| bytes.unwrap_or_default().to_vec();
    let reason = record.headers().and_then(|headers| {
        let reason = headers.iter().find(|header| header.key == "reason")?;
        String::from_utf8(reason.value?.to_vec()).ok()
    });
    Raw {
        key: owned(record.key()),
        payload: owned(record.payload()),
        reason,
    }
}

pub(crate) fn kafka(brokers: &str, topic: &str) -> Kafka {
    let kafka = Kafka::new(brokers, topic).unwrap();
    // The group forgets a worker that was killed soon.
    kafka.set("session.timeout.ms", "6000").unwrap()
}

pub(crate) fn start(worker: KafkaWorkerBuilder) -> Running {
    let (stop, stopped) = oneshot::channel();
    let worker = worker.build().unwrap();
    let worker = tokio::spawn(worker.run(async {
        let _ = stopped.await;
    }));
    Running { stop, worker }
}

impl Running {
    /// Tells it to end; what is returned waits until it has.
    pub(crate) fn stop(self) -> impl Future<Output = ()> {
        let end = self.end();
        async { end.await.unwrap() }
    }

    /// As `stop`, with how it ended.
    pub(crate) fn end(self) -> impl Future<Output = Result<(), KafkaWorkerError>> {
        self.stop.send(()).unwrap();
        async {
            let ended = timeout(PATIENCE, self.worker).await;
            ended.expect("the worker ends").unwrap()
        }
    }
}

/// Another key for each seed.
pub(crate) fn key(seed: u8) -> SecretKey {
    let bytes: Vec<u8> = (0..32_u8)
        .map(|n| n.wrapping_mul(n).wrapping_mul(37) ^ seed)
        .collect();
    SecretKey::from_bytes(&bytes).unwrap()
}

pub(crate) fn keys(kid: &str, seed: u8) -> JobKeys {
    JobKeys::new(kid.parse().unwrap(), &key(seed)).unwrap()
}

/// A code of six digits, to be told from others by its number, in a challenge of its own.
pub(crate) fn message(number: u32) -> Message {
    let to = PhoneNumber::parse(NUMBER, None).unwrap();
    let mut id = [0; 16];
    id[..4].copy_from_slice(&number.to_be_bytes());
    let code = Code::parse(&format!("{number:06}")).unwrap();
    Message::new(to, code, ChallengeId::from_bytes(id), LIFE)
}

pub(crate) async fn publish(sender: &KafkaSender, number: u32) -> Result<Receipt, SendError> {
    sender.send(&message(number)).await
}
