//! What makes key material unfit although it is long enough.

#[derive(Clone, Copy, Debug)]
pub(super) enum Weakness {
    ShortHex,
    Repeating,
    Sequential,
    Placeholder,
}

/// The first weakness of `bytes`. Random material passes: each rule fires on 32 random bytes with a
/// chance below 2^-60, the words on random base64 text with one of about 10^-5.
pub(super) fn of(bytes: &[u8]) -> Option<Weakness> {
    if is_repeating(bytes) {
        return Some(Weakness::Repeating);
    }
    if is_sequential(bytes) || has_few_values(bytes) {
        return Some(Weakness::Sequential);
    }
    if !bytes.iter().all(|b| b.is_ascii_graphic() || *b == b' ') {
        return None;
    }
    let text = String::from_utf8_lossy(bytes).to_ascii_lowercase();
    let text = zeroize::Zeroizing::new(text);
    if WORDS
        .iter()
        .chain(SHORT_WORDS)
        .any(|word| text.contains(word))
    {
        return Some(Weakness::Placeholder);
    }
    // A hexadecimal digit carries 4 bits: 256 of them need 64 digits.
    let hex = bytes.iter().all(u8::is_ascii_hexdigit);
    (hex && bytes.len() < 64).then_some(Weakness::ShortHex)
}

/// Placeholder text survives base64 decoding as bytes that look random, so the text is judged too.
pub(super) fn is_placeholder_base64(text: &str) -> bool {
    let text = zeroize::Zeroizing::new(text.to_ascii_lowercase());
    WORDS.iter().any(|word| text.contains(word))
}

fn is_repeating(bytes: &[u8]) -> bool {
    (1..=bytes.len() / 2).any(|period| {
        let shifted = bytes.iter().skip(period);
        bytes.iter().zip(shifted).all(|(a, b)| a == b)
    })
}

/// More than half of the steps from byte to byte are the same step of at most two.
fn is_sequential(bytes: &[u8]) -> bool {
    let steps = || {
        bytes
            .iter()
            .zip(bytes.iter().skip(1))
            .map(|(a, b)| b.wrapping_sub(*a))
    };
    let total = bytes.len().saturating_sub(1);
    [1, 2, 1_u8.wrapping_neg(), 2_u8.wrapping_neg()]
        .iter()
        .any(|step| steps().filter(|s| s == step).count() * 2 > total)
}

fn has_few_values(bytes: &[u8]) -> bool {
    let mut seen = [false; 256];
    for byte in bytes {
        if let Some(slot) = seen.get_mut(usize::from(*byte)) {
            *slot = true;
        }
    }
    seen.iter().filter(|s| **s).count() < 8
}

const WORDS: &[&str] = &[
    "secret",
    "changeme",
    "change-me",
    "change_me",
    "change this",
    "password",
    "passw0rd",
    "example",
    "placeholder",
    "default",
    "insecure",
    "0123456789",
    "1234567890",
    "abcdefgh",
    "qwerty",
    "letmein",
    "replace",
    "deadbeef",
];
const SHORT_WORDS: &[&str] = &[
    "dev-", "dev_", "test-", "test_", "your-", "your_", "my-key", "todo",
];
