//! Metrics and log lines. None holds a number, a code or a key.

use super::publisher::Published;
use crate::job::JobId;
use otp_core::SendError;
use rdkafka::error::KafkaError;

/// Counts what became of a message that was published.
pub(super) fn published(published: &Published, job: &JobId) {
    let class = match published {
        Published::Acknowledged => "acknowledged",
        Published::Unknown(_) => "unknown",
        Published::NotNow(_) => "not_now",
        Published::Refused(_) => "refused",
    };
    metrics::counter!("otp_jobs_published_total", "class" => class).increment(1);
    let challenge = job.challenge();
    match published {
        Published::Acknowledged => {}
        Published::Unknown(error) => {
            tracing::warn!(target: "otp", %challenge, ?error, "the broker did not say whether it took a job; it counts as sent");
        }
        Published::NotNow(error) => {
            tracing::warn!(target: "otp", %challenge, %error, "a job was not published");
        }
        Published::Refused(error) => {
            tracing::error!(target: "otp", %challenge, %error, "the broker refuses jobs and needs its operator");
        }
    }
}

/// Counts what the worker did with a job.
pub(super) fn outcome(outcome: &'static str) {
    metrics::counter!("otp_jobs_total", "outcome" => outcome).increment(1);
}

/// A job ends without having been sent. It is told before it is known to lie in the dead letters.
pub(super) fn dead(reason: &'static str, job: Option<&JobId>) {
    outcome("dead");
    let challenge = job.map(|job| job.challenge().to_string());
    tracing::warn!(target: "otp", reason, challenge, "a job goes to the dead letters");
}

/// Why the worker's sender took no message, in the provider's own codes.
pub(super) fn refused(provider: &str, error: &SendError) {
    let (class, cause) = (error.kind.as_str(), error.causes());
    tracing::warn!(target: "otp", provider, class, cause, "a provider took no message");
}

/// A job is tried again.
pub(super) fn again(reason: &'static str, job: &JobId) {
    outcome("retried");
    tracing::info!(target: "otp", reason, challenge = %job.challenge(), "a job is tried again");
}

/// The deduplicator failed.
pub(super) fn deduplicator(error: &(dyn std::error::Error + Send + Sync + 'static)) {
    tracing::error!(target: "otp", error, "the deduplicator does not answer");
}

/// A dead letter, or a job that was to go back into the topic, was not published.
pub(super) fn not_published(topic: &str, published: &Published) {
    tracing::error!(target: "otp", topic, ?published, "the worker could not publish");
}

/// The consumer met an error; librdkafka goes on by itself.
pub(super) fn consumer(error: &KafkaError) {
    tracing::warn!(target: "otp", %error, "the worker's consumer met an error");
}

/// Offsets were not committed; they are committed again if the partitions are still ours.
pub(super) fn commit(error: &KafkaError) {
    metrics::counter!("otp_job_commits_failed_total").increment(1);
    tracing::warn!(target: "otp", %error, "the worker could not commit");
}

/// Partitions came or went.
pub(super) fn partitions(what: &'static str, topic: &str, partitions: &[i32]) {
    tracing::info!(target: "otp", topic, ?partitions, "the worker has {what} partitions");
}
