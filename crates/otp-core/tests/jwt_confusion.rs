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

type Row = (&'static str, String, &'static str);

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
    let rows = [algorithms(), key_names(), headers(), forms(), signatures()].concat();
    assert!(rows.len() >= 20);
    for (name, token, expected) in rows {
        match rules.check(&keys, &token, NOW) {
            Err(error) => assert_eq!(format!("{error:?}"), expected, "{name}"),
            Ok(_) => panic!("accepted: {name}"),
        }
    }
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

fn forms() -> Vec<Row> {
    let token = issue(&keys(), &rules());
    let (message, signature) = token.rsplit_once('.').unwrap();
    let (head, payload) = message.split_once('.').unwrap();
    let five = format!("{head}.{payload}.{payload}.{payload}.{signature}");
    let extra = format!("{message}.x");
    let json = json!({ "protected": head, "payload": payload, "signature": signature });
    vec![
        ("empty", String::new(), "Malformed"),
        ("a word", "token".to_owned(), "Malformed"),
        ("one dot", ".".to_owned(), "Malformed"),
        ("two dots", "..".to_owned(), "Header"),
        ("signature stripped", message.to_owned(), "Malformed"),
        ("extra segment", format!("{token}.x"), "Signature"),
        (
            "extra segment, signed",
            format!("{extra}.{}", by_ed(extra.as_bytes())),
            "Malformed",
        ),
        ("five segments", five, "Signature"),
        ("JSON form", json.to_string(), "Malformed"),
        ("space before", format!(" {token}"), "Malformed"),
        ("space after", format!("{token} "), "Signature"),
        ("newline after", format!("{token}\n"), "Signature"),
        ("Bearer before", format!("Bearer {token}"), "Malformed"),
        (
            "padded header",
            format!("{head}=.{payload}.{signature}"),
            "Malformed",
        ),
        ("padded signature", format!("{token}=="), "Signature"),
        (
            "truncated",
            token[..token.len() - 1].to_owned(),
            "Signature",
        ),
        (
            "payload dropped",
            format!("{head}..{signature}"),
            "Signature",
        ),
        (
            "9 KiB",
            format!("{head}.{}.{signature}", "a".repeat(9 * 1024)),
            "TooLong",
        ),
    ]
}

fn signatures() -> Vec<Row> {
    let token = issue(&keys(), &rules());
    let (message, signature) = token.rsplit_once('.').unwrap();
    let (head, _) = message.split_once('.').unwrap();
    let mut claims = claims();
    claims["roles"] = json!(["admin"]);
    let es256 = |signature: &dyn Fn() -> Vec<u8>| {
        forge(&header("ES256", "ec"), &claims.to_string(), |_| {
            b64(signature())
        })
    };
    // The last character of 86 carries two bits; its other four are no part of the signature.
    let respelled = format!(
        "{}{}",
        &signature[..85],
        next_letter(signature.as_bytes()[85])
    );
    let swapped = format!("{head}.{}.{signature}", b64(claims.to_string()));
    let capitals = format!("{message}.{}", signature.to_ascii_uppercase());
    vec![
        ("signature empty", format!("{message}."), "Signature"),
        ("payload swapped", swapped, "Signature"),
        (
            "header swapped",
            token.replacen(head, &b64(header("ES256", "ec")), 1),
            "Signature",
        ),
        (
            "signature respelled",
            format!("{message}.{respelled}"),
            "Signature",
        ),
        ("signature in capitals", capitals, "Signature"),
        ("ES256 all zero", es256(&|| vec![0; 64]), "Signature"),
        (
            "ES256 in DER",
            es256(&|| vec![0x30, 6, 2, 1, 1, 2, 1, 1]),
            "Signature",
        ),
        (
            "EdDSA all zero",
            format!("{message}.{}", b64([0; 64])),
            "Signature",
        ),
        (
            "HS256 all zero",
            forge(&header("HS256", "hs"), "{}", |_| b64([0; 32])),
            "Signature",
        ),
    ]
}

fn next_letter(letter: u8) -> char {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let at = ALPHABET.iter().position(|l| *l == letter).unwrap();
    ALPHABET[at + 1].into()
}

/// TOK-1: no character of a token can change: header, payload or signature.
#[test]
fn every_character_counts() {
    let (keys, rules) = (keys(), rules());
    let token = issue(&keys, &rules);
    for at in 0..token.len() {
        for bit in 0..7 {
            let mut bytes = token.clone().into_bytes();
            bytes[at] ^= 1 << bit;
            let changed = String::from_utf8(bytes).unwrap();
            assert!(
                rules.check(&keys, &changed, NOW).is_err(),
                "character {at}, bit {bit}"
            );
        }
    }
}
