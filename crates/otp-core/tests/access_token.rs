//! Access tokens: what they say, for how long, under which key.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "test helpers"
)]

mod jwt;

use std::time::Duration;

use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{DecodingKey, Validation};
use jwt::*;
use otp_core::token::{
    SigningKey, Subject, TokenError, TokenKeyError, TokenKeys, TokenRules, TokenRulesError,
    VerifyingKey,
};
use serde_json::{Value, json};

fn all_signing_keys() -> [SigningKey; 5] {
    [
        SigningKey::ed25519_generate(kid("k")).unwrap(),
        SigningKey::ed25519_pem(kid("k"), &ED_PRIVATE).unwrap(),
        SigningKey::es256_generate(kid("k")).unwrap(),
        SigningKey::es256_pem(kid("k"), &EC_PRIVATE).unwrap(),
        SigningKey::hs256(kid("k"), hs_secret()),
    ]
}

#[test]
fn every_algorithm_round_trips() {
    for key in all_signing_keys() {
        let (keys, rules) = (TokenKeys::new(key).unwrap(), rules());
        let claims = rules.check(&keys, &issue(&keys, &rules), NOW).unwrap();
        assert_eq!((claims.user, claims.session), (user(), session()));
        assert_eq!(
            (claims.roles, claims.amr),
            (vec!["teacher".into()], vec!["sms".into(), "otp".into()])
        );
        assert_eq!((claims.issued_at, claims.auth_time), (NOW, NOW));
        assert_eq!(claims.expires_at, NOW + rules.access_ttl());
        assert_eq!(
            (claims.client_id.as_str(), claims.token_id.len()),
            ("web", 22)
        );
    }
}

/// RFC 9068: another implementation accepts what we make, given our key set and nothing else.
#[test]
fn others_verify_our_tokens_with_the_jwks() {
    for key in all_signing_keys() {
        let (keys, rules) = (TokenKeys::new(key).unwrap(), rules());
        let set: JwkSet = serde_json::from_value(keys.jwks()).unwrap();
        let Some(jwk) = set.find("k") else {
            assert_eq!(
                keys.jwks(),
                json!({ "keys": [] }),
                "only a secret is left out"
            );
            continue;
        };
        let token = issue(&keys, &rules);
        let head = jsonwebtoken::decode_header(&token).unwrap();
        assert_eq!(head.typ.as_deref(), Some("at+jwt"));
        let mut validation = Validation::new(head.alg);
        validation.set_issuer(&[rules.issuer()]);
        validation.set_audience(&[rules.audience()]);
        validation.validate_exp = false;
        let key = DecodingKey::from_jwk(jwk).unwrap();
        let read = jsonwebtoken::decode::<Value>(&token, &key, &validation).unwrap();
        assert_eq!(read.claims["sub"], "u_5f0c2b");
    }
}

#[test]
fn two_tokens_have_two_names() {
    let (keys, rules) = (keys(), rules());
    assert_ne!(issue(&keys, &rules), issue(&keys, &rules));
}

/// TOK-14: a new signing key signs nobody out while the old one still verifies.
#[test]
fn rotate_keys_no_logout() {
    let rules = rules();
    let (old, new) = (
        SigningKey::ed25519_generate(kid("t1")),
        SigningKey::es256_generate(kid("t2")),
    );
    let (old, new) = (old.unwrap(), new.unwrap());
    let verify_only = old.verifying();
    let before = TokenKeys::new(old).unwrap();
    let early = issue(&before, &rules);

    let during = TokenKeys::new(new).unwrap().with_old(verify_only).unwrap();
    assert!(rules.check(&during, &early, NOW).is_ok());
    let late = issue(&during, &rules);
    assert!(rules.check(&during, &late, NOW).is_ok());
    assert!(matches!(
        rules.check(&before, &late, NOW),
        Err(TokenError::UnknownKey)
    ));
    assert_eq!(during.jwks()["keys"].as_array().unwrap().len(), 2);
    assert_eq!(during.current().as_str(), "t2");
}

/// TOK-14: the key set has public members only, and no shared secret in any form.
#[test]
fn jwks_no_private_member() {
    let jwks = TokenKeys::new(SigningKey::es256_pem(kid("ec"), &EC_PRIVATE).unwrap())
        .and_then(|keys| keys.with_old(VerifyingKey::ed25519_pem(kid("ed"), &ED_PUBLIC)?))
        .and_then(|keys| keys.with_old(VerifyingKey::hs256(kid("hs"), hs_secret())))
        .unwrap()
        .jwks();
    let keys = jwks["keys"].as_array().unwrap();
    assert_eq!(keys.len(), 2);
    for key in keys {
        for name in key.as_object().unwrap().keys() {
            assert!(
                ["kty", "crv", "x", "y", "kid", "alg", "use"].contains(&name.as_str()),
                "{name}"
            );
        }
    }
    let text = jwks.to_string();
    assert!(!text.contains(&b64(HS_SECRET)));
    assert!(keys.iter().all(|key| key["kty"] != "oct"));
    assert_eq!(keys[1]["x"], b64(ed_public_point()));
}

#[test]
fn keys_are_read_from_pem_of_their_own_kind_only() {
    let sec1 = EC_PRIVATE.replace("PRIVATE", "EC PRIVATE");
    let two = ED_PRIVATE.repeat(2);
    let (ed, ec) = (SigningKey::ed25519_pem, SigningKey::es256_pem);
    for text in ["", "x", &EC_PRIVATE, &ED_PUBLIC, &two, &ED_PRIVATE[..80]] {
        assert!(
            matches!(ed(kid("k"), text), Err(TokenKeyError::Pem { .. })),
            "{text}"
        );
    }
    for text in ["", &ED_PRIVATE, &EC_PUBLIC, &sec1] {
        assert!(
            matches!(ec(kid("k"), text), Err(TokenKeyError::Pem { .. })),
            "{text}"
        );
    }
    for text in ["", &EC_PUBLIC, &ED_PRIVATE] {
        assert!(VerifyingKey::ed25519_pem(kid("k"), text).is_err(), "{text}");
    }
    for text in ["", &ED_PUBLIC, &EC_PRIVATE] {
        assert!(VerifyingKey::es256_pem(kid("k"), text).is_err(), "{text}");
    }
    let windows = ED_PUBLIC.replace('\n', "\r\n");
    assert!(VerifyingKey::ed25519_pem(kid("k"), &windows).is_ok());
}

#[test]
fn roles_are_bounded() {
    let (keys, rules, user) = (keys(), rules(), user());
    let issue = |roles: &[String]| {
        rules.issue(
            &keys,
            &Subject::new(&user, session(), NOW).with_roles(roles),
            NOW,
        )
    };
    let most = issue(&vec!["r".repeat(64); 64]).unwrap();
    assert!(rules.check(&keys, most.expose(), NOW).is_ok());
    for roles in [
        vec!["r".into(); 65],
        vec![String::new()],
        vec!["r".repeat(65)],
        vec!["a\nb".into()],
    ] {
        assert!(matches!(issue(&roles), Err(TokenError::Subject)));
    }
    let escaped = issue(&vec!["\"".repeat(64); 64]);
    assert!(matches!(escaped, Err(TokenError::TooLong)));
}

#[test]
fn rules_are_bounded() {
    use TokenRulesError::{AccessTtl, Name};
    let long = "x".repeat(257);
    for wrong in ["", "two words", "é", &long] {
        assert!(matches!(
            TokenRules::new(wrong, "a", "c"),
            Err(Name("issuer"))
        ));
        assert!(matches!(
            TokenRules::new("i", wrong, "c"),
            Err(Name("audience"))
        ));
        assert!(matches!(
            TokenRules::new("i", "a", wrong),
            Err(Name("client id"))
        ));
    }
    for ttl in [0, 999, 86_400_001] {
        let rules = rules().with_access_ttl(Duration::from_millis(ttl));
        assert_eq!(rules.unwrap_err(), AccessTtl);
    }
}
