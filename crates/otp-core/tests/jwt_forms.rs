//! Access tokens in another form, or with another signature, than we gave them.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "test helpers"
)]

mod jwt;

use jwt::*;
use serde_json::json;

/// TOK-1: a token has one form, and its signature one spelling.
#[test]
fn jwt_form_table() {
    refuse_all(&[forms(), signatures()].concat());
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
