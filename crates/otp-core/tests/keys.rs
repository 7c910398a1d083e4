//! Keys, their ids, and what is refused as a key.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "test helpers"
)]

use std::fmt::Display;
use std::sync::Arc;

use otp_core::token::{SigningKey, TokenKeyError, TokenKeys};
use otp_core::{
    AccessToken, ChallengeId, KeyId, KeyProvider, KeyRing, Keys, PhoneKey, RefreshToken,
    RotatingKeys, SecretKey, SecretKeyError, SessionId, Ticket, UserId,
};
use proptest::prelude::*;

const GOOD: &[u8; 32] = b"\x8d\x1f\xa2\x07\x5e\xc4\x39\xb0\x61\xfa\x12\x93\x4c\xe5\x70\x2b\
    \xd8\x46\x9f\x31\xbb\x04\xe7\x6a\x25\xcf\x58\x90\x1d\x73\xae\x0c";

fn kid(name: &str) -> KeyId {
    name.parse().unwrap()
}

fn good() -> SecretKey {
    SecretKey::from_bytes(GOOD).unwrap()
}

/// STO-2: what is too short, repeated, counted, or a placeholder is not a key.
#[test]
fn weak_key_rejected_table() {
    use SecretKeyError::{Placeholder, Repeating, Sequential, TooLong, TooShort};
    let counted: Vec<u8> = (0..32).collect();
    let backwards: Vec<u8> = (100..140).rev().collect();
    let mut nearly_counted: Vec<u8> = (0..32).collect();
    nearly_counted[7] = 200;
    let two_values: Vec<u8> = (0..32_u8).map(|i| i.count_ones() as u8 & 1).collect();
    let table: &[(&[u8], SecretKeyError)] = &[
        (b"", TooShort),
        (b"dev-secret-key", TooShort),
        (&GOOD[..31], TooShort),
        (b"8d1fa2075ec439b061fa12934ce5702b", TooShort),
        (&[GOOD.as_slice(), GOOD, GOOD].concat(), TooLong),
        (&[0; 32], Repeating),
        (&[0xff; 64], Repeating),
        (&[0xa5, 0x13].repeat(16), Repeating),
        (&GOOD[..16].repeat(2), Repeating),
        (&GOOD[..13].repeat(3), Repeating),
        (b"secretsecretsecretsecretsecretse", Repeating),
        (b"abcabcabcabcabcabcabcabcabcabcabcabc", Repeating),
        (&counted, Sequential),
        (&backwards, Sequential),
        (&nearly_counted, Sequential),
        (&two_values, Sequential),
        (b"abcdefghijklmnopqrstuvwxyz012345", Sequential),
        (b"dev-secret-key-do-not-use-in-prod", Placeholder),
        (b"Change-Me: any text of 32 bytes will do", Placeholder),
        (b"CHANGEME-before-you-go-to-production!", Placeholder),
        (b"correct-horse-battery-password-staple", Placeholder),
        (b"this_is_an_EXAMPLE_of_a_jwt_signing_k", Placeholder),
        (b"xk3placeholder-9fk2mz7qhw8rj4vt6ybn1p", Placeholder),
        (b"dev-9fk2mz7qhw8rj4vt6ybn1pxk3lc5gd0sa", Placeholder),
        (b"k9-0123456789-fjw7qhzr4vt6ybn1pxk3lc5", Placeholder),
        (b"your-256-bit-value-goes-here-thank-yo", Placeholder),
    ];
    for (bytes, expected) in table {
        match SecretKey::from_bytes(bytes) {
            Err(error) => assert_eq!(error, *expected, "{:?}", String::from_utf8_lossy(bytes)),
            Ok(_) => panic!("accepted {:?}", String::from_utf8_lossy(bytes)),
        }
    }
}

#[test]
fn strong_keys_are_accepted() {
    let longest = [
        GOOD.as_slice(),
        &[7, 9, 1, 4].map(|b| b ^ 0x5a),
        &GOOD[4..32],
    ]
    .concat();
    assert_eq!(longest.len(), SecretKey::MAX_LEN);
    let hex = b"8d1fa2075ec439b061fa12934ce5702bd8469f31bb04e76a25cf58901d73ae0c";
    for key in [
        GOOD.as_slice(),
        &longest,
        hex,
        b"jR4t-9fKw2mZ!7qHx8rJ4vT6ybN1pXk3Lc5gD0sA",
    ] {
        assert!(SecretKey::from_bytes(key).is_ok());
    }
}

#[test]
fn base64_keys_come_in_both_alphabets_padded_or_not() {
    let standard = "jR+iB17EObBh+hKTTOVwK9hGnzG7BOdqJc9YkB1zrgw=";
    let url = "jR-iB17EObBh-hKTTOVwK9hGnzG7BOdqJc9YkB1zrgw";
    for text in [
        standard,
        standard.trim_end_matches('='),
        url,
        &format!("{url}=\n"),
    ] {
        assert!(SecretKey::from_base64(text).is_ok(), "{text}");
    }
    let refused = [
        ("", SecretKeyError::TooShort),
        ("not base64 at all!", SecretKeyError::NotBase64),
        (
            "jR+iB17EObBh-hKTTOVwK9hGnzG7BOdqJc9YkB1zrgw=",
            SecretKeyError::NotBase64,
        ),
        (
            "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
            SecretKeyError::Repeating,
        ),
        (
            "my/super/secret/key/for/the/otp/service/of/2026/v1",
            SecretKeyError::Placeholder,
        ),
    ];
    for (text, expected) in refused {
        assert_eq!(
            SecretKey::from_base64(text).unwrap_err(),
            expected,
            "{text}"
        );
    }
}

#[test]
fn key_ids_are_short_plain_names() {
    for name in ["a", "2026-11_b", "0123456789abcdef"] {
        assert_eq!(kid(name).as_str(), name);
        assert_eq!(kid(name).to_string(), name);
    }
    for name in [
        "",
        "0123456789abcdefg",
        "a b",
        "../x",
        "a\0",
        "é",
        "a.b",
        "k\n",
    ] {
        assert!(name.parse::<KeyId>().is_err(), "{name:?}");
    }
}

#[test]
fn two_keys_of_one_id_are_refused() {
    let ring = KeyRing::new(kid("a"), good());
    assert!(ring.with_old(kid("a"), good()).is_err());
    let tokens = TokenKeys::new(SigningKey::hs256(kid("a"), good())).unwrap();
    let other = SigningKey::ed25519_generate(kid("a")).unwrap().verifying();
    assert!(matches!(
        tokens.with_old(other),
        Err(TokenKeyError::Duplicate(_))
    ));
}

#[test]
fn replaced_keys_are_seen_by_every_clone() {
    let provider = RotatingKeys::new(Keys::generate().unwrap());
    let handle = provider.clone();
    let before = provider.keys();
    handle.replace(Keys::generate().unwrap());
    assert!(!Arc::ptr_eq(&before, &provider.keys()));
    assert!(Arc::ptr_eq(&handle.keys(), &provider.keys()));
}

#[test]
fn user_ids_are_visible_ascii() {
    for id in ["u", "3f0e-1", &"x".repeat(128)] {
        assert_eq!(UserId::new(id).unwrap().as_str(), id);
    }
    for id in ["", " ", "a b", "a\n", "é", "a\u{7f}", &"x".repeat(129)] {
        assert!(UserId::new(id).is_err(), "{id:?}");
    }
}

#[test]
fn an_id_has_one_spelling() {
    let text = ChallengeId::from_bytes([0xfb; 16]).to_string();
    assert_eq!(text, "-_v7-_v7-_v7-_v7-_v7-w");
    let wrong = [
        "",
        "-_v7-_v7-_v7-_v7-_v7-",
        "-_v7-_v7-_v7-_v7-_v7-w==",
        "-_v7-_v7-_v7-_v7-_v7-x",
        "+/v7+/v7+/v7+/v7+/v7+w",
        " -_v7-_v7-_v7-_v7-_v7-w",
        "-_v7-_v7-_v7-_v7-_v7-w\n",
        "-_v7-_v7-_v7-_v7-_v7-wA",
        "-_v7-_v7-_v7-_v7-_v7ü",
    ];
    for text in wrong {
        assert!(text.parse::<ChallengeId>().is_err(), "{text:?}");
        assert!(text.parse::<SessionId>().is_err(), "{text:?}");
        assert!(text.parse::<PhoneKey>().is_err(), "{text:?}");
    }
}

proptest! {
    /// STO-6: an id is 22 characters of base64url, and what parses prints as it was.
    #[test]
    fn ids_round_trip(bytes in any::<[u8; 16]>(), noise in "[A-Za-z0-9_-]{22}") {
        let id = ChallengeId::from_bytes(bytes);
        prop_assert_eq!(id.to_string().len(), 22);
        prop_assert_eq!(id.to_string().parse::<ChallengeId>(), Ok(id));
        if let Ok(id) = noise.parse::<ChallengeId>() {
            prop_assert_eq!(id.to_string(), noise);
        }
    }
}

/// LOG-1: no secret type shows its content in `Debug`.
#[test]
fn debug_shows_no_secret() {
    let canary = b"canary:9fk2mz7qhw8rj4vt6ybn1pxk3lc5";
    let key = || SecretKey::from_bytes(canary).unwrap();
    let hs256 = SigningKey::hs256(kid("t"), key());
    let verifying = hs256.verifying();
    let ring = || KeyRing::new(kid("k"), key());
    let shown = format!("{:?} {hs256:?} {verifying:?} {:?}", key(), ring());
    let keys = Keys::new(key(), ring(), ring(), TokenKeys::new(hs256).unwrap());
    let refresh = RefreshToken::mint(
        &keys,
        "main",
        None,
        &UserId::new("u").unwrap(),
        SessionId::from_bytes([1; 16]),
        1,
    );
    let ticket = Ticket::draw(ChallengeId::from_bytes([1; 16])).unwrap();
    let shown = format!("{shown} {keys:#?} {refresh:?} {ticket:?}");
    let shown = format!("{shown} {:?}", RotatingKeys::new(keys));
    let bytes = format!("{:?}", &canary[..4]);
    for secret in [
        "canary",
        bytes.trim_matches(['[', ']']),
        "63616e",
        refresh.expose(),
        ticket.expose(),
    ] {
        assert!(!shown.contains(secret), "{shown}");
    }
    assert!(shown.contains("[redacted]"));
}

/// LOG-1: secrets have no `Display` and no `Serialize`. This fails to compile when one gains them.
#[test]
fn secrets_cannot_be_printed_or_serialised() {
    trait Ambiguous<A> {
        fn check() {}
    }
    impl<T: ?Sized> Ambiguous<()> for T {}
    struct Printable;
    impl<T: ?Sized + Display> Ambiguous<Printable> for T {}
    struct Serialisable;
    impl<T: ?Sized + serde::Serialize> Ambiguous<Serialisable> for T {}
    struct Comparable;
    impl<T: ?Sized + PartialEq> Ambiguous<Comparable> for T {}

    <SecretKey as Ambiguous<_>>::check();
    <SigningKey as Ambiguous<_>>::check();
    <KeyRing as Ambiguous<_>>::check();
    <Keys as Ambiguous<_>>::check();
    <AccessToken as Ambiguous<_>>::check();
    <RefreshToken as Ambiguous<_>>::check();
    <Ticket as Ambiguous<_>>::check();
}
