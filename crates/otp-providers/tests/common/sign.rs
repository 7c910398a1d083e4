//! Signs as providers do, by the words of their documentation and not by our code.
#![allow(dead_code, reason = "no test uses all of it")]
#![allow(clippy::unwrap_used, reason = "a helper of a test fails the test")]

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::{Digest, Sha256};

/// The headers of a request.
pub(crate) type Headers = Vec<(String, Vec<u8>)>;

/// Headers with these names and values.
pub(crate) fn headers<const N: usize>(pairs: [(&str, &str); N]) -> Headers {
    let owned = pairs.map(|(name, value)| (name.to_owned(), value.as_bytes().to_vec()));
    owned.into()
}

fn mac<M: Mac + KeyInit>(key: &[u8], message: &[u8]) -> Vec<u8> {
    let mut mac = <M as KeyInit>::new_from_slice(key).unwrap();
    mac.update(message);
    mac.finalize().into_bytes().to_vec()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Meta's, over the body.
pub(crate) fn meta(secret: &str, body: &[u8]) -> Headers {
    let signature = hex(&mac::<Hmac<Sha256>>(secret.as_bytes(), body));
    headers([("X-Hub-Signature-256", &format!("sha256={signature}"))])
}

/// Telegram's, over the time and the body.
pub(crate) fn telegram(token: &str, time: i64, body: &[u8]) -> Headers {
    let message = [format!("{time}\n").as_bytes(), body].concat();
    let signature = hex(&mac::<Hmac<Sha256>>(&Sha256::digest(token), &message));
    headers([
        ("X-Request-Timestamp", &time.to_string()),
        ("X-Request-Signature", &signature),
    ])
}

/// EngageLab's, over the header's own parts.
pub(crate) fn engagelab(secret: &str, username: &str, time: i64, nonce: &str) -> Headers {
    let message = format!("{time}{nonce}{username}");
    let signature = hex(&mac::<Hmac<Sha256>>(secret.as_bytes(), message.as_bytes()));
    let id = format!("timestamp={time};nonce={nonce};username={username};signature={signature}");
    headers([("X-CALLBACK-ID", &id)])
}

/// Twilio's, over the address that it calls and the fields of a form, with the auth token.
pub(crate) fn twilio(token: &str, called: &str, fields: &[(&str, &str)]) -> Headers {
    let mut sorted: Vec<_> = fields.to_vec();
    sorted.sort_unstable();
    sorted.dedup();
    let tail: String = sorted.iter().flat_map(|(n, v)| [*n, *v]).collect();
    let signature = mac::<Hmac<Sha1>>(token.as_bytes(), format!("{called}{tail}").as_bytes());
    headers([
        ("Content-Type", "application/x-www-form-urlencoded"),
        ("X-Twilio-Signature", &STANDARD.encode(signature)),
    ])
}

/// A form's bytes.
pub(crate) fn form(fields: &[(&str, &str)]) -> Vec<u8> {
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    form.extend_pairs(fields).finish().into_bytes()
}
