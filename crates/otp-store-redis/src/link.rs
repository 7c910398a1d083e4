//! Connections that come back by themselves, and how much may be asked of them at once.

use crate::config::{Durability, Settings};
use crate::connect::{Connection, Connector};
use crate::error::{Trouble, is_broken, store_error};
use crate::script::Call;
use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, Shared, try_join_all};
use otp_core::StoreError;
use redis::{Cmd, ErrorKind, RedisError, RedisResult, ServerErrorKind, Value};
use std::future::Future;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

/// So many late replies, and a Cluster's connection is replaced: one node may hang for good, and the driver goes on
/// asking it.
const LATE_REPLIES: u32 = 3;

/// A `WAIT` holds up what comes behind it on its connection, so it gets several to spread over.
const REPLICATED_LANES: usize = 8;

/// All connections of a store.
pub(crate) struct Lanes {
    lanes: Vec<Arc<Lane>>,
    turn: AtomicUsize,
    permits: Arc<Semaphore>,
    operation: Duration,
    pub(crate) durability: Durability,
    pub(crate) is_cluster: bool,
}

/// One connection. It is opened when it is needed, by whoever comes first; all others wait for the same attempt, and
/// the attempt goes on when they give up.
struct Lane {
    connector: Connector,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    generation: u64,
    attempt: Option<Attempt>,
    /// Commands of this generation that were not answered in time, where that alone is no reason to drop it.
    late: u32,
    is_replacing: bool,
}

type Attempt = Shared<BoxFuture<'static, RedisResult<Connection>>>;

impl Lanes {
    pub(crate) fn new(connector: Connector, settings: &Settings) -> Self {
        let lanes = match settings.durability {
            Durability::Local => 1,
            Durability::Replicated { .. } => REPLICATED_LANES,
        };
        let lane = |_| {
            Arc::new(Lane {
                connector: connector.clone(),
                state: Mutex::default(),
            })
        };
        Self {
            lanes: (0..lanes).map(lane).collect(),
            turn: AtomicUsize::new(0),
            permits: Arc::new(Semaphore::new(settings.in_flight)),
            operation: settings.operation,
            durability: settings.durability,
            is_cluster: connector.is_cluster(),
        }
    }

    /// Opens all connections, which may take longer than an operation may: a store that begins has no time to lose.
    pub(crate) async fn open(&self, most: Duration) -> Result<(), StoreError> {
        let attempts = self.lanes.iter().map(|lane| lane.attempt().1);
        match timeout(most, try_join_all(attempts)).await {
            Ok(opened) => opened.map(drop).map_err(store_error),
            Err(_) => Err(Trouble::Late.into()),
        }
    }

    /// Room for one more operation, or a refusal at once: a queue would only make everyone late.
    pub(crate) fn enter(&self) -> Result<OwnedSemaphorePermit, StoreError> {
        let permit = Arc::clone(&self.permits).try_acquire_owned();
        permit.map_err(|_| Trouble::Full.into())
    }

    /// Runs several steps in bounded time, and to their end even if nobody waits for it.
    pub(crate) async fn whole<T: Send + 'static>(
        &self,
        permit: OwnedSemaphorePermit,
        steps: impl Future<Output = Result<T, StoreError>> + Send + 'static,
    ) -> Result<T, StoreError> {
        let steps = tokio::spawn(async move {
            let _permit = permit;
            steps.await
        });
        match timeout(self.operation, steps).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_)) | Err(_) => Err(Trouble::Late.into()),
        }
    }

    /// Runs a script that writes; it has happened when the durability that was asked for is met.
    pub(crate) async fn write(&self, call: &Call) -> Result<Value, StoreError> {
        let Durability::Replicated { replicas, timeout } = self.durability else {
            return self.read(call).await;
        };
        let mut wait = redis::cmd("WAIT");
        let millis = u64::try_from(timeout.as_millis()).unwrap_or(u64::MAX);
        wait.arg(replicas).arg(millis);
        // Both in one piece on one connection, where `WAIT` is about all writes before it: ours, which is the last of
        // them, and the neighbours', which can only make it stricter.
        let mut replies = self
            .send(vec![call.by_hash(), wait.clone()])
            .await
            .map_err(store_error)?;
        if is_unknown_script(replies.first()) {
            replies = self
                .send(vec![call.by_text(), wait])
                .await
                .map_err(store_error)?;
        }
        let mut replies = replies.into_iter();
        let mut next = || replies.next().unwrap_or(Value::Nil).extract_error();
        let reply = next().map_err(store_error)?;
        match next().map_err(store_error)? {
            Value::Int(have) if have >= i64::from(replicas) => Ok(reply),
            Value::Int(_) => Err(Trouble::Unreplicated.into()),
            _ => Err(Trouble::Reply.into()),
        }
    }

    /// Runs a script that only reads.
    pub(crate) async fn read(&self, call: &Call) -> Result<Value, StoreError> {
        let reply = self.one(call.by_hash()).await;
        let reply = match reply {
            Err(error) if error.kind() == ErrorKind::Server(ServerErrorKind::NoScript) => {
                self.one(call.by_text()).await
            }
            reply => reply,
        };
        reply.map_err(store_error)
    }

    /// Sends a command as it is.
    pub(crate) async fn command(&self, command: Cmd) -> Result<Value, StoreError> {
        self.one(command).await.map_err(store_error)
    }

    /// What each master says to a command about itself.
    pub(crate) async fn ask_masters(&self, command: Cmd) -> Result<Vec<Value>, StoreError> {
        let ask = |mut connection: Connection| async move { connection.ask_masters(command).await };
        self.lane()
            .run(self.operation, ask)
            .await
            .map_err(store_error)
    }

    async fn one(&self, command: Cmd) -> RedisResult<Value> {
        let replies = self.send(vec![command]).await?;
        replies
            .into_iter()
            .next()
            .unwrap_or(Value::Nil)
            .extract_error()
    }

    async fn send(&self, commands: Vec<Cmd>) -> RedisResult<Vec<Value>> {
        let send = |mut connection: Connection| async move {
            let replies = connection.send(&commands).await?;
            // A server that was demoted says so in a reply, and the connection to it is of no use any more.
            match replies.first().and_then(error_of).filter(is_broken) {
                Some(error) => Err(error),
                None => Ok(replies),
            }
        };
        self.lane().run(self.operation, send).await
    }

    fn lane(&self) -> &Arc<Lane> {
        let turn = self.turn.fetch_add(1, Ordering::Relaxed) % self.lanes.len().max(1);
        // There is at least one, so the index is within.
        #[expect(clippy::indexing_slicing, reason = "a remainder of the length")]
        &self.lanes[turn]
    }
}

impl Lane {
    /// Connects if need be and sends. A connection that failed, or was too slow, is not used again: what comes next
    /// opens another.
    async fn run<T, F: Future<Output = RedisResult<T>>>(
        self: &Arc<Self>,
        operation: Duration,
        send: impl FnOnce(Connection) -> F,
    ) -> RedisResult<T> {
        let (generation, attempt) = self.attempt();
        let connecting = attempt.clone();
        let result = timeout(operation, async move { send(connecting.await?).await }).await;
        let is_late = match &result {
            Ok(outcome) => outcome.as_ref().is_err_and(RedisError::is_timeout),
            Err(_) => true,
        };
        match (&result, attempt.peek()) {
            // While it is still connecting the attempt may yet succeed.
            (Ok(Ok(_)), _) | (_, None) => {}
            (_, Some(Ok(connection))) if connection.mends_itself() => {
                if is_late {
                    self.count_late(generation);
                }
            }
            (Ok(Err(error)), Some(Ok(_))) if !is_broken(error) => {}
            _ => self.discard(generation),
        }
        result.unwrap_or_else(|_| Err(late()))
    }

    /// Has another connection opened beside this one if too much is late, and changes over when it is there.
    fn count_late(self: &Arc<Self>, generation: u64) {
        let mut state = self.state();
        if state.generation != generation || state.is_replacing {
            return;
        }
        state.late += 1;
        if state.late < LATE_REPLIES {
            return;
        }
        state.is_replacing = true;
        let lane = Arc::clone(self);
        drop(tokio::spawn(async move {
            let replacement = lane.connector.connect().await;
            let mut state = lane.state();
            if let Ok(connection) = replacement {
                let attempt = std::future::ready(Ok(connection)).boxed().shared();
                // Once asked, it can be looked into.
                let _ = attempt.clone().now_or_never();
                state.generation += 1;
                state.attempt = Some(attempt);
            }
            (state.late, state.is_replacing) = (0, false);
        }));
    }

    fn attempt(&self) -> (u64, Attempt) {
        let mut state = self.state();
        let failed = |attempt: &Attempt| attempt.peek().is_some_and(Result::is_err);
        if let Some(attempt) = state.attempt.as_ref().filter(|attempt| !failed(attempt)) {
            return (state.generation, attempt.clone());
        }
        let connector = self.connector.clone();
        let attempt = async move { connector.connect().await }.boxed().shared();
        // It is driven to its end even if everyone who waits for it gives up.
        drop(tokio::spawn(attempt.clone()));
        state.generation += 1;
        state.late = 0;
        state.attempt = Some(attempt.clone());
        (state.generation, attempt)
    }

    fn discard(&self, generation: u64) {
        let mut state = self.state();
        if state.generation == generation {
            state.attempt = None;
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn is_unknown_script(reply: Option<&Value>) -> bool {
    let error = reply.and_then(error_of);
    error.is_some_and(|error| error.kind() == ErrorKind::Server(ServerErrorKind::NoScript))
}

pub(crate) fn error_of(reply: &Value) -> Option<RedisError> {
    match reply {
        Value::ServerError(error) => Some(error.clone().into()),
        _ => None,
    }
}

fn late() -> RedisError {
    std::io::Error::new(std::io::ErrorKind::TimedOut, Trouble::Late).into()
}
