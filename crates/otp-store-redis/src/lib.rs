//! Phone-login challenges, limits, messages and sessions in Redis 6.2 or later, or Valkey: one server, Sentinel or Cluster.
//!
//! ```no_run
//! use otp_store_redis::RedisStore;
//!
//! # async fn example() -> Result<(), otp_core::StoreError> {
//! let store = RedisStore::connect("redis://127.0.0.1:6379").await?;
//! # Ok(())
//! # }
//! ```
//!
//! Every verb is one script, so one round trip, on one server or behind Sentinels; listing a user's sessions, ending
//! all of them, and asking what became of a message take two. On a Cluster a challenge and the limits of its phone share
//! a slot; limits of other dimensions are charged in their own slots first, one round trip each, and given back if a
//! later one refuses. That may briefly refuse one too many and never admits one too many.
//!
//! # What a crash can lose
//! Redis answers before its disk or its replicas know. What this store promises when writes are lost, by a crash
//! without persistence, by a failover, or by a restart from an older snapshot:
//!
//! - **A code that was used, or that stands no more guesses, does not come back.** Each challenge carries the mark of
//!   the server that wrote it, its replication id, which is new after every start and every promotion. Under another
//!   mark it is unknown, and the user asks for a new code. The same happens to codes that are under way when a master
//!   gets its first replica or has had none for an hour (`repl-backlog-ttl`), and when a Cluster's slot moves to another
//!   node.
//! - **The message that carries a code** is unknown under another mark as well: there may have been a newer one. What was
//!   reported of a message is true wherever it comes from; reports that were lost leave it at the word before.
//! - **Limits** forget the charges that were lost: at most one extra window for each limit and event.
//! - **Sessions** go back to the state that survived. A refresh token that was issued in between is dead, and the
//!   one before it, which had been spent, is good again until its session expires: a client that kept only the new one
//!   signs in again, and the reuse of an old one is not noticed. A session that was *ended* in between lives again until
//!   it expires or is ended again. On a Cluster the index of a user's sessions, which has a slot of its own, may be
//!   lost without them: they live, and neither a list nor ending all of them finds them. Where that is not acceptable,
//!   keep sessions in SQL or choose [`Durability::Replicated`] with replicas that persist.
//! - Everything else answers as ever: what was not acknowledged failed closed, without a code sent or a token given.
//!
//! [`Durability::Replicated`] narrows it: no verb succeeds before so many replicas have its writes. A master that is
//! cut off from its replicas then refuses. `appendonly yes` with `appendfsync always` covers a crash of the process;
//! `everysec` loses at most a second. A server without any persistence is told in the log at start.
//!
//! # Two versions on one server
//! As in a rolling upgrade. A code that another version wrote under another mark is unknown. A session or a limit's
//! tally in another format is a failure, [`Corrupt`](otp_core::StoreErrorKind::Corrupt): the older nodes refuse
//! whoever is behind that limit until it ends, and never take it for an empty one. Ending all of a user's sessions ends
//! those that are understood, and fails.
//!
//! # What is asked of the server
//! `maxmemory-policy noeviction`: a server that evicts forgets limits under pressure, so it is refused at start. When
//! its memory is full it refuses to write, and so does this store. An ACL user needs `+@read +@write +@scripting
//! +@transaction +@connection +info +time +wait ~otp:*`, on a Cluster also `+cluster|slots +asking`; without
//! `+config|get` persistence by snapshots cannot be seen and is not told.

mod arguments;
mod challenges;
mod check;
#[cfg(feature = "cluster")]
mod cluster;
mod config;
mod connect;
mod deliveries;
mod error;
mod key;
mod link;
mod replies;
mod script;
#[cfg(feature = "sentinel")]
mod sentinel;
mod session_row;
mod sessions;
mod slots;
mod target;
#[cfg(feature = "tls")]
mod tls;

pub use config::{Durability, RedisStoreBuilder};

use link::Lanes;
use otp_core::StoreError;
use std::fmt;
use std::sync::Arc;

const STORE: &str = "redis";

/// Challenges, limits, messages and sessions in Redis. Clones share the connection.
#[derive(Clone)]
pub struct RedisStore {
    lanes: Arc<Lanes>,
}

impl RedisStore {
    /// Connects with the defaults.
    ///
    /// # Errors
    /// As for [`RedisStoreBuilder::connect`].
    pub async fn connect(url: &str) -> Result<Self, StoreError> {
        Self::builder(url).connect().await
    }

    /// How to connect to the server at `url`:
    ///
    /// - `redis://[user:password@]host[:6379][/database]`, and `rediss://` for TLS (feature `tls`)
    /// - `redis+sentinel://[user:password@]host[:26379],host,…/master-name[/database]` (feature `sentinel`); the
    ///   password is the master's; the Sentinels' own is [`with_sentinel_login`](RedisStoreBuilder::with_sentinel_login)
    /// - `redis+cluster://[user:password@]host[:6379],host,…` (feature `cluster`)
    ///
    /// `rediss+sentinel://` and `rediss+cluster://` speak TLS with all of them.
    pub fn builder(url: &str) -> RedisStoreBuilder {
        RedisStoreBuilder::new(url)
    }
}

impl fmt::Debug for RedisStore {
    /// No address and no password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisStore").finish_non_exhaustive()
    }
}
