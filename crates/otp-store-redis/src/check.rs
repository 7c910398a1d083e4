//! What is looked at when a store connects.

use crate::error::Trouble;
use crate::link::Lanes;
use otp_core::StoreError;
use redis::{FromRedisValue as _, Value};

/// What the store needs is older; this is the oldest that anybody should still run.
const OLDEST: (u32, u32) = (6, 2);

/// Refuses a server that evicts; tells what else is doubtful.
pub(crate) async fn server(lanes: &Lanes) -> Result<(), StoreError> {
    let mut info = redis::cmd("INFO");
    info.arg("everything");
    for reply in lanes.ask_masters(info).await? {
        let info = String::from_redis_value(reply).map_err(|_| Trouble::Reply)?;
        let policy = field(&info, "maxmemory_policy").unwrap_or("noeviction");
        if policy != "noeviction" {
            return Err(Trouble::Evicts.into());
        }
        if is_clusters(&info) && !lanes.is_cluster {
            return Err(Trouble::IsCluster.into());
        }
        // It may have been the master a moment ago, or be one in a moment.
        if field(&info, "role") == Some("slave") {
            return Err(Trouble::Replica.into());
        }
        // Without it nobody could tell a code from before a failover.
        if field(&info, "master_replid").is_none() {
            return Err(Trouble::NoEpoch.into());
        }
        if is_too_old(&info) {
            tracing::warn!(target: "otp", "this Redis is older than 6.2: the store is not tested with it");
        }
        let appends = field(&info, "aof_enabled") == Some("1");
        if !appends && !saves(lanes).await {
            tracing::warn!(
                target: "otp",
                "Redis keeps nothing on disk: a restart ends all sessions and forgets all limits"
            );
        }
    }
    Ok(())
}

/// `redis_mode` says it, too, but not in Valkey.
fn is_clusters(info: &str) -> bool {
    field(info, "cluster_enabled") == Some("1")
}

/// Whether snapshots are taken; where we may not ask, they are assumed.
async fn saves(lanes: &Lanes) -> bool {
    let mut config = redis::cmd("CONFIG");
    config.arg("GET").arg("save");
    let Ok(replies) = lanes.ask_masters(config).await else {
        return true;
    };
    let rule = |reply: Value| <Vec<String>>::from_redis_value(reply).ok()?.pop();
    let mut rules = replies.into_iter().filter_map(rule);
    rules.all(|rule| !rule.is_empty())
}

fn field<'a>(info: &'a str, name: &str) -> Option<&'a str> {
    let value = info
        .lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
    Some(value.trim())
}

/// What tells no version is taken for a new one: somebody else's server, or one that keeps it to itself.
fn is_too_old(info: &str) -> bool {
    let told = || {
        let mut parts = field(info, "redis_version")?.split('.');
        Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
    };
    told().is_some_and(|version: (u32, u32)| version < OLDEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As Redis 7.0 and Valkey 8.0 tell it.
    #[test]
    fn a_clusters_node_is_known() {
        assert!(is_clusters(
            "redis_mode:cluster\r\n# Cluster\r\ncluster_enabled:1\r\n"
        ));
        assert!(is_clusters(
            "server_mode:cluster\r\n# Cluster\r\ncluster_enabled:1\r\n"
        ));
        assert!(!is_clusters("# Cluster\r\ncluster_enabled:0\r\n"));
        assert!(!is_clusters(""));
    }

    /// FLT-4: numbers are compared as numbers, and 6.2 is the first that will do.
    #[test]
    fn versions_before_6_2_are_too_old() {
        for (version, too_old) in [
            ("2.8.24", true),
            ("5.0.14", true),
            ("6.0.20", true),
            ("6.1.240", true),
            ("6.2.0", false),
            ("6.10.1", false),
            ("7.0.15", false),
            ("10.0.0", false),
            ("255.255.255", false),
            ("6", false),
            ("unstable", false),
            ("", false),
        ] {
            let info = format!("# Server\r\nredis_version:{version}\r\nredis_mode:standalone\r\n");
            assert_eq!(is_too_old(&info), too_old, "{version}");
        }
        assert!(!is_too_old("# Server\r\nvalkey_version:8.0.1\r\n"));
    }
}
