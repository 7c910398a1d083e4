//! What people type, and the tokens that clients show.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use otp_core::token::{TokenKeys, TokenRules, VerifyingKey};
use otp_core::{Code, Keys, Locale, PhoneNumber, RefreshToken, Region, SecretKey, SigningKey};
use otp_core::{Ticket, Timestamp};
use sha2::Sha256;
use std::sync::LazyLock;

const NOW: Timestamp = Timestamp::from_secs(1_700_000_000);
const SECRET: [u8; 32] = *b"fuzz targets sign with this text";

/// A number, which is its own canonical form.
pub fn phone(typed: &str) {
    let _ = typed.parse::<Region>();
    for hint in [None, "IN".parse().ok(), "IR".parse().ok()] {
        if let Ok(number) = PhoneNumber::parse(typed, hint) {
            assert_eq!(PhoneNumber::parse(number.expose(), None), Ok(number));
        }
    }
}

/// A code: 6 to 10 digits.
pub fn code(typed: &str) {
    if let Ok(code) = Code::parse(typed) {
        assert!((6..=10).contains(&code.expose().len()));
        assert!(code.expose().bytes().all(|b| b.is_ascii_digit()));
    }
}

/// A language, which has one spelling.
pub fn locale(text: &str) {
    if let Ok(locale) = text.parse::<Locale>() {
        assert_eq!(locale.as_str().parse(), Ok(locale));
    }
}

/// Noise in place of each kind of token, and claims behind a signature of ours.
pub fn token((text, claims): (&str, &str)) {
    static KEYS: LazyLock<Keys> = LazyLock::new(|| Keys::generate().unwrap());
    static SIGNED: LazyLock<TokenKeys> = LazyLock::new(|| {
        let key = SecretKey::from_bytes(&SECRET).unwrap();
        let keys = TokenKeys::new(SigningKey::ed25519_generate("ed".parse().unwrap()).unwrap());
        let old = VerifyingKey::hs256("hs".parse().unwrap(), key);
        keys.and_then(|keys| keys.with_old(old)).unwrap()
    });
    let rules = TokenRules::new("https://login.example", "https://api.example", "web").unwrap();
    assert!(rules.check(KEYS.tokens(), text, NOW).is_err());
    assert!(RefreshToken::open(&KEYS, "main", None, text).is_err());
    let _ = Ticket::parse(text);
    let _ = rules.check(&SIGNED, &signed(text, claims), NOW);
    let known = r#"{"alg":"HS256","typ":"at+jwt","kid":"hs"}"#;
    let _ = rules.check(&SIGNED, &signed(known, claims), NOW);
}

fn signed(header: &str, claims: &str) -> String {
    let encoded = [header, claims].map(|part| URL_SAFE_NO_PAD.encode(part));
    let message = encoded.join(".");
    let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(&SECRET).unwrap();
    mac.update(message.as_bytes());
    let signature = URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes());
    format!("{message}.{signature}")
}
