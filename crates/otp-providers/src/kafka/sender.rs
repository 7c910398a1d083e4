//! Codes into the topic.

use super::publisher::{Published, Publisher, Record};
use super::{Kafka, KafkaConfigError, tell};
use crate::job::JobKeys;
use otp_core::{
    Clock, Message, Receipt, SendError, SendErrorKind, Sender, SystemClock, async_trait,
};
use std::sync::Arc;

/// Publishes each code as a [sealed job](crate::job), and waits for the broker's acknowledgement: 5 seconds, and up to
/// 2 more to find out what a time-out means.
///
/// # What the answers mean
/// | broker | meaning |
/// |---|---|
/// | acknowledges, with all replicas in sync | taken; the receipt's reference names the job |
/// | a time-out, and nothing was transmitted since the message was queued; a full queue | [`Transient`](SendErrorKind::Transient) |
/// | any other time-out, or a connection that broke | taken, for the code may arrive |
/// | refuses: no such topic, no permission, too large | [`AuthOrConfig`](SendErrorKind::AuthOrConfig) |
///
/// Taken is not delivered, and not even handed to a provider: [`KafkaWorker`](super::KafkaWorker) does that.
///
/// ```no_run
/// use otp_core::SecretKey;
/// use otp_providers::job::JobKeys;
/// use otp_providers::{Kafka, KafkaSender};
///
/// let keys = JobKeys::new("j1".parse()?, &SecretKey::from_base64(&std::env::var("OTP_JOB_KEY")?)?)?;
/// let sender = KafkaSender::new(&Kafka::new("kafka-1:9092", "otp-jobs")?, keys)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct KafkaSender {
    publisher: Publisher,
    topic: String,
    keys: JobKeys,
    clock: Arc<dyn Clock>,
}

impl KafkaSender {
    /// Publishes to the topic under the current one of `keys`. It connects by itself, now and whenever it has to.
    ///
    /// # Errors
    /// [`KafkaConfigError::Refused`] if librdkafka does not take the settings.
    pub fn new(kafka: &Kafka, keys: JobKeys) -> Result<Self, KafkaConfigError> {
        Ok(Self {
            publisher: Publisher::new(kafka)?,
            topic: kafka.topic().to_owned(),
            keys,
            clock: Arc::new(SystemClock),
        })
    }

    /// Sets where the time comes from; the system's clock otherwise. Take the one that `OtpAuth` has.
    #[must_use]
    pub fn with_clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }
}

#[async_trait]
impl Sender for KafkaSender {
    fn name(&self) -> &str {
        "kafka"
    }

    async fn send(&self, message: &Message) -> Result<Receipt, SendError> {
        let job = self.keys.seal(message, self.clock.now());
        let job =
            job.map_err(|error| SendError::new(SendErrorKind::AuthOrConfig).with_source(error))?;
        let record = Record {
            topic: &self.topic,
            key: job.id().challenge().as_bytes(),
            payload: job.as_bytes(),
            reason: None,
        };
        let published = self.publisher.publish(record).await;
        tell::published(&published, job.id());
        let refused = |kind, error| Err(SendError::new(kind).with_source(error));
        match published {
            Published::Acknowledged | Published::Unknown(_) => {
                Ok(Receipt::with_reference(job.id().to_string()))
            }
            Published::NotNow(error) => refused(SendErrorKind::Transient, error),
            Published::Refused(error) => refused(SendErrorKind::AuthOrConfig, error),
        }
    }
}
