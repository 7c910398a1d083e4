//! A Cluster's connection. The driver's retries are off: it would also repeat what may have happened. What a node has
//! certainly not carried out, because the slot is another's, is sent again here.

use crate::config::Settings;
use crate::connect::pipeline;
use crate::link::error_of;
use redis::cluster::ClusterClient;
use redis::cluster_async::ClusterConnection;
use redis::cluster_routing::{
    MultipleNodeRoutingInfo, Route, RoutingInfo, SingleNodeRoutingInfo, SlotAddr,
};
use redis::{Arg, Cmd, ConnectionInfo, ErrorKind, RedisResult, ServerErrorKind, Value};

/// How often a command follows a slot that moves.
const REDIRECTIONS: usize = 4;

#[derive(Clone)]
pub(crate) struct Cluster(ClusterConnection);

pub(crate) fn client(
    nodes: Vec<ConnectionInfo>,
    settings: &Settings,
) -> RedisResult<ClusterClient> {
    let builder = ClusterClient::builder(nodes)
        .retries(0)
        .connection_timeout(settings.connection)
        .response_timeout(settings.operation)
        .overall_response_timeout(Some(settings.operation));
    #[cfg(feature = "tls")]
    let builder = match crate::tls::certificates(settings) {
        Some(certificates) => builder.certs(certificates),
        None => builder,
    };
    builder.build()
}

impl Cluster {
    pub(crate) async fn connect(client: &ClusterClient) -> RedisResult<Self> {
        client.get_async_connection().await.map(Self)
    }

    pub(crate) async fn send(&mut self, commands: &[Cmd]) -> RedisResult<Vec<Value>> {
        let mut route = route(commands);
        let mut asking = false;
        for _ in 0..REDIRECTIONS {
            let replies = self.once(commands, &route, asking).await;
            let refusal = match &replies {
                Ok(replies) => replies.first().and_then(error_of),
                Err(error) => Some(error.clone()),
            };
            let Some(refusal) = refusal else {
                return replies;
            };
            match (refusal.kind(), refusal.redirect_node().and_then(by_address)) {
                (ErrorKind::Server(ServerErrorKind::Moved), Some(node)) => {
                    (route, asking) = (node, false);
                }
                (ErrorKind::Server(ServerErrorKind::Ask), Some(node)) => {
                    (route, asking) = (node, true);
                }
                _ => return replies,
            }
        }
        self.once(commands, &route, asking).await
    }

    async fn once(
        &mut self,
        commands: &[Cmd],
        route: &SingleNodeRoutingInfo,
        asking: bool,
    ) -> RedisResult<Vec<Value>> {
        if let ([command], false) = (commands, asking) {
            let route = RoutingInfo::SingleNode(route.clone());
            return Ok(vec![self.0.route_command(command.clone(), route).await?]);
        }
        let mut all = pipeline(&[]);
        if asking {
            all.add_command(redis::cmd("ASKING"));
        }
        for command in commands {
            all.add_command(command.clone());
        }
        let (skipped, count) = (usize::from(asking), commands.len());
        self.0
            .route_pipeline(all, skipped, count, route.clone())
            .await
    }

    pub(crate) async fn ask_masters(&mut self, command: Cmd) -> RedisResult<Vec<Value>> {
        let masters = RoutingInfo::MultiNode((MultipleNodeRoutingInfo::AllMasters, None));
        match self
            .0
            .route_command(command, masters)
            .await?
            .extract_error()?
        {
            Value::Map(replies) => Ok(replies.into_iter().map(|(_, reply)| reply).collect()),
            reply => Ok(vec![reply]),
        }
    }
}

/// The master of the slot that the first command's first key is in. All our keys begin alike, and nothing else does.
fn route(commands: &[Cmd]) -> SingleNodeRoutingInfo {
    let arguments = commands.first().into_iter().flat_map(Cmd::args_iter);
    let mut keys = arguments.filter_map(|argument| match argument {
        Arg::Simple(bytes) => bytes.strip_prefix(b"otp:{".as_slice()),
        _ => None,
    });
    match keys.next() {
        Some(key) => {
            let tag = key.split(|byte| *byte == b'}').next().unwrap_or_default();
            SingleNodeRoutingInfo::SpecificNode(Route::new(slot(tag), SlotAddr::Master))
        }
        None => SingleNodeRoutingInfo::RandomPrimary,
    }
}

/// CRC-16/XMODEM of a key's tag, as the Cluster specification has it.
fn slot(tag: &[u8]) -> u16 {
    let byte = |crc: u16, byte: &u8| {
        let bit = |crc: u16, _| (crc << 1) ^ ((crc >> 15) * 0x1021);
        (0..8).fold(crc ^ (u16::from(*byte) << 8), bit)
    };
    tag.iter().fold(0, byte) % 16_384
}

fn by_address((address, _slot): (&str, u16)) -> Option<SingleNodeRoutingInfo> {
    let (host, port) = address.rsplit_once(':')?;
    Some(SingleNodeRoutingInfo::ByAddress {
        host: host.to_owned(),
        port: port.parse().ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// STO-6: as `CLUSTER KEYSLOT` has it.
    #[test]
    fn slots_are_those_of_the_specification() {
        assert_eq!(slot(b"123456789"), 0x31c3);
        assert_eq!(slot(b"foo"), 12_182);
        assert_eq!(slot(b""), 0);
    }
}
