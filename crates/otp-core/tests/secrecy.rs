//! No phone, code, token or key is ever to be seen: not in the store, not in `Debug`, not in an error, not in a type.
#![cfg(feature = "testing")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail")]

mod common;

use common::{Setup, phone, scan, story};
use otp_core::challenge::ChallengeKey;
use otp_core::token::{SigningKey, TokenKeys, VerifyingKey};
use otp_core::{
    AccessToken, ChallengeId, Channel, Code, DeliveryStore as _, KeyRing, Keys, MemoryStore,
    Message, MessageKey, PhoneKey, Purpose, RefreshToken, RotatingKeys, SecretKey, Sent, Ticket,
    Timestamp,
};
use std::fmt::Debug;

/// STO-1, STO-5, TOK-5: a dump of the store has no code, number or token in it, nor a plain hash of one.
#[tokio::test]
async fn full_store_dump_contains_no_code() {
    let world = Setup::new(story::policy()).node();
    let story = story::tell(&world).await;
    let login = world.login_again(&phone(1)).await;
    let (id, code) = world.started(&phone(2)).await;
    let mut secrets = story.secrets;
    secrets.push(code.expose().to_owned());
    secrets.push(login.tokens.refresh.expose().to_owned());
    let message = note(&world.store.inner, id).await;
    let dump = format!("{:#?}", world.store.inner);
    assert!(
        dump.contains(&message.to_string()),
        "the message is in the dump"
    );
    assert!(
        dump.contains(&id.to_string()),
        "the challenge is in the dump"
    );
    assert!(
        dump.contains(&login.session.to_string()),
        "so is the session"
    );
    scan::clean("the store", &dump, &secrets);
    scan::clean("the store", &format!("{:?}", world.store.inner), &secrets);
}

/// Keeps a message for this challenge; what stands for it.
async fn note(store: &MemoryStore, id: ChallengeId) -> MessageKey {
    let (now, message) = (Timestamp::from_secs(0), MessageKey::from_bytes([5; 16]));
    let key = ChallengeKey {
        id,
        phone: PhoneKey::from_bytes([6; 16]),
        purpose: Purpose::Login,
    };
    let sent = Sent::new("a provider", Channel::Sms, now).named("SM1", message);
    let until = Timestamp::from_secs(1);
    store.note(&key, &sent, until, now).await.unwrap();
    message
}

/// The scan sees what it is there to see.
#[test]
fn the_scan_sees() {
    let secrets = ["8642097531".to_owned()];
    for planted in [
        "otp=8642097531".to_owned(),
        format!("{:?}", b"8642097531"),
        format!("{:#?}", b"8642097531"),
        format!("{:#x?}", b"8642097531"),
        "ODY0MjA5NzUzMQ==".to_owned(),
        "38363432303937353331".to_owned(),
        // sha256("8642097531"), upper case, with breaks.
        sha256_hex("8642097531").to_uppercase(),
    ] {
        assert!(scan::found(&planted, &secrets).is_some(), "{planted}");
    }
    assert!(scan::found("864209753", &secrets).is_none());
}

fn sha256_hex(text: &str) -> String {
    use sha2::{Digest, Sha256};
    let digest = Sha256::digest(text.as_bytes());
    digest.iter().map(|byte| format!("{byte:02x} ")).collect()
}

/// LOG-1, HTP-1: no answer's `Debug`, no error's `Display` or source shows what went in or what was made.
#[tokio::test]
async fn answers_and_errors_show_nothing() {
    let world = Setup::new(story::policy()).node();
    let story = story::tell(&world).await;
    assert!(story.answers.len() > 60);
    for answer in &story.answers {
        scan::clean("an answer", answer, &story.secrets);
    }
    let parts: [&dyn Debug; 6] = [
        &world.auth,
        &world.users,
        &world.sender,
        &world.store,
        &world.sender.messages(),
        &world.events.take(),
    ];
    for part in parts {
        scan::clean("a part", &format!("{part:?} {part:#?}"), &story.secrets);
    }
}

/// LOG-1: an `OtpAuth` in a log line is one line, not its whole store.
#[tokio::test]
async fn debug_of_the_service_is_short() {
    let world = Setup::new(story::policy()).node();
    story::tell(&world).await;
    assert!(format!("{:?}", world.auth).len() < 200);
}

/// LOG-1: keys show nothing of themselves.
#[test]
fn keys_show_nothing() {
    const RAW: &[u8; 32] = b"q8#Zr!4vT0p@Lx7&Wm2^Ks9*Yd5(Gh3)";
    let secret = || SecretKey::from_bytes(RAW).unwrap();
    let kid = || "k1".parse().unwrap();
    let tokens = TokenKeys::new(SigningKey::hs256(kid(), secret())).unwrap();
    let verifying = VerifyingKey::hs256("k0".parse().unwrap(), secret());
    let tokens = tokens.with_old(verifying.clone()).unwrap();
    let ring = || KeyRing::new(kid(), secret());
    let keys = Keys::new(secret(), ring(), ring(), tokens);
    let shown = format!(
        "{:?} {:?} {verifying:?} {:?} {keys:?} {keys:#?} {:?}",
        secret(),
        SigningKey::hs256(kid(), secret()),
        ring(),
        RotatingKeys::new(Keys::derive(
            &secret(),
            TokenKeys::new(SigningKey::hs256(kid(), secret())).unwrap()
        )),
    );
    let raw = [String::from_utf8(RAW.to_vec()).unwrap()];
    assert!(scan::found(&shown, &raw).is_none(), "{shown}");
    assert!(scan::found(&format!("{RAW:?}"), &raw).is_some());
    for refused in [
        "q8#Zr",
        "changeme-changeme-changeme-changeme",
        &"x".repeat(99),
    ] {
        let error = SecretKey::from_bytes(refused.as_bytes()).unwrap_err();
        assert!(!format!("{error} {error:?}").contains(refused));
    }
}

/// Does not compile if `$type` has `$trait`: then there are two candidates for the item.
macro_rules! not_impl {
    ($($type:ty),+ ; $trait:path) => {$(
        const _: fn() = || {
            trait Ambiguous<A> {
                fn item() {}
            }
            impl<T: ?Sized> Ambiguous<()> for T {}
            #[allow(dead_code, reason = "a name for the second candidate")]
            struct Other;
            impl<T: ?Sized + $trait> Ambiguous<Other> for T {}
            let _ = <$type as Ambiguous<_>>::item;
        };
    )+};
}

// LOG-1: a secret cannot be written out by accident; nor compared in other than constant time.
not_impl!(Code, AccessToken, RefreshToken, Ticket, SecretKey, KeyRing, Keys, SigningKey, Message; std::fmt::Display);
not_impl!(Code, AccessToken, RefreshToken, Ticket, SecretKey, KeyRing, Keys, SigningKey, Message; serde::Serialize);
not_impl!(Code, AccessToken, RefreshToken, Ticket, SecretKey, KeyRing, Keys, SigningKey, Message; PartialEq);
not_impl!(Code, AccessToken, RefreshToken, Ticket, SecretKey, KeyRing, Keys, SigningKey, Message; AsRef<str>);
not_impl!(Code, AccessToken, RefreshToken, Ticket, SecretKey, KeyRing, Keys, SigningKey, Message; Copy);
not_impl!(otp_core::PhoneNumber; serde::Serialize);
not_impl!(otp_core::PhoneNumber; Copy);
