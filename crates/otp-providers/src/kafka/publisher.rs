//! Bytes into a topic, with the broker's word for it.

use super::connection::{Kafka, KafkaConfigError, refused};
use rdkafka::error::{KafkaError, RDKafkaErrorCode as Code};
use rdkafka::message::{Header, OwnedHeaders};
use rdkafka::producer::{FutureProducer, FutureRecord};
use rdkafka::statistics::Statistics;
use rdkafka::{ClientConfig, ClientContext};
use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::timeout;

/// How long a message may wait for the broker's acknowledgement.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);
/// After librdkafka's own time-out, which it keeps only roughly.
const GRACE: Duration = Duration::from_secs(2);
const TOLD_EVERY: Duration = Duration::from_millis(500);

/// What became of a message.
#[derive(Debug)]
pub(super) enum Published {
    /// The broker has it, with every replica that it asks for.
    Acknowledged,
    /// Nobody knows; an error if librdkafka had one.
    Unknown(Option<KafkaError>),
    /// It is not in the topic, and may be another time.
    NotNow(KafkaError),
    /// It is not in the topic, and will not be: for the operator.
    Refused(KafkaError),
}

/// A producer that is replaced when it can no longer be used: an idempotent one may end that way.
pub(super) struct Publisher {
    config: ClientConfig,
    live: Mutex<Live>,
}

#[derive(Clone)]
struct Live {
    number: u64,
    producer: FutureProducer<Transmissions>,
    transmitted: watch::Receiver<Transmitted>,
}

/// How often librdkafka told, and how many messages it had begun to transmit then.
#[derive(Clone, Copy, Default)]
struct Transmitted {
    told: u64,
    messages: i64,
}

/// Hears how many messages were transmitted. A delivery report says that a message timed out, but not whether it had
/// been transmitted before.
struct Transmissions(watch::Sender<Transmitted>);

impl ClientContext for Transmissions {
    fn stats(&self, statistics: Statistics) {
        self.0.send_modify(|last| {
            last.told += 1;
            last.messages = statistics.txmsgs;
        });
    }
}

/// A message as the topic has it.
#[derive(Clone, Copy)]
pub(super) struct Record<'a> {
    pub(super) topic: &'a str,
    pub(super) key: &'a [u8],
    pub(super) payload: &'a [u8],
    /// Why it is a dead letter.
    pub(super) reason: Option<&'static str>,
}

impl Publisher {
    pub(super) fn new(kafka: &Kafka) -> Result<Self, KafkaConfigError> {
        let mut config = kafka.client();
        config
            .set("acks", "all")
            .set("enable.idempotence", "true")
            .set("message.timeout.ms", PATIENCE.as_millis().to_string())
            .set("statistics.interval.ms", TOLD_EVERY.as_millis().to_string());
        let live = Live::new(&config, 0).map_err(|error| refused(&error))?;
        Ok(Self {
            config,
            live: Mutex::new(live),
        })
    }

    pub(super) async fn publish(&self, record: Record<'_>) -> Published {
        let live = self.live();
        let before = live.transmitted.borrow().messages;
        let error = match live.enqueue(record) {
            Ok(delivery) => match timeout(PATIENCE + GRACE, delivery).await {
                Ok(Ok(Ok(_))) => return Published::Acknowledged,
                Ok(Ok(Err((error, _)))) => error,
                Ok(Err(_)) | Err(_) => return Published::Unknown(None),
            },
            Err(error) => {
                if code(&error) == Some(Code::Fatal) {
                    self.renew(live.number);
                }
                return not_queued(error);
            }
        };
        match code(&error) {
            Some(Code::MessageTimedOut) if live.transmitted_nothing_since(before).await => {
                Published::NotNow(error)
            }
            Some(code) if is_refusal(code) => Published::Refused(error),
            _ => Published::Unknown(Some(error)),
        }
    }

    fn live(&self) -> Live {
        let live = self.live.lock().unwrap_or_else(PoisonError::into_inner);
        live.clone()
    }

    /// Puts a new producer in the place of the one with this number.
    fn renew(&self, number: u64) {
        let Ok(new) = Live::new(&self.config, number + 1) else {
            return;
        };
        let mut live = self.live.lock().unwrap_or_else(PoisonError::into_inner);
        if live.number == number {
            let old = std::mem::replace(&mut *live, new);
            // Its end waits for its thread.
            drop(live);
            tokio::task::spawn_blocking(move || drop(old));
        }
    }
}

impl Live {
    fn new(config: &ClientConfig, number: u64) -> Result<Self, KafkaError> {
        let (sender, transmitted) = watch::channel(Transmitted::default());
        Ok(Self {
            number,
            producer: config.create_with_context(Transmissions(sender))?,
            transmitted,
        })
    }

    fn enqueue(
        &self,
        record: Record<'_>,
    ) -> Result<rdkafka::producer::future_producer::DeliveryFuture, KafkaError> {
        let mut message = FutureRecord::to(record.topic)
            .key(record.key)
            .payload(record.payload);
        if let Some(reason) = record.reason {
            let header = Header {
                key: "reason",
                value: Some(reason),
            };
            message = message.headers(OwnedHeaders::new().insert(header));
        }
        self.producer
            .send_result(message)
            .map_err(|(error, _)| error)
    }

    /// Of two tellings from now on, the second is sure to have been made up after now.
    async fn transmitted_nothing_since(&self, before: i64) -> bool {
        let mut transmitted = self.transmitted.clone();
        let told = transmitted.borrow().told;
        let after = transmitted.wait_for(|now| now.told >= told + 2);
        match timeout(GRACE, after).await {
            Ok(Ok(now)) => now.messages == before,
            _ => false,
        }
    }
}

fn not_queued(error: KafkaError) -> Published {
    match code(&error) {
        Some(Code::QueueFull | Code::Fatal) => Published::NotNow(error),
        _ => Published::Refused(error),
    }
}

fn code(error: &KafkaError) -> Option<Code> {
    match error {
        KafkaError::MessageProduction(code) => Some(*code),
        _ => None,
    }
}

/// The broker, or librdkafka in its place, said no to it.
const fn is_refusal(code: Code) -> bool {
    matches!(
        code,
        Code::TopicAuthorizationFailed
            | Code::ClusterAuthorizationFailed
            | Code::UnknownTopic
            | Code::UnknownTopicOrPartition
            | Code::UnknownPartition
            | Code::InvalidTopic
            | Code::MessageSizeTooLarge
            | Code::InvalidMessageSize
            | Code::InvalidRecord
            | Code::PolicyViolation
            | Code::UnsupportedForMessageFormat
    )
}

impl fmt::Debug for Publisher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Publisher")
    }
}
