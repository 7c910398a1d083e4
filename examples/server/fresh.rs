//! Fresh keys, printed: `cargo run --example server -- keys > keys.toml`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use otp_core::{EntropyError, SecretKey};
use std::fmt::Write as _;
use zeroize::Zeroizing;

/// What stands before the 32 bytes of an Ed25519 key in PKCS#8 (RFC 8410 §7).
const ED25519: [u8; 16] = [
    0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
];

/// The text of a key file with new keys, for `OTP_KEYS_FILE` or `OTP_KEYS`.
pub(crate) fn keys() -> Result<Zeroizing<String>, EntropyError> {
    let mut text = Zeroizing::new(String::with_capacity(2_048));
    let mut line = |line: &str| {
        let _ = writeln!(text, "{line}");
    };
    line(
        "# Keys of the reference server. Whoever reads this file can sign in as anybody: chmod 600.",
    );
    line(
        "# To rotate: move [x.current] to [[x.old]] and put a fresh one in its place, then send SIGHUP.",
    );
    line(&format!("[index]\nkey = \"{}\"\n", *secret()?));
    for ring in ["pepper", "refresh", "users", "audit"] {
        if ring == "users" {
            line(&format!("[users.index]\nkey = \"{}\"\n", *secret()?));
        }
        let kid = kid(ring)?;
        line(&format!(
            "[{ring}.current]\nkid = \"{kid}\"\nkey = \"{}\"\n",
            *secret()?
        ));
    }
    let kid = kid("token")?;
    line(&format!(
        "[token.current]\nkid = \"{kid}\"\nalgorithm = \"ed25519\"\nkey = '''"
    ));
    line(&format!("{}'''", *pem()?));
    Ok(text)
}

fn secret() -> Result<Zeroizing<String>, EntropyError> {
    let key = SecretKey::generate()?;
    Ok(Zeroizing::new(STANDARD.encode(key.expose())))
}

/// Never the same twice, so that the next key has another name.
fn kid(ring: &str) -> Result<String, EntropyError> {
    let random = SecretKey::generate()?;
    let random = random.expose().iter().take(4);
    let initial: String = ring.chars().take(1).collect();
    Ok(random.fold(initial, |kid, byte| format!("{kid}{byte:02x}")))
}

fn pem() -> Result<Zeroizing<String>, EntropyError> {
    let key = SecretKey::generate()?;
    let der = Zeroizing::new([&ED25519, key.expose()].concat());
    let der = Zeroizing::new(STANDARD.encode(&*der));
    let label = "PRIVATE KEY";
    Ok(Zeroizing::new(format!(
        "-----BEGIN {label}-----\n{}\n-----END {label}-----\n",
        *der
    )))
}
