//! How to connect.

use crate::connect::Connector;
use crate::error::misconfigured;
use crate::link::Lanes;
use crate::target::Target;
use crate::{RedisStore, check};
use otp_core::StoreError;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;

/// When a verb has happened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Durability {
    /// When the master has carried it out.
    #[default]
    Local,
    /// When so many replicas have it as well (`WAIT`). If they have not within the time, the verb fails as
    /// unavailable: what it counted stays counted, and nothing was admitted or accepted.
    Replicated {
        /// How many replicas.
        replicas: u32,
        /// How long to wait for them; less than the time for an operation.
        timeout: Duration,
    },
}

/// Settings of a [`RedisStore`].
///
/// ```no_run
/// use otp_store_redis::{Durability, RedisStore};
/// use std::time::Duration;
///
/// # async fn example() -> Result<(), otp_core::StoreError> {
/// let store = RedisStore::builder("redis+sentinel://10.0.0.1,10.0.0.2,10.0.0.3/otp")
///     .with_durability(Durability::Replicated { replicas: 1, timeout: Duration::from_millis(100) })
///     .connect()
///     .await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
#[must_use]
pub struct RedisStoreBuilder {
    url: String,
    settings: Settings,
}

#[derive(Clone)]
pub(crate) struct Settings {
    pub(crate) operation: Duration,
    pub(crate) connection: Duration,
    pub(crate) in_flight: usize,
    pub(crate) durability: Durability,
    pub(crate) authority: Option<Vec<u8>>,
    pub(crate) sentinel_login: Option<Login>,
}

/// What the Sentinels themselves ask for.
#[derive(Clone)]
#[cfg_attr(
    not(feature = "sentinel"),
    expect(dead_code, reason = "refused when connecting")
)]
pub(crate) struct Login {
    pub(crate) user: Option<String>,
    pub(crate) password: String,
}

impl RedisStoreBuilder {
    pub(crate) fn new(url: &str) -> Self {
        Self {
            url: url.to_owned(),
            settings: Settings {
                operation: Duration::from_millis(500),
                connection: Duration::from_secs(2),
                in_flight: 1_024,
                durability: Durability::Local,
                authority: None,
                sentinel_login: None,
            },
        }
    }

    /// How long a command may take, connecting included where that is needed; 500 ms. A command that takes longer may
    /// have happened or not: it fails as unavailable and is not repeated.
    pub const fn with_operation_timeout(mut self, timeout: Duration) -> Self {
        self.settings.operation = timeout;
        self
    }

    /// How long an attempt to connect may take; 2 s. While one is under way operations wait for it as long as they
    /// may, and the first one after a failure begins the next.
    pub const fn with_connection_timeout(mut self, timeout: Duration) -> Self {
        self.settings.connection = timeout;
        self
    }

    /// How many operations may be under way at once; 1024. One more fails at once as unavailable.
    pub const fn with_max_in_flight(mut self, most: usize) -> Self {
        // The runtime counts no further, and panics when asked to.
        self.settings.in_flight = if most < Semaphore::MAX_PERMITS {
            most
        } else {
            Semaphore::MAX_PERMITS
        };
        self
    }

    /// When a verb has happened; [`Durability::Local`] unless chosen.
    pub const fn with_durability(mut self, durability: Durability) -> Self {
        self.settings.durability = durability;
        self
    }

    /// Trusts this authority (PEM) in place of the system's, for `rediss://` and its kin.
    pub fn with_ca_pem(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.settings.authority = Some(pem.into());
        self
    }

    /// Logs in to the Sentinels of `redis+sentinel://` (their `requirepass`, or a user of their ACL). What the URL holds is
    /// the master's login, and is never shown to them; without this they are asked as nobody.
    pub fn with_sentinel_login(mut self, user: Option<&str>, password: impl Into<String>) -> Self {
        self.settings.sentinel_login = Some(Login {
            user: user.map(ToOwned::to_owned),
            password: password.into(),
        });
        self
    }

    /// Connects, and looks at how the server is set up.
    ///
    /// # Errors
    /// [`Misconfigured`](otp_core::StoreErrorKind::Misconfigured) when the URL or a setting makes no sense, the URL
    /// asks for a feature that is not compiled in, the server refuses the password, or it evicts keys;
    /// [`Unavailable`](otp_core::StoreErrorKind::Unavailable) when it cannot be reached, or is a replica.
    pub async fn connect(self) -> Result<RedisStore, StoreError> {
        self.settings.check()?;
        let target = Target::parse(&self.url).map_err(misconfigured)?;
        let connector = Connector::new(target, &self.settings)?;
        let store = RedisStore {
            lanes: Arc::new(Lanes::new(connector, &self.settings)),
        };
        // Sentinels are asked first, and then the server that they name.
        let most = self.settings.connection.saturating_mul(2);
        store.lanes.open(most).await?;
        check::server(&store.lanes).await?;
        Ok(store)
    }
}

impl Settings {
    fn check(&self) -> Result<(), StoreError> {
        let waits = match self.durability {
            // `WAIT` takes zero for "for ever".
            Durability::Replicated { replicas, timeout } => {
                replicas == 0 || timeout < Duration::from_millis(1) || timeout >= self.operation
            }
            Durability::Local => false,
        };
        if waits {
            return Err(misconfigured(Nonsense::Wait));
        }
        if self.operation.is_zero() || self.connection.is_zero() || self.in_flight == 0 {
            return Err(misconfigured(Nonsense::Zero));
        }
        Ok(())
    }
}

#[derive(Debug, thiserror::Error)]
enum Nonsense {
    #[error(
        "one replica at least is waited for, a millisecond at least, and less than an operation may take"
    )]
    Wait,
    #[error("a timeout or the number of operations in flight is zero")]
    Zero,
}

impl fmt::Debug for RedisStoreBuilder {
    /// Not the URL: a password may be in it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisStoreBuilder")
            .field("operation_timeout", &self.settings.operation)
            .field("connection_timeout", &self.settings.connection)
            .field("max_in_flight", &self.settings.in_flight)
            .field("durability", &self.settings.durability)
            .finish_non_exhaustive()
    }
}
