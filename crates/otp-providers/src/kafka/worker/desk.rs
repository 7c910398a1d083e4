//! What is done with one job.

use super::consumer::Taken;
use super::ledger::{Leave, Ticket};
use super::pause;
use crate::job::{Job, JobId, JobKeys};
use crate::kafka::publisher::{Published, Publisher, Record};
use crate::kafka::{Claim, Deduplicator, tell};
use crate::sleep::Sleep;
use otp_core::{Clock, Message, Receipt, SendError, Sender};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::time::timeout;

/// A sender ends by itself within ten seconds or so; one that does not is not waited for longer.
const LONGEST_SEND: Duration = Duration::from_secs(30);

#[derive(Debug)]
pub(super) struct Desk {
    pub(super) publisher: Publisher,
    pub(super) topic: String,
    pub(super) dead_letters: String,
    pub(super) keys: JobKeys,
    pub(super) sender: Arc<dyn Sender>,
    pub(super) turns: Semaphore,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) sleep: Sleep,
    pub(super) deduplicator: Box<dyn Deduplicator>,
}

/// What one try came to.
enum Try {
    /// The job is over.
    Over(&'static str),
    /// It will not be sent.
    Dead(&'static str),
    /// It may be sent after a wait.
    Again(&'static str, Duration),
}

/// How a job ends here.
enum End {
    /// It needs nothing more.
    Done,
    /// A dead letter.
    Bury(&'static str),
    /// Its partition leaves.
    Leave(Leave),
}

impl Desk {
    /// One job, to its end.
    pub(super) async fn settle(self: Arc<Self>, taken: Taken) {
        let Taken {
            key,
            payload,
            mut ticket,
        } = taken;
        let job = self.keys.open(&payload);
        let end = match &job {
            Ok(job) => self.work(job, &mut ticket).await,
            Err(error) => End::Bury(error.as_str()),
        };
        let record = |topic, reason| Record {
            topic,
            key: &key,
            payload: &payload,
            reason,
        };
        let over = match end {
            End::Done => true,
            End::Bury(reason) => {
                tell::dead(reason, job.ok().as_ref().map(Job::id));
                self.publish(record(&self.dead_letters, Some(reason)), &mut ticket)
                    .await
            }
            End::Leave(Leave::HandBack) => {
                tell::outcome("handed_back");
                let published = self.publisher.publish(record(&self.topic, None)).await;
                let back = matches!(published, Published::Acknowledged);
                if !back {
                    tell::not_published(&self.topic, &published);
                }
                back
            }
            End::Leave(Leave::Lost) => false,
        };
        if over {
            ticket.done();
        }
    }

    async fn work(&self, job: &Job, ticket: &mut Ticket) -> End {
        let mut failures = 0;
        loop {
            let turn = tokio::select! {
                biased;
                how = ticket.left() => return End::Leave(how),
                turn = self.turns.acquire() => turn,
            };
            let tried = self.attempt(job).await;
            drop(turn);
            let (reason, wait) = match tried {
                Try::Over(outcome) => {
                    tell::outcome(outcome);
                    return End::Done;
                }
                Try::Dead(reason) => return End::Bury(reason),
                Try::Again(reason, wait) => (reason, wait),
            };
            failures += 1;
            let pause = pause::after(failures, wait);
            if self.clock.now() + pause >= job.expires_at() {
                return End::Bury(reason);
            }
            tell::again(reason, job.id());
            if let Some(how) = self.sleep.within(pause, ticket.left()).await {
                return End::Leave(how);
            }
        }
    }

    async fn attempt(&self, job: &Job) -> Try {
        let now = self.clock.now();
        let Some(message) = job.message(now) else {
            return Try::Over("expired");
        };
        match self
            .deduplicator
            .claim(job.id(), job.expires_at(), now)
            .await
        {
            Ok(Claim::Yours) => {}
            Ok(Claim::Taken) => return Try::Again("claimed", Duration::ZERO),
            Ok(Claim::Done) => return Try::Over("duplicate"),
            Err(error) => {
                tell::deduplicator(&*error);
                return Try::Again("deduplicator", Duration::ZERO);
            }
        }
        let tried = self.send(message).await;
        self.unclaim(job.id(), !matches!(tried, Try::Again(..)))
            .await;
        tried
    }

    /// In a task of its own: neither a panic of the sender nor the end of the worker leaves half of it undone.
    async fn send(&self, message: Message) -> Try {
        let sender = self.sender.clone();
        let sending = tokio::spawn(async move { sender.send(&message).await });
        match timeout(LONGEST_SEND, sending).await {
            Ok(Ok(answer)) => {
                let answer = answer.inspect_err(|error| tell::refused(self.sender.name(), error));
                understood(answer)
            }
            Ok(Err(_)) => Try::Dead("panicked"),
            // It may arrive.
            Err(_) => Try::Over("sent"),
        }
    }

    async fn unclaim(&self, job: &JobId, over: bool) {
        let told = match over {
            true => self.deduplicator.done(job).await,
            false => self.deduplicator.release(job).await,
        };
        if let Err(error) = told {
            tell::deduplicator(&*error);
        }
    }

    /// Until the broker has it, or the partition leaves: then whoever has it next buries it.
    async fn publish(&self, record: Record<'_>, ticket: &mut Ticket) -> bool {
        let mut failures = 0;
        loop {
            let published = self.publisher.publish(record).await;
            if matches!(published, Published::Acknowledged) {
                return true;
            }
            tell::not_published(record.topic, &published);
            failures += 1;
            let pause = pause::after(failures, Duration::ZERO);
            if self.sleep.within(pause, ticket.left()).await.is_some() {
                return false;
            }
        }
    }
}

fn understood(answer: Result<Receipt, SendError>) -> Try {
    match answer {
        Ok(_) => Try::Over("sent"),
        Err(error) if error.is_transient() => {
            Try::Again(error.kind.as_str(), error.retry_after.unwrap_or_default())
        }
        Err(error) => Try::Dead(error.kind.as_str()),
    }
}
