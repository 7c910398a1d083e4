//! A Cluster whose masters die, hang and hand over slots.
#![cfg(feature = "cluster")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod common;

use common::{heals, is_unavailable, is_unknown, open, told, try_guess};
use futures_util::future::join_all;
use otp_core::challenge::Guess;
use otp_core::conformance::scene::{
    RIGHT, Scene, T, WRONG, digest, drain, kid, signed_in, ten, user,
};
use otp_core::session::Revoke;
use otp_core::{ChallengeId, ChallengeStore as _, SessionStore as _};
use otp_store_redis::{Durability, RedisStore};
use otp_testkit::RedisCluster;
use std::time::Duration;

/// FLT-5, R8, I10: one master of a Cluster dies: phones of the others do not notice, its own fail closed and come back
/// with its replica, where codes from before are dead.
#[tokio::test(flavor = "multi_thread")]
async fn cluster_failover_is_followed() {
    let cluster = RedisCluster::start();
    let store = open(RedisStore::builder(&cluster.url())).await;
    let scenes: Vec<_> = (0..60).map(|_| Scene::new(&store)).collect();
    for scene in &scenes {
        scene.opened(RIGHT, T).await;
    }
    let slot = |scene: &Scene<RedisStore>| {
        let slot = cluster.masters[1].must(&["CLUSTER", "KEYSLOT", &scene.key.phone.to_string()]);
        slot.parse::<u32>().unwrap()
    };
    let (lost, safe): (Vec<_>, Vec<_>) = scenes.iter().partition(|scene| slot(scene) < 16_384 / 3);
    assert!(lost.len() > 5 && safe.len() > 5);
    cluster.masters[0].must(&["WAIT", "1", "1000"]);
    cluster.masters[0].kill();
    let attempts = join_all(lost.iter().map(|scene| try_guess(scene, RIGHT, T))).await;
    assert!(attempts.iter().all(common::is_unavailable), "{attempts:?}");
    let mut served = 0;
    for scene in &safe {
        served += usize::from(try_guess(scene, WRONG, T).await.is_ok());
    }
    assert_eq!(served, safe.len(), "phones of other masters");
    cluster.wait_until_healed(0);
    let probe = lost[0];
    let heals = async {
        while try_guess(probe, WRONG, T).await.is_err() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), heals)
        .await
        .expect("I10");
    for scene in &lost {
        assert!(is_unknown(&scene.guess(RIGHT, &[], T).await));
        scene.opened(RIGHT, T).await;
        scene.accepted(RIGHT, T).await;
    }
    for scene in &safe {
        scene.accepted(RIGHT, T).await;
    }
}

/// R8, R10: one master of a Cluster hangs: its own phones fail closed in bounded time, the others do not notice.
#[tokio::test(flavor = "multi_thread")]
async fn a_hung_master_holds_up_its_own_phones_only() {
    let cluster = RedisCluster::start();
    let store = open(RedisStore::builder(&cluster.url())).await;
    let scenes: Vec<_> = (0..60).map(|_| Scene::new(&store)).collect();
    for scene in &scenes {
        scene.opened(RIGHT, T).await;
    }
    let slot = |scene: &Scene<RedisStore>| {
        let slot = cluster.masters[1].must(&["CLUSTER", "KEYSLOT", &scene.key.phone.to_string()]);
        slot.parse::<u32>().unwrap()
    };
    let (held, safe): (Vec<_>, Vec<_>) = scenes.iter().partition(|scene| slot(scene) < 16_384 / 3);
    let stopped = cluster.masters[0].stop_cont();
    for _ in 0..2 {
        let attempts = join_all(held.iter().map(|scene| try_guess(scene, WRONG, T)));
        let attempts = tokio::time::timeout(common::BOUND, attempts)
            .await
            .expect("in time");
        assert!(attempts.iter().all(common::is_unavailable), "{attempts:?}");
        for scene in &safe {
            let guess = try_guess(scene, WRONG, T).await;
            assert!(guess.is_ok(), "a phone of another master: {guess:?}");
        }
    }
    drop(stopped);
    heals(&store).await;
}

/// R8, R10, I10: a master hangs until its replica takes its place: it still holds its connections, and is given up.
#[tokio::test(flavor = "multi_thread")]
async fn a_master_that_hangs_for_good_is_given_up() {
    let cluster = RedisCluster::start();
    let store = open(RedisStore::builder(&cluster.url())).await;
    let mut scene = Scene::new(&store);
    let slot = |scene: &Scene<RedisStore>| {
        let slot = cluster.masters[1].must(&["CLUSTER", "KEYSLOT", &scene.key.phone.to_string()]);
        slot.parse::<u32>().unwrap()
    };
    while slot(&scene) >= 16_384 / 3 {
        scene = Scene::new(&store);
    }
    scene.opened(RIGHT, T).await;
    let _stopped = cluster.masters[0].stop_cont();
    cluster.wait_until_healed(0);
    let heals = async {
        while try_guess(&scene, WRONG, T).await.is_err() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), heals)
        .await
        .expect("I10");
    scene.opened(RIGHT, T).await;
    scene.accepted(RIGHT, T).await;
}

/// THR-12, R8: a master is down: what is refused for that costs nothing on the others, or their limits would be used up
/// by the time it is back.
#[tokio::test(flavor = "multi_thread")]
async fn a_dead_master_uses_up_no_limits_of_the_others() {
    let cluster = RedisCluster::start();
    let store = open(RedisStore::builder(&cluster.url())).await;
    let home_of = |tag: &[u8; 16]| {
        let key = format!("{{{}}}", ChallengeId::from_bytes(*tag));
        let slot = cluster.masters[1].must(&["CLUSTER", "KEYSLOT", &key]);
        usize::from(slot.parse::<u32>().unwrap() >= 16_384 / 3)
    };
    let cell_in = |master| {
        let mut cells = std::iter::repeat_with(ten);
        cells
            .find(|cell| home_of(cell.key.as_bytes()) == master)
            .unwrap()
    };
    let mut scenes = std::iter::repeat_with(|| Scene::new(&store));
    let scene = scenes
        .find(|scene| home_of(scene.key.phone.as_bytes()) == 0)
        .unwrap();
    scene.opened(RIGHT, T).await;
    cluster.masters[0].kill();
    // From here on it is known to be gone; what was under way then may have happened.
    while !told(&try_guess(&scene, WRONG, T).await.unwrap_err()).contains("not found") {}
    let (dead, alive) = (cell_in(0), cell_in(1));
    let digests = [(kid(), digest(WRONG))];
    for _ in 0..4 {
        let alive = [alive.clone()];
        let guess = Guess::new(&scene.key, &digests);
        assert!(is_unavailable(&store.attempt(&guess, &alive, T).await));
        assert!(is_unavailable(
            &store.open(&scene.start(RIGHT, T), &alive, T).await
        ));
        let both = [alive[0].clone(), dead.clone()];
        assert!(is_unavailable(&store.charge(&both, T).await));
    }
    assert_eq!(drain(&*store, &alive, T).await, 10);
}

/// FLT-5: on a Cluster each master's own replicas count.
#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_replicates_or_fails_closed() {
    let cluster = RedisCluster::start();
    let durability = Durability::Replicated {
        replicas: 1,
        timeout: Duration::from_secs(2),
    };
    let builder = RedisStore::builder(&cluster.url()).with_durability(durability);
    let store = open(builder.with_operation_timeout(Duration::from_secs(5))).await;
    let scene = Scene::new(&store);
    let cells = [ten(), ten()];
    scene.open(&scene.start(RIGHT, T), &cells, T).await;
    scene.rejected(WRONG, T).await;
    for replica in &cluster.replicas {
        replica.kill();
    }
    let accepted = try_guess(&scene, RIGHT, T).await;
    assert!(common::is_unavailable(&accepted), "{accepted:?}");
}

/// I10: all of a Cluster's nodes restart.
#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_that_restarts_is_found_again() {
    let cluster = RedisCluster::start();
    let store = open(RedisStore::builder(&cluster.url())).await;
    for node in cluster.nodes() {
        node.kill();
    }
    let scene = Scene::new(&store);
    assert!(common::is_unavailable(&try_guess(&scene, WRONG, T).await));
    for node in cluster.nodes() {
        node.restart();
    }
    cluster.wait_until_whole();
    let heals = async {
        while try_guess(&scene, WRONG, T).await.is_err() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), heals)
        .await
        .expect("I10");
}

/// R8, A40: a slot that moves to another master: redirections are followed, what was under way there is dead, limits
/// hold.
#[tokio::test(flavor = "multi_thread")]
async fn a_moving_slot_is_followed() {
    let cluster = RedisCluster::start();
    let store = open(RedisStore::builder(&cluster.url())).await;
    let [from, to, other] = [0, 1, 2].map(|index: usize| &cluster.masters[index]);
    let mut scene = Scene::new(&store);
    let slot = loop {
        let slot = from.must(&["CLUSTER", "KEYSLOT", &scene.key.phone.to_string()]);
        if slot.parse::<u32>().unwrap() < 16_384 / 3 {
            break slot;
        }
        scene = Scene::new(&store);
    };
    let limit = ten().at_home_of(scene.key.phone);
    scene
        .open(&scene.start(RIGHT, T), std::slice::from_ref(&limit), T)
        .await;
    let ids = [from, to].map(|node| node.must(&["CLUSTER", "MYID"]));
    to.must(&["CLUSTER", "SETSLOT", &slot, "IMPORTING", &ids[0]]);
    from.must(&["CLUSTER", "SETSLOT", &slot, "MIGRATING", &ids[1]]);
    // Not moved yet: its home serves it.
    scene.rejected(WRONG, T).await;
    for key in from
        .must(&["CLUSTER", "GETKEYSINSLOT", &slot, "100"])
        .lines()
    {
        let port = to.port().to_string();
        from.must(&["MIGRATE", "127.0.0.1", &port, key, "0", "1000"]);
    }
    // Moved, and the slot not yet: ASK.
    assert_eq!(drain(&*store, &limit, T).await, 9);
    for node in [to, from, other] {
        node.must(&["CLUSTER", "SETSLOT", &slot, "NODE", &ids[1]]);
    }
    // MOVED.
    assert!(is_unknown(&scene.guess(RIGHT, &[], T).await));
    assert_eq!(drain(&*store, &limit, T).await, 0, "the limit moved along");
    scene.opened(RIGHT, T).await;
    scene.accepted(RIGHT, T).await;
}

/// TOK-9, R8: a master is down while all sessions of a user are ended: those of the others end, and the caller is told
/// that it was not all.
#[tokio::test(flavor = "multi_thread")]
async fn a_dead_master_keeps_no_session_of_the_others_alive() {
    let cluster = RedisCluster::start();
    let store = open(RedisStore::builder(&cluster.url())).await;
    let owner = loop {
        let owner = user();
        signed_in(&*store, &owner, T).await;
        let index = cluster.masters[0].must(&["KEYS", "*}:u"]);
        if index.is_empty() {
            break owner;
        }
        cluster.masters[0].must(&["DEL", index.trim()]);
    };
    let mut begun = Vec::new();
    for _ in 0..20 {
        begun.push(signed_in(&*store, &owner, T).await);
    }
    cluster.masters[0].kill();
    let all = Revoke::User(owner);
    // What was under way when it died may fail on the way to another as well.
    while store
        .find(&begun[0].id, T)
        .await
        .is_err_and(|error| !told(&error).contains("not found"))
    {}
    assert!(is_unavailable(&store.revoke(&all, T).await));
    let (mut ended, mut unknown) = (0, 0);
    for session in &begun {
        match store.find(&session.id, T).await {
            Ok(found) => {
                assert_eq!(found, None);
                ended += 1;
            }
            Err(_) => unknown += 1,
        }
    }
    assert!(ended > 0 && unknown > 0, "{ended} {unknown}");
}
