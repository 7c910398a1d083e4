//! Tokens made by hand and signed by another implementation.
#![allow(dead_code, reason = "each test file uses a part")]

use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair,
};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use jsonwebtoken::{Algorithm, EncodingKey};
use otp_core::token::{SigningKey, Subject, TokenKeys, TokenRules, VerifyingKey};
use otp_core::{KeyId, SecretKey, SessionId, Timestamp, UserId};
use serde_json::{Value, json};
use sha2::Sha256;
use std::sync::LazyLock;

/// Key pairs as PEM, made anew in each run: no key stands in the tree, not even one for tests.
pub(crate) static ED_PRIVATE: LazyLock<&str> = LazyLock::new(|| ED.0);
pub(crate) static ED_PUBLIC: LazyLock<&str> = LazyLock::new(|| ED.1);
pub(crate) static EC_PRIVATE: LazyLock<&str> = LazyLock::new(|| EC.0);
pub(crate) static EC_PUBLIC: LazyLock<&str> = LazyLock::new(|| EC.1);

type Pair = (&'static str, &'static str);

static ED: LazyLock<Pair> = LazyLock::new(|| {
    let pair = Ed25519KeyPair::generate().unwrap();
    let public = AsDer::<PublicKeyX509Der<'_>>::as_der(pair.public_key()).unwrap();
    (
        pem("PRIVATE", pair.to_pkcs8v1().unwrap().as_ref()),
        pem("PUBLIC", public.as_ref()),
    )
});

static EC: LazyLock<Pair> = LazyLock::new(|| {
    let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
    let public = AsDer::<PublicKeyX509Der<'_>>::as_der(pair.public_key()).unwrap();
    (
        pem("PRIVATE", pair.to_pkcs8v1().unwrap().as_ref()),
        pem("PUBLIC", public.as_ref()),
    )
});

/// The 32 bytes that a key set shows: the last ones of the structure (RFC 8410 §4).
pub(crate) fn ed_public_point() -> Vec<u8> {
    let body: String = ED_PUBLIC
        .lines()
        .filter(|line| !line.starts_with('-'))
        .collect();
    STANDARD.decode(body).unwrap().split_off(12)
}

fn pem(kind: &str, der: &[u8]) -> &'static str {
    let text = STANDARD.encode(der);
    let lines: Vec<_> = text
        .as_bytes()
        .chunks(64)
        .map(|line| std::str::from_utf8(line).unwrap())
        .collect();
    let armour = |end: &str| format!("-----{end} {kind} KEY-----\n");
    format!("{}{}\n{}", armour("BEGIN"), lines.join("\n"), armour("END")).leak()
}

pub(crate) const HS_SECRET: &[u8; 32] =
    b"\x8d\x1f\xa2\x07\x5e\xc4\x39\xb0\x61\xfa\x12\x93\x4c\xe5\x70\x2b\
    \xd8\x46\x9f\x31\xbb\x04\xe7\x6a\x25\xcf\x58\x90\x1d\x73\xae\x0c";

pub(crate) const NOW: Timestamp = Timestamp::from_secs(1_700_000_000);

pub(crate) fn kid(name: &str) -> KeyId {
    name.parse().unwrap()
}

pub(crate) fn hs_secret() -> SecretKey {
    SecretKey::from_bytes(HS_SECRET).unwrap()
}

/// All three algorithms at once, where confusing them would pay most.
pub(crate) fn keys() -> TokenKeys {
    TokenKeys::new(SigningKey::ed25519_pem(kid("ed"), &ED_PRIVATE).unwrap())
        .and_then(|keys| keys.with_old(VerifyingKey::es256_pem(kid("ec"), &EC_PUBLIC)?))
        .and_then(|keys| keys.with_old(VerifyingKey::hs256(kid("hs"), hs_secret())))
        .unwrap()
}

pub(crate) fn rules() -> TokenRules {
    TokenRules::new("https://login.example", "https://api.example", "web").unwrap()
}

pub(crate) fn issue(keys: &TokenKeys, rules: &TokenRules) -> String {
    let (user, roles, amr) = (
        user(),
        ["teacher".to_owned()],
        ["sms".to_owned(), "otp".to_owned()],
    );
    let subject = Subject::new(&user, session(), NOW)
        .with_roles(&roles)
        .with_amr(&amr);
    rules
        .issue(keys, &subject, NOW)
        .unwrap()
        .expose()
        .to_owned()
}

pub(crate) fn user() -> UserId {
    UserId::new("u_5f0c2b").unwrap()
}

pub(crate) fn session() -> SessionId {
    SessionId::from_bytes([7; 16])
}

/// Claims that pass every check.
pub(crate) fn claims() -> Value {
    json!({
        "iss": "https://login.example", "aud": "https://api.example", "sub": "u_5f0c2b",
        "client_id": "web", "exp": 1_700_000_900, "iat": 1_700_000_000,
        "auth_time": 1_700_000_000, "jti": "BwcHBwcHBwcHBwcHBwcHBw",
        "sid": session().to_string(), "amr": ["sms"], "roles": ["teacher"],
    })
}

pub(crate) fn header(alg: &str, kid: &str) -> String {
    json!({ "alg": alg, "typ": "at+jwt", "kid": kid }).to_string()
}

pub(crate) fn b64(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

pub(crate) fn unb64(text: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text).unwrap()
}

pub(crate) fn forge(header: &str, payload: &str, sign: impl Fn(&[u8]) -> String) -> String {
    let message = format!("{}.{}", b64(header), b64(payload));
    let signature = sign(message.as_bytes());
    format!("{message}.{signature}")
}

pub(crate) fn by_ed(message: &[u8]) -> String {
    let key = EncodingKey::from_ed_pem(ED_PRIVATE.as_bytes()).unwrap();
    jsonwebtoken::crypto::sign(message, &key, Algorithm::EdDSA).unwrap()
}

pub(crate) fn by_ec(message: &[u8]) -> String {
    let key = EncodingKey::from_ec_pem(EC_PRIVATE.as_bytes()).unwrap();
    jsonwebtoken::crypto::sign(message, &key, Algorithm::ES256).unwrap()
}

pub(crate) fn by_hmac(secret: &[u8]) -> impl Fn(&[u8]) -> String {
    move |message| {
        let mut mac = Hmac::<Sha256>::new_from_slice(secret).unwrap();
        mac.update(message);
        b64(mac.finalize().into_bytes())
    }
}

/// What a token is, the token, and the check that must refuse it.
pub(crate) type Row = (&'static str, String, &'static str);

pub(crate) fn refuse_all(rows: &[Row]) {
    let (keys, rules) = (keys(), rules());
    for (name, token, expected) in rows {
        match rules.check(&keys, token, NOW) {
            Err(error) => assert_eq!(format!("{error:?}"), *expected, "{name}"),
            Ok(_) => panic!("accepted: {name}"),
        }
    }
}
