//! Forged access tokens. The attacker knows every public key; in some rows he even has a token
//! signed by us under a header of his choice.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "test helpers"
)]

mod jwt;

use jwt::*;
use serde_json::{Value, json};

/// TOK-1: nothing in a token chooses its key's algorithm or where a key comes from.
#[test]
fn jwt_confusion_table() {
    let (keys, rules) = (keys(), rules());
    let payload = claims().to_string();
    for (alg, name, sign) in [
        ("EdDSA", "ed", by_ed as fn(&[u8]) -> String),
        ("ES256", "ec", by_ec),
        ("HS256", "hs", |message| by_hmac(HS_SECRET)(message)),
    ] {
        let honest = forge(&header(alg, name), &payload, sign);
        assert!(
            rules.check(&keys, &honest, NOW).is_ok(),
            "the table must be able to pass: {alg}"
        );
    }
    let rows = [algorithms(), key_names(), headers()].concat();
    assert!(rows.len() >= 20);
    refuse_all(&rows);
}

fn algorithms() -> Vec<Row> {
    let payload = claims().to_string();
    let unsigned = |alg: &str| forge(&header(alg, "ed"), &payload, |_| String::new());
    let hmac =
        |alg: &str, name: &str, secret: &[u8]| forge(&header(alg, name), &payload, by_hmac(secret));
    let der = b"\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00";
    let jwk = keys().jwks()["keys"][0].clone();
    let raw = unb64(jwk["x"].as_str().unwrap());
    vec![
        ("none", unsigned("none"), "Algorithm"),
        ("None", unsigned("None"), "Algorithm"),
        ("NONE", unsigned("NONE"), "Algorithm"),
        ("nOnE", unsigned("nOnE"), "Algorithm"),
        ("empty alg", unsigned(""), "Algorithm"),
        (
            "lower case alg",
            forge(&header("eddsa", "ed"), &payload, by_ed),
            "Algorithm",
        ),
        (
            "HS256 with the public PEM",
            hmac("HS256", "ed", ED_PUBLIC.as_bytes()),
            "Algorithm",
        ),
        (
            "HS256 with the public DER",
            hmac("HS256", "ed", &[der, &*raw].concat()),
            "Algorithm",
        ),
        (
            "HS256 with the raw public key",
            hmac("HS256", "ed", &raw),
            "Algorithm",
        ),
        (
            "HS256 with the JWK",
            hmac("HS256", "ed", jwk.to_string().as_bytes()),
            "Algorithm",
        ),
        (
            "HS256 with the EC PEM",
            hmac("HS256", "ec", EC_PUBLIC.as_bytes()),
            "Algorithm",
        ),
        (
            "HS256 with an empty secret",
            hmac("HS256", "ed", b""),
            "Algorithm",
        ),
        (
            "EdDSA named, HMAC made",
            hmac("EdDSA", "ed", ED_PUBLIC.as_bytes()),
            "Signature",
        ),
        (
            "HS256 key, empty secret",
            hmac("HS256", "hs", b""),
            "Signature",
        ),
        (
            "HS256 key, public PEM",
            hmac("HS256", "hs", ED_PUBLIC.as_bytes()),
            "Signature",
        ),
        ("HS512", hmac("HS512", "hs", HS_SECRET), "Algorithm"),
        (
            "ES256 under the Ed key",
            forge(&header("ES256", "ed"), &payload, by_ec),
            "Algorithm",
        ),
        (
            "EdDSA under the EC key",
            forge(&header("EdDSA", "ec"), &payload, by_ed),
            "Algorithm",
        ),
        (
            "EdDSA under the HS key",
            forge(&header("EdDSA", "hs"), &payload, by_ed),
            "Algorithm",
        ),
    ]
}

fn key_names() -> Vec<Row> {
    let payload = claims().to_string();
    let named = |kid: &str| forge(&header("EdDSA", kid), &payload, by_ed);
    let empty = |kid: &str| forge(&header("HS256", kid), &payload, by_hmac(b""));
    vec![
        (
            "kid of another key",
            forge(&header("ES256", "ec"), &payload, by_ed),
            "Signature",
        ),
        (
            "kid path traversal",
            empty("../../../../dev/null"),
            "UnknownKey",
        ),
        (
            "kid address",
            empty("https://evil.example/key"),
            "UnknownKey",
        ),
        ("kid SQL", empty("x' UNION SELECT '' --"), "UnknownKey"),
        ("kid empty", named(""), "UnknownKey"),
        ("kid with NUL", named("ed\0"), "UnknownKey"),
        ("kid in capitals", named("ED"), "UnknownKey"),
        ("kid cut", named("e"), "UnknownKey"),
        ("kid with space", named("ed "), "UnknownKey"),
    ]
}

/// Headers with members that other libraries follow, under a good signature of ours.
fn headers() -> Vec<Row> {
    let payload = claims().to_string();
    let with = |name: &str, value: Value| {
        let mut header = json!({ "alg": "EdDSA", "typ": "at+jwt", "kid": "ed" });
        header[name] = value;
        forge(&header.to_string(), &payload, by_ed)
    };
    let raw = |header: &str| forge(header, &payload, by_ed);
    let jwk = json!({ "kty": "oct", "k": "" });
    vec![
        (
            "jku",
            with("jku", json!("https://evil.example/jwks")),
            "Header",
        ),
        (
            "x5u",
            with("x5u", json!("https://evil.example/cert")),
            "Header",
        ),
        ("x5c", with("x5c", json!(["MIIB"])), "Header"),
        ("jwk", with("jwk", jwk), "Header"),
        ("crit", with("crit", json!(["exp"])), "Header"),
        ("crit empty", with("crit", json!([])), "Header"),
        ("b64 false", with("b64", json!(false)), "Header"),
        ("zip", with("zip", json!("DEF")), "Header"),
        ("cty", with("cty", json!("JWT")), "Header"),
        ("kid number", with("kid", json!(1)), "Header"),
        ("kid list", with("kid", json!(["ed"])), "Header"),
        ("alg null", with("alg", Value::Null), "Header"),
        ("alg list", with("alg", json!(["EdDSA", "none"])), "Header"),
        ("typ JWT", with("typ", json!("JWT")), "Type"),
        ("typ id token", with("typ", json!("id+jwt")), "Type"),
        ("typ in capitals", with("typ", json!("AT+JWT")), "Type"),
        (
            "typ missing",
            raw(r#"{"alg":"EdDSA","kid":"ed"}"#),
            "Header",
        ),
        (
            "kid missing",
            raw(r#"{"alg":"EdDSA","typ":"at+jwt"}"#),
            "Header",
        ),
        (
            "alg missing",
            raw(r#"{"typ":"at+jwt","kid":"ed"}"#),
            "Header",
        ),
        (
            "alg twice",
            raw(r#"{"alg":"none","alg":"EdDSA","typ":"at+jwt","kid":"ed"}"#),
            "Header",
        ),
        (
            "kid twice",
            raw(r#"{"alg":"EdDSA","typ":"at+jwt","kid":"hs","kid":"ed"}"#),
            "Header",
        ),
        ("header a list", raw(r#"["EdDSA","at+jwt","ed"]"#), "Header"),
        (
            "header and more",
            raw(&(header("EdDSA", "ed") + "{}")),
            "Header",
        ),
        ("header not JSON", raw("alg=EdDSA"), "Header"),
    ]
}
