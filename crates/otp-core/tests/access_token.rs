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
use otp_core::Timestamp;
use otp_core::token::{
    AccessClaims, SigningKey, Subject, TokenError, TokenKeyError, TokenKeys, TokenRules,
    TokenRulesError, VerifyingKey,
};
use serde_json::{Value, json};

fn check(claims: &str) -> Result<AccessClaims, TokenError> {
    rules().check(&keys(), &forge(&header("EdDSA", "ed"), claims, by_ed), NOW)
}

fn all_signing_keys() -> [SigningKey; 5] {
    [
        SigningKey::ed25519_generate(kid("k")).unwrap(),
        SigningKey::ed25519_pem(kid("k"), ED_PRIVATE).unwrap(),
        SigningKey::es256_generate(kid("k")).unwrap(),
        SigningKey::es256_pem(kid("k"), EC_PRIVATE).unwrap(),
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

/// TOK-2: a claim of another JSON type is not read as if it were right.
#[test]
fn claim_wrong_type_table() {
    assert!(check(&claims().to_string()).is_ok());
    let number = [
        json!("1700000900"),
        json!(1.5),
        json!(1.7e9),
        json!(-1),
        json!(true),
        json!([1]),
        json!({}),
        Value::Null,
        json!(u64::MAX),
    ];
    let text = [
        json!(1),
        json!(true),
        json!(["x"]),
        json!({ "a": 1 }),
        Value::Null,
    ];
    let list = [
        json!("teacher"),
        json!([1]),
        json!([["a"]]),
        json!({ "0": "a" }),
        json!(7),
        Value::Null,
    ];
    let cases = [
        (["exp", "iat", "auth_time"].as_slice(), number.as_slice()),
        (&["iss", "aud", "sub", "client_id", "jti", "sid"], &text),
        (&["amr", "roles"], &list),
        (&["sub"], &[json!(""), json!("a b"), json!("x".repeat(129))]),
        (
            &["sid"],
            &[json!(""), json!("short"), json!("BwcHBwcHBwcHBwcHBwcHBw==")],
        ),
    ];
    for (names, values) in cases {
        for (name, value) in names
            .iter()
            .flat_map(|n| values.iter().map(move |v| (n, v)))
        {
            let mut wrong = claims();
            wrong[*name] = value.clone();
            let result = check(&wrong.to_string());
            assert!(
                matches!(result, Err(TokenError::Claims)),
                "{name} = {value}: {result:?}"
            );
        }
    }
}

/// TOK-2: every claim is required, and there is no other.
#[test]
fn each_claim_missing() {
    let names: Vec<String> = claims().as_object().unwrap().keys().cloned().collect();
    assert_eq!(names.len(), 11);
    for name in names {
        let mut short = claims();
        short.as_object_mut().unwrap().remove(&name);
        assert!(
            matches!(check(&short.to_string()), Err(TokenError::Claims)),
            "{name}"
        );
    }
    for (name, value) in [
        ("nbf", json!(1)),
        ("scope", json!("admin")),
        ("phone_number", json!("x")),
    ] {
        let mut long = claims();
        long[name] = value;
        assert!(
            matches!(check(&long.to_string()), Err(TokenError::Claims)),
            "{name}"
        );
    }
}

#[test]
fn claims_are_one_object_with_each_member_once() {
    let good = claims().to_string();
    let twice = good.replacen('{', r#"{"sub":"admin","#, 1);
    let values: Vec<Value> = claims().as_object().unwrap().values().cloned().collect();
    let list = Value::from(values).to_string();
    for wrong in [
        &twice,
        &list,
        &format!("{good}{good}"),
        "",
        "null",
        "{}",
        "{",
        "\u{feff}{}",
    ] {
        assert!(matches!(check(wrong), Err(TokenError::Claims)), "{wrong}");
    }
}

/// TOK-2: a token of another issuer or for another audience is not ours, however similar.
#[test]
fn wrong_issuer_or_audience() {
    for other in [
        "",
        "https://login.example/",
        "HTTPS://LOGIN.EXAMPLE",
        "https://login.exampl",
    ] {
        let mut wrong = claims();
        wrong["iss"] = json!(other);
        assert!(
            matches!(check(&wrong.to_string()), Err(TokenError::Issuer)),
            "{other}"
        );
    }
    for other in [
        "",
        "https://login.example",
        "https://api.example.evil.example",
    ] {
        let mut wrong = claims();
        wrong["aud"] = json!(other);
        assert!(
            matches!(check(&wrong.to_string()), Err(TokenError::Audience)),
            "{other}"
        );
    }
}

/// TOK-3: 30 seconds of difference are forgiven where 30 are configured, 31 never.
#[test]
fn skew_table_pm_29_31() {
    let keys = keys();
    let rules = rules().with_leeway(Duration::from_secs(30)).unwrap();
    let outcome = |name: &str, offset: i64| {
        let mut claims = claims();
        claims[name] = json!(NOW.as_secs() + offset);
        let token = forge(&header("EdDSA", "ed"), &claims.to_string(), by_ed);
        rules
            .check(&keys, &token, NOW)
            .map(|_| ())
            .map_err(|e| format!("{e:?}"))
    };
    assert_eq!(outcome("exp", -29), Ok(()));
    assert_eq!(outcome("exp", -30), Err("Expired".into()));
    assert_eq!(outcome("exp", -31), Err("Expired".into()));
    for name in ["iat", "auth_time"] {
        assert_eq!(outcome(name, 29), Ok(()), "{name}");
        assert_eq!(outcome(name, 30), Ok(()), "{name}");
        assert_eq!(outcome(name, 31), Err("NotYetValid".into()), "{name}");
    }
    let wide = rules.with_leeway(Duration::from_millis(30_001));
    assert_eq!(wide.unwrap_err(), TokenRulesError::Leeway);
}

/// TOK-3: without leeway the edge is exact to the millisecond, and only `now` says the time.
#[test]
fn a_token_is_expired_at_its_expiry() {
    let (keys, rules) = (keys(), rules());
    let token = issue(&keys, &rules);
    let last = Timestamp::from_millis((NOW + rules.access_ttl()).as_millis() - 1);
    assert!(rules.check(&keys, &token, last).is_ok());
    let at = rules.check(&keys, &token, NOW + rules.access_ttl());
    assert!(matches!(at, Err(TokenError::Expired)));
    let early = rules.check(&keys, &token, Timestamp::from_millis(NOW.as_millis() - 1));
    assert!(matches!(early, Err(TokenError::NotYetValid)));
    for extreme in [i64::MIN, i64::MAX] {
        assert!(
            rules
                .check(&keys, &token, Timestamp::from_millis(extreme))
                .is_err()
        );
    }
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
    let jwks = TokenKeys::new(SigningKey::es256_pem(kid("ec"), EC_PRIVATE).unwrap())
        .and_then(|keys| keys.with_old(VerifyingKey::ed25519_pem(kid("ed"), ED_PUBLIC)?))
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
    assert!(!text.contains(&b64(HS_SECRET)) && !text.contains("oct"));
    assert_eq!(keys[1]["x"], "Gb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE");
}

#[test]
fn keys_are_read_from_pem_of_their_own_kind_only() {
    let sec1 = EC_PRIVATE.replace("PRIVATE", "EC PRIVATE");
    let two = format!("{ED_PRIVATE}{ED_PRIVATE}");
    let (ed, ec) = (SigningKey::ed25519_pem, SigningKey::es256_pem);
    for text in ["", "x", EC_PRIVATE, ED_PUBLIC, &two, &ED_PRIVATE[..80]] {
        assert!(
            matches!(ed(kid("k"), text), Err(TokenKeyError::Pem { .. })),
            "{text}"
        );
    }
    for text in ["", ED_PRIVATE, EC_PUBLIC, &sec1] {
        assert!(
            matches!(ec(kid("k"), text), Err(TokenKeyError::Pem { .. })),
            "{text}"
        );
    }
    for text in ["", EC_PUBLIC, ED_PRIVATE] {
        assert!(VerifyingKey::ed25519_pem(kid("k"), text).is_err(), "{text}");
    }
    for text in ["", ED_PUBLIC, EC_PRIVATE] {
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

/// LOG-1: an error names the check and nothing of the token.
#[test]
fn errors_do_not_quote_the_token() {
    let mut wrong = claims();
    wrong["exp"] = json!("canary-5f0c");
    wrong["iss"] = json!("canary-5f0c");
    let error = check(&wrong.to_string()).unwrap_err();
    assert!(!format!("{error} {error:?}").contains("canary"));
    assert!(std::error::Error::source(&error).is_none());
    let token = rules()
        .issue(&keys(), &Subject::new(&user(), session(), NOW), NOW)
        .unwrap();
    assert_eq!(format!("{token:?}"), "AccessToken([redacted])");
}
