//! Jobs out of the topic, and to a sender.

mod builder;
mod consumer;
mod desk;
mod ledger;
mod pause;

pub use builder::KafkaWorkerBuilder;

use super::Kafka;
use crate::job::JobKeys;
use crate::sleep::Sleep;
use consumer::Intake;
use desk::Desk;
use otp_core::Sender;
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinSet;
use tokio::time::timeout;

/// Longer than a partition's jobs have to end.
const ENDING: Duration = Duration::from_secs(40);

/// Takes [sealed jobs](crate::job) out of a topic and hands each to a [`Sender`], together with the other workers of its
/// group. The [module](super) says what is guaranteed.
///
/// # What becomes of a job
/// | it | then |
/// |---|---|
/// | has expired | dropped |
/// | was handed over already ([`Deduplicator`](super::Deduplicator)) | dropped |
/// | is taken by the sender, or may have been | done; one that does not answer within 30 seconds may have been |
/// | fails as `Transient` or `RateLimited` | again after 0.5 to 1 s, then after twice as long up to 30 s, and never before the wait that the sender names; a dead letter if it would expire first |
/// | fails in another way | a dead letter |
/// | does not open, or has an unknown version | a dead letter |
///
/// Its offset is committed after that, never before. A dead letter is the job as it was, sealed, with the header
/// `reason`: the class of the failure, or a [`JobError`](crate::job::JobError)'s name.
///
/// # What it tells
/// The counters `otp_jobs_total{outcome}` (`sent`, `duplicate`, `expired`, `retried`, `dead`, `handed_back`) and
/// `otp_job_commits_failed_total`, and log lines. `log` records of the target `rlibphonenumber` must be left out, as
/// [`PhoneNumber::parse`](otp_core::PhoneNumber::parse) says.
///
/// ```no_run
/// use otp_core::SecretKey;
/// use otp_providers::job::JobKeys;
/// use otp_providers::{Kafka, KafkaWorker};
/// # use otp_core::testing::CapturingSender;
/// # async fn example(sender: CapturingSender) -> Result<(), Box<dyn std::error::Error>> {
///
/// let keys = JobKeys::new("j1".parse()?, &SecretKey::from_base64(&std::env::var("OTP_JOB_KEY")?)?)?;
/// let kafka = Kafka::new("kafka-1:9092", "otp-jobs")?;
/// let worker = KafkaWorker::builder(kafka, keys, sender, tokio::time::sleep).concurrency(32).build()?;
/// let stop = tokio::sync::Notify::new(); // to be notified by a signal
/// worker.run(stop.notified()).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct KafkaWorker {
    intake: Intake,
    desk: Arc<Desk>,
}

/// Why a worker ended before it was told to.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KafkaWorkerError {
    /// librdkafka cannot go on; the source is what it said.
    #[error("the worker's consumer cannot go on")]
    Consumer(#[source] Box<dyn Error + Send + Sync>),
    /// The thread that polls was not started.
    #[error("the worker's thread was not started")]
    Thread(#[from] std::io::Error),
    /// The thread that polls panicked.
    #[error("the worker's thread panicked")]
    Panicked,
    /// It was told to end, and could not commit and leave the group in time: what is not committed comes again.
    #[error("the worker did not end in time; what is not committed comes again")]
    Unfinished,
}

impl KafkaWorker {
    /// Starts with what has no default. `sleep` is the runtime's, such as `tokio::time::sleep`.
    pub fn builder<F>(
        kafka: Kafka,
        keys: JobKeys,
        sender: impl Sender,
        sleep: impl Fn(Duration) -> F + Send + Sync + 'static,
    ) -> KafkaWorkerBuilder
    where
        F: Future<Output = ()> + Send + 'static,
    {
        KafkaWorkerBuilder::new(kafka, keys, Box::new(sender), Sleep::new(sleep))
    }

    /// Works until `stop` is ready, and then ends in order: what is with the provider is finished, what waits goes back
    /// into the topic, what is done is committed. That takes 40 seconds at most, which it needs only without its broker.
    ///
    /// Dropped instead, it ends like a worker that was killed: nothing more is committed. It needs a runtime of tokio.
    ///
    /// # Errors
    /// [`KafkaWorkerError`] if it cannot go on.
    pub async fn run(self, stop: impl Future<Output = ()>) -> Result<(), KafkaWorkerError> {
        let (jobs, mut taken) = mpsc::unbounded_channel();
        let (stopping, stopped) = watch::channel(false);
        let intake = self.intake;
        let (end, mut ended) = oneshot::channel();
        // No task: without its broker librdkafka may take for ever to end, and a runtime waits for its tasks.
        let polling = std::thread::Builder::new().name("otp-kafka".to_owned());
        polling.spawn(move || {
            // Nobody listens any more: there is nobody to tell.
            let _ = end.send(intake.run(&jobs, &stopped));
        })?;
        let mut in_hand = JoinSet::new();
        let work = async {
            loop {
                tokio::select! {
                    how = &mut ended => {
                        let how = how.map_err(|_| KafkaWorkerError::Panicked)?;
                        return how.map_err(|error| KafkaWorkerError::Consumer(error.into()));
                    }
                    Some(job) = taken.recv() => {
                        in_hand.spawn(self.desk.clone().settle(job));
                    }
                    Some(_) = in_hand.join_next() => {}
                }
            }
        };
        let mut work = std::pin::pin!(work);
        tokio::select! {
            end = &mut work => return end,
            () = stop => {}
        }
        stopping.send_replace(true);
        let end = timeout(ENDING, work).await;
        end.unwrap_or(Err(KafkaWorkerError::Unfinished))
    }
}
