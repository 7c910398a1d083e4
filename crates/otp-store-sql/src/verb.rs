//! One transaction per verb, in a task of its own.

use crate::database::{Database, Inner};
use crate::dialect::Value;
use crate::fault::Fault;
use crate::link::{Link, Row, Sql};
use crate::statements::Statements;
use otp_core::{StoreError, StoreErrorKind, async_trait};
use std::sync::Arc;
use std::time::Duration;

/// How often one verb is begun. Between two of them nothing of it has happened.
const TRIES: u32 = 8;

/// What a verb does in its transaction. It owns its arguments: it outlives its caller.
#[async_trait]
pub(crate) trait Verb: Send + Sync + 'static {
    type Output: Send + 'static;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Ended<Self::Output>, Fault>;
}

/// How a verb's transaction ends.
pub(crate) enum Ended<T> {
    /// Commit, then answer.
    Kept(T),
    /// Nothing was to be kept: roll back, and answer.
    Undone(T),
}

/// A transaction under way.
pub(crate) struct Tx<'c> {
    link: &'c mut Link,
    pub(crate) sql: &'c Statements,
}

impl Tx<'_> {
    pub(crate) async fn execute(&mut self, sql: &Sql, args: Vec<Value>) -> Result<u64, Fault> {
        self.link
            .execute(sql, args)
            .await
            .map_err(Fault::before_commit)
    }

    pub(crate) async fn rows(&mut self, sql: &Sql, args: Vec<Value>) -> Result<Vec<Row>, Fault> {
        self.link
            .rows(sql, args)
            .await
            .map_err(Fault::before_commit)
    }
}

impl Database {
    /// Runs a verb to its end, whatever becomes of the caller (VER-1), within the operation time-out (FLT-8).
    pub(crate) async fn transact<V: Verb>(&self, verb: V) -> Result<V::Output, StoreError> {
        let inner = Arc::clone(&self.0);
        let done = async move { inner.within(tried(|| inner.once(&verb))).await };
        spawned(done).await.map_err(StoreError::from)
    }

    /// Runs one statement that is a transaction by itself, likewise. It is not repeated when its answer is lost.
    pub(crate) async fn single(
        &self,
        pick: fn(&Statements) -> &Sql,
        args: Vec<Value>,
    ) -> Result<Vec<Row>, Fault> {
        let inner = Arc::clone(&self.0);
        let single = async move {
            let tried = tried(|| inner.alone(pick(&inner.sql), args.clone()));
            inner.within(tried).await
        };
        spawned(single).await
    }
}

async fn spawned<T: Send + 'static>(
    work: impl Future<Output = Result<T, Fault>> + Send + 'static,
) -> Result<T, Fault> {
    match tokio::spawn(work).await {
        Ok(done) => done,
        Err(stopped) => Err(Fault::caused(StoreErrorKind::Unavailable, stopped)),
    }
}

/// Twice as long each time, from 4 ms: those who met come apart, and a server that restarts has a moment.
#[expect(
    clippy::disallowed_methods,
    reason = "between two tries of one transaction"
)]
pub(crate) async fn step_aside(tried: u32) {
    tokio::time::sleep(Duration::from_millis(1 << tried.min(7))).await;
}

/// Begins again while it is certain that nothing happened, and it may go better.
async fn tried<T, F: Future<Output = Result<T, Fault>>>(
    once: impl Fn() -> F + Send,
) -> Result<T, Fault> {
    let mut tried = 0;
    loop {
        tried += 1;
        match once().await {
            Err(fault) if fault.may_go_again() && tried < TRIES => {
                metrics::counter!("otp_sql_retries_total").increment(1);
                if tried > 1 {
                    step_aside(tried).await;
                }
            }
            ended => return ended,
        }
    }
}

impl Inner {
    async fn alone(&self, sql: &Sql, args: Vec<Value>) -> Result<Vec<Row>, Fault> {
        let mut lent = self.writer().lend().await?;
        let done = lent.link.rows(sql, args).await.map_err(Fault::at_commit);
        let done = done.map_err(Fault::not_again_if_taken);
        self.settle(self.writer(), lent, done)
    }

    async fn once<V: Verb>(&self, verb: &V) -> Result<V::Output, Fault> {
        let mut lent = self.writer().lend().await?;
        // An error here drops the connection, which ends the transaction.
        let begun = lent.link.command(self.sql.begin).await;
        begun.map_err(Fault::before_commit)?;
        let mut tx = Tx {
            link: &mut lent.link,
            sql: &self.sql,
        };
        match verb.run(&mut tx).await {
            Ok(Ended::Kept(output)) => {
                let committed = lent.link.command("COMMIT").await;
                committed.map_err(Fault::at_commit)?;
                self.writer().give_back(lent);
                Ok(output)
            }
            Ok(Ended::Undone(output)) => {
                self.undo(lent).await;
                Ok(output)
            }
            Err(fault) => {
                if fault.spoken {
                    self.undo(lent).await;
                }
                Err(fault)
            }
        }
    }

    /// Rolls back; a connection on which that fails is closed, which comes to the same.
    async fn undo(&self, mut lent: crate::pool::Lent) {
        if lent.link.command("ROLLBACK").await.is_ok() {
            self.writer().give_back(lent);
        }
    }
}
