//! Looks for secrets in a text: as they are, as bytes in any usual spelling, and plainly hashed.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

/// The first secret that `text` holds in some form, and which form.
pub(crate) fn found<'a>(text: &str, secrets: &'a [String]) -> Option<(&'a str, String)> {
    let bare: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let lower = bare.to_lowercase();
    secrets.iter().find_map(|secret| {
        let mut forms = spellings(secret.as_bytes());
        forms.extend(spellings(&Sha256::digest(secret.as_bytes())));
        forms.push(secret.clone());
        let holds = |form: &String| bare.contains(form) || lower.contains(form);
        forms
            .into_iter()
            .find(holds)
            .map(|form| (secret.as_str(), form))
    })
}

fn spellings(bytes: &[u8]) -> Vec<String> {
    let list = |radix: fn(&u8) -> String| bytes.iter().map(radix).collect::<Vec<_>>().join(",");
    vec![
        bytes.iter().map(|byte| format!("{byte:02x}")).collect(),
        list(|byte| byte.to_string()),
        list(|byte| format!("{byte:#x}")),
        STANDARD.encode(bytes),
        STANDARD_NO_PAD.encode(bytes),
        URL_SAFE_NO_PAD.encode(bytes),
    ]
}

/// Fails if `text` holds one of `secrets`.
pub(crate) fn clean(what: &str, text: &str, secrets: &[String]) {
    assert!(secrets.len() > 15 && secrets.iter().all(|secret| secret.len() >= 10));
    if let Some((secret, form)) = found(text, secrets) {
        panic!("{what} holds {secret:?} as {form:?}");
    }
}
