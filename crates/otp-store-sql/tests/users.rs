//! The user directory, on each server.
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
use otp_core::testing::ManualClock;
use otp_core::{
    Clock as _, Consent, PhoneNumber, Profile, Resolved, SecretKey, UserDirectory, UserId,
};
use otp_store_sql::{SqlUsers, UserKeys};
use std::sync::Arc;
use std::time::Duration;

fn secret(byte: u8) -> SecretKey {
    let mut bytes = [0; 32];
    for (at, slot) in bytes.iter_mut().enumerate() {
        *slot = u8::try_from(at).unwrap().wrapping_mul(37) ^ byte.wrapping_mul(101);
    }
    SecretKey::from_bytes(&bytes).unwrap()
}

fn keys() -> UserKeys {
    UserKeys::new(&secret(1), "s1".parse().unwrap(), &secret(2)).unwrap()
}

fn phone(last: u32) -> PhoneNumber {
    PhoneNumber::parse(&format!("+9891234{last:05}"), None).unwrap()
}

fn profile() -> Profile {
    let mut profile = Profile::default();
    profile.first_name = Some("Jane".to_owned());
    profile.last_name = Some("Döe 😀".to_owned());
    profile.email = Some("jane@example.org".to_owned());
    profile.consent = Some(Consent::new("terms", "3"));
    profile
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_is_found_as_they_were_made() {
    for (server, url) in everywhere() {
        let users = SqlUsers::new(&database(&url).await, "default", keys());
        assert_eq!(
            users.resolve(&phone(1)).await.unwrap(),
            Resolved::New,
            "{server}"
        );
        let made = users.create(&phone(1), &profile()).await.unwrap();
        assert!(made.created);
        let again = users.create(&phone(1), &Profile::default()).await.unwrap();
        assert!(!again.created);
        assert_eq!(again.user.id, made.user.id);
        let found = users.find(&made.user.id).await.unwrap().unwrap();
        assert_eq!(found.phone, phone(1));
        assert_eq!(found.profile.last_name.as_deref(), Some("Döe 😀"));
        assert_eq!(
            users.resolve(&phone(1)).await.unwrap(),
            Resolved::Known(found)
        );
        let stranger = UserId::new("nobody").unwrap();
        assert_eq!(users.find(&stranger).await.unwrap(), None);
    }
}

/// Of any number of callers at once one makes the user of a number, and all get the same.
#[tokio::test(flavor = "multi_thread")]
async fn parallel_creates_make_one_user() {
    for (server, url) in everywhere() {
        let users = SqlUsers::new(&database(&url).await, "default", keys());
        for round in 0..5 {
            let create = || {
                let users = users.clone();
                tokio::spawn(async move { users.create(&phone(round), &profile()).await.unwrap() })
            };
            let tasks: Vec<_> = (0..24).map(|_| create()).collect();
            let mut made = Vec::new();
            for task in tasks {
                made.push(task.await.unwrap());
            }
            assert_eq!(
                made.iter().filter(|made| made.created).count(),
                1,
                "{server}"
            );
            assert!(
                made.iter().all(|one| one.user.id == made[0].user.id),
                "{server}"
            );
        }
    }
}

/// Whoever asks whether a number is known has not signed in with it.
#[tokio::test(flavor = "multi_thread")]
async fn a_known_number_is_known_without_a_login() {
    for (server, url) in everywhere() {
        let clock = ManualClock::default();
        let users = SqlUsers::new(&database(&url).await, "default", keys());
        let users = users.with_clock(clock.clone());
        assert!(!users.knows(&phone(1)).await.unwrap(), "{server}");
        let id = users.create(&phone(1), &profile()).await.unwrap().user.id;
        let before = users.record(&id).await.unwrap().unwrap().last_login_at;
        clock.advance(Duration::from_secs(60));
        assert!(users.knows(&phone(1)).await.unwrap(), "{server}");
        let after = users.record(&id).await.unwrap().unwrap().last_login_at;
        assert_eq!(before, after, "{server}");
        users.resolve(&phone(1)).await.unwrap();
        let login = users.record(&id).await.unwrap().unwrap().last_login_at;
        assert_eq!(login, Some(clock.now()), "{server}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_keeps_its_users() {
    for (server, url) in everywhere() {
        let clock = ManualClock::default();
        let users =
            SqlUsers::new(&database(&url).await, "default", keys()).with_clock(clock.clone());
        let made_at = clock.now();
        let id = users.create(&phone(1), &profile()).await.unwrap().user.id;

        clock.advance(Duration::from_secs(60));
        users.resolve(&phone(1)).await.unwrap();
        assert!(users.set_roles(&id, ["admin", "editor"]).await.unwrap());
        assert!(users.set_roles(&id, ["a\nb"]).await.is_err());
        let other = Consent::new("privacy", "1");
        users.consent(&id, &other).await.unwrap();
        users.consent(&id, &other).await.unwrap();
        let record = users.record(&id).await.unwrap().unwrap();
        assert_eq!(
            (record.created_at, record.last_login_at),
            (made_at, Some(clock.now()))
        );
        assert_eq!(record.user.roles, ["admin", "editor"]);
        let told: Vec<_> = record
            .consents
            .iter()
            .map(|c| c.consent.text_id.as_str())
            .collect();
        assert_eq!(told, ["terms", "privacy"], "{server}");
        assert_eq!(record.consents[0].given_at, made_at);

        assert!(users.disable(&id, true).await.unwrap());
        assert!(users.find(&id).await.unwrap().unwrap().disabled);
        let login = clock.now();
        clock.advance(Duration::from_secs(60));
        users.resolve(&phone(1)).await.unwrap();
        let closed = users.record(&id).await.unwrap().unwrap();
        assert_eq!(
            closed.last_login_at,
            Some(login),
            "a closed account has no login"
        );

        let taken = users.create(&phone(2), &Profile::default()).await.unwrap();
        assert!(
            users.change_phone(&id, &phone(2)).await.is_err(),
            "{server}"
        );
        assert!(users.change_phone(&id, &phone(3)).await.unwrap());
        assert_eq!(users.resolve(&phone(1)).await.unwrap(), Resolved::New);
        assert_eq!(users.find(&id).await.unwrap().unwrap().phone, phone(3));

        assert!(users.erase(&id).await.unwrap());
        assert!(!users.erase(&id).await.unwrap());
        assert_eq!(users.resolve(&phone(3)).await.unwrap(), Resolved::New);
        assert!(users.find(&taken.user.id).await.unwrap().is_some());
        let stranger = UserId::new("nobody").unwrap();
        assert!(!users.disable(&stranger, true).await.unwrap(), "{server}");
    }
}

/// STO-5: another tenant has another index, and sealed text opens for its own user, tenant and key alone.
#[tokio::test(flavor = "multi_thread")]
async fn a_sealed_number_opens_in_its_place_alone() {
    let (_, url) = everywhere().remove(0);
    let database = database(&url).await;
    let users = SqlUsers::new(&database, "default", keys());
    let first = users
        .create(&phone(1), &Profile::default())
        .await
        .unwrap()
        .user
        .id;
    let second = users
        .create(&phone(2), &Profile::default())
        .await
        .unwrap()
        .user
        .id;

    let other = SqlUsers::new(&database, "other", keys());
    assert_eq!(other.resolve(&phone(1)).await.unwrap(), Resolved::New);
    assert_eq!(other.find(&first).await.unwrap(), None);

    let rotated = UserKeys::new(&secret(1), "s2".parse().unwrap(), &secret(3)).unwrap();
    let stranger = SqlUsers::new(&database, "default", rotated);
    assert!(
        stranger.find(&first).await.is_err(),
        "sealed with a key that is not here"
    );
    let rotated = UserKeys::new(&secret(1), "s2".parse().unwrap(), &secret(3)).unwrap();
    let rotated = rotated.with_old("s1".parse().unwrap(), &secret(2)).unwrap();
    let both = SqlUsers::new(&database, "default", rotated);
    assert_eq!(both.find(&first).await.unwrap().unwrap().phone, phone(1));
    both.create(&phone(5), &Profile::default()).await.unwrap();

    let (first, second) = (first.as_str(), second.as_str());
    let swap = format!(
        "UPDATE otp_users SET phone_sealed = (SELECT phone_sealed FROM otp_users WHERE id = '{second}') \
         WHERE id = '{first}'"
    );
    command(&url, swap).await;
    assert!(
        users.resolve(&phone(1)).await.is_err(),
        "another's number is not taken for one's own"
    );
}

/// STO-5: who can write to the table cannot have their own number answered with another's account.
#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_found_by_its_own_number_alone() {
    let (_, url) = everywhere().remove(0);
    let users = SqlUsers::new(&database(&url).await, "default", keys());
    let made = async |n| {
        let made = users.create(&phone(n), &Profile::default()).await.unwrap();
        made.user.id
    };
    let (mine, victim) = (made(1).await, made(2).await);
    let (mine, victim) = (mine.as_str(), victim.as_str());
    let away = format!("UPDATE otp_users SET tenant = 'away' WHERE id = '{mine}'");
    command(&url, away).await;
    let moved = format!(
        "UPDATE otp_users SET phone_index = (SELECT phone_index FROM otp_users WHERE id = '{mine}') \
         WHERE id = '{victim}'"
    );
    command(&url, moved).await;
    assert!(users.resolve(&phone(1)).await.is_err());
    let created = users.create(&phone(1), &Profile::default()).await;
    assert!(created.is_err());
}

/// LOG-1: nothing of a key, a number or a name is in what is printed.
#[tokio::test]
async fn nothing_is_printed() {
    let (_, url) = everywhere().remove(0);
    let users = SqlUsers::new(&database(&url).await, "default", keys());
    let made = users.create(&phone(1), &profile()).await.unwrap();
    let record = users.record(&made.user.id).await.unwrap();
    let printed = format!("{users:?} {record:?} {:?}", Arc::new(keys()));
    for secret in ["98912", "Jane", "jane@"] {
        assert!(!printed.contains(secret), "{printed}");
    }
}
