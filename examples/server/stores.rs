//! The stores that the URL names, opened.

use crate::settings::{Migrate, Settings};
use crate::url::Place;
use otp_core::{
    Composite, MemoryStore, MemoryUsers, Store, StoreClock, StoreError, SystemClock, UserDirectory,
};
use otp_examples::SettingError;
use otp_store_redis::{Durability, RedisStore};
use otp_store_sql::{AuditKeys, Database, SqlAudit, SqlStore, SqlUsers, UserKeys};
use std::sync::Arc;
use std::time::Duration;

/// The tenant of a deployment that names none.
const ONE_TENANT: &str = "default";

/// How long replicas may take; an operation has 500 ms in all.
const REPLICATED: Duration = Duration::from_millis(200);

/// Everything that keeps state.
pub(crate) struct Stores {
    pub(crate) store: Arc<dyn Store>,
    /// The store's time, as measured at start.
    pub(crate) clock: StoreClock,
    pub(crate) users: Arc<dyn UserDirectory>,
    pub(crate) audit: Option<SqlAudit>,
    /// The database of the users, where it is none of the store's.
    pub(crate) beside: Option<SqlStore>,
}

/// A store that cannot be used, by its place and without its password.
#[derive(Debug, thiserror::Error)]
#[error("{place}")]
struct Unusable {
    place: String,
    source: Box<dyn std::error::Error + Send + Sync>,
}

/// Opens them, and brings tables up to date or checks that they are.
pub(crate) async fn open(
    settings: &Settings,
    users: UserKeys,
    audit: AuditKeys,
) -> Result<Stores, SettingError> {
    let mut opener = Opener {
        settings,
        databases: Vec::new(),
    };
    let places = &settings.store.value;
    let mut store = opener.store(&places.challenges).await?;
    if places.sessions != places.challenges {
        let sessions = opener.store(&places.sessions).await?;
        store = Arc::new(Composite::new(store, sessions));
    }
    let clock = StoreClock::measured(&store, SystemClock).await;
    let clock = clock.map_err(|error| settings.store.wrong(error))?;
    let in_store = opener.databases.len();
    let Some(place) = places.users() else {
        tracing::warn!(target: "otp", "users live in memory: they end with this process, and no other node sees them");
        return Ok(Stores {
            store,
            clock,
            users: Arc::new(MemoryUsers::new()),
            audit: None,
            beside: None,
        });
    };
    let database = opener.database(place).await?;
    let tenant = settings.tenant.as_deref().unwrap_or(ONE_TENANT);
    let users = SqlUsers::new(&database, tenant, users).with_clock(clock.clone());
    Ok(Stores {
        store,
        clock,
        users: Arc::new(users),
        audit: Some(SqlAudit::start(&database, tenant, audit)),
        beside: (opener.databases.len() > in_store).then(|| SqlStore::new(&database)),
    })
}

struct Opener<'a> {
    settings: &'a Settings,
    /// Places that are named twice share their connections.
    databases: Vec<(Place, Database)>,
}

impl Opener<'_> {
    async fn store(&mut self, place: &Place) -> Result<Arc<dyn Store>, SettingError> {
        match place {
            Place::Memory => Ok(Arc::new(MemoryStore::new())),
            Place::Sql(_) => Ok(Arc::new(SqlStore::new(&self.database(place).await?))),
            Place::Redis(url) => {
                let mut redis = RedisStore::builder(url);
                if let Some(authority) = &self.settings.authority {
                    redis = redis.with_ca_pem(authority.clone());
                }
                if let Some(login) = &self.settings.sentinel_login {
                    let (user, password) = match login.split_once(':') {
                        Some((user, password)) => (Some(user), password),
                        None => (None, login.as_str()),
                    };
                    redis = redis.with_sentinel_login(user, password);
                }
                if let Some(replicas) = self.settings.replicas {
                    let timeout = REPLICATED;
                    redis = redis.with_durability(Durability::Replicated { replicas, timeout });
                }
                let redis = redis.connect().await;
                Ok(Arc::new(
                    redis.map_err(|error| self.unusable(place, error))?,
                ))
            }
        }
    }

    async fn database(&mut self, place: &Place) -> Result<Database, SettingError> {
        if let Some((_, open)) = self.databases.iter().find(|(known, _)| known == place) {
            return Ok(open.clone());
        }
        let Place::Sql(url) = place else {
            return Err(self.settings.store.wrong("users live in SQL"));
        };
        let database = Database::connect(url.as_str()).await;
        let database = database.map_err(|error| self.unusable(place, error))?;
        self.migrate(place, &database).await?;
        self.databases.push((place.clone(), database.clone()));
        Ok(database)
    }

    async fn migrate(&self, place: &Place, database: &Database) -> Result<(), SettingError> {
        match self.settings.migrate {
            Migrate::Leave => return Ok(()),
            Migrate::Run => {
                let migrated = database.migrate().await;
                return migrated.map_err(|error| self.unusable(place, error));
            }
            Migrate::Check => {}
        }
        let pending = database.pending().await;
        match pending.map_err(|error| self.unusable(place, error))?.len() {
            0 => Ok(()),
            steps => {
                let problem = format!(
                    "{steps} migrations are still to run, and OTP_STORE_MIGRATE=check runs none"
                );
                Err(self.settings.store.wrong(Unusable {
                    place: place.to_string(),
                    source: problem.into(),
                }))
            }
        }
    }

    fn unusable(&self, place: &Place, error: StoreError) -> SettingError {
        self.settings.store.wrong(Unusable {
            place: place.to_string(),
            source: error.into(),
        })
    }
}
