//! The thread that polls: takes jobs in, commits what is done, and gives partitions up in order.

use super::ledger::{Leave, Ledger, Ticket};
use crate::kafka::connection::{Kafka, KafkaConfigError, refused};
use crate::kafka::tell;
use rdkafka::ClientContext;
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer, ConsumerContext, Rebalance};
use rdkafka::error::KafkaError;
use rdkafka::message::BorrowedMessage;
use rdkafka::{Message as _, Offset, TopicPartitionList};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, watch};

/// How often it looks for what is to be committed.
const TICK: Duration = Duration::from_millis(100);
/// So many jobs are taken at most between two commits.
const BATCH: usize = 64;
/// How long jobs have to end when their partition leaves: longer than a provider has to answer.
const HANDOVER: Duration = Duration::from_secs(20);

/// A message of the topic, not looked at yet.
#[derive(Debug)]
pub(super) struct Taken {
    pub(super) key: Vec<u8>,
    pub(super) payload: Vec<u8>,
    pub(super) ticket: Ticket,
}

pub(super) struct Intake {
    consumer: BaseConsumer<Group>,
    /// From so many jobs in hand on, no more are taken.
    most: usize,
}

/// What happens when partitions come and go; called by the thread that polls.
struct Group {
    ledger: Arc<Ledger>,
    topic: String,
}

impl Intake {
    pub(super) fn new(kafka: &Kafka, group: &str, most: usize) -> Result<Self, KafkaConfigError> {
        let mut config = kafka.client();
        config
            .set("group.id", group)
            .set("enable.auto.commit", "false")
            .set("enable.auto.offset.store", "false")
            // A group that is new to the topic has not lost what was published before.
            .set("auto.offset.reset", "earliest")
            // Only partitions that move are given up.
            .set("partition.assignment.strategy", "cooperative-sticky");
        let group = Group {
            ledger: Arc::default(),
            topic: kafka.topic().to_owned(),
        };
        Ok(Self {
            consumer: config
                .create_with_context(group)
                .map_err(|error| refused(&error))?,
            most,
        })
    }

    /// Blocks until `stop`, or until nobody listens to `jobs` any more.
    pub(super) fn run(
        self,
        jobs: &mpsc::UnboundedSender<Taken>,
        stop: &watch::Receiver<bool>,
    ) -> Result<(), KafkaError> {
        self.consumer.subscribe(&[&self.group().topic])?;
        let mut paused = false;
        while !*stop.borrow() && !jobs.is_closed() {
            let mut wait = TICK;
            for _ in 0..BATCH {
                match self.consumer.poll(wait) {
                    Some(Ok(message)) => self.take(&message, jobs),
                    Some(Err(error @ KafkaError::MessageConsumptionFatal(_))) => return Err(error),
                    Some(Err(error)) => tell::consumer(&error),
                    None => break,
                }
                if self.is_full() {
                    break;
                }
                wait = Duration::ZERO;
            }
            self.group().commit(&self.consumer);
            self.hold_back(&mut paused);
        }
        if !jobs.is_closed() {
            let all = self.group().ledger.assigned();
            self.group().give_up(&self.consumer, &all, false);
        }
        // Its end leaves the group.
        Ok(())
    }

    fn take(&self, message: &BorrowedMessage<'_>, jobs: &mpsc::UnboundedSender<Taken>) {
        let ledger = &self.group().ledger;
        let Some(ticket) = ledger.take(message.partition(), message.offset()) else {
            return;
        };
        let owned = |bytes: Option<&[u8]>| bytes.unwrap_or_default().to_vec();
        let (key, payload) = (owned(message.key()), owned(message.payload()));
        // Nobody listens any more: the offset stays open.
        let _ = jobs.send(Taken {
            key,
            payload,
            ticket,
        });
    }

    /// It goes on polling, or the group would take it for dead.
    fn hold_back(&self, paused: &mut bool) {
        let full = self.is_full();
        if !full && !*paused {
            return;
        }
        let Ok(all) = self.consumer.assignment() else {
            return;
        };
        // Paused again while it is full: partitions that came meanwhile are not.
        let result = match full {
            true => self.consumer.pause(&all),
            false => self.consumer.resume(&all),
        };
        match result {
            Ok(()) => *paused = full,
            Err(error) => tell::consumer(&error),
        }
    }

    fn is_full(&self) -> bool {
        self.group().ledger.in_hand() >= self.most
    }

    fn group(&self) -> &Group {
        self.consumer.context()
    }
}

impl Group {
    /// Ends the jobs of partitions in order and commits what is done.
    fn give_up(&self, consumer: &BaseConsumer<Self>, partitions: &[i32], lost: bool) {
        let how = if lost { Leave::Lost } else { Leave::HandBack };
        self.ledger.leave(partitions, how);
        self.ledger.wait(partitions, HANDOVER);
        if !lost {
            self.commit(consumer);
        }
        self.ledger.remove(partitions);
    }

    /// Waits for the broker's word: librdkafka tries a commit again, and one that nobody waits for may come after a
    /// newer one and undo it.
    fn commit(&self, consumer: &BaseConsumer<Self>) {
        let due = self.ledger.commitable();
        if due.is_empty() {
            return;
        }
        let mut list = TopicPartitionList::new();
        let added = due.iter().try_for_each(|(partition, next)| {
            list.add_partition_offset(&self.topic, *partition, Offset::Offset(*next))
        });
        if let Err(error) = added.and_then(|()| consumer.commit(&list, CommitMode::Sync)) {
            tell::commit(&error);
            self.ledger.not_committed(&numbers(&list));
        }
    }
}

impl ClientContext for Group {}

impl ConsumerContext for Group {
    fn pre_rebalance(&self, consumer: &BaseConsumer<Self>, rebalance: &Rebalance<'_>) {
        match rebalance {
            Rebalance::Assign(list) => {
                let partitions = numbers(list);
                tell::partitions("more", &self.topic, &partitions);
                self.ledger.assign(&partitions);
            }
            Rebalance::Revoke(list) => {
                let partitions = numbers(list);
                let lost = consumer.assignment_lost();
                tell::partitions(
                    if lost { "lost" } else { "fewer" },
                    &self.topic,
                    &partitions,
                );
                self.give_up(consumer, &partitions, lost);
            }
            Rebalance::Error(error) => tell::consumer(error),
        }
    }
}

fn numbers(list: &TopicPartitionList) -> Vec<i32> {
    list.elements().iter().map(|one| one.partition()).collect()
}

impl fmt::Debug for Intake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Intake")
            .field("topic", &self.group().topic)
            .finish_non_exhaustive()
    }
}
