//! Codes through a Kafka topic: [`KafkaSender`] publishes them, [`KafkaWorker`] hands them to another sender.
//!
//! What travels is a [sealed job](crate::job). Its key in the topic is the challenge's id, so that the codes of one
//! challenge stay in order of publication in one partition.
//!
//! # What is guaranteed
//! - A code that the broker acknowledged reaches the worker's sender at least once, unless it expires first.
//! - It does not reach it twice, unless a worker ended without warning (killed, cut off from the broker) between the
//!   provider's answer and the commit, or the group refused the commit of a partition that went to another worker, as it
//!   may while members join (`otp_job_commits_failed_total` counts that): then once more. With one [`Deduplicator`] for
//!   all workers, only a worker that ends between the provider and the deduplicator leaves that open.
//! - A code that has expired by the worker's clock is not handed over, and a provider is told no more than the rest of
//!   its life.
//! - A worker that stops, or loses a partition to another, first finishes what is with the provider, puts what waits for
//!   another try back into the topic, and commits.
//!
//! # The broker
//! The connection is not encrypted: librdkafka is built without OpenSSL. The broker and the network see when codes are
//! sent and for which challenge, and can drop or repeat them; they can neither read, alter nor prolong one. A crate that
//! depends on `rdkafka` with its feature `ssl` adds encryption and logins for all, to be set by [`Kafka::set`].

mod connection;
mod dedup;
mod publisher;
mod sender;
mod tell;
mod worker;

pub use connection::{Kafka, KafkaConfigError};
pub use dedup::{Claim, Deduplicator, MemoryDeduplicator};
pub use sender::KafkaSender;
pub use worker::{KafkaWorker, KafkaWorkerBuilder, KafkaWorkerError};
