//! Access tokens: what their claims must be, and until when.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "test helpers"
)]

mod jwt;

use std::time::Duration;

use jwt::*;
use otp_core::Timestamp;
use otp_core::token::{AccessClaims, Subject, TokenError, TokenRulesError};
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Value, json};

fn check(claims: &str) -> Result<AccessClaims, TokenError> {
    rules().check(&keys(), &forge(&header("EdDSA", "ed"), claims, by_ed), NOW)
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

proptest! {
    /// TOK-2: whatever is behind a good signature, it is claims as we write them or it is refused.
    #[test]
    fn signed_noise_is_refused(
        noise in ".{0,200}",
        edits in proptest::collection::vec((any::<Index>(), any::<u8>()), 1..4),
    ) {
        let signed = |claims: &str| forge(&header("HS256", "hs"), claims, by_hmac(HS_SECRET));
        let (keys, rules) = (keys(), rules());
        prop_assert!(rules.check(&keys, &signed(&noise), NOW).is_err());
        let mut bytes = claims().to_string().into_bytes();
        for (at, byte) in edits {
            *at.get_mut(&mut bytes) = byte;
        }
        if let Ok(read) = rules.check(&keys, &signed(&String::from_utf8_lossy(&bytes)), NOW) {
            prop_assert!(!read.user.as_str().is_empty() && read.issued_at <= NOW);
        }
    }
}
