//! A Redis Cluster of three masters with a replica each.

use crate::redis::{Redis, RedisOptions};
use crate::replicas::{is_followed, is_linked};
use crate::wait::until;
use std::time::Duration;

const READY: Duration = Duration::from_secs(180);
const SLOTS: u32 = 16_384;

/// Three masters, three replicas.
///
/// ```no_run
/// use otp_testkit::RedisCluster;
///
/// let cluster = RedisCluster::start();
/// println!("{}", cluster.url()); // redis+cluster://127.0.0.1:…,127.0.0.1:…,…
/// cluster.masters[0].kill();
/// cluster.wait_until_healed(0);
/// ```
#[derive(Debug)]
pub struct RedisCluster {
    /// Each has a third of the slots.
    pub masters: Vec<Redis>,
    /// The replica at an index follows the master at that index.
    pub replicas: Vec<Redis>,
}

impl RedisCluster {
    /// Starts all six and waits until every node sees the whole.
    ///
    /// # Panics
    /// When Redis is not installed, or they do not find each other.
    #[must_use]
    pub fn start() -> Self {
        let cluster = Self {
            masters: (0..3).map(|_| node()).collect(),
            replicas: (0..3).map(|_| node()).collect(),
        };
        cluster.share_slots();
        cluster.meet();
        for (master, replica) in cluster.masters.iter().zip(&cluster.replicas) {
            let id = master.must(&["CLUSTER", "MYID"]);
            until("a replica that knows its master", READY, || {
                replica.command(&["CLUSTER", "REPLICATE", &id]).is_ok()
            });
        }
        cluster.wait_until_whole();
        cluster
    }

    /// Waits until every node sees the whole, and each replica follows.
    ///
    /// # Panics
    /// When they do not come to that.
    pub fn wait_until_whole(&self) {
        let role = |node: &Redis| node.info("replication", "role").unwrap_or_default();
        until("the cluster", READY, || {
            self.nodes().all(|node| {
                let follows = match role(node).as_str() {
                    "master" => is_followed(node),
                    _ => is_linked(node),
                };
                is_ok(node) && sees_replicas(node) && follows
            })
        });
    }

    /// `redis+cluster://` and the masters' addresses.
    #[must_use]
    pub fn url(&self) -> String {
        let hosts: Vec<_> = self.masters.iter().map(Redis::address).collect();
        format!("redis+cluster://{}", hosts.join(","))
    }

    /// All six.
    pub fn nodes(&self) -> impl Iterator<Item = &Redis> {
        self.masters.iter().chain(&self.replicas)
    }

    /// Waits until the replica of the master at `index`, which was killed, has taken its place.
    ///
    /// # Panics
    /// When it does not, or there is no such master.
    pub fn wait_until_healed(&self, index: usize) {
        let replica = self.replicas.get(index).expect("one of three");
        until("the promotion", READY, || {
            // The one that was killed does not answer; all others must have heard.
            let alive = |node: &&Redis| node.command(&["PING"]).is_ok();
            replica.info("replication", "role").as_deref() == Some("master")
                && self.nodes().filter(alive).all(is_ok)
        });
    }

    fn share_slots(&self) {
        for (index, master) in (0..).zip(&self.masters) {
            let (first, end) = (SLOTS * index / 3, SLOTS * (index + 1) / 3);
            // Redis 6.2 knows no ranges.
            let slots: Vec<_> = (first..end).map(|slot| slot.to_string()).collect();
            let slots = slots.iter().map(String::as_str);
            let words: Vec<_> = ["CLUSTER", "ADDSLOTS"].into_iter().chain(slots).collect();
            master.must(&words);
            // Without epochs of their own the masters would quarrel about the slots first.
            master.must(&["CLUSTER", "SET-CONFIG-EPOCH", &(index + 1).to_string()]);
        }
    }

    fn meet(&self) {
        let first = self.masters.first().expect("three masters");
        for node in self.nodes().skip(1) {
            first.must(&["CLUSTER", "MEET", "127.0.0.1", &node.port().to_string()]);
        }
        until("six nodes that know each other", READY, || {
            self.nodes()
                .all(|node| cluster_info(node).contains("cluster_known_nodes:6"))
        });
    }
}

fn node() -> Redis {
    RedisOptions::new()
        .with("cluster-enabled", "yes")
        .with("cluster-node-timeout", "2000")
        .with("repl-diskless-sync-delay", "0")
        .start()
}

fn cluster_info(node: &Redis) -> String {
    node.command(&["CLUSTER", "INFO"]).unwrap_or_default()
}

fn is_ok(node: &Redis) -> bool {
    let info = cluster_info(node);
    info.contains("cluster_state:ok") && info.contains("cluster_slots_ok:16384")
}

fn sees_replicas(node: &Redis) -> bool {
    let nodes = node.command(&["CLUSTER", "NODES"]).unwrap_or_default();
    nodes.matches(" slave ").count() + nodes.matches("myself,slave ").count() == 3
}
