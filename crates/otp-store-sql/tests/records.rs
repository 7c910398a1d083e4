//! What lies in the tables: no code, no number; and what a record that cannot be read does.
#![cfg(all(
    feature = "migrate",
    any(feature = "postgres", feature = "mysql", feature = "sqlite")
))]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test fails by panicking, and tells what it saw"
)]

mod common;

use common::{command, database, everywhere};
use otp_core::conformance::scene::{
    RIGHT, Scene, T, cell, report, secs, sent, session, signed_in, user,
};
use otp_core::limit::Count;
use otp_core::session::{Revoke, Rotate, Rotation};
use otp_core::testing::CapturingSender;
use otp_core::{
    Backend as _, ChallengeStore, Client, Code, DeliveryState, DeliveryStore as _, Keys, OtpAuth,
    Profile, Reach, SecretKey, SessionStore, Start, StoreErrorKind, UserDirectory, UserId,
    Verified, Verify,
};
use otp_store_sql::{AuditKeys, Database, SqlAudit, SqlOptions, SqlStore, SqlUsers, UserKeys};
use std::sync::Arc;
use std::time::Duration;

const NUMBER: &str = "+989123456789";

/// Logs in, and leaves one challenge open; what was secret in it.
async fn lived_in(database: &Database) -> Vec<String> {
    let keys = UserKeys::new(
        &SecretKey::generate().unwrap(),
        "s1".parse().unwrap(),
        &SecretKey::generate().unwrap(),
    );
    let users = SqlUsers::new(database, "default", keys.unwrap());
    let chain = AuditKeys::new("a1".parse().unwrap(), &SecretKey::generate().unwrap());
    let audit = SqlAudit::start(database, "default", chain);
    let sender = CapturingSender::new();
    let store = SqlStore::new(database);
    let keys = Arc::new(Keys::generate().unwrap());
    let auth = OtpAuth::builder(store, sender.clone(), users.clone(), keys)
        .audit(audit.clone())
        .policy(
            otp_core::policy::Policy::standard()
                .for_countries(["GB", "IR"].map(|c| c.parse().unwrap())),
        )
        .build()
        .unwrap();
    let client = Client::new().with_address("192.0.2.7".parse().unwrap());
    let phone = auth.phone(NUMBER, None).unwrap();
    users.create(&phone, &Profile::default()).await.unwrap();
    let start = Start::new(phone.clone()).with_client(client.clone());
    let started = auth.start(start).await.unwrap();
    let code = sender.last_code().unwrap();
    let wrong = Code::parse(if code.expose() == "000000" {
        "000001"
    } else {
        "000000"
    })
    .unwrap();
    let id = Some(started.challenge_id);
    let guess = |code| Verify::new(phone.clone(), id, code).with_client(client.clone());
    assert!(auth.verify(guess(wrong)).await.is_err());
    let Verified::SignedIn(login) = auth.verify(guess(code.clone())).await.unwrap() else {
        panic!("not signed in")
    };
    let refreshed = auth
        .refresh(login.tokens.refresh.expose(), &client)
        .await
        .unwrap();
    let other = auth.phone("+447400123456", None).unwrap();
    auth.start(Start::new(other)).await.unwrap();
    audit.flush().await;
    assert!(audit.verify("default", None).await.unwrap().rows >= 5);
    let open = sender.last_code().unwrap();
    let mut secrets = vec![
        code.expose().to_owned(),
        open.expose().to_owned(),
        login.tokens.refresh.expose().to_owned(),
        refreshed.tokens.refresh.expose().to_owned(),
        refreshed.tokens.access.expose().to_owned(),
    ];
    secrets.extend(["989123456789", "9123456789", "447400123456", "7400123456"].map(String::from));
    secrets
}

/// A message of a challenge, and a report of it; its name at the provider.
async fn told(store: &Arc<SqlStore>) -> String {
    let (scene, (message, named)) = (Scene::new(store), sent(T));
    let until = T + secs(60);
    scene.note(&named, until, T).await;
    report(&**store, &message, DeliveryState::Delivered, until, T).await;
    named.reference.unwrap()
}

/// STO-1, STO-5, TOK-5: neither code, number nor token is in any column of any table, as text or as its bytes in hex.
#[tokio::test(flavor = "multi_thread")]
async fn full_store_dump_contains_no_code() {
    for (server, url) in everywhere() {
        let database = database(&url).await;
        let secrets = lived_in(&database).await;
        let reference = told(&Arc::new(SqlStore::new(&database))).await;
        let dump = common::dump(&url).await;
        let lines = [reference.as_str(), DeliveryState::Delivered.as_str()];
        for line in lines {
            let found = dump.lines().any(|value| value == line);
            assert!(found, "{server}: messages are in the dump");
        }
        assert!(
            dump.contains("authn_login_success"),
            "{server}: the dump holds what is there"
        );
        for secret in secrets {
            let hex: String = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
            // Six digits may occur in an instant; as a value of their own they may not.
            let found = dump.lines().find(|value| {
                let whole = secret.len() <= 8;
                (whole && *value == secret)
                    || (!whole && value.contains(&secret))
                    || value.contains(&hex)
            });
            assert_eq!(found, None, "{server}: {} characters", secret.len());
        }
    }
}

/// FLT-9, THR-15: a record of another version is a failure: no panic, no fresh budget, no second life.
#[tokio::test(flavor = "multi_thread")]
async fn a_record_of_another_version_is_a_failure() {
    for (server, url) in everywhere() {
        let store = Arc::new(SqlStore::new(&database(&url).await));
        let limits = [cell(Count::All, &[(3, secs(60))])];
        let scene = Scene::new(&store);
        scene.open(&scene.start(RIGHT, T), &limits, T).await;
        let session = signed_in(&*store, &user(), T).await;
        command(&url, "UPDATE otp_challenges SET format = 2").await;
        command(&url, "UPDATE otp_sessions SET format = 2").await;
        let later = if url.starts_with("postgres") {
            "'\\x0200'"
        } else {
            "X'0200'"
        };
        command(&url, format!("UPDATE otp_limits SET tally = {later}")).await;

        let digests = [(otp_core::conformance::scene::kid(), [RIGHT; 32])];
        let guess = otp_core::challenge::Guess::new(&scene.key, &digests);
        let kinds = [
            store.attempt(&guess, &[], T).await.err(),
            store.charge(&limits, T).await.err(),
            store.find(&session.id, T).await.err(),
            store
                .rotate(&Rotate::new(session.id, 0, secs(10)), T)
                .await
                .err(),
            store.revoke(&Revoke::Session(session.id), T).await.err(),
        ];
        for kind in kinds.map(|error| error.map(|error| error.kind)) {
            assert_eq!(kind, Some(StoreErrorKind::Corrupt), "{server}");
        }
    }
}

/// FLT-9: the same for messages and reports; when a report is over it is nothing, whatever it was.
#[tokio::test(flavor = "multi_thread")]
async fn a_message_of_another_version_is_a_failure() {
    for (server, url) in everywhere() {
        let store = Arc::new(SqlStore::new(&database(&url).await));
        let (scene, (message, named)) = (Scene::new(&store), sent(T));
        let until = T + secs(60);
        scene.note(&named, until, T).await;
        report(&*store, &message, DeliveryState::Sent, until, T).await;
        let corrupt = Some(StoreErrorKind::Corrupt);
        command(&url, "UPDATE otp_reports SET state = 'framed'").await;
        let delivery = store.delivery(&scene.key, T).await;
        assert_eq!(delivery.err().map(|error| error.kind), corrupt, "{server}");
        let reported = store.report(&message, DeliveryState::Read, until, T).await;
        assert_eq!(reported.err().map(|error| error.kind), corrupt, "{server}");
        let dump = common::dump(&url).await;
        assert!(dump.lines().any(|value| value == "framed"), "{server}");
        let anew = report(
            &*store,
            &message,
            DeliveryState::Sent,
            until + secs(1),
            until,
        )
        .await;
        assert_eq!(anew.before, None, "{server}");
        for change in ["channel = 'pigeon'", "channel = 'sms', format = 2"] {
            command(&url, format!("UPDATE otp_messages SET {change}")).await;
            let delivery = store.delivery(&scene.key, T).await;
            assert_eq!(delivery.err().map(|error| error.kind), corrupt, "{server}");
        }
    }
}

/// THR-14: a counter at its end does not begin again.
#[tokio::test(flavor = "multi_thread")]
async fn counter_at_max_fails_closed_all_stores() {
    for (server, url) in everywhere() {
        let store = SqlStore::new(&database(&url).await);
        let session = signed_in(&store, &user(), T).await;
        command(
            &url,
            format!("UPDATE otp_sessions SET counter = {}", i64::MAX),
        )
        .await;
        let top = Rotate::new(session.id, i64::MAX.unsigned_abs(), secs(10));
        let rotated = store.rotate(&top, T).await;
        assert!(rotated.is_err(), "{server}: {rotated:?}");
        let beyond = Rotate::new(session.id, u64::MAX, secs(10));
        assert_eq!(
            store.rotate(&beyond, T).await.unwrap(),
            Rotation::Dead,
            "{server}"
        );
    }
}

/// LOG-1: neither a URL, a password nor a key is in what is printed, and errors name what they can.
#[tokio::test(flavor = "multi_thread")]
async fn errors_tell_their_kind_and_nothing_else() {
    let closed = [
        (
            "postgres://otp:hunter2@127.0.0.1:1/otp",
            StoreErrorKind::Unavailable,
        ),
        (
            "mysql://otp:hunter2@127.0.0.1:1/otp",
            StoreErrorKind::Unavailable,
        ),
        (
            "sqlite:/no/such/place/hunter2.db",
            StoreErrorKind::Misconfigured,
        ),
        (
            "oracle://otp:hunter2@127.0.0.1/otp",
            StoreErrorKind::Misconfigured,
        ),
    ];
    for (url, kind) in closed {
        let options = SqlOptions::new(url).op_timeout(Duration::from_millis(300));
        let printed = format!("{options:?}");
        let error = Database::connect(options).await.err().unwrap();
        assert_eq!(error.kind, kind, "{error:?}");
        for text in [printed, format!("{error} {error:?}")] {
            assert!(!text.contains("hunter2"), "{text}");
        }
    }
    for (server, url) in everywhere() {
        let bare = SqlStore::connect(url.as_str()).await.unwrap();
        let error = bare.ping().await.unwrap_err();
        assert_eq!(
            error.kind,
            StoreErrorKind::Misconfigured,
            "{server} without tables: {error:?}"
        );
        assert_eq!(error.to_string(), "sql: misconfigured");
        assert_eq!(bare.reach(), Reach::Shared);
        assert!(!format!("{bare:?}").contains("127.0.0.1"), "{server}");
    }
}

/// TOK-9: a session's owner is compared letter by letter, and all that a client may say of itself is kept.
#[tokio::test(flavor = "multi_thread")]
async fn owners_are_told_apart_by_each_letter() {
    for (server, url) in everywhere() {
        let store = SqlStore::new(&database(&url).await);
        let mut sessions = Vec::new();
        for letter in ["x", "X", "~"] {
            let owner = UserId::new(letter.repeat(UserId::MAX_LEN)).unwrap();
            let client = Client::new().with_device_info(&"\u{1F600}".repeat(300));
            let device = client.device_info().map(str::to_owned);
            let session = session(&owner, T).with_device_info(device);
            store.create(&session, T).await.unwrap();
            sessions.push(session);
        }
        for session in &sessions {
            let listed = store.list(&session.user, T).await.unwrap();
            assert_eq!(listed, std::slice::from_ref(session), "{server}");
        }
        let all = Revoke::User(sessions[0].user.clone());
        assert_eq!(store.revoke(&all, T).await.unwrap(), 1, "{server}");
    }
}
