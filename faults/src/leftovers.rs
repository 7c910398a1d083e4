//! I9: what is in a store without an end.

use crate::history::Chain;
use crate::node::TENANT;
use crate::pause;
use otp_core::Store;
use otp_store_sql::SqlAudit;
use otp_testkit::Redis;
use std::time::Duration;

/// No session lives longer than thirty days, and no limit's window is longer; a day is for rounding.
const LONGEST: Duration = Duration::from_secs(31 * 86_400);

/// Keys of a Redis server that never expire, or too late.
#[must_use]
pub fn of_redis(redis: &Redis) -> Vec<String> {
    let script = "local bad = {} \
        for _, key in ipairs(redis.call('KEYS', '*')) do \
        local ttl = redis.call('PTTL', key) \
        if ttl == -1 or ttl > tonumber(ARGV[1]) then bad[#bad + 1] = key .. ' ' .. ttl end end \
        return bad";
    let bad = redis.must(&["EVAL", script, "0", &LONGEST.as_millis().to_string()]);
    bad.lines().map(|line| format!("key {line}")).collect()
}

/// Rows that are there when everything has ended, counted in the tables after a purge of that instant.
pub async fn of_sql(store: &impl Store, url: &str) -> Vec<String> {
    let end = pause::now() + LONGEST;
    for _ in 0..1_000 {
        let challenges = store.purge_challenges(end, 500).await;
        let deliveries = store.purge_deliveries(end, 500).await;
        let sessions = store.purge_sessions(end, 500).await;
        let gone = [challenges, deliveries, sessions].map(|gone| gone.expect("a purge"));
        if gone.iter().sum::<u64>() == 0 {
            break;
        }
    }
    let mut endless = Vec::new();
    for table in [
        "otp_challenges",
        "otp_limits",
        "otp_messages",
        "otp_reports",
        "otp_sessions",
    ] {
        let left = crate::sql::count(url, table).await;
        if left > 0 {
            endless.push(format!("{left} rows of {table}"));
        }
    }
    endless
}

/// What the audit of a database says, when every node's queue is written; where it is required, of every session.
///
/// # Panics
/// When there is none, or the database is not there.
pub async fn audit_of(audits: &[SqlAudit], required: bool, url: &str) -> Chain {
    let mut chain = Chain::default();
    if required {
        chain.sessions = crate::sql::sessions(url).await;
    }
    for audit in audits {
        audit.flush().await;
        chain.dropped += audit.dropped();
    }
    let verified = audits.first().expect("an audit").verify(TENANT, None);
    chain.broken = verified.await.err().map(|error| error.to_string());
    chain.logins = crate::sql::logins(url).await;
    chain
}
