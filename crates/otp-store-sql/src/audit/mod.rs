//! The audit: every event a row, every row bound to the one before it.

mod entry;
mod erase;
mod keys;
mod verify;
mod writer;

pub use entry::Broken;
pub use keys::AuditKeys;
pub use verify::{AuditReport, ChainHead, VerifyError};

use crate::{Database, STORE};
use entry::Draft;
use otp_core::{AuditSink, DurableAudit, Event, StoreError, StoreErrorKind, async_trait};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::{mpsc, oneshot};
use writer::{Append, Writer};

/// Events that wait at most, unless said otherwise: some four megabytes.
const QUEUE: usize = 8_192;

/// How many drops go between two complaints.
const COMPLAIN_EVERY: u64 = 1_000;

/// An [`AuditSink`] that appends every event to a table, in a hash chain per tenant.
///
/// Each row carries HMAC-SHA-256 over the row before it and itself; [`verify`](Self::verify) finds any byte that was
/// changed, and any row that was taken out. Several nodes append to one chain without forking it: a row that holds its
/// end is locked. What a row says of a person (number, user, address, device) is covered by a salted digest, so that
/// [`erase`](Self::erase) removes it and the chain still verifies (GDPR article 17). Who may write to the database can
/// do that too, to whole rows, and it looks the same: compare [`AuditReport::erased`] with what you had erased.
///
/// `record` puts the event in a bounded queue; a task writes it in batches. While the database is away the queue
/// fills; when it is full, events are dropped, which is told through `tracing` at `ERROR`, counted in
/// `otp_audit_dropped_total`, and noted in the chain itself once it is back. A process that is killed loses what its
/// queue holds, and nothing notes that. So a login does not wait for its audit row, and does not fail for want of one.
/// Where nobody may be let in without a row (the strict reading of ASVS
/// 16.4.2), give it to [`OtpAuth`](otp_core::OtpAuth)'s builder as `audit_required`: the row is then committed before
/// the session is made.
///
/// Who may write to the database can cut rows off the *end* of the chain and move its end back. Keep the
/// [`ChainHead`] of a report elsewhere, and give it to the next [`verify`](Self::verify).
///
/// ```
/// # #[cfg(all(feature = "sqlite", feature = "migrate"))]
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use otp_core::SecretKey;
/// use otp_store_sql::{AuditKeys, Database, SqlAudit};
///
/// let database = Database::connect("sqlite::memory:").await?;
/// database.migrate().await?;
/// let keys = AuditKeys::new("a1".parse()?, &SecretKey::generate()?);
/// let audit = SqlAudit::start(&database, "default", keys);
/// // OtpAuth::builder(..).audit(audit.clone())
/// audit.flush().await;
/// assert_eq!(audit.verify("default", None).await?.rows, 0);
/// # Ok(())
/// # }
/// # #[cfg(not(all(feature = "sqlite", feature = "migrate")))]
/// # fn main() {}
/// ```
#[derive(Clone, Debug)]
pub struct SqlAudit {
    db: Database,
    tenant: Arc<str>,
    keys: Arc<AuditKeys>,
    queue: mpsc::Sender<Message>,
    lost: Arc<Lost>,
}

/// What the writer is sent.
#[derive(Debug)]
enum Message {
    Event(Box<Event>),
    /// Answered when all before it is written.
    Flush(oneshot::Sender<()>),
}

/// Events that found the queue full, or no randomness.
#[derive(Debug, Default)]
struct Lost {
    ever: AtomicU64,
    /// Not noted in the chain yet.
    untold: AtomicU64,
}

impl SqlAudit {
    /// Starts the writer of `tenant`'s chain, on the runtime that this is called on. It ends when the last clone is
    /// dropped and the queue is written. A tenant is named as in [`SqlUsers::new`](crate::SqlUsers::new).
    ///
    /// # Panics
    /// Outside of a tokio runtime.
    #[must_use]
    pub fn start(database: &Database, tenant: impl Into<String>, keys: AuditKeys) -> Self {
        Self::with_queue(database, tenant, keys, QUEUE)
    }

    /// The same, with room for `most` events that wait.
    ///
    /// # Panics
    /// Outside of a tokio runtime.
    #[must_use]
    pub fn with_queue(
        database: &Database,
        tenant: impl Into<String>,
        keys: AuditKeys,
        most: usize,
    ) -> Self {
        let (queue, waiting) = mpsc::channel(most.max(1));
        let (tenant, keys) = (Arc::from(tenant.into()), Arc::new(keys));
        let lost = Arc::<Lost>::default();
        let writer = Writer {
            db: database.clone(),
            tenant: Arc::clone(&tenant),
            keys: Arc::clone(&keys),
            lost: Arc::clone(&lost),
            waiting,
        };
        tokio::spawn(writer.run());
        Self {
            db: database.clone(),
            tenant,
            keys,
            queue,
            lost,
        }
    }

    /// Waits until every event so far is in the table: before a shutdown. Bound it, for it waits as long as the
    /// database is away.
    pub async fn flush(&self) {
        let (done, written) = oneshot::channel();
        if self.queue.send(Message::Flush(done)).await.is_ok() {
            let _ = written.await;
        }
    }

    /// Events that were dropped because the queue was full, since the start.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.lost.ever.load(Ordering::Relaxed)
    }

    fn drop_event(&self) {
        let dropped = self.lost.one();
        if dropped % COMPLAIN_EVERY == 1 {
            tracing::error!(target: "otp", dropped, "the audit takes no more events: they are lost");
        }
    }
}

impl Lost {
    /// One more; the count with it.
    fn one(&self) -> u64 {
        self.untold.fetch_add(1, Ordering::Relaxed);
        metrics::counter!("otp_audit_dropped_total").increment(1);
        self.ever.fetch_add(1, Ordering::Relaxed) + 1
    }
}

#[async_trait]
impl DurableAudit for SqlAudit {
    async fn append(&self, event: &Event) -> Result<(), StoreError> {
        let draft = Draft::of(event).map_err(|error| {
            StoreError::new(STORE, StoreErrorKind::Unavailable).with_source(error)
        })?;
        let append = Append::new(&self.tenant, &self.keys, vec![draft]);
        self.db.transact(append).await
    }
}

impl AuditSink for SqlAudit {
    fn record(&self, event: &Event) {
        let message = Message::Event(Box::new(event.clone()));
        if self.queue.try_send(message).is_err() {
            self.drop_event();
        }
    }
}
