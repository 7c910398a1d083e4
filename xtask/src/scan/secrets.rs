//! Shapes of credentials: by their prefix, or by the name they are given.

use std::collections::BTreeMap;

/// `prefix` and then exactly `length` characters of `alphabet`.
struct Shape {
    what: &'static str,
    prefix: &'static str,
    length: usize,
    alphabet: fn(char) -> bool,
}

const SHAPES: &[Shape] = &[
    Shape {
        what: "Twilio account",
        prefix: "AC",
        length: 32,
        alphabet: lower_hex,
    },
    Shape {
        what: "Twilio API key",
        prefix: "SK",
        length: 32,
        alphabet: lower_hex,
    },
    Shape {
        what: "AWS access key",
        prefix: "AKIA",
        length: 16,
        alphabet: upper_or_digit,
    },
    Shape {
        what: "AWS temporary key",
        prefix: "ASIA",
        length: 16,
        alphabet: upper_or_digit,
    },
    Shape {
        what: "GitHub token",
        prefix: "ghp_",
        length: 36,
        alphabet: alphanumeric,
    },
    Shape {
        what: "Google API key",
        prefix: "AIza",
        length: 35,
        alphabet: base64,
    },
];

const NAMES: &[&str] = &[
    "secret",
    "token",
    "password",
    "passwd",
    "api_key",
    "apikey",
    "api-key",
    "access_key",
    "accesskey",
    "auth_key",
    "authkey",
    "dev_key",
    "private_key",
    "privatekey",
    "pepper",
    "credential",
];

const PEM_START: &str = "-----BEGIN ";
const PEM_KIND: &str = "PRIVATE KEY-----";

/// In these an unquoted word may be a value; in a program it is a name.
const DATA: &[&str] = &[
    ".env",
    ".yml",
    ".yaml",
    ".ini",
    ".conf",
    ".cfg",
    ".properties",
    ".sh",
    ".md",
    ".txt",
];

/// `below` is the line after: a key's armour and its text are seldom on one line.
pub(super) fn find(name: &str, line: &str, below: &str) -> Option<&'static str> {
    let shape = || SHAPES.iter().find(|shape| has_shape(line, shape));
    has_pem(line, below)
        .then_some("PEM private key")
        .or_else(|| shape().map(|shape| shape.what))
        .or_else(|| has_basic(line).then_some("basic credentials"))
        .or_else(|| {
            has_assigned(line, is_data(name)).then_some("long random text under a secret's name")
        })
}

/// The armour alone is what an error message or a parser names: a key has text in it.
fn has_pem(line: &str, below: &str) -> bool {
    let armour = line
        .split_once(PEM_START)
        .and_then(|(_, rest)| rest.split_once(PEM_KIND));
    armour.is_some_and(|(_, rest)| [rest, below].into_iter().any(begins_key))
}

fn begins_key(text: &str) -> bool {
    let text = text.trim_start_matches("\\n");
    let text = text.trim_start_matches(|c: char| !c.is_ascii_alphanumeric());
    let run = text
        .chars()
        .take_while(|c| c.is_ascii_alphanumeric() || "+/".contains(*c));
    run.count() >= 16 || text.starts_with("Proc-Type:")
}

fn has_shape(line: &str, shape: &Shape) -> bool {
    line.match_indices(shape.prefix).any(|(at, _)| {
        let (before, rest) = line.split_at(at);
        let run = rest
            .trim_start_matches(shape.prefix)
            .chars()
            .take_while(|c| (shape.alphabet)(*c))
            .count();
        let after = rest.chars().nth(shape.prefix.len() + run);
        run == shape.length
            && !before.ends_with(char::is_alphanumeric)
            && !after.is_some_and(char::is_alphanumeric)
    })
}

fn has_basic(line: &str) -> bool {
    line.split("Basic ").skip(1).any(looks_random)
}

/// `name = "value"`, `"name": "value"`, `name: &str = "value"`, and in data files `NAME=value`.
fn has_assigned(line: &str, data: bool) -> bool {
    let lower = line.to_ascii_lowercase();
    NAMES
        .iter()
        .flat_map(|name| lower.match_indices(name))
        .any(|(at, name)| {
            // Lowering ASCII moves no byte, so places in the one are places in the other.
            let rest = line
                .get(at + name.len()..)
                .unwrap_or_default()
                .trim_start_matches(base64);
            let rest = rest.trim_start_matches(['"', '\'', ' ']);
            let Some(value) = rest.strip_prefix([':', '=']) else {
                return false;
            };
            match value.split_once(['"', '\'', '`']) {
                Some((_, quoted)) => looks_random(quoted),
                None => data && looks_random(value.trim_start()),
            }
        })
}

/// Whether `text` begins with a run too long and too mixed for words: 24 characters of base64.
fn looks_random(text: &str) -> bool {
    let run: String = text
        .chars()
        .take_while(|c| base64(*c) || "+/=".contains(*c))
        .collect();
    let mixed = run.contains(|c: char| c.is_ascii_digit())
        && run.contains(|c: char| c.is_ascii_alphabetic());
    run.len() >= 24 && mixed && entropy(&run) > 3.3
}

/// Bits per character (Shannon).
fn entropy(text: &str) -> f64 {
    let mut counts = BTreeMap::new();
    for c in text.chars() {
        *counts.entry(c).or_insert(0.0_f64) += 1.0;
    }
    let all: f64 = counts.values().sum();
    counts
        .values()
        .map(|n| n / all)
        .map(|p| -p * p.log2())
        .sum()
}

fn is_data(name: &str) -> bool {
    DATA.iter().any(|ending| name.ends_with(ending))
}

fn lower_hex(c: char) -> bool {
    c.is_ascii_digit() || ('a'..='f').contains(&c)
}

fn upper_or_digit(c: char) -> bool {
    c.is_ascii_digit() || c.is_ascii_uppercase()
}

fn alphanumeric(c: char) -> bool {
    c.is_ascii_alphanumeric()
}

fn base64(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '-' || c == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    // Put together here, so that this file passes its own scan.
    fn random() -> String {
        ["kX9v2Lq8", "TzR4mW1p", "Yb7Ns3Gd", "Hc6Jf0Qa"].concat()
    }

    /// SUP-4.
    #[test]
    fn shapes_of_credentials_are_found() {
        let hex = "0123456789abcdef".repeat(2);
        for line in [
            format!("\"{PEM_START}EC {PEM_KIND}\\n{}\\n\"", random()),
            format!("sid: AC{hex}"),
            format!("\"SK{hex}\""),
            format!("key AKIA{}", "ABCD1234".repeat(2)),
            format!("ghp_{}", "aB3d".repeat(9)),
            format!("authorization: Basic {}", random()),
        ] {
            assert!(find("a.rs", &line, "").is_some(), "{line}");
        }
    }

    /// SUP-4.
    #[test]
    fn a_key_is_armour_with_text_in_it() {
        let armour = format!("{PEM_START}{PEM_KIND}");
        for below in [
            random(),
            format!("    \"{}\\n\\", random()),
            "Proc-Type: 4,ENCRYPTED".to_owned(),
        ] {
            assert!(find("a.pem", &armour, &below).is_some(), "{below}");
        }
        for below in ["", "    }", "let x = 1;"] {
            assert!(
                find("a.rs", &format!("expected: \"one block, {armour}\""), below).is_none(),
                "{below}"
            );
        }
    }

    /// SUP-4.
    #[test]
    fn random_text_under_a_secrets_name_is_found() {
        for line in [
            format!("const SECRET: &str = \"{}\";", random()),
            format!("let refresh_token_of_a = \"{}\";", random()),
            format!("\"dev_key\": \"{}\",", random()),
            format!("{{'password': '{}'}}", random()),
        ] {
            assert!(find("a.rs", &line, "").is_some(), "{line}");
        }
        let unquoted = format!("API_KEY={}", random());
        assert!(find("deploy/.env", &unquoted, "").is_some());
        assert!(find("a.rs", &unquoted, "").is_none());
    }

    #[test]
    fn words_hashes_and_names_are_left_alone() {
        let hex = "0123456789abcdef".repeat(4);
        for line in [
            "let token = read_the_refresh_token_from_the_request(headers);".to_owned(),
            "const SECRET: &str = \"change-me-before-you-deploy-this\";".to_owned(),
            "password: \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa1\"".to_owned(),
            format!("checksum = \"{hex}\""),
            format!("AC{hex}"),
            format!("MAC{}", "0a".repeat(16)),
            "Basic authentication_is_refused".to_owned(),
            "-----BEGIN PUBLIC KEY-----".to_owned(),
            "token: ✓ \"…\"".to_owned(),
        ] {
            assert!(find("a.rs", &line, "").is_none(), "{line}");
        }
    }
}
