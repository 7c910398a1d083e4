//! What the server needs to start: what it refuses, in one line that names the setting and shows no secret.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a helper of a test fails the test"
)]

#[allow(dead_code, reason = "each test file needs a part of it")]
mod common;

use common::process::{Phones, command, taken};
use common::{Home, PHONE, fresh_keys, refusal, whole_login};
use otp_testkit::{Redis, RedisOptions, RedisTls};
use serde_json::json;

#[test]
fn a_bad_setting_is_named_and_ends_the_program() {
    for (variable, value) in [
        ("OTP_CONFIG", "no/such/file.toml"),
        ("OTP_CONFIG", "Cargo.toml"),
        ("OTP_ENV", "canary"),
        ("OTP_ADDR", "localhost"),
        ("OTP_METRICS_ADDR", "9464"),
        ("OTP_LOG", "canary"),
        ("OTP_POLICY", "no/such/file.toml"),
        ("OTP_DEFAULT_REGION", "ZZ"),
        ("OTP_COUNTRIES", "IN,+1"),
        ("OTP_SEVERAL_NODES", "canary"),
        ("OTP_AUDIT_REQUIRED", "canary"),
        ("OTP_AUDIT_REQUIRED", "true"),
        ("OTP_AUDIT_DAYS", "0"),
        ("OTP_AUDIT_DAYS", "30"),
        ("OTP_KEYS_FILE", "no/such/file.toml"),
        ("OTP_KEYS", "index = \"canary\""),
        ("OTP_STORE", "oracle://canary"),
        ("OTP_STORE", "memory: memory:"),
        ("OTP_STORE", "challenges=memory:"),
        ("OTP_STORE", "memory: users=redis://canary@h"),
        ("OTP_STORE", "postgres://u:canary@127.0.0.1:1/otp"),
        ("OTP_STORE", "postgres://u:can/canary@127.0.0.1:1/otp"),
        (
            "OTP_STORE",
            "mysql://u:canary@127.0.0.1:1/otp?ssl-mode=DISABLED",
        ),
        ("OTP_STORE", "redis://u:canary@127.0.0.1:1"),
        ("OTP_STORE", "redis+sentinel://:canary@127.0.0.1:1/otp"),
        ("OTP_STORE", "redis+cluster://:canary@127.0.0.1:1"),
        ("OTP_STORE_CA", "no/such/file.pem"),
        ("OTP_STORE_MIGRATE", "canary"),
        ("OTP_STORE_REPLICAS", "1"),
        ("OTP_SENDER", "canary"),
        ("OTP_SENDER_KIND", "canary"),
        ("OTP_WEBHOOK_URL", "http://canary.example/"),
        ("OTP_PROXIES", "10.0.0.0/33"),
        ("OTP_PROXY_HEADER", "forwarded"),
        ("RUST_LOG", "=canary="),
    ] {
        let said = refusal(&[(variable, value)]);
        assert!(said.starts_with(&format!("{variable}: ")), "{said}");
    }
}

#[test]
fn the_file_refuses_what_it_does_not_know_and_names_its_settings() {
    let home = Home::new();
    for (text, wanted) in [
        ("adr = \"127.0.0.1:1\"", "line 1: unknown field `adr`"),
        ("\n[store]\nuri = \"x\"", "line 3: unknown field `uri`"),
        ("[sender]\nkind = \"pigeon\"", "kind in"),
        (
            "[proxies]\nnetworks = [\"canary\n",
            "line 2: this is not TOML",
        ),
        (
            "[store]\nurl = 4 # canary",
            "line 2: this is not TOML, or not of the kind",
        ),
        ("metrics_addr = \"here\"", "metrics_addr in"),
        ("[store]\nurl = \"canary://canary\"", "store.url in"),
    ] {
        let path = home.write("server.toml", text);
        let said = refusal(&[("OTP_CONFIG", &path)]);
        assert!(
            said.contains(wanted) && said.contains("server.toml"),
            "{said}"
        );
    }
}

/// A policy has no secrets: what is wrong with one is told, in the one line.
#[test]
fn a_bad_policy_is_told_in_one_line() {
    let home = Home::new();
    for (text, wanted) in [
        ("[policy]\nfoo = 1", "line 2: unknown field `foo`"),
        ("\n[policy]\ncode.digits = 4", "a code has 6 to 10 digits"),
        ("", "missing field `policy`"),
        ("[policy]\n\nbinding = ", "line 3: "),
        ("[policy]\n[routes]\nsend = [\"me/\", \"me\"]", "two routes"),
    ] {
        let path = home.write("policy.toml", text);
        let said = refusal(&[("OTP_POLICY", &path)]);
        assert!(said.starts_with("OTP_POLICY: "), "{said}");
        assert!(said.contains(wanted), "{said}");
        let said = refusal(&[("OTP_POLICY", &path), ("OTP_DEFAULT_REGION", "IN")]);
        assert!(said.starts_with("OTP_POLICY: "), "{said}");
    }
}

/// One that is read and then not used would be a setting that is not in force.
#[test]
fn what_the_file_says_of_a_sender_is_in_force_or_refused() {
    let home = Home::new();
    let webhook = "kind = \"webhook\"\nurl = \"http://127.0.0.1:9/\"";
    let route = "[[route]]\nsenders = [\"own\"]";
    for (text, wanted) in [
        ("[sender]\nurl = 5".to_owned(), "`url` is a text"),
        (
            format!("[sender]\n{webhook}\nsecret = 5"),
            "sender.secret in",
        ),
        (
            format!("[sender]\n{webhook}\nsecret = {{ env = \"OTP_KEY_NONE\" }}"),
            "the variable OTP_KEY_NONE is not set",
        ),
        (
            format!("[senders.own]\n{webhook}\nsecret = {{ file = \"none\" }}\n{route}"),
            "senders.own.secret: cannot read none",
        ),
        (
            "[sender]\nsecret = \"canary\"".to_owned(),
            "sender.secret in",
        ),
        (
            "[proxies]\nnetworks = []\nheader = \"forwarded\"".to_owned(),
            "proxies.header in",
        ),
        (
            format!(
                "[webhooks.msg91]\ntoken = \"{}\"\nnetworks = [\"x\"]",
                "t".repeat(22)
            ),
            "webhooks.msg91",
        ),
    ] {
        let path = home.write("server.toml", &text);
        let said = refusal(&[("OTP_CONFIG", &path)]);
        assert!(said.contains(wanted), "{text}: {said}");
    }
    let said = refusal(&[("OTP_WEBHOOK_SECRET", "canary")]);
    assert!(said.starts_with("OTP_WEBHOOK_SECRET: "), "{said}");
}

/// What signs the codes may be where other secrets are.
#[tokio::test]
async fn a_secret_kept_elsewhere_signs() {
    let (home, mut phones) = (Home::new(), Phones::listen().await);
    let secret = home.write("secret", "kR7!vq2Lx9#Tz4Wm8@Hb1Nc6$Yd3Pf5G\n"); // scan: allow(made up for this test)
    let kept = format!("[sender]\nkind = \"webhook\"\nsecret = {{ file = {secret:?} }}\n");
    let path = home.write("server.toml", &kept);
    let server = home.start(&phones, &[("OTP_CONFIG", &path)]);
    let send = json!({"phone_number": PHONE});
    let (status, sent) = server.post(&common::path("send-otp"), send).await;
    assert_eq!(status, 200, "{sent}");
    let (head, _) = phones.next();
    assert!(
        head.to_lowercase().contains("\r\nx-otp-signature: t="),
        "{head}"
    );
}

#[tokio::test]
async fn the_environment_wins_over_the_file() {
    let (home, mut phones) = (Home::new(), Phones::listen().await);
    let file = "env = \"production\"\naddr = \"nowhere\"\nissuer = \"https://login.example\"\n\
                [proxies]\nnetworks = [\"10.0.0.0/8\", \"::1\"]\nheader = \"forwarded\"\n";
    let path = home.write("server.toml", file);
    let server = home.start(
        &phones,
        &[("OTP_CONFIG", &path), ("OTP_ENV", "development")],
    );
    assert!(
        server.said.contains("mode     development"),
        "{}",
        server.said
    );
    assert!(
        server
            .said
            .contains("proxies  10.0.0.0/8, ::1, by forwarded"),
        "{}",
        server.said
    );
    whole_login(&server, &mut phones).await;
}

/// Every line of the sample is a setting that is known, and the sample itself starts a server.
#[tokio::test]
async fn the_sample_file_is_understood() {
    let (home, phones) = (Home::new(), Phones::listen().await);
    let sample = include_str!("../../server.toml");
    let lines = sample
        .lines()
        .map(|line| line.strip_prefix("#: ").unwrap_or(line));
    let all: String = lines.map(|line| format!("{line}\n")).collect();
    for (name, text) in [("sample.toml", sample), ("all.toml", &all)] {
        let path = home.write(name, text);
        let server = home.start(
            &phones,
            &[
                ("OTP_CONFIG", &path),
                ("OTP_POLICY", &home.eager()),
                ("OTP_STORE_CA", &path),
                ("OTP_METRICS_ADDR", "127.0.0.1:0"),
            ],
        );
        assert_eq!(server.get("/health", "").await.0, 200);
    }
}

/// THR-11: production sends nothing to countries that nobody named.
#[test]
fn production_names_its_countries() {
    let webhook = ("OTP_WEBHOOK_URL", "http://127.0.0.1:9/");
    let said = refusal(&[("OTP_ENV", "production"), webhook]);
    assert!(
        said.starts_with("OTP_COUNTRIES: neither it nor the policy"),
        "{said}"
    );
}

/// GEN-5.
#[test]
fn production_refuses_console_sender() {
    for more in [("OTP_SENDER", "console"), ("OTP_BRAND", "Example")] {
        let said = refusal(&[("OTP_ENV", "production"), more]);
        assert!(
            said.starts_with("OTP_ENV: production prints no codes"),
            "{said}"
        );
    }
}

#[test]
fn several_nodes_need_state_that_all_of_them_see() {
    let (keys, redis) = (fresh_keys(), Redis::start());
    for (store, wanted) in [
        ("memory:", "OTP_SEVERAL_NODES: users in memory"),
        (redis.url().as_str(), "OTP_SEVERAL_NODES: users in memory"),
        ("sqlite::memory:", "this store is seen by one process alone"),
    ] {
        let said = refusal(&[
            ("OTP_SEVERAL_NODES", "true"),
            ("OTP_KEYS", &keys),
            ("OTP_STORE", store),
        ]);
        assert!(said.contains(wanted), "{said}");
    }
}

/// FLT-4: a server that would forget limits under pressure is refused.
#[test]
fn allkeys_lru_refused() {
    let redis = RedisOptions::new()
        .with("maxmemory-policy", "allkeys-lru")
        .start();
    let said = refusal(&[("OTP_STORE", &redis.url())]);
    assert!(said.contains("noeviction"), "{said}");
}

#[test]
fn a_private_authority_must_be_named() {
    let redis = RedisTls::start();
    let said = refusal(&[("OTP_STORE", &redis.url())]);
    assert!(said.starts_with("OTP_STORE: rediss://localhost:"), "{said}");
}

#[tokio::test]
async fn tables_are_checked_where_they_must_not_be_changed() {
    let (home, phones) = (Home::new(), Phones::listen().await);
    let sqlite = home.sqlite();
    let check = [
        ("OTP_STORE", sqlite.as_str()),
        ("OTP_STORE_MIGRATE", "check"),
    ];
    let said = refusal(&check);
    assert!(said.contains("migrations are still to run"), "{said}");
    drop(home.start(&phones, &check[..1]));
    let server = home.start(&phones, &check);
    assert!(server.said.contains("tables checked"), "{}", server.said);
}

#[test]
fn a_port_in_use_is_named_and_ends_the_program() {
    let (_listener, addr) = taken();
    for variable in ["OTP_ADDR", "OTP_METRICS_ADDR"] {
        let said = refusal(&[(variable, &addr.to_string())]);
        assert!(
            said.starts_with(&format!("{variable}: cannot listen on {addr}")),
            "{said}"
        );
    }
}

#[test]
fn what_is_not_a_command_is_refused() {
    let output = command("server", &[]).arg("kyes").output().unwrap();
    assert_eq!(output.status.code(), Some(1));
}
