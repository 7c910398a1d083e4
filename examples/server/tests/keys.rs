//! Where keys come from, and what is refused as a key: named, and never shown.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a helper of a test fails the test"
)]

#[allow(dead_code, reason = "each test file needs a part of it")]
mod common;

use common::process::Phones;
use common::{Home, fresh_keys, refusal, whole_login};

/// STO-2: every key is looked at, and named without being shown.
#[test]
fn weak_keys_are_refused_and_named() {
    let home = Home::new();
    let keys = home.read("keys.toml");
    let strong: Vec<_> = keys
        .lines()
        .filter(|line| line.starts_with("key = \""))
        .collect();
    let names = [
        "index",
        "pepper.current",
        "refresh.current",
        "users.index",
        "users.current",
        "audit.current",
    ];
    assert_eq!(strong.len(), names.len());
    for weak in [
        "Y2hhbmdlbWUtY2hhbmdlbWUtY2hhbmdlbWUtY2hhbmdlbWU",
        "AAAA",
        "canary?",
    ] {
        for (line, name) in strong.iter().zip(names) {
            let path = home.write(
                "weak.toml",
                &keys.replace(line, &format!("key = \"{weak}\"")),
            );
            let said = refusal(&[("OTP_KEYS_FILE", &path)]);
            assert!(said.starts_with(&format!("{name} in ")), "{said}");
            assert!(!said.contains(weak), "{said}");
        }
    }
}

/// No complaint about a key file repeats what is in it.
#[test]
fn a_key_file_that_cannot_be_read_stays_secret() {
    let keys = fresh_keys();
    for (from, to, wanted) in [
        ("[index]", "[indx]", "unknown field `indx`"),
        ("[index]\nkey = ", "[index]\nkey = 5 # canary ", "line"),
        (
            "[pepper.current]",
            "pepper = \"canary\"\n[pepper.current]",
            "line",
        ),
        (
            "algorithm = \"ed25519\"",
            "algorithm = \"es256\"",
            "token.current in OTP_KEYS",
        ),
        (
            "algorithm = \"ed25519\"",
            "algorithm = \"none\"",
            "token.current in OTP_KEYS",
        ),
        (
            "[audit.current]\nkid = \"",
            "[audit.current]\nkid = \"?",
            "audit.current.kid in OTP_KEYS",
        ),
        (
            "[users.index]\nkey = ",
            "[users.index]\nenv = \"OTP_KEY_X\" #",
            "users.index in OTP_KEYS: the variable OTP_KEY_X",
        ),
        (
            "[users.index]\nkey = ",
            "[users.index]\nfile = \"no/such\" #",
            "users.index in OTP_KEYS: cannot read no/such",
        ),
    ] {
        assert!(keys.contains(from), "{from}");
        let said = refusal(&[("OTP_KEYS", &keys.replace(from, to))]);
        assert!(said.contains(wanted), "{said}");
        let secrets = keys.lines().filter(|line| line.len() > 40);
        for secret in secrets.filter_map(|line| line.split('"').nth(1)) {
            assert!(!said.contains(secret), "{said}");
        }
    }
}

#[tokio::test]
async fn keys_come_from_files_and_variables_as_well() {
    let (home, mut phones) = (Home::new(), Phones::listen().await);
    let keys = home.read("keys.toml");
    let mut pepper = keys.lines().skip_while(|line| *line != "[pepper.current]");
    let pepper = pepper.nth(2).unwrap();
    let secret = pepper.split('"').nth(1).unwrap();
    let text = keys.replace(pepper, "env = \"OTP_KEY_PEPPER\"");
    let index = text.lines().nth(3).unwrap();
    let file = home.write("index", index.split('"').nth(1).unwrap());
    let text = text.replace(index, &format!("file = \"{file}\""));
    let server = home.start(&phones, &[("OTP_KEYS", &text), ("OTP_KEY_PEPPER", secret)]);
    whole_login(&server, &mut phones).await;
}

#[test]
fn fresh_keys_are_never_the_same() {
    let (one, other) = (fresh_keys(), fresh_keys());
    let values = |text: &str| -> Vec<String> {
        let lines = text
            .lines()
            .filter(|line| line.contains("key = \"") || line.contains("kid = "));
        lines.map(str::to_owned).collect()
    };
    let (one, other) = (values(&one), values(&other));
    assert_eq!(one.len(), 11);
    assert!(one.iter().all(|line| !other.contains(line)));
}

/// Where more than this run depends on the keys, they are not made at start.
#[test]
fn production_and_several_nodes_refuse_generated_keys() {
    let webhook = ("OTP_WEBHOOK_URL", "http://127.0.0.1:9/");
    for setting in [("OTP_ENV", "production"), ("OTP_SEVERAL_NODES", "true")] {
        let said = refusal(&[webhook, setting, ("OTP_COUNTRIES", "IN")]);
        assert!(
            said.starts_with("OTP_KEYS_FILE: keys made at start"),
            "{said}"
        );
    }
}
