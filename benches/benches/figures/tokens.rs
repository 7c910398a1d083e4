//! Access tokens beside the bare signature, and `authenticate` beside `jsonwebtoken`.

use crate::world::Mailbox;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, ED25519, EcdsaKeyPair,
    Ed25519KeyPair, KeyPair, ParsedPublicKey,
};
use hmac::{Hmac, KeyInit, Mac};
use jsonwebtoken::{DecodingKey, Validation, decode};
use otp_benches::{Bench, Figure, Side, at_once, side};
use otp_core::token::{Algorithm, SigningKey, Subject, TokenKeys, TokenRules};
use otp_core::{
    Clock, KeyRing, Keys, MemoryStore, MemoryUsers, OtpAuth, SecretKey, SessionId, SystemClock,
    UserId,
};
use serde::Deserialize;
use sha2::Sha256;
use std::hint::black_box;
use std::sync::Arc;

const SECRET: [u8; 32] = *b"\x8f\x1c\x93\x5a\x02\xe7\x44\xd0\xb6\x39\x7e\xa1\xc5\x68\x0d\xf2\x57\x9b\x21\xec\x84\x3f\xd6\x70\x1a\xbd\x62\xc9\x05\x98\xfe\x4b";

pub(crate) fn run(bench: &mut Bench) {
    jsonwebtoken::crypto::aws_lc::DEFAULT_PROVIDER
        .install_default()
        .unwrap();
    let names = [
        (
            Algorithm::EdDsa,
            [
                "sign a token, EdDSA",
                "check a token, EdDSA",
                "authenticate, EdDSA",
            ],
        ),
        (
            Algorithm::Es256,
            [
                "sign a token, ES256",
                "check a token, ES256",
                "authenticate, ES256",
            ],
        ),
        (
            Algorithm::Hs256,
            [
                "sign a token, HS256",
                "check a token, HS256",
                "authenticate, HS256",
            ],
        ),
    ];
    for (algorithm, names) in names {
        of(bench, algorithm, names);
    }
}

fn of(bench: &mut Bench, algorithm: Algorithm, [sign, check, authenticate]: [&'static str; 3]) {
    let keys = keys(algorithm);
    let user = UserId::new("u_5f0c2b9e41d7").unwrap();
    let (roles, amr) = (["teacher".to_owned()], ["otp", "sms"].map(str::to_owned));
    let now = SystemClock.now();
    let session = SessionId::random().unwrap();
    let subject = Subject::new(&user, session, now)
        .with_roles(&roles)
        .with_amr(&amr);
    let rules = TokenRules::new("otp", "otp", "first-party").unwrap();
    let issue = || rules.issue(keys.tokens(), &subject, now).unwrap();
    let token = issue();
    let token = token.expose();
    let (message, _) = token.rsplit_once('.').unwrap();
    let (bare_sign, bare_verify) = bare(algorithm, message.as_bytes().to_vec());

    bench.pair(
        Figure::new(sign, "the bare signature"),
        side(issue),
        bare_sign,
    );
    let ours = side(|| rules.check(keys.tokens(), black_box(token), now).unwrap());
    bench.pair(
        Figure::new(check, "the bare verification"),
        ours,
        bare_verify,
    );

    let decoding = decoding_key(&keys, algorithm);
    let validation = validation(algorithm);
    let auth = OtpAuth::builder(
        MemoryStore::new(),
        Mailbox::default(),
        MemoryUsers::new(),
        keys.clone(),
    );
    let auth = auth.policy(crate::world::policy()).build().unwrap();
    let ours = side(|| {
        at_once(auth.authenticate(black_box(token)))
            .unwrap()
            .unwrap()
    });
    let raw = side(|| decode::<Claims>(black_box(token), &decoding, &validation).unwrap());
    bench.pair(
        Figure::new(authenticate, "jsonwebtoken's decode").at_most(1.6),
        ours,
        raw,
    );
}

/// What our tokens say, as a host would read it.
#[derive(Deserialize)]
#[expect(dead_code, reason = "read from the token; nobody asks for them here")]
struct Claims {
    iss: String,
    aud: String,
    sub: String,
    client_id: String,
    exp: u64,
    iat: u64,
    auth_time: u64,
    jti: String,
    sid: String,
    amr: Vec<String>,
    roles: Vec<String>,
}

/// As strict as `jsonwebtoken` can be made without code of one's own.
fn validation(algorithm: Algorithm) -> Validation {
    let mut validation = Validation::new(match algorithm {
        Algorithm::Es256 => jsonwebtoken::Algorithm::ES256,
        Algorithm::Hs256 => jsonwebtoken::Algorithm::HS256,
        _ => jsonwebtoken::Algorithm::EdDSA,
    });
    validation.set_issuer(&["otp"]);
    validation.set_audience(&["otp"]);
    validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    validation.leeway = 5;
    validation
}

fn decoding_key(keys: &Keys, algorithm: Algorithm) -> DecodingKey {
    let jwks = keys.jwks();
    let part = |name: &str| jwks["keys"][0][name].as_str().unwrap();
    match algorithm {
        Algorithm::Es256 => DecodingKey::from_ec_components(part("x"), part("y")).unwrap(),
        Algorithm::Hs256 => DecodingKey::from_secret(&SECRET),
        _ => DecodingKey::from_ed_components(part("x")).unwrap(),
    }
}

fn keys(algorithm: Algorithm) -> Arc<Keys> {
    let kid = "2026-11".parse().unwrap();
    let secret = || SecretKey::generate().unwrap();
    let signing = match algorithm {
        Algorithm::Es256 => SigningKey::es256_generate(kid).unwrap(),
        Algorithm::Hs256 => SigningKey::hs256(kid, SecretKey::from_bytes(&SECRET).unwrap()),
        _ => SigningKey::ed25519_generate(kid).unwrap(),
    };
    let tokens = TokenKeys::new(signing).unwrap();
    Arc::new(Keys::new(
        secret(),
        KeyRing::new(kid, secret()),
        KeyRing::new(kid, secret()),
        tokens,
    ))
}

/// Signing and verifying `message` with the same library and a parsed key, and nothing else.
fn bare(algorithm: Algorithm, message: Vec<u8>) -> (Side<'static>, Side<'static>) {
    let signed = message.clone();
    match algorithm {
        Algorithm::Es256 => {
            let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
            let random = SystemRandom::new();
            let signature = pair.sign(&random, &message).unwrap();
            let public =
                ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, pair.public_key().as_ref()).unwrap();
            let verify = move || {
                public
                    .verify_sig(black_box(&signed), signature.as_ref())
                    .unwrap()
            };
            (
                side(move || pair.sign(&random, black_box(&message)).unwrap()),
                side(verify),
            )
        }
        Algorithm::Hs256 => {
            let mac: Hmac<Sha256> = Hmac::new_from_slice(&SECRET).unwrap();
            let of = move |message: &[u8]| {
                let mut mac = mac.clone();
                mac.update(black_box(message));
                mac
            };
            let signature = of(&message).finalize().into_bytes();
            let again = of.clone();
            let verify = move || again(&signed).verify(&signature).unwrap();
            (side(move || of(&message).finalize()), side(verify))
        }
        _ => {
            let pair = Ed25519KeyPair::generate().unwrap();
            let signature = pair.try_sign(&message).unwrap();
            let public = ParsedPublicKey::new(&ED25519, pair.public_key().as_ref()).unwrap();
            let verify = move || {
                public
                    .verify_sig(black_box(&signed), signature.as_ref())
                    .unwrap()
            };
            (
                side(move || pair.try_sign(black_box(&message)).unwrap()),
                side(verify),
            )
        }
    }
}
