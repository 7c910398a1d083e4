//! Redis that is killed, emptied, filled, hung and replaced under load (FLT-1, FLT-2, FLT-5, FLT-8).
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use otp_core::{MemoryUsers, OtpAuth};
use otp_faults::history::{ChallengeLoss, SessionLoss};
use otp_faults::{Load, Scenario, Turn, last, node, of_redis, turn};
use otp_store_redis::{Durability, RedisStore, RedisStoreBuilder};
use otp_testkit::{Fault, Proxy, Redis, RedisOptions, RedisSentinel, until};
use std::sync::Arc;
use std::time::Duration;

/// Calls before and after each fault.
const SOME: u64 = 3_000;

/// For what a server takes to notice.
const LONG: Duration = Duration::from_secs(30);

/// R1: killed in the middle of it, with nothing on disk.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r1_killed_without_persistence() {
    let turn = turn().await;
    let redis = Redis::start();
    let mut scenario = Scenario::begin(turn, "R1", at(&redis.url()).await, Load::default());
    for _ in 0..3 {
        scenario.calls(SOME).await;
        scenario.loss(ChallengeLoss::Dead, SessionLoss::Back, true, || {
            redis.kill();
            redis.restart();
        });
        scenario.heals().await;
    }
    scenario.calls(SOME).await;
    end(scenario, &redis).await;
}

/// R3: killed with every write on disk: sessions and limits are as they were, absolutely.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r3_killed_with_every_write_on_disk() {
    let turn = turn().await;
    let redis = RedisOptions::new().durable().start();
    killed_with_a_log(turn, "R3 always", redis, SessionLoss::Kept).await;
}

/// R3: killed with a disk that is written every second: at most that second is gone.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r3_killed_with_a_disk_written_every_second() {
    let turn = turn().await;
    let redis = RedisOptions::new().with("appendonly", "yes");
    let redis = redis.with("appendfsync", "everysec").start();
    killed_with_a_log(turn, "R3 everysec", redis, SessionLoss::Back).await;
}

async fn killed_with_a_log(turn: Turn, name: &'static str, redis: Redis, sessions: SessionLoss) {
    let mut scenario = Scenario::begin(turn, name, at(&redis.url()).await, Load::default());
    for _ in 0..2 {
        scenario.calls(SOME).await;
        let limits = sessions == SessionLoss::Back;
        scenario.loss(ChallengeLoss::Dead, sessions, limits, || {
            redis.kill();
            redis.restart();
        });
        scenario.heals().await;
    }
    scenario.calls(SOME).await;
    end(scenario, &redis).await;
}

/// R4: the script has run, and its reply is lost.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r4_replies_are_lost() {
    let turn = turn().await;
    let redis = Redis::start();
    let proxy = Proxy::to(redis.port());
    let url = format!("redis://{}", proxy.address());
    let mut scenario = Scenario::begin(turn, "R4", at(&url).await, Load::default());
    for round in 0..12 {
        scenario.calls(SOME / 6).await;
        let fault = match round % 3 {
            0 => Fault::DropReply,
            1 => Fault::CutAfter(1 + 37 * round),
            _ => Fault::Reset,
        };
        scenario.fault(|| proxy.set(fault));
        scenario.calls(30).await;
        proxy.set(Fault::None);
    }
    scenario.heals().await;
    scenario.calls(SOME).await;
    end(scenario, &redis).await;
}

/// R5: the server forgets the scripts: flushed, and then promoted, which never had them.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r5_scripts_are_forgotten() {
    let turn = turn().await;
    let servers = RedisSentinel::start();
    let nodes = at(&servers.url()).await;
    let mut scenario = Scenario::begin(turn, "R5", nodes, Load::default());
    let flush = |redis: &Redis| redis.must(&["SCRIPT", "FLUSH", "SYNC"]);
    for _ in 0..10 {
        scenario.calls(SOME / 10).await;
        scenario.fault(|| flush(&servers.pair.master));
    }
    scenario.loss(ChallengeLoss::Dead, SessionLoss::Back, true, || {
        servers.fail_over()
    });
    scenario.heals().await;
    for _ in 0..10 {
        scenario.calls(SOME / 10).await;
        scenario.fault(|| flush(&servers.pair.replica));
    }
    end(scenario, &servers.pair.replica).await;
}

/// R6: cut off from its replica, which is then promoted: what was answered is kept, the rest failed closed.
///
/// The link between the two goes through a proxy that swallows everything, and the clients' address is led to the new
/// master after that, as a name or a floating address would be.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r6_partitioned_and_promoted() {
    let turn = turn().await;
    let options = || {
        let options = RedisOptions::new().with("repl-diskless-sync-delay", "0");
        options.with("repl-ping-replica-period", "1")
    };
    let master = options().start();
    let (link, front) = (Proxy::to(master.port()), Proxy::to(master.port()));
    let of = link.address().replace(':', " ");
    let replica = options().with("replicaof", of).start();
    until("the replica", LONG, || {
        let state = master.info("replication", "slave0").unwrap_or_default();
        state.contains("state=online")
    });
    let url = format!("redis://{}", front.address());
    let durability = Durability::Replicated {
        replicas: 1,
        timeout: Duration::from_millis(100),
    };
    let nodes = nodes(|| RedisStore::builder(&url).with_durability(durability)).await;
    let mut scenario = Scenario::begin(turn, "R6", nodes, Load::default());
    scenario.calls(SOME).await;
    let from = scenario.loss_begins();
    link.set(Fault::BlackHole);
    scenario.calls(SOME / 10).await;
    scenario.fault(|| {
        replica.must(&["REPLICAOF", "NO", "ONE"]);
        front.lead_to(replica.port());
        front.set(Fault::Reset);
        master.kill();
        front.set(Fault::None);
    });
    scenario.loss_ends(from, ChallengeLoss::Dead, SessionLoss::Unanswered, false);
    // It has no replica of its own yet, so it takes nothing; then it has one.
    scenario.calls(SOME / 10).await;
    let of = format!("127.0.0.1 {}", replica.port());
    let second = options().with("replicaof", of).start();
    scenario.heals().await;
    scenario.calls(SOME).await;
    end(scenario, &replica).await;
    drop(second);
}

/// R9: the memory is full.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r9_out_of_memory() {
    let turn = turn().await;
    let redis = Redis::start();
    let mut scenario = Scenario::begin(turn, "R9", at(&redis.url()).await, Load::default());
    for _ in 0..3 {
        scenario.calls(SOME).await;
        scenario.fault(|| redis.must(&["CONFIG", "SET", "maxmemory", "1"]));
        scenario.calls(SOME / 10).await;
        redis.must(&["CONFIG", "SET", "maxmemory", "0"]);
        scenario.heals().await;
    }
    scenario.calls(SOME).await;
    end(scenario, &redis).await;
}

/// R10: it hangs: nobody waits for longer than his calls may take, and what it does late harms nobody.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r10_hangs() {
    let turn = turn().await;
    let redis = Redis::start();
    let mut scenario = Scenario::begin(turn, "R10", at(&redis.url()).await, Load::default());
    scenario.calls(SOME).await;
    let stopped = scenario.fault(|| redis.stop_cont());
    last(Duration::from_secs(4)).await;
    drop(stopped);
    let (slowest, failed) = scenario.slowest();
    // Two verbs of half a second are the longest call; the rest is for a busy machine.
    assert!(slowest < Duration::from_secs(3), "a call took {slowest:?}");
    assert!(failed > 0, "nobody noticed");
    scenario.heals().await;
    scenario.calls(SOME).await;
    end(scenario, &redis).await;
}

/// Three nodes, each with connections of its own.
async fn nodes(builder: impl Fn() -> RedisStoreBuilder) -> Vec<OtpAuth> {
    let users = Arc::new(MemoryUsers::new());
    let mut nodes = Vec::new();
    for _ in 0..3 {
        let store = builder().connect().await.unwrap();
        nodes.push(node(store, Arc::clone(&users)));
    }
    nodes
}

async fn at(url: &str) -> Vec<OtpAuth> {
    nodes(|| RedisStore::builder(url)).await
}

async fn end(mut scenario: Scenario, redis: &Redis) {
    scenario.rests().await;
    scenario.endless(of_redis(redis));
    scenario.ends();
}
