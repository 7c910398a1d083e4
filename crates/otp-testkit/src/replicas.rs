//! A master with a replica, alone or watched by Sentinels.

use crate::redis::{Redis, RedisOptions};
use crate::wait::until;
use std::time::Duration;

const LINK: Duration = Duration::from_secs(120);

/// A master and a replica that has caught up with it.
///
/// ```no_run
/// use otp_testkit::RedisPair;
///
/// let pair = RedisPair::start();
/// pair.master.kill();
/// pair.promote(); // what the replica has is the truth now
/// ```
#[derive(Debug)]
pub struct RedisPair {
    /// Takes the writes.
    pub master: Redis,
    /// Follows.
    pub replica: Redis,
}

impl RedisPair {
    /// Starts both.
    ///
    /// # Panics
    /// When Redis is not installed, does not start, or the replica does not catch up.
    #[must_use]
    pub fn start() -> Self {
        let master = options().start();
        let replica = options()
            .with("replicaof", format!("127.0.0.1 {}", master.port()))
            .start();
        let pair = Self { master, replica };
        pair.wait_for_link();
        pair
    }

    /// Waits until the replica follows the master.
    ///
    /// # Panics
    /// When it does not.
    pub fn wait_for_link(&self) {
        until("the replica's link", LINK, || {
            is_linked(&self.replica) && is_followed(&self.master)
        });
    }

    /// Makes the replica a master.
    ///
    /// # Panics
    /// When it refuses.
    pub fn promote(&self) {
        self.replica.must(&["REPLICAOF", "NO", "ONE"]);
    }
}

/// A master, its replica and three Sentinels that watch them under the name `otp`.
#[derive(Debug)]
pub struct RedisSentinel {
    /// The two servers; which of them is the master changes.
    pub pair: RedisPair,
    /// The Sentinels.
    pub sentinels: Vec<Redis>,
}

impl RedisSentinel {
    /// The name that the Sentinels know the master by.
    pub const MASTER: &'static str = "otp";

    /// Starts all five; a master that is silent for a second is replaced.
    ///
    /// # Panics
    /// When one does not start, or they do not find each other.
    #[must_use]
    pub fn start() -> Self {
        let pair = RedisPair::start();
        let watch = format!("{} 127.0.0.1 {} 2", Self::MASTER, pair.master.port());
        let sentinel = |_| {
            let options = RedisOptions::new()
                .with("sentinel monitor", &watch)
                .with(
                    &format!("sentinel down-after-milliseconds {}", Self::MASTER),
                    "1000",
                )
                .with(
                    &format!("sentinel failover-timeout {}", Self::MASTER),
                    "5000",
                );
            Redis::launch(&options, &["--sentinel"])
        };
        let sentinels: Vec<_> = (0..3).map(sentinel).collect();
        let all = Self { pair, sentinels };
        until("the Sentinels' view", LINK, || {
            all.sentinels.iter().all(|sentinel| {
                let known = sentinel.info("sentinel", "master0").unwrap_or_default();
                known.contains("status=ok") && known.contains("slaves=1,sentinels=3")
            })
        });
        all
    }

    /// `redis+sentinel://…,…,…/otp`
    #[must_use]
    pub fn url(&self) -> String {
        let hosts: Vec<_> = self.sentinels.iter().map(Redis::address).collect();
        format!("redis+sentinel://{}/{}", hosts.join(","), Self::MASTER)
    }

    /// From now on the Sentinels answer this user alone.
    ///
    /// # Panics
    /// When one refuses.
    pub fn guard(&self, user: &str, password: &str) {
        let password = format!(">{password}");
        for sentinel in &self.sentinels {
            sentinel.must(&[
                "ACL",
                "SETUSER",
                user,
                "on",
                &password,
                "allchannels",
                "+@all",
            ]);
            sentinel.must(&["ACL", "SETUSER", "default", "off"]);
        }
    }

    /// Kills the master and waits until the Sentinels have put the replica in its place.
    ///
    /// # Panics
    /// When they do not.
    pub fn fail_over(&self) {
        self.pair.master.kill();
        until("the promotion", LINK, || {
            self.pair.replica.info("replication", "role").as_deref() == Some("master")
        });
    }
}

fn options() -> RedisOptions {
    // Without the delay a replica's first copy takes five seconds.
    RedisOptions::new()
        .with("repl-diskless-sync-delay", "0")
        .with("repl-ping-replica-period", "1")
}

pub(crate) fn is_linked(replica: &Redis) -> bool {
    replica.info("replication", "master_link_status").as_deref() == Some("up")
}

/// A replica says that it is up before its master counts it.
pub(crate) fn is_followed(master: &Redis) -> bool {
    let replica = master.info("replication", "slave0").unwrap_or_default();
    replica.contains("state=online")
}
