//! From a target to a connection that commands can be sent on.

use crate::config::Settings;
#[cfg(not(all(feature = "tls", feature = "cluster", feature = "sentinel")))]
use crate::error::Trouble;
use crate::error::store_error;
use crate::target::Target;
use otp_core::StoreError;
use redis::aio::{ConnectionLike as _, MultiplexedConnection};
use redis::{AsyncConnectionConfig, Client, Cmd, ConnectionInfo, Pipeline, RedisResult, Value};

/// Opens connections, as often as asked.
#[derive(Clone)]
pub(crate) struct Connector {
    kind: Kind,
    config: AsyncConnectionConfig,
}

#[derive(Clone)]
enum Kind {
    Server(Box<Client>),
    #[cfg(feature = "sentinel")]
    Sentinel(std::sync::Arc<crate::sentinel::Sentinels>),
    #[cfg(feature = "cluster")]
    Cluster(Box<redis::cluster::ClusterClient>),
}

/// Clones share what is under them.
#[derive(Clone)]
pub(crate) enum Connection {
    Server(MultiplexedConnection),
    #[cfg(feature = "cluster")]
    Cluster(Box<crate::cluster::Cluster>),
}

impl Connector {
    pub(crate) fn new(target: Target, settings: &Settings) -> Result<Self, StoreError> {
        let kind = match target {
            Target::Server(info) => Kind::Server(Box::new(client(*info, settings)?)),
            #[cfg(feature = "sentinel")]
            Target::Sentinel { sentinels, master } => {
                let sentinels = crate::sentinel::Sentinels::new(sentinels, master, settings);
                Kind::Sentinel(std::sync::Arc::new(sentinels))
            }
            #[cfg(not(feature = "sentinel"))]
            Target::Sentinel { .. } => return Err(Trouble::Feature("sentinel").into()),
            #[cfg(feature = "cluster")]
            Target::Cluster(nodes) => {
                let client = crate::cluster::client(nodes, settings).map_err(store_error)?;
                Kind::Cluster(Box::new(client))
            }
            #[cfg(not(feature = "cluster"))]
            Target::Cluster(_) => return Err(Trouble::Feature("cluster").into()),
        };
        // Our own bounds are around every command; the driver's buffer is as long as what we let in.
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(settings.connection))
            .set_response_timeout(None)
            .set_pipeline_buffer_size(settings.in_flight);
        Ok(Self { kind, config })
    }

    pub(crate) const fn is_cluster(&self) -> bool {
        match self.kind {
            Kind::Server(_) => false,
            #[cfg(feature = "sentinel")]
            Kind::Sentinel(_) => false,
            #[cfg(feature = "cluster")]
            Kind::Cluster(_) => true,
        }
    }

    pub(crate) async fn connect(&self) -> RedisResult<Connection> {
        let client = match &self.kind {
            Kind::Server(client) => Client::clone(client),
            #[cfg(feature = "sentinel")]
            Kind::Sentinel(sentinels) => sentinels.master().await?,
            #[cfg(feature = "cluster")]
            Kind::Cluster(client) => {
                let cluster = crate::cluster::Cluster::connect(client).await?;
                return Ok(Connection::Cluster(Box::new(cluster)));
            }
        };
        let connection = client
            .get_multiplexed_async_connection_with_config(&self.config)
            .await?;
        Ok(Connection::Server(connection))
    }
}

impl Connection {
    /// Sends these right behind each other on one connection; what a command came to may be an error in its place.
    pub(crate) async fn send(&mut self, commands: &[Cmd]) -> RedisResult<Vec<Value>> {
        let connection = match self {
            Self::Server(connection) => connection,
            #[cfg(feature = "cluster")]
            Self::Cluster(cluster) => return cluster.send(commands).await,
        };
        match commands {
            [command] => Ok(vec![connection.req_packed_command(command).await?]),
            several => {
                let pipeline = pipeline(several);
                connection
                    .req_packed_commands(&pipeline, 0, several.len())
                    .await
            }
        }
    }

    /// Whether a failure says nothing about the whole: a Cluster's nodes fail one by one, and the driver reconnects to
    /// each by itself.
    pub(crate) const fn mends_itself(&self) -> bool {
        match self {
            Self::Server(_) => false,
            #[cfg(feature = "cluster")]
            Self::Cluster(_) => true,
        }
    }

    /// What each master says.
    pub(crate) async fn ask_masters(&mut self, command: Cmd) -> RedisResult<Vec<Value>> {
        match self {
            Self::Server(connection) => {
                let reply = connection.req_packed_command(&command).await?;
                Ok(vec![reply.extract_error()?])
            }
            #[cfg(feature = "cluster")]
            Self::Cluster(cluster) => cluster.ask_masters(command).await,
        }
    }
}

pub(crate) fn pipeline(commands: &[Cmd]) -> Pipeline {
    let mut pipeline = redis::pipe();
    for command in commands {
        pipeline.add_command(command.clone());
    }
    pipeline
}

#[cfg(feature = "tls")]
fn client(info: ConnectionInfo, settings: &Settings) -> Result<Client, StoreError> {
    let client = match crate::tls::certificates(settings) {
        Some(certificates) => Client::build_with_tls(info, certificates),
        None => Client::open(info),
    };
    client.map_err(store_error)
}

#[cfg(not(feature = "tls"))]
fn client(info: ConnectionInfo, settings: &Settings) -> Result<Client, StoreError> {
    if settings.authority.is_some() {
        return Err(Trouble::Feature("tls").into());
    }
    Client::open(info).map_err(store_error)
}
