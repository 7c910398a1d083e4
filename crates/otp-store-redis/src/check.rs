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
        if field(&info, "redis_mode") == Some("cluster") && !lanes.is_cluster {
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
        if version(&info).is_some_and(|version| version < OLDEST) {
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

fn version(info: &str) -> Option<(u32, u32)> {
    let mut parts = field(info, "redis_version")?.split('.');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}
