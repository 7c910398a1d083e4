//! JSON as providers write it: codes come as numbers or as texts.
#![allow(dead_code, reason = "no provider alone uses all of it")]

use serde_json::Value;

const LONGEST_REFERENCE: usize = 128;
/// A larger number is no code: it may be what the client sent.
const LARGEST_CODE: u64 = 9_999_999;

/// What some servers write before their answers, and no answer is (RFC 8259 §8.1).
const MARK: &[u8] = b"\xef\xbb\xbf";

/// Without a byte order mark.
pub(crate) fn unmarked(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(MARK).unwrap_or(bytes)
}

/// JSON, also where a text in it is no UTF-8: what stands around the text decides.
pub(crate) fn lenient(bytes: &[u8]) -> Option<Value> {
    serde_json::from_str(&String::from_utf8_lossy(bytes)).ok()
}

/// The text at a JSON pointer, or the whole number there as a text. One that is too large for 64 bits is read as a
/// fraction, and has lost its last digits.
pub(crate) fn text(json: &Value, pointer: &str) -> Option<String> {
    match json.pointer(pointer)? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) if !number.is_f64() => Some(number.to_string()),
        _ => None,
    }
}

/// The code at a JSON pointer.
pub(crate) fn code(json: &Value, pointer: &str) -> Option<u32> {
    number(&text(json, pointer)?)
}

/// A code that is written as a text.
pub(crate) fn number(text: &str) -> Option<u32> {
    let code: u64 = text.trim().parse().ok()?;
    u32::try_from(code).ok().filter(|_| code <= LARGEST_CODE)
}

/// A provider's own name for a message: 1 to 128 visible ASCII characters, so that it fits every store and every log.
pub(crate) fn reference(text: String) -> Option<String> {
    let sound = text.bytes().all(|b| b.is_ascii_graphic());
    (sound && (1..=LONGEST_REFERENCE).contains(&text.len())).then_some(text)
}
