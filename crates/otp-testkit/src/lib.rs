//! Real servers for tests: started on free ports of the loopback, thrown away after.
//!
//! ```no_run
//! use otp_testkit::Redis;
//!
//! let redis = Redis::start();
//! println!("{}", redis.url()); // redis://127.0.0.1:…
//! redis.kill(); // SIGKILL: nothing is saved
//! redis.restart(); // empty, on the same port
//! ```
//!
//! - [`Redis`], [`RedisTls`], [`RedisPair`], [`RedisSentinel`], [`RedisCluster`], [`Postgres`], [`MariaDb`] belong to whoever
//!   started them and stop when they are dropped, or when the test process ends in whatever way.
//! - [`redis_url`], [`postgres_url`], [`mysql_url`] are one shared server per test process, for tests that do it no
//!   harm. `OTP_TEST_REDIS_URL`, `OTP_TEST_POSTGRES_URL` and `OTP_TEST_MYSQL_URL` name servers of your own in their
//!   place.
//! - [`Proxy`] stands between a client and a server and misbehaves on demand.
//!
//! A server that is not installed fails the test with the command that installs it: nothing is skipped in silence.
//! Everything here blocks; from an async test that is fine, for a start takes a fraction of a second.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a test's own machinery stops the test"
)]

mod cluster;
mod database;
mod mariadb;
mod needs;
mod place;
mod postgres;
mod process;
mod proxy;
mod redis;
mod replicas;
mod resp;
mod shared;
mod tls;
mod wait;

pub use cluster::RedisCluster;
pub use mariadb::MariaDb;
pub use postgres::Postgres;
pub use process::Stopped;
pub use proxy::{Fault, Proxy};
pub use redis::{Redis, RedisOptions};
pub use replicas::{RedisPair, RedisSentinel};
pub use shared::{mysql_url, postgres_url, redis_url};
pub use tls::RedisTls;
pub use wait::until;
