//! Base64url without padding, canonical only: one value has one spelling.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Appends the base64url of `bytes` to `out`.
pub(crate) fn push(out: &mut String, bytes: &[u8]) {
    URL_SAFE_NO_PAD.encode_string(bytes, out);
}

/// The base64url of 16 bytes, in `out`.
pub(crate) fn encode16<'a>(bytes: &[u8; 16], out: &'a mut [u8; 22]) -> &'a str {
    let written = URL_SAFE_NO_PAD.encode_slice(bytes, out);
    debug_assert_eq!(written, Ok(out.len()));
    std::str::from_utf8(out).unwrap_or_default()
}

/// The base64url of `bytes`.
pub(crate) fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The bytes of `text`; `None` for padding, white space, foreign letters or stray trailing bits.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

/// As [`decode`], for exactly `N` bytes.
pub(crate) fn decode_array<const N: usize>(text: &str) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    // `decode_slice` judges room by an estimate, so the exact length is checked first.
    if text.len() != base64::encoded_len(N, false)? {
        return None;
    }
    let written = URL_SAFE_NO_PAD
        .decode_slice_unchecked(text, &mut bytes)
        .ok()?;
    (written == N).then_some(bytes)
}
