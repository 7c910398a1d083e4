//! Asking Sentinels who the master is, anew for every connection.

use crate::config::Settings;
use redis::sentinel::{SentinelClientBuilder, SentinelServerType};
use redis::{Client, ConnectionInfo, RedisResult};
use std::time::Duration;
use tokio::time::timeout;

pub(crate) struct Sentinels {
    sentinels: Vec<ConnectionInfo>,
    master: String,
    settings: Settings,
}

impl Sentinels {
    pub(crate) fn new(sentinels: Vec<ConnectionInfo>, master: String, settings: &Settings) -> Self {
        Self {
            sentinels,
            master,
            settings: settings.clone(),
        }
    }

    /// The master that the Sentinels name and that calls itself one.
    pub(crate) async fn master(&self) -> RedisResult<Client> {
        let limit: Duration = self.settings.connection;
        let ask = async { self.builder()?.build()?.async_get_client().await };
        timeout(limit, ask)
            .await
            .unwrap_or_else(|_| Err(std::io::Error::from(std::io::ErrorKind::TimedOut).into()))
    }

    fn builder(&self) -> RedisResult<SentinelClientBuilder> {
        let addresses = self.sentinels.iter().map(|info| info.addr().clone());
        let mut builder =
            SentinelClientBuilder::new(addresses, &self.master, SentinelServerType::Master)?;
        if let Some(login) = &self.settings.sentinel_login {
            builder = builder.set_client_to_sentinel_password(&login.password);
            if let Some(user) = &login.user {
                builder = builder.set_client_to_sentinel_username(user);
            }
        }
        // User, password and database of the URL are the master's.
        if let Some(info) = self.sentinels.first().map(ConnectionInfo::redis_settings) {
            builder = builder.set_client_to_redis_db(info.db());
            if let Some(user) = info.username() {
                builder = builder.set_client_to_redis_username(user);
            }
            if let Some(password) = info.password() {
                builder = builder.set_client_to_redis_password(password);
            }
        }
        Ok(self.with_tls(builder))
    }

    #[cfg(feature = "tls")]
    fn with_tls(&self, builder: SentinelClientBuilder) -> SentinelClientBuilder {
        use redis::{ConnectionAddr, TlsMode};
        let certificates = crate::tls::certificates(&self.settings);
        let first = self.sentinels.first().map(ConnectionInfo::addr);
        if !matches!(first, Some(ConnectionAddr::TcpTls { .. })) {
            return builder;
        }
        let builder = builder.set_client_to_redis_tls_mode(TlsMode::Secure);
        match certificates {
            Some(certificates) => builder
                .set_client_to_redis_certificates(certificates.clone())
                .set_client_to_sentinel_certificates(certificates),
            None => builder,
        }
    }

    #[cfg(not(feature = "tls"))]
    fn with_tls(&self, builder: SentinelClientBuilder) -> SentinelClientBuilder {
        builder
    }
}
