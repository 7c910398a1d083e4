//! What is in the server: keys of fixed-length parts, each with an end, and nothing that tells a number or a code.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod common;

use common::{connect, keys};
use otp_core::conformance::scene::{
    GRACE, RIGHT, Scene, T, WRONG, cell, report, secs, sent, signed_in, ten, user,
};
use otp_core::limit::{Cell, Count};
use otp_core::session::{Revoke, Rotate};
use otp_core::testing::{CapturingSender, ManualClock};
use otp_core::{
    ChallengeStore as _, Client, DeliveryState, Keys, MemoryUsers, OtpAuth, SessionStore as _,
    Start, UserId, Verified, Verify,
};
use otp_store_redis::RedisStore;
use otp_testkit::Redis;
use proptest::prelude::*;
use std::sync::Arc;

/// Every verb once, with cells of every kind.
async fn everything(store: &Arc<RedisStore>) {
    let scene = Scene::new(store);
    let mut cells = vec![
        ten(),
        cell(Count::All, &[(500, secs(60))]),
        cell(Count::Distinct(7), &[(3, secs(60))]),
        cell(Count::Streak, &[(100, secs(86_400))]),
        cell(Count::WrongGuesses, &[(20, secs(86_400))]),
    ];
    cells[3].home = Some(scene.key.phone);
    cells[4].home = Some(scene.key.phone);
    scene.open(&scene.start(RIGHT, T), &cells, T).await;
    scene.guess(WRONG, &cells, T).await;
    scene.open(&scene.resend(WRONG, T), &cells, T).await;
    scene.refund(WRONG, &cells, T).await;
    scene.guess(RIGHT, &cells, T).await;
    let hosted = Scene::new(store);
    hosted.opened(RIGHT, T).await;
    hosted.guess(WRONG, &cells, T).await;
    hosted.approve(RIGHT, T, &cells, T).await;
    told(&hosted).await;
    store.charge(&cells, T).await.unwrap();
    let owner = user();
    let session = signed_in(&**store, &owner, T).await;
    let rotate = Rotate::new(session.id, 0, GRACE);
    store.rotate(&rotate, T).await.unwrap();
    signed_in(&**store, &owner, T).await;
    store.revoke(&Revoke::Session(session.id), T).await.unwrap();
    assert_eq!(store.list(&owner, T).await.unwrap().len(), 1);
    assert_eq!(store.revoke(&Revoke::User(user()), T).await.unwrap(), 0);
}

/// A message of this challenge, and a report of it; its name at the provider.
async fn told(scene: &Scene<RedisStore>) -> String {
    let (message, named) = sent(T);
    let until = T + secs(86_400);
    scene.note(&named, until, T).await;
    report(&*scene.store, &message, DeliveryState::Sent, until, T).await;
    report(&*scene.store, &message, DeliveryState::Read, until, T).await;
    let delivery = scene.delivery(T).await.unwrap();
    assert_eq!(delivery.state, DeliveryState::Read);
    named.reference.unwrap()
}

/// STO-8, THR-12, I9: nothing stays for ever.
#[tokio::test]
async fn no_key_without_ttl() {
    let redis = Redis::start();
    let store = connect(&redis).await;
    everything(&store).await;
    let keys = keys(&redis);
    assert!(keys.len() > 6, "{keys:?}");
    for key in keys {
        let ttl: i64 = redis.must(&["PTTL", &key]).parse().unwrap();
        assert!(ttl > 0, "{key} has {ttl}");
        // A month of a session and the slack.
        assert!(ttl <= 31 * 86_400_000, "{key} has {ttl}");
    }
}

/// STO-6: parts of 22 letters of base64url, and nothing else.
#[tokio::test]
async fn key_charset() {
    let redis = Redis::start();
    let store = connect(&redis).await;
    everything(&store).await;
    let tail = |key: &str| {
        let rest = key.strip_prefix("otp:{")?;
        let (tag, rest) = rest.split_at_checked(22)?;
        let rest = rest.strip_prefix("}:")?;
        let base64url = |part: &str| {
            part.bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
        };
        let (kind, own) = match rest.split_once(':') {
            Some((kind @ ("c" | "d"), rest)) => rest.split_once(':').map(|(_, own)| (kind, own))?,
            Some((kind, own)) => (kind, own),
            None => (rest, tag),
        };
        let known = ["c", "d", "l", "r", "s", "u"].contains(&kind);
        (known && base64url(tag) && base64url(own) && own.len() == 22).then_some(kind.to_owned())
    };
    let mut kinds: Vec<_> = keys(&redis)
        .iter()
        .map(|key| tail(key).unwrap_or_else(|| panic!("{key}")))
        .collect();
    kinds.sort();
    kinds.dedup();
    assert_eq!(kinds, ["c", "d", "l", "r", "s", "u"]);
}

/// STO-6: whatever a host's user id is, its key has the one length and the one alphabet.
#[test]
fn key_charset_len_prop() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let redis = Redis::start();
    let store = runtime.block_on(connect(&redis));
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
        cases: 64,
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    let ids = "[!-~]{1,128}";
    let result = runner.run(&ids.prop_map(|id| UserId::new(id).unwrap()), |owner| {
        redis.must(&["FLUSHALL"]);
        runtime.block_on(signed_in(&*store, &owner, T));
        for key in keys(&redis) {
            prop_assert_eq!(key.len(), "otp:{}:u".len() + 22);
            prop_assert_eq!(key.matches(['{', '}']).count(), 2);
        }
        let listed = runtime.block_on(store.list(&owner, T)).unwrap();
        prop_assert_eq!(listed.len(), 1);
        Ok(())
    });
    result.unwrap();
}

fn policy() -> otp_core::policy::Policy {
    otp_core::policy::Policy::standard().for_countries(["IN", "IR"].map(|c| c.parse().unwrap()))
}

/// STO-1, STO-5, TOK-5: a dump of a whole login's keys and values holds no code, number or token.
#[tokio::test]
async fn full_store_dump_contains_no_code_and_no_msisdn() {
    let redis = Redis::start();
    let store = RedisStore::connect(&redis.url()).await.unwrap();
    let sender = CapturingSender::new();
    let keys_of_auth = Arc::new(Keys::generate().unwrap());
    let of_auth = store.clone();
    let auth = OtpAuth::builder(of_auth, sender.clone(), MemoryUsers::new(), keys_of_auth)
        .clock(ManualClock::default())
        .policy(policy())
        .build()
        .unwrap();
    let client = || Client::new().with_address("203.0.113.77".parse().unwrap());
    let (mut secrets, mut tokens) = (Vec::new(), Vec::new());
    for number in ["+919876543210", "+989123456789"] {
        let phone = auth.phone(number, None).unwrap();
        let start = Start::new(phone.clone()).with_client(client());
        let started = auth.start(start).await.unwrap();
        let code = sender.last_code().unwrap();
        secrets.extend([number[1..].to_owned(), number[3..].to_owned()]);
        secrets.push(code.expose().to_owned());
        let verify = Verify::new(phone, Some(started.challenge_id), code).with_client(client());
        let Verified::SignedIn(login) = auth.verify(verify).await.unwrap() else {
            panic!("sign-up is automatic here")
        };
        tokens.push(login.tokens.refresh.expose().to_owned());
        tokens.push(login.tokens.access.expose().to_owned());
    }
    let reference = told(&Scene::new(&Arc::new(store))).await;
    let dump = dump(&redis);
    assert!(dump.len() > 1_000);
    let as_json = reference.replace('"', "\\\"");
    assert!(dump.contains(&as_json), "messages are in the dump: {dump}");
    // Six digits may stand in an instant by chance; no instant stands in quotes or between letters.
    let words: Vec<_> = dump.split(|c: char| !c.is_ascii_alphanumeric()).collect();
    for secret in secrets {
        assert!(!words.contains(&&*secret), "{secret} in {dump}");
        assert!(
            secret.len() == 6 || !dump.contains(&secret),
            "{secret} in {dump}"
        );
    }
    for token in tokens {
        assert!(!dump.contains(&token));
    }
    assert!(!dump.contains("203.0.113"), "{dump}");
}

/// All keys with all that is under them.
fn dump(redis: &Redis) -> String {
    let value = |key: &String| match redis.must(&["TYPE", key]).as_str() {
        "string" => redis.must(&["GET", key]),
        "hash" => redis.must(&["HGETALL", key]),
        "zset" => redis.must(&["ZRANGE", key, "0", "-1", "WITHSCORES"]),
        other => panic!("{key} is a {other}"),
    };
    let lines: Vec<_> = keys(redis)
        .iter()
        .map(|key| format!("{key}\n{}", value(key)))
        .collect();
    lines.join("\n")
}

/// At most 600 bytes for an outstanding challenge with its phone's limits, by the default policy.
#[tokio::test]
async fn a_challenge_is_small() {
    let redis = Redis::start();
    let store = RedisStore::connect(&redis.url()).await.unwrap();
    let sender = CapturingSender::new();
    let keys_of_auth = Arc::new(Keys::generate().unwrap());
    let auth = OtpAuth::builder(store, sender.clone(), MemoryUsers::new(), keys_of_auth)
        .clock(ManualClock::default())
        .policy(policy())
        .build()
        .unwrap();
    let phone = auth.phone("+919876543210", None).unwrap();
    let client = Client::new().with_address("203.0.113.77".parse().unwrap());
    auth.start(Start::new(phone).with_client(client))
        .await
        .unwrap();
    let challenge = keys(&redis);
    let challenge = challenge.iter().find(|key| key.contains(":c:")).unwrap();
    let tag = &challenge[.."otp:{}".len() + 22];
    let mut bytes = 0;
    for key in keys(&redis).iter().filter(|key| key.starts_with(tag)) {
        let usage = redis
            .must(&["MEMORY", "USAGE", key])
            .parse::<u32>()
            .unwrap();
        println!("{usage} {key}");
        bytes += usage;
    }
    println!("{bytes} bytes for a challenge with its phone's limits");
    assert!(bytes <= 600, "{bytes}");
}

/// The cells of a phone are beside its challenge.
fn home(scene: &Scene<RedisStore>, cell: Cell) -> Cell {
    cell.at_home_of(scene.key.phone)
}

/// FLT-2: one command for each verb, whatever it touches.
#[tokio::test]
async fn each_verb_is_one_command() {
    let redis = Redis::start();
    let store = connect(&redis).await;
    everything(&store).await; // The scripts are known.
    let scene = Scene::new(&store);
    let cells = [
        home(&scene, ten()),
        ten(),
        cell(Count::Streak, &[(9, secs(60))]),
    ];
    let owner = user();
    let session = signed_in(&*store, &owner, T).await;
    let commands = || {
        let stats = redis.must(&["INFO", "commandstats"]);
        let calls = |line: &str| {
            let (name, rest) = line.strip_prefix("cmdstat_")?.split_once(':')?;
            let calls = rest.strip_prefix("calls=")?.split(',').next()?;
            // What scripts call is counted under its own name; what comes from outside is scripts, and one look into
            // the index before a list.
            let outer = ["evalsha", "eval"].contains(&name);
            outer.then(|| calls.parse::<u64>().unwrap())
        };
        let outer: u64 = stats.lines().filter_map(calls).sum();
        assert!(!stats.contains("cmdstat_script|load"));
        outer
    };
    let mut before = commands();
    let mut cost = |verb: &str, most: u64| {
        let now = commands();
        assert_eq!(now - before, most, "{verb}");
        before = now;
    };
    scene.open(&scene.start(RIGHT, T), &cells, T).await;
    cost("open", 1);
    scene.guess(WRONG, &cells, T).await;
    cost("a wrong guess", 1);
    scene.guess(RIGHT, &cells, T).await;
    cost("attempt", 1);
    scene.approve(WRONG, T, &cells, T).await;
    cost("approve", 1);
    store.charge(&cells, T).await.unwrap();
    cost("charge", 1);
    scene.refund(RIGHT, &cells, T).await;
    cost("refund", 1);
    let (message, named) = sent(T);
    scene.note(&named, T + secs(60), T).await;
    cost("note", 1);
    report(&*store, &message, DeliveryState::Sent, T + secs(60), T).await;
    cost("report", 1);
    // What is reported is a plain look, which is not counted here.
    scene.delivery(T).await;
    cost("delivery", 1);
    let other = signed_in(&*store, &owner, T).await;
    cost("create", 1);
    store
        .rotate(&Rotate::new(session.id, 0, GRACE), T)
        .await
        .unwrap();
    cost("rotate", 1);
    store.find(&session.id, T).await.unwrap();
    cost("find", 1);
    store.revoke(&Revoke::Session(session.id), T).await.unwrap();
    cost("revoke", 1);
    let own = Revoke::OwnSession(owner.clone(), other.id);
    assert_eq!(store.revoke(&own, T).await.unwrap(), 1);
    cost("revoke one's own", 1);
    let last = signed_in(&*store, &owner, T).await;
    cost("create", 1);
    assert_eq!(store.list(&owner, T).await.unwrap(), [last]);
    cost("list", 1);
    assert_eq!(store.revoke(&Revoke::User(owner), T).await.unwrap(), 1);
    cost("revoke all", 2);
    store.charge(&[], T).await.unwrap();
    cost("charge nothing", 0);
}

/// FLT-2, R5: the server forgets the scripts between any two calls, and nobody notices.
#[tokio::test]
async fn script_flush_between_calls() {
    let redis = Redis::start();
    let store = connect(&redis).await;
    for _ in 0..3 {
        let scene = Scene::new(&store);
        scene.opened(RIGHT, T).await;
        redis.must(&["SCRIPT", "FLUSH"]);
        scene.rejected(WRONG, T).await;
        redis.must(&["SCRIPT", "FLUSH"]);
        scene.accepted(RIGHT, T).await;
        redis.must(&["SCRIPT", "FLUSH"]);
        assert_eq!(store.revoke(&Revoke::User(user()), T).await.unwrap(), 0);
    }
}
