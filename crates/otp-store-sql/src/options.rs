//! How a database is reached.

use crate::Dialect;
use std::fmt;
use std::time::Duration;

/// How a database is reached: where, with how many connections, and how long a verb may take.
///
/// ```
/// use otp_store_sql::SqlOptions;
/// use std::time::Duration;
///
/// let options = SqlOptions::new("postgres://otp:secret@db/otp")
///     .max_connections(20)
///     .op_timeout(Duration::from_millis(300));
/// assert!(!format!("{options:?}").contains("secret"));
/// ```
#[derive(Clone)]
pub struct SqlOptions {
    pub(crate) url: String,
    pub(crate) max_connections: u32,
    pub(crate) op_timeout: Duration,
}

impl SqlOptions {
    /// The database at `url`: `postgres://`, `mysql://` or `sqlite:`, as sqlx reads them. Ten connections, and half
    /// a second for each verb.
    #[must_use]
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            max_connections: 10,
            op_timeout: Duration::from_millis(500),
        }
    }

    /// Sets how many connections are opened at most. SQLite has one that writes, whatever is said here.
    #[must_use]
    pub const fn max_connections(mut self, most: u32) -> Self {
        self.max_connections = most;
        self
    }

    /// Sets how long one verb may take: waiting for a connection, opening one and all retries included.
    #[must_use]
    pub const fn op_timeout(mut self, most: Duration) -> Self {
        self.op_timeout = most;
        self
    }
}

impl fmt::Debug for SqlOptions {
    /// The URL holds a password: only its scheme is shown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqlOptions")
            .field("dialect", &Dialect::of_url(&self.url))
            .field("max_connections", &self.max_connections)
            .field("op_timeout", &self.op_timeout)
            .finish_non_exhaustive()
    }
}

impl From<&str> for SqlOptions {
    fn from(url: &str) -> Self {
        Self::new(url)
    }
}

impl From<String> for SqlOptions {
    fn from(url: String) -> Self {
        Self::new(url)
    }
}
