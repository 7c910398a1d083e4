//! Putting a worker together.

use super::KafkaWorker;
use super::consumer::Intake;
use super::desk::Desk;
use crate::job::JobKeys;
use crate::kafka::connection::name;
use crate::kafka::publisher::Publisher;
use crate::kafka::{Deduplicator, Kafka, KafkaConfigError, MemoryDeduplicator};
use crate::sleep::Sleep;
use otp_core::{Clock, Sender, SystemClock};
use std::sync::Arc;
use tokio::sync::Semaphore;

/// Jobs in hand for each that may be with the sender: the others wait for their turn or for another try.
const WAITING: usize = 8;

/// Builds a [`KafkaWorker`]; nothing is checked before [`build`](Self::build).
#[must_use = "nothing is checked before `build`"]
#[derive(Debug)]
pub struct KafkaWorkerBuilder {
    kafka: Kafka,
    keys: JobKeys,
    sender: Box<dyn Sender>,
    sleep: Sleep,
    clock: Arc<dyn Clock>,
    deduplicator: Box<dyn Deduplicator>,
    group: String,
    dead_letters: String,
    concurrency: usize,
}

impl KafkaWorkerBuilder {
    pub(super) fn new(kafka: Kafka, keys: JobKeys, sender: Box<dyn Sender>, sleep: Sleep) -> Self {
        Self {
            dead_letters: format!("{}.dead", kafka.topic()),
            kafka,
            keys,
            sender,
            sleep,
            clock: Arc::new(SystemClock),
            deduplicator: Box::new(MemoryDeduplicator::default()),
            group: "otp-workers".to_owned(),
            concurrency: 16,
        }
    }

    /// Sets the consumer group, `otp-workers` otherwise: its workers share the topic.
    pub fn group(mut self, group: impl Into<String>) -> Self {
        self.group = group.into();
        self
    }

    /// Sets the topic of the dead letters; the name of the jobs' topic with `.dead` otherwise.
    pub fn dead_letters(mut self, topic: impl Into<String>) -> Self {
        self.dead_letters = topic.into();
        self
    }

    /// Sets how many jobs may be with the sender at once, at least 1; 16 otherwise. Eight times as many may wait.
    pub fn concurrency(mut self, jobs: usize) -> Self {
        self.concurrency = jobs.clamp(1, Semaphore::MAX_PERMITS / WAITING);
        self
    }

    /// Sets where the time comes from; the system's clock otherwise. Take the one that the sender of the jobs has.
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Sets what remembers the jobs that were handed over; [`MemoryDeduplicator`] otherwise.
    pub fn deduplicator(mut self, deduplicator: impl Deduplicator) -> Self {
        self.deduplicator = Box::new(deduplicator);
        self
    }

    /// Checks the names, and whether librdkafka takes the settings. It connects when the worker runs.
    ///
    /// # Errors
    /// [`KafkaConfigError::Name`], [`KafkaConfigError::Refused`].
    pub fn build(self) -> Result<KafkaWorker, KafkaConfigError> {
        let most = self.concurrency * WAITING;
        let intake = Intake::new(&self.kafka, &name(self.group)?, most)?;
        let desk = Desk {
            publisher: Publisher::new(&self.kafka)?,
            topic: self.kafka.topic().to_owned(),
            dead_letters: name(self.dead_letters)?,
            keys: self.keys,
            sender: self.sender.into(),
            turns: Semaphore::new(self.concurrency),
            clock: self.clock,
            sleep: self.sleep,
            deduplicator: self.deduplicator,
        };
        let desk = Arc::new(desk);
        Ok(KafkaWorker { intake, desk })
    }
}
