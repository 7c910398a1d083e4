//! What is on its way to a phone.

use otp_core::{Code, Message, PhoneNumber, SecretKey};
use otp_providers::http::{Brand, Wording};
use otp_providers::job::JobKeys;
use otp_providers::messages::{Messages, one_time_code};
use std::time::Duration;

/// A job that nobody sealed, bare and behind a head that is in order.
pub fn job(bytes: &[u8]) {
    let key = SecretKey::from_bytes(b"jobs that are none, by this text").unwrap();
    let keys = JobKeys::new("k".parse().unwrap(), &key).unwrap();
    assert!(keys.open(bytes).is_err());
    assert!(keys.open(&[&[1, 1], &b"k"[..], bytes].concat()).is_err());
}

/// Texts of a language: those that are taken say the code so that a browser reads it.
pub fn messages(ftl: &str) {
    let built = Messages::builder(Brand::new("Example").unwrap())
        .with_ftl("en".parse().unwrap(), ftl)
        .only([])
        .web_otp("login.example.com")
        .build();
    let Ok(messages) = built else { return };
    let to = PhoneNumber::parse("+14155550100", None).unwrap();
    let id = "AAECAwQFBgcICQoLDA0ODw".parse().unwrap();
    let code = Code::parse("123456").unwrap();
    let text = messages.text(&Message::new(to, code, id, Duration::from_secs(300)));
    let read = one_time_code(&text).unwrap();
    assert_eq!((read.host, read.code), ("login.example.com", "123456"));
}
