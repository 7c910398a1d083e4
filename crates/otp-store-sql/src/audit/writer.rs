//! The task that appends.

use super::entry::{Draft, Entry, START};
use super::keys::AuditKeys;
use super::verify::ChainHead;
use super::{Lost, Message};
use crate::Database;
use crate::dialect::args;
use crate::fault::Fault;
use crate::verb::{Ended, Tx, Verb};
use otp_core::{EntropyError, async_trait};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};

/// Rows of one append at most.
const BATCH: usize = 32;

const PATIENCE: Duration = Duration::from_millis(50);
const MOST_PATIENCE: Duration = Duration::from_secs(5);

pub(super) struct Writer {
    pub(super) db: Database,
    pub(super) tenant: Arc<str>,
    pub(super) keys: Arc<AuditKeys>,
    pub(super) lost: Arc<Lost>,
    pub(super) waiting: mpsc::Receiver<Message>,
}

impl Writer {
    /// Until every sender is gone and the queue is empty.
    pub(super) async fn run(mut self) {
        let mut batch = Vec::with_capacity(BATCH);
        while self.waiting.recv_many(&mut batch, BATCH).await > 0 {
            let mut drafts = Vec::with_capacity(batch.len() + 1);
            let mut flushed = Vec::new();
            for message in batch.drain(..) {
                match message {
                    Message::Event(event) => match Draft::of(&event) {
                        Ok(draft) => drafts.push(draft),
                        Err(error) => {
                            self.lost.one();
                            no_row(&error);
                        }
                    },
                    Message::Flush(done) => flushed.push(done),
                }
            }
            self.note_loss(&mut drafts);
            if !drafts.is_empty() {
                self.append(drafts).await;
            }
            flushed.into_iter().for_each(tell);
        }
    }

    fn note_loss(&self, drafts: &mut Vec<Draft>) {
        let lost = self.lost.untold.swap(0, Ordering::Relaxed);
        if lost > 0 {
            use otp_core::Clock as _;
            let now = otp_core::SystemClock.now().as_millis();
            match Draft::of_loss(lost, now) {
                Ok(draft) => drafts.push(draft),
                Err(error) => {
                    self.lost.untold.fetch_add(lost, Ordering::Relaxed);
                    no_row(&error);
                }
            }
        }
    }

    /// Tries until it is done: meanwhile the queue fills, and says so when it is full.
    async fn append(&self, drafts: Vec<Draft>) {
        let append = Append::new(&self.tenant, &self.keys, drafts);
        let mut patience = PATIENCE;
        while let Err(error) = self.db.transact(append.clone()).await {
            tracing::warn!(target: "otp", %error, "the audit cannot be written; trying again");
            pause(patience).await;
            patience = (patience * 2).min(MOST_PATIENCE);
        }
    }
}

/// Without randomness there is no salt, and without that no row.
fn no_row(error: &EntropyError) {
    tracing::error!(target: "otp", %error, "there is no row of the audit for this");
}

fn tell(done: oneshot::Sender<()>) {
    // Whoever asked may have gone.
    let _ = done.send(());
}

#[expect(
    clippy::disallowed_methods,
    reason = "between two tries at a database that is away"
)]
async fn pause(how_long: Duration) {
    tokio::time::sleep(how_long).await;
}

/// Appends a batch: all of it, once, also when the answer to an earlier try was lost.
#[derive(Clone)]
pub(super) struct Append {
    tenant: Arc<str>,
    keys: Arc<AuditKeys>,
    drafts: Arc<Vec<Draft>>,
    /// Where the last try put its first row, and that row's hash.
    tried: Arc<Mutex<Option<ChainHead>>>,
}

#[async_trait]
impl Verb for Append {
    type Output = ();

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Ended<()>, Fault> {
        let (seq, before) = self.lock_head(tx).await?;
        if self.is_written(tx).await? {
            return Ok(Ended::Undone(()));
        }
        let (mut at, mut hash) = (seq, before);
        let mut values = Vec::new();
        for draft in self.drafts.iter() {
            at += 1;
            let entry = Entry::chain(&self.keys, &self.tenant, at, &hash, draft.clone());
            hash = entry.hash;
            if at == seq + 1 {
                *self.tried.lock().unwrap_or_else(PoisonError::into_inner) =
                    Some(ChainHead { seq: at, hash });
            }
            values.extend(entry.values(&self.tenant));
        }
        let append = tx.sql.audit.append.of(self.drafts.len());
        tx.execute(&append, values).await?;
        let moved = args![at, &hash, &*self.tenant, seq];
        if tx.execute(&tx.sql.audit.head_move, moved).await? != 1 {
            return Err(Fault::overtaken());
        }
        Ok(Ended::Kept(()))
    }
}

impl Append {
    pub(super) fn new(tenant: &Arc<str>, keys: &Arc<AuditKeys>, drafts: Vec<Draft>) -> Self {
        Self {
            tenant: Arc::clone(tenant),
            keys: Arc::clone(keys),
            drafts: Arc::new(drafts),
            tried: Arc::default(),
        }
    }

    /// The chain's end, which nobody else moves until this is done.
    async fn lock_head(&self, tx: &mut Tx<'_>) -> Result<(i64, [u8; 32]), Fault> {
        for _ in 0..2 {
            let head = tx
                .rows(&tx.sql.audit.head_lock, args![&*self.tenant])
                .await?;
            if let Some(row) = head.first() {
                let mut columns = row.columns();
                return Ok((columns.int()?, columns.array()?));
            }
            let seed = args![&*self.tenant, &START];
            tx.execute(&tx.sql.audit.head_seed, seed).await?;
        }
        Err(Fault::overtaken())
    }

    async fn is_written(&self, tx: &mut Tx<'_>) -> Result<bool, Fault> {
        let tried = *self.tried.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(ChainHead { seq, hash }) = tried else {
            return Ok(false);
        };
        let rows = tx
            .rows(&tx.sql.audit.hash_at, args![&*self.tenant, seq])
            .await?;
        let found = rows
            .first()
            .map(|row| row.columns().array::<32>())
            .transpose()?;
        Ok(found == Some(hash))
    }
}
