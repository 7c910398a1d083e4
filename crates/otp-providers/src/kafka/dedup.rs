//! Which jobs were handed over already.

use crate::job::JobId;
use otp_core::{Timestamp, async_trait};
use std::collections::HashMap;
use std::error::Error;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Remembers which jobs were handed over, until they expire.
///
/// [`MemoryDeduplicator`] knows what its own process did. One that all workers share also knows what a worker did that
/// was killed before it committed.
///
/// # Contract
/// - Of any number of calls of `claim` for one job at once, one is answered [`Claim::Yours`], until `release`.
/// - After `done`, `claim` answers [`Claim::Done`] until the job expires.
/// - A claim whose owner is gone ends by itself, within a minute or so: until then others wait.
/// - An error keeps the job from being handed over; the worker asks again.
#[async_trait]
pub trait Deduplicator: fmt::Debug + Send + Sync + 'static {
    /// Asks for the right to hand a job over that expires at `expires_at`.
    async fn claim(
        &self,
        job: &JobId,
        expires_at: Timestamp,
        now: Timestamp,
    ) -> Result<Claim, Box<dyn Error + Send + Sync>>;

    /// The job was handed over, or may have been.
    async fn done(&self, job: &JobId) -> Result<(), Box<dyn Error + Send + Sync>>;

    /// The job was not handed over, and may be claimed again.
    async fn release(&self, job: &JobId) -> Result<(), Box<dyn Error + Send + Sync>>;
}

/// Who hands a job over. There is no fourth answer: a worker has to know what to do with each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claim {
    /// Whoever asked.
    Yours,
    /// Somebody else is about to: ask again.
    Taken,
    /// Nobody: it was.
    Done,
}

/// Remembers up to so many jobs in this process. When it is full of jobs that have not expired, it forgets some of those
/// that expire first.
///
/// ```
/// let deduplicator = otp_providers::kafka::MemoryDeduplicator::new(10_000);
/// # let _ = deduplicator;
/// ```
pub struct MemoryDeduplicator {
    most: usize,
    jobs: Mutex<HashMap<JobId, Known>>,
}

#[derive(Clone, Copy)]
struct Known {
    expires_at: Timestamp,
    done: bool,
}

impl MemoryDeduplicator {
    /// Remembers `most` jobs, at least one.
    #[must_use]
    pub fn new(most: usize) -> Self {
        Self {
            most: most.max(1),
            jobs: Mutex::default(),
        }
    }

    fn jobs(&self) -> MutexGuard<'_, HashMap<JobId, Known>> {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for MemoryDeduplicator {
    /// 100 000 jobs, some 8 MB.
    fn default() -> Self {
        Self::new(100_000)
    }
}

#[async_trait]
impl Deduplicator for MemoryDeduplicator {
    async fn claim(
        &self,
        job: &JobId,
        expires_at: Timestamp,
        now: Timestamp,
    ) -> Result<Claim, Box<dyn Error + Send + Sync>> {
        let mut jobs = self.jobs();
        match jobs.get(job) {
            Some(known) if known.done => return Ok(Claim::Done),
            Some(_) => return Ok(Claim::Taken),
            None => {}
        }
        if jobs.len() >= self.most {
            make_room(&mut jobs, self.most, now);
        }
        let done = false;
        jobs.insert(*job, Known { expires_at, done });
        Ok(Claim::Yours)
    }

    async fn done(&self, job: &JobId) -> Result<(), Box<dyn Error + Send + Sync>> {
        if let Some(known) = self.jobs().get_mut(job) {
            known.done = true;
        }
        Ok(())
    }

    async fn release(&self, job: &JobId) -> Result<(), Box<dyn Error + Send + Sync>> {
        self.jobs().remove(job);
        Ok(())
    }
}

/// Those that have expired, and if that is not enough an eighth of the rest, so that this is rare.
fn make_room(jobs: &mut HashMap<JobId, Known>, most: usize, now: Timestamp) {
    jobs.retain(|_, known| known.expires_at > now);
    if jobs.len() < most {
        return;
    }
    let mut by_expiry: Vec<_> = jobs.iter().filter(|(_, known)| known.done).collect();
    by_expiry.sort_unstable_by_key(|(_, known)| known.expires_at);
    let oldest: Vec<JobId> = by_expiry
        .into_iter()
        .take(most.div_ceil(8))
        .map(|(job, _)| *job)
        .collect();
    for job in oldest {
        jobs.remove(&job);
    }
}

impl fmt::Debug for MemoryDeduplicator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryDeduplicator")
            .field("most", &self.most)
            .field("jobs", &self.jobs().len())
            .finish()
    }
}
