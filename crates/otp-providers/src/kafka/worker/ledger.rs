//! Which jobs of which partitions are in hand, and up to where a partition may be committed.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::watch;

/// What jobs of a partition that leaves are to do. What is with the provider is finished in any case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Leave {
    /// Go back into the topic, so that the partition can be committed.
    HandBack,
    /// End: another worker has them already.
    Lost,
}

/// Shared by the thread that polls and the tasks that send.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    partitions: Mutex<HashMap<i32, Partition>>,
    settled: Condvar,
}

/// One partition, from its assignment to its revocation.
#[derive(Debug)]
struct Partition {
    leave: watch::Sender<Option<Leave>>,
    /// Offsets that may not be committed yet.
    open: BTreeSet<i64>,
    /// How many of them have a task.
    in_hand: usize,
    /// One past the highest that was taken.
    next: Option<i64>,
    committed: Option<i64>,
}

/// One job in hand. Dropped, it is no longer in hand, and its offset stays open.
#[derive(Debug)]
pub(super) struct Ticket {
    ledger: Arc<Ledger>,
    partition: i32,
    offset: i64,
    leave: watch::Receiver<Option<Leave>>,
}

impl Ledger {
    /// Partitions came.
    pub(super) fn assign(&self, partitions: &[i32]) {
        let mut all = self.lock();
        for partition in partitions {
            all.insert(*partition, Partition::new());
        }
    }

    /// A job was taken; none if it is of a partition that is not ours.
    pub(super) fn take(self: &Arc<Self>, partition: i32, offset: i64) -> Option<Ticket> {
        let mut all = self.lock();
        let entry = all.get_mut(&partition)?;
        entry.open.insert(offset);
        entry.in_hand += 1;
        entry.next = entry.next.max(Some(offset + 1));
        Some(Ticket {
            ledger: self.clone(),
            partition,
            offset,
            leave: entry.leave.subscribe(),
        })
    }

    /// How many jobs are in hand.
    pub(super) fn in_hand(&self) -> usize {
        self.lock().values().map(|entry| entry.in_hand).sum()
    }

    /// The partitions that are ours.
    pub(super) fn assigned(&self) -> Vec<i32> {
        self.lock().keys().copied().collect()
    }

    /// Up to where partitions may be committed that were not committed so far yet.
    pub(super) fn commitable(&self) -> Vec<(i32, i64)> {
        let mut all = self.lock();
        let entries = all.iter_mut();
        entries
            .filter_map(|(partition, entry)| Some((*partition, entry.commitable()?)))
            .collect()
    }

    /// A commit failed: it is due again.
    pub(super) fn not_committed(&self, partitions: &[i32]) {
        let mut all = self.lock();
        for partition in partitions {
            if let Some(entry) = all.get_mut(partition) {
                entry.committed = None;
            }
        }
    }

    /// Tells the jobs of these partitions to end.
    pub(super) fn leave(&self, partitions: &[i32], how: Leave) {
        let all = self.lock();
        for entry in partitions.iter().filter_map(|p| all.get(p)) {
            entry.leave.send_replace(Some(how));
        }
    }

    /// Blocks until no job of these partitions is in hand, for `most` at most.
    pub(super) fn wait(&self, partitions: &[i32], most: Duration) {
        let busy = |all: &mut HashMap<i32, Partition>| {
            let mut ours = partitions.iter().filter_map(|p| all.get(p));
            ours.any(|entry| entry.in_hand > 0)
        };
        let waited = self.settled.wait_timeout_while(self.lock(), most, busy);
        drop(waited.unwrap_or_else(PoisonError::into_inner));
    }

    /// Partitions are no longer ours: what their jobs come to changes nothing here.
    pub(super) fn remove(&self, partitions: &[i32]) {
        let mut all = self.lock();
        for partition in partitions {
            all.remove(partition);
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<i32, Partition>> {
        // Every change is one step, so a poisoned lock is still sound.
        self.partitions
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl Partition {
    fn new() -> Self {
        Self {
            leave: watch::Sender::new(None),
            open: BTreeSet::new(),
            in_hand: 0,
            next: None,
            committed: None,
        }
    }

    fn commitable(&mut self) -> Option<i64> {
        let first_open = self.open.first().copied();
        // Nothing is committed below what was taken first: that is where the group stands.
        let end = first_open.or(self.next)?;
        if self.committed.is_some_and(|committed| committed >= end) {
            return None;
        }
        self.committed = Some(end);
        Some(end)
    }
}

impl Ticket {
    /// The job needs nothing more: its offset may be committed.
    pub(super) fn done(self) {
        let mut all = self.ledger.lock();
        if let Some(entry) = self.entry(&mut all) {
            entry.open.remove(&self.offset);
        }
        // `drop` locks for itself.
        drop(all);
    }

    /// Ends when the partition leaves.
    pub(super) async fn left(&mut self) -> Leave {
        let left = self.leave.wait_for(Option::is_some).await;
        // A partition that is gone was given up before.
        left.ok().and_then(|how| *how).unwrap_or(Leave::Lost)
    }

    /// The partition as it was when the job was taken; none if it has left since, even if it came back.
    fn entry<'a>(&self, all: &'a mut HashMap<i32, Partition>) -> Option<&'a mut Partition> {
        let entry = all.get_mut(&self.partition)?;
        entry
            .leave
            .subscribe()
            .same_channel(&self.leave)
            .then_some(entry)
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        let mut all = self.ledger.lock();
        if let Some(entry) = self.entry(&mut all) {
            entry.in_hand = entry.in_hand.saturating_sub(1);
        }
        drop(all);
        self.ledger.settled.notify_all();
    }
}

#[cfg(test)]
mod tests;
