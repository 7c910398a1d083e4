//! Servers that work together find each other, and outlive one of them.

use otp_testkit::{RedisCluster, RedisPair, RedisSentinel, RedisTls, until};
use std::time::Duration;

#[test]
fn a_replica_can_be_promoted() {
    let pair = RedisPair::start();
    pair.master.must(&["SET", "a", "1"]);
    // `WAIT` would tell it of writes on its own connection alone.
    until("the write on the replica", Duration::from_secs(10), || {
        pair.replica.must(&["GET", "a"]) == "1"
    });
    pair.master.kill();
    pair.promote();
    assert_eq!(pair.replica.must(&["GET", "a"]), "1");
}

#[test]
fn sentinels_fail_over() {
    let watched = RedisSentinel::start();
    watched.fail_over();
}

#[test]
fn a_cluster_heals() {
    let cluster = RedisCluster::start();
    cluster.masters[0].kill();
    cluster.wait_until_healed(0);
}

#[test]
fn a_tls_server_answers_in_plain_text_too() {
    let tls = RedisTls::start();
    assert_eq!(tls.redis.must(&["PING"]), "PONG");
    assert!(tls.ca_pem().starts_with("-----BEGIN CERTIFICATE"));
}
