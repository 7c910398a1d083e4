//! Connecting: what is refused, what is told, and what is never told.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod common;

use common::{connect, is_unavailable, kind, open, told};
use otp_core::conformance::scene::{GRACE, RIGHT, Scene, T, signed_in, user};
use otp_core::session::{Revoke, Rotate};
use otp_core::{Backend as _, SessionStore as _, StoreErrorKind};
use otp_store_redis::{Durability, RedisStore};
use otp_testkit::{Redis, RedisOptions, RedisPair};
use std::io::{self, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// FLT-4: a server that evicts would forget limits under pressure.
#[tokio::test]
async fn allkeys_lru_refused() {
    for policy in [
        "allkeys-lru",
        "volatile-ttl",
        "allkeys-random",
        "volatile-lfu",
    ] {
        let redis = RedisOptions::new().with("maxmemory-policy", policy).start();
        let refused = RedisStore::connect(&redis.url()).await;
        assert_eq!(
            kind(&refused),
            Some(StoreErrorKind::Misconfigured),
            "{policy}"
        );
        assert!(told(&refused.unwrap_err()).contains("noeviction"));
    }
}

/// Everything that is logged while this is held.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What the log says of connecting to this URL.
async fn said(url: &str) -> String {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_writer(move || writer.clone())
        .finish();
    let guard = tracing::subscriber::set_default(subscriber);
    RedisStore::connect(url).await.unwrap();
    drop(guard);
    let said = log.0.lock().unwrap().clone();
    String::from_utf8(said).unwrap()
}

/// FLT-4: without persistence it works, and says so; with either kind it says nothing.
#[tokio::test]
async fn no_persistence_is_told() {
    let said = async |redis: &Redis| said(&redis.url()).await.contains("keeps nothing on disk");
    assert!(said(&Redis::start()).await);
    assert!(!said(&RedisOptions::new().durable().start()).await);
    assert!(!said(&RedisOptions::new().with("save", "3600 1").start()).await);
}

/// FLT-4: a server that is too old is told of, and works as far as it can.
#[tokio::test]
async fn an_old_server_is_told_of() {
    let redis = Redis::start();
    let told = "this Redis is older than 6.2";
    assert!(!said(&redis.url()).await.contains(told));
    let old = said(&format!("redis://{}", calls_itself_5(redis.port()))).await;
    assert!(old.contains(told), "{old}");
}

/// The address of a proxy to a server whose version begins with 5 for whoever asks there, once.
fn calls_itself_5(port: u16) -> SocketAddr {
    const NAME: &[u8] = b"redis_version:";
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        let (client, _) = listener.accept().unwrap();
        let server = TcpStream::connect(("127.0.0.1", port)).unwrap();
        let (mut asked, mut asks) = (client.try_clone().unwrap(), server.try_clone().unwrap());
        std::thread::spawn(move || io::copy(&mut asked, &mut asks));
        let (mut from, mut to, mut buffer) = (server, client, [0; 16 * 1024]);
        while let Ok(length @ 1..) = from.read(&mut buffer) {
            let piece = &mut buffer[..length];
            if let Some(at) = piece.windows(NAME.len()).position(|part| part == NAME) {
                piece[at + NAME.len()] = b'5';
            }
            to.write_all(piece).unwrap();
        }
    });
    address
}

/// STO-5, LOG-1: a wrong password is a configuration error, and no error or `Debug` repeats it.
#[tokio::test]
async fn wrong_password_error_has_no_password() {
    let redis = RedisOptions::new().with("requirepass", "right").start();
    let url = |user: &str| format!("redis://{user}@{}", redis.address());
    for user in [":hunter2", "hunter2:hunter2", ""] {
        let builder = RedisStore::builder(&url(user));
        assert!(!format!("{builder:?}").contains("hunter2"));
        let refused = builder.connect().await;
        assert_eq!(
            kind(&refused),
            Some(StoreErrorKind::Misconfigured),
            "{user}"
        );
        assert!(!told(&refused.unwrap_err()).contains("hunter2"));
    }
    let store = RedisStore::connect(&url(":right")).await.unwrap();
    assert!(!format!("{store:?}").contains("right"));
}

/// LOG-1: neither when the server is not there, or the URL is nonsense.
#[tokio::test]
async fn no_error_repeats_the_url() {
    let redis = Redis::start();
    redis.kill();
    let gone = RedisStore::connect(&format!("redis://:hunter2@{}", redis.address())).await;
    assert!(is_unavailable(&gone));
    let nonsense = RedisStore::connect("mysql://:hunter2@127.0.0.1").await;
    assert_eq!(kind(&nonsense), Some(StoreErrorKind::Misconfigured));
    for error in [gone.unwrap_err(), nonsense.unwrap_err()] {
        assert!(!told(&error).contains("hunter2"));
    }
}

#[tokio::test]
async fn settings_that_make_no_sense_are_refused() {
    let redis = Redis::start();
    let replicated = |replicas, millis| Durability::Replicated {
        replicas,
        timeout: Duration::from_millis(millis),
    };
    let builder = || RedisStore::builder(&redis.url());
    for builder in [
        builder().with_durability(replicated(1, 0)),
        builder().with_durability(replicated(1, 500)),
        builder().with_durability(replicated(0, 100)),
        builder().with_operation_timeout(Duration::ZERO),
        builder().with_connection_timeout(Duration::ZERO),
        builder().with_max_in_flight(0),
    ] {
        let refused = builder.connect().await;
        assert_eq!(kind(&refused), Some(StoreErrorKind::Misconfigured));
    }
}

/// FLT-5: what is written to a replica that lets itself be written to is gone with its next copy of the master's data.
#[tokio::test]
async fn a_replica_is_not_taken_for_its_master() {
    let pair = RedisPair::start();
    for writable in ["yes", "no"] {
        let setting = ["CONFIG", "SET", "replica-read-only", writable];
        pair.replica.must(&setting);
        let refused = RedisStore::connect(&pair.replica.url()).await;
        assert!(is_unavailable(&refused), "{refused:?}");
        assert!(told(&refused.unwrap_err()).contains("replica"));
    }
    pair.promote();
    connect(&pair.replica).await;
}

/// A40: a Cluster's node behind a plain URL would answer CROSSSLOT to half of everything.
#[tokio::test]
async fn a_cluster_needs_its_own_url() {
    let node = RedisOptions::new().with("cluster-enabled", "yes").start();
    let refused = RedisStore::connect(&node.url()).await;
    assert_eq!(kind(&refused), Some(StoreErrorKind::Misconfigured));
    assert!(told(&refused.unwrap_err()).contains("redis+cluster"));
}

/// FLT-8: what is more than may be under way is refused at once.
#[tokio::test]
async fn the_number_in_flight_is_bounded() {
    let redis = Redis::start();
    let store = open(RedisStore::builder(&redis.url()).with_max_in_flight(3)).await;
    let stopped = redis.stop_cont();
    let pings = futures_util::future::join_all((0..10).map(|_| store.ping())).await;
    let full = |result: &Result<_, _>| {
        let error = result.as_ref().unwrap_err();
        told(error).contains("too many operations")
    };
    assert!(pings.iter().all(is_unavailable));
    assert_eq!(pings.iter().filter(|ping| full(ping)).count(), 7);
    drop(stopped);
    common::heals(&store).await;
}

/// FLT-8: as many as one likes may be under way.
#[tokio::test]
async fn no_bound_in_flight_is_no_panic() {
    let redis = Redis::start();
    let builder = RedisStore::builder(&redis.url()).with_max_in_flight(usize::MAX);
    builder.connect().await.unwrap();
}

/// FLT-5: with `Replicated` nothing succeeds that the replicas have not; what it counted stays counted.
#[tokio::test]
async fn a_write_that_is_not_replicated_fails_closed() {
    let pair = RedisPair::start();
    let durability = Durability::Replicated {
        replicas: 1,
        timeout: Duration::from_secs(2),
    };
    let builder = RedisStore::builder(&pair.master.url()).with_durability(durability);
    let store = open(builder.with_operation_timeout(Duration::from_secs(5))).await;
    let scene = Scene::new(&store);
    scene.opened(RIGHT, T).await;
    // The text of the script travels with a WAIT of its own.
    pair.master.must(&["SCRIPT", "FLUSH"]);
    let used = Scene::new(&store);
    used.opened(RIGHT, T).await;
    used.accepted(RIGHT, T).await;
    pair.replica.kill();
    let accepted = common::try_guess(&scene, RIGHT, T).await;
    assert!(is_unavailable(&accepted), "{accepted:?}");
    pair.replica.restart();
    pair.wait_for_link();
    let again = common::try_guess(&scene, RIGHT, T).await.unwrap();
    assert!(
        !otp_core::conformance::scene::is_accepted(&again),
        "used up"
    );
}

/// FLT-5, TOK-9: a session that is gone here, and not on the replica, is not told as ended: from version 7.2 on a server
/// waits for the writes of the connection that asks, which are not those that ended it.
#[tokio::test]
async fn what_another_ended_is_ended_on_the_replicas_too() {
    let pair = RedisPair::start();
    let store = async |timeout| {
        let replicas = 1;
        let builder = RedisStore::builder(&pair.master.url())
            .with_durability(Durability::Replicated { replicas, timeout });
        open(builder.with_operation_timeout(Duration::from_secs(5))).await
    };
    let patient = store(Duration::from_secs(2)).await;
    let hasty = store(Duration::from_millis(100)).await;
    let owner = user();
    let ended = signed_in(&*patient, &owner, T).await;
    let refreshed = signed_in(&*patient, &user(), T).await;
    // Connected, and behind.
    let deaf = pair.replica.stop_cont();
    for which in [
        Revoke::Session(ended.id),
        Revoke::OwnSession(owner.clone(), ended.id),
        Revoke::User(owner),
    ] {
        for _ in 0..2 {
            let told = hasty.revoke(&which, T).await;
            assert!(is_unavailable(&told), "{which:?}: {told:?}");
        }
    }
    for _ in 0..2 {
        let rotated = hasty.rotate(&Rotate::new(refreshed.id, 0, GRACE), T).await;
        assert!(is_unavailable(&rotated), "{rotated:?}");
    }
    drop(deaf);
    assert_eq!(
        patient.revoke(&Revoke::Session(ended.id), T).await.unwrap(),
        0
    );
}

#[cfg(feature = "tls")]
mod tls {
    use super::*;
    use otp_testkit::RedisTls;

    /// `rediss://` with a private authority; the system's do not know it.
    #[tokio::test]
    async fn a_private_authority_is_trusted_when_named() {
        let tls = RedisTls::start();
        let store = open(RedisStore::builder(&tls.url()).with_ca_pem(tls.ca_pem())).await;
        let scene = Scene::new(&store);
        scene.opened(RIGHT, T).await;
        scene.accepted(RIGHT, T).await;
        let stranger = RedisTls::start();
        for builder in [
            RedisStore::builder(&tls.url()),
            RedisStore::builder(&tls.url()).with_ca_pem(stranger.ca_pem()),
            RedisStore::builder(&tls.url()).with_ca_pem("not a certificate"),
        ] {
            assert!(builder.connect().await.is_err());
        }
        // A name that the certificate is not for.
        let elsewhere = tls.url().replace("localhost", "127.0.0.2");
        let builder = RedisStore::builder(&elsewhere).with_ca_pem(tls.ca_pem());
        assert!(builder.connect().await.is_err());
    }
}
