//! Challenges, limits, sessions, users and the audit chain in Postgres, MySQL, MariaDB or SQLite.
//!
//! One body of code for all of them: what differs is a table of statements. Every verb is one transaction that locks
//! its rows in one order, runs the pure function of `otp_core` on them, and commits before it answers. It runs in a
//! task of its own, so that a caller who goes away neither takes back a guess that was compared nor leaves a
//! connection half-way.
//!
//! ```
//! # #[cfg(all(feature = "sqlite", feature = "migrate"))]
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use otp_core::{Backend, Reach};
//! use otp_store_sql::{Database, SqlStore};
//!
//! let database = Database::connect("sqlite::memory:").await?;
//! database.migrate().await?;
//! let store = SqlStore::new(&database);
//! assert_eq!(store.reach(), Reach::Process); // a file or a server is `Shared`
//! # Ok(())
//! # }
//! # #[cfg(not(all(feature = "sqlite", feature = "migrate")))]
//! # fn main() {}
//! ```
//!
//! # What is kept, and how long
//! Of a challenge: keyed hashes, instants and counts; never the code, never the number. Of a limit: a keyed hash and
//! instants. Of a message that is tracked: who carries it, the provider's reference, and its state. Of a session: its
//! user, the device's description as the client gave it, and a counter of its refresh tokens, never a token. Of a user:
//! the number as a blind index and sealed; names, e-mail address and roles as they are (`SqlUsers`). Nothing
//! leaves by itself: call `OtpAuth::purge` every minute or so, on any node or on all.
//!
//! # What is lost, and when
//! | server | set up as | after a crash |
//! |---|---|---|
//! | Postgres | `synchronous_commit = on` (default) | nothing that was answered |
//! | Postgres | `synchronous_commit = off` | the last moments' guesses and sessions: warned of at start |
//! | MySQL, MariaDB | `innodb_flush_log_at_trx_commit = 1` (default) | nothing that was answered |
//! | MySQL, MariaDB | `0` or `2`, or a binary log with `sync_binlog` other than 1 (MariaDB's default is 0) | as above: warned of at start |
//! | SQLite | WAL and `synchronous = FULL`: set by this crate | nothing that was answered |
//! | any | a replica promoted that had not everything | what it lacked, unless commits wait for it |
//!
//! # What is asked of the server
//! Postgres: a database whose encoding is UTF8; any other is refused. MySQL, MariaDB: InnoDB, and where there is a binary
//! log, one of rows or mixed (`binlog_format`). Isolation, time-outs and the strictness of text are set by this crate,
//! for its own connections.
//!
//! # When the server is away or slow
//! Every verb ends within `SqlOptions::op_timeout`, waiting for a connection included, with
//! [`Unavailable`](otp_core::StoreErrorKind::Unavailable); a refresh, a logout and a look-up of a user, which may
//! take two transactions, within twice that. A transaction that surely did not happen (a deadlock, a
//! serialisation failure, a connection that broke before `COMMIT` was sent) is tried again, a few times and within
//! that budget. One whose `COMMIT` was sent and not answered is not: it may have happened.
//!
//! # On the way to the server
//! Left alone, the drivers use TLS where the server offers it, believe any certificate, and go without where it does
//! not: whoever sits between can read all of it, the password too. Say `?sslmode=verify-full&sslrootcert=ca.pem`
//! (Postgres) or `?ssl-mode=VERIFY_IDENTITY&ssl-ca=ca.pem` (MySQL, MariaDB); beside that file the public
//! authorities are trusted, not those of the operating system.
//!
//! MySQL's `caching_sha2_password` needs TLS here: without it a login works only while the server still remembers an
//! earlier one. Postgres is spoken to directly, or through a pooler in session mode that passes start-up `options`
//! on: time-outs and isolation are set there, and statements are prepared.

// Without a server to speak to there is nothing to build.
#![cfg(any(feature = "postgres", feature = "mysql", feature = "sqlite"))]

mod audit;
mod database;
mod dialect;
mod fault;
mod link;
mod options;
mod pool;
mod seal;
mod statements;
mod store;
mod users;
mod verb;

#[cfg(feature = "migrate")]
mod migrate;

pub use audit::{AuditKeys, AuditReport, Broken, ChainHead, SqlAudit, VerifyError};
pub use database::Database;
pub use dialect::Dialect;
#[cfg(feature = "migrate")]
pub use migrate::{Migration, migrations};
pub use options::SqlOptions;
pub use seal::KeyRefused;
pub use store::SqlStore;
pub use users::{ConsentRecord, SqlUsers, UserKeys, UserRecord};

/// What errors name as the store.
pub(crate) const STORE: &str = "sql";
