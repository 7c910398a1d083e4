//! PEM (RFC 7468), as much as one key needs.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

/// The DER inside the only block of `pem`, whose label must be `label`.
pub(super) fn decode(pem: &str, label: &str) -> Option<Zeroizing<Vec<u8>>> {
    let body = pem
        .trim_ascii()
        .strip_prefix(&format!("-----BEGIN {label}-----"))?
        .strip_suffix(&format!("-----END {label}-----"))?;
    let mut base64 = Zeroizing::new(String::with_capacity(body.len()));
    base64.extend(body.chars().filter(|c| !c.is_ascii_whitespace()));
    STANDARD.decode(base64.as_bytes()).ok().map(Zeroizing::new)
}
