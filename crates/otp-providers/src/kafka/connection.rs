//! Where the topic is.

use rdkafka::ClientConfig;
use std::fmt;

/// The promises of the sender and the worker hang on these.
const OURS: &[&str] = &[
    "acks",
    "request.required.acks",
    "enable.idempotence",
    "message.timeout.ms",
    "delivery.timeout.ms",
    "statistics.interval.ms",
    "transactional.id",
    "group.id",
    "enable.auto.commit",
    "enable.auto.offset.store",
    "auto.offset.reset",
    "partition.assignment.strategy",
    "bootstrap.servers",
    "metadata.broker.list",
];
const LONGEST_TOPIC: usize = 249;

/// A topic of jobs, and how to reach it.
///
/// ```
/// use otp_providers::kafka::Kafka;
///
/// let kafka = Kafka::new("kafka-1:9092,kafka-2:9092", "otp-jobs")?.set("client.id", "login")?;
/// assert!(Kafka::new("kafka-1:9092", "no such/topic").is_err());
/// assert!(kafka.set("acks", "0").is_err());
/// # Ok::<(), otp_providers::kafka::KafkaConfigError>(())
/// ```
#[derive(Clone)]
pub struct Kafka {
    brokers: String,
    topic: String,
    properties: Vec<(String, String)>,
}

/// Why a setting is refused. No text repeats its value: it may be a credential.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KafkaConfigError {
    /// Brokers are `host:port`, with commas between them.
    #[error("the brokers are a list of host:port with commas between them")]
    Brokers,
    /// A topic or group has 1 to 249 characters of `A-Z a-z 0-9 . _ -`.
    #[error("a topic or group has 1 to 249 characters of A-Z a-z 0-9 . _ -")]
    Name,
    /// The sender and the worker set this property themselves.
    #[error("the property {0} is not for the host to set")]
    Reserved(String),
    /// librdkafka does not take the settings: an unknown property, or a value that is out of its range.
    #[error("librdkafka does not take the settings (property {0})")]
    Refused(String),
}

impl Kafka {
    /// A topic on these brokers, `host:port` with commas between them.
    ///
    /// # Errors
    /// [`KafkaConfigError::Brokers`], [`KafkaConfigError::Name`].
    pub fn new(
        brokers: impl Into<String>,
        topic: impl Into<String>,
    ) -> Result<Self, KafkaConfigError> {
        let (brokers, topic) = (brokers.into(), topic.into());
        let broker = |text: &str| {
            let parts = text.rsplit_once(':');
            parts.is_some_and(|(host, port)| !host.is_empty() && port.parse::<u16>().is_ok())
        };
        if !brokers.split(',').all(broker) {
            return Err(KafkaConfigError::Brokers);
        }
        Ok(Self {
            brokers,
            topic: name(topic)?,
            properties: Vec::new(),
        })
    }

    /// Sets a property of librdkafka, such as `client.id` or `session.timeout.ms`; whether it is one is told when a
    /// sender or a worker is made.
    ///
    /// # Errors
    /// [`KafkaConfigError::Reserved`] for what the promises of the sender and the worker hang on.
    pub fn set(
        mut self,
        property: impl Into<String>,
        value: impl Into<String>,
    ) -> Result<Self, KafkaConfigError> {
        let property = property.into();
        if OURS.contains(&property.as_str()) {
            return Err(KafkaConfigError::Reserved(property));
        }
        self.properties.push((property, value.into()));
        Ok(self)
    }

    pub(super) fn topic(&self) -> &str {
        &self.topic
    }

    /// What clients of this topic have in common.
    pub(super) fn client(&self) -> ClientConfig {
        let mut config = ClientConfig::new();
        // While it waits to connect again, librdkafka tells nobody that a message has timed out: ten seconds are too
        // long.
        config.set("reconnect.backoff.max.ms", "1000");
        config.extend(self.properties.iter().cloned());
        config.set("bootstrap.servers", &self.brokers);
        config
    }
}

/// The name of a topic or a group.
pub(super) fn name(name: impl Into<String>) -> Result<String, KafkaConfigError> {
    let name = name.into();
    let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-');
    let sound = (1..=LONGEST_TOPIC).contains(&name.len()) && name.bytes().all(allowed);
    // Names for the directories above, and no topics.
    match sound && name != "." && name != ".." {
        true => Ok(name),
        false => Err(KafkaConfigError::Name),
    }
}

/// Of what rdkafka says only the property's name: with it stands the value.
pub(super) fn refused(error: &rdkafka::error::KafkaError) -> KafkaConfigError {
    let property = match error {
        rdkafka::error::KafkaError::ClientConfig(_, _, property, _) => property.as_str(),
        _ => "not named",
    };
    KafkaConfigError::Refused(property.to_owned())
}

impl fmt::Debug for Kafka {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let properties = self.properties.iter().map(|(name, _)| name.as_str());
        f.debug_struct("Kafka")
            .field("brokers", &self.brokers)
            .field("topic", &self.topic)
            .field("properties", &properties.collect::<Vec<_>>())
            .finish()
    }
}
