//! `cargo run --example providers -- check`: what a provider would be sent, without its secrets.

use crate::common::process::command;
use crate::common::{Home, PHONE};
use crate::stub::{KINDS, table};
use std::process::Output;

fn checked(config: &str, words: &[&str]) -> Output {
    let mut program = command("providers", &[("OTP_CONFIG", config)]);
    program.env_remove("OTP_ADDR").args(words);
    program.output().unwrap()
}

/// LOG-1: each kind's request is shown, and none of its secrets. Nothing is sent: there is nobody at the address.
#[test]
fn requests_are_shown_without_secrets() {
    let home = Home::new();
    for (kind, own, channel, _) in KINDS {
        let config = home.write(
            "server.toml",
            &table("sender", kind, own, "http://127.0.0.1:1"),
        );
        let output = checked(&config, &["check", PHONE]);
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success(), "{kind}: {text}");
        assert!(text.contains("POST http://127.0.0.1:1/"), "{kind}: {text}");
        assert!(text.contains(&format!("  {channel}:")), "{kind}: {text}");
        assert!(text.contains("123456"), "{kind}: {text}");
        assert!(text.contains("9876543210"), "{kind}: {text}");
        for canary in ["canary", "Y2FuYXJ5", "NhbmFye", "jYW5hcn"] {
            assert!(!text.contains(canary), "{kind}: {text}");
        }
    }
}

#[test]
fn all_of_a_route_are_shown() {
    let home = Home::new();
    let mut settings = String::new();
    for (kind, own, ..) in KINDS {
        settings += &table(&format!("senders.{kind}"), kind, own, "http://127.0.0.1:1");
    }
    let config = home.write("server.toml", &settings);
    let text = String::from_utf8(checked(&config, &["check"]).stdout).unwrap();
    for (kind, ..) in KINDS {
        assert!(text.contains(&format!("senders.{kind} ({kind})")), "{text}");
    }
}

#[test]
fn a_language_has_its_own() {
    let home = Home::new();
    let own = "key = \"canary\"\ntemplate = \"login\"\nlocales = { es = \"entrar\" }";
    let sender = table("sender", "kavenegar", own, "http://127.0.0.1:1");
    let config = home.write("server.toml", &sender);
    for (words, template) in [
        (&["check", PHONE, "es-MX"][..], "template=entrar"),
        (&["check", PHONE, "fr"], "template=login"),
        (&["check", PHONE], "template=login"),
    ] {
        let text = String::from_utf8(checked(&config, words).stdout).unwrap();
        assert!(text.contains(template), "{words:?}: {text}");
    }
}

#[test]
fn what_cannot_be_checked_is_told() {
    let home = Home::new();
    let config = home.write(
        "server.toml",
        "[sender]\nkind = \"twilio\"\nsecret = \"canary\"\n",
    );
    for (words, expected) in [
        (&["check"][..], "missing field `account`"),
        (&["check", "12"], "error"),
        (&["check", PHONE, "spanish"], "not a locale"),
        (&[], "usage"),
    ] {
        let output = checked(&config, words);
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success());
        assert!(said.contains(expected), "{said}");
        assert!(!said.contains("canary"), "{said}");
    }
}
