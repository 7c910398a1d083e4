//! One server for all tests of a process that do it no harm.

use crate::{MariaDb, Postgres, Redis};
use std::env;
use std::sync::OnceLock;

/// The URL of a Redis server that all tests of this process share: `OTP_TEST_REDIS_URL`, or one that is started now.
///
/// # Panics
/// When there is no such variable and Redis is not installed or does not start.
#[must_use]
pub fn redis_url() -> String {
    static SERVER: OnceLock<Redis> = OnceLock::new();
    given("OTP_TEST_REDIS_URL").unwrap_or_else(|| SERVER.get_or_init(Redis::start).url())
}

/// The URL of a Postgres server that all tests of this process share: `OTP_TEST_POSTGRES_URL`, or one that is started
/// now. Tests that may collide make databases of their own there.
///
/// # Panics
/// When there is no such variable and Postgres is not installed or does not start.
#[must_use]
pub fn postgres_url() -> String {
    static SERVER: OnceLock<Postgres> = OnceLock::new();
    given("OTP_TEST_POSTGRES_URL").unwrap_or_else(|| SERVER.get_or_init(Postgres::start).url())
}

/// The URL of a MySQL or MariaDB server that all tests of this process share: `OTP_TEST_MYSQL_URL`, or one that is
/// started now. Tests that may collide make databases of their own there.
///
/// # Panics
/// When there is no such variable and MariaDB is not installed or does not start.
#[must_use]
pub fn mysql_url() -> String {
    static SERVER: OnceLock<MariaDb> = OnceLock::new();
    given("OTP_TEST_MYSQL_URL").unwrap_or_else(|| SERVER.get_or_init(MariaDb::start).url())
}

fn given(name: &str) -> Option<String> {
    env::var(name).ok().filter(|url| !url.is_empty())
}
