//! What the server tells of itself: figures, log lines, what it prints at start.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a helper of a test fails the test"
)]

#[allow(dead_code, reason = "each test file needs a part of it")]
mod common;

use common::process::{Phones, Server};
use common::{Home, PHONE, path, refresh, whole_login};
use otp_testkit::{MariaDb, Postgres, RedisOptions};
use serde_json::{Value, json};
use std::fs::File;
#[cfg(target_os = "linux")]
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
};

const NATIONAL: &str = "9876543210";
const WRONG: &str = "0918273645";
const WEBHOOK_TOKEN: &str = "Canary-Token-4711"; // scan: allow(made up for this test)
const WEBHOOK_SECRET: &str = "kR7!vq2Lx9#Tz4Wm8@Hb1Nc6$Yd3Pf5G"; // scan: allow(made up for this test)

fn metrics_address(server: &Server) -> String {
    let line = server.said.lines().find(|line| line.contains("metrics  "));
    line.unwrap().split_whitespace().last().unwrap().to_owned()
}

/// HTP-7, LOG-2: figures are served, elsewhere, and name nobody.
#[tokio::test(flavor = "multi_thread")]
async fn metrics_are_on_their_own_port_and_name_nobody() {
    let (home, mut phones) = (Home::new(), Phones::listen().await);
    let server = home.start(&phones, &[("OTP_METRICS_ADDR", "127.0.0.1:0")]);
    whole_login(&server, &mut phones).await;
    // A path is the client's to choose.
    assert_eq!(server.get(&format!("/{PHONE}"), "").await.0, 404);

    let figures = reqwest::get(metrics_address(&server)).await.unwrap();
    assert_eq!(figures.status(), 200);
    let figures = figures.text().await.unwrap();
    for told in [
        r#"otp_events_total{action="send",outcome="#,
        r#"otp_http_replies_total{status="200"}"#,
        "otp_http_reply_seconds_bucket",
        "otp_policy_risk_per_year",
    ] {
        assert!(figures.contains(told), "{told} is missing: {figures}");
    }
    assert!(
        !figures.contains(NATIONAL) && !figures.contains("127.0.0.1"),
        "{figures}"
    );

    assert_eq!(server.get("/metrics", "").await.0, 404);
    let elsewhere = metrics_address(&server).replace("/metrics", "/health");
    assert_eq!(reqwest::get(elsewhere).await.unwrap().status(), 404);
}

#[tokio::test]
async fn there_are_no_metrics_unless_asked_for() {
    let (home, phones) = (Home::new(), Phones::listen().await);
    let server = home.start(&phones, &[]);
    assert!(server.said.contains("metrics  nowhere"), "{}", server.said);
    assert_eq!(server.get("/metrics", "").await.0, 404);
}

/// What is measured and never taken stays: a server that runs for months would fill up with it.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn figures_that_nobody_takes_are_not_kept() {
    let (home, phones) = (Home::new(), Phones::listen().await);
    let server = home.start(&phones, &[]);
    ask_often(&server, 20_000).await;
    let before = server.memory();
    ask_often(&server, 120_000).await;
    let more = server.memory().saturating_sub(before);
    // Each kept figure takes 8 bytes and its share of what they are kept in: 2 000 kB.
    assert!(more < 1_000, "{more} kB");
}

/// Asks for what is not there, over one connection.
#[cfg(target_os = "linux")]
async fn ask_often(server: &Server, times: usize) {
    const AT_ONCE: usize = 500;
    let address = server.url.strip_prefix("http://").unwrap();
    let mut stream = BufReader::new(TcpStream::connect(address).await.unwrap());
    let asked = "HEAD /nothing HTTP/1.1\r\nhost: localhost\r\n\r\n".repeat(AT_ONCE);
    let mut line = String::new();
    for _ in 0..times / AT_ONCE {
        stream.write_all(asked.as_bytes()).await.unwrap();
        let mut answered = 0;
        while answered < AT_ONCE {
            line.clear();
            stream.read_line(&mut line).await.unwrap();
            answered += usize::from(line == "\r\n");
        }
    }
}

/// LOG-1: a login with everything logged, on a store that has a password.
#[tokio::test(flavor = "multi_thread")]
async fn trace_level_e2e_canary_scan() {
    let secret = "Canary-Pass-4711";
    let redis = RedisOptions::new().with("requirepass", secret).start();
    let redis = redis
        .url()
        .replace("redis://", &format!("redis://:{secret}@"));
    let (postgres, mariadb) = (Postgres::start(), MariaDb::start());
    let postgres = postgres
        .url()
        .replace("postgres@", &format!("postgres:{secret}@"));
    let home = Home::new();
    for (store, form) in [
        (home.sqlite(), "json"),
        (format!("{redis} users={postgres}"), "text"),
        (postgres, "json"),
        (mariadb.url(), "text"),
    ] {
        let logged = logged_of(&store, form, &home).await;
        assert!(logged.text.contains("TRACE"), "{store}: nothing was logged");
        let keys = home.read("keys.toml");
        let keys = keys
            .lines()
            .filter(|line| line.len() > 40 && !line.starts_with('#'));
        let keys = keys.map(|line| line.split('"').nth(1).unwrap_or(line));
        let secrets = logged.secrets.iter().map(String::as_str);
        for canary in keys.chain(secrets).chain([secret, NATIONAL]) {
            let line = logged.text.lines().find(|line| line.contains(canary));
            assert!(line.is_none(), "{canary} is in the log: {line:?}");
        }
    }
}

struct Logged {
    text: String,
    secrets: Vec<String>,
}

async fn logged_of(store: &str, form: &str, home: &Home) -> Logged {
    let mut phones = Phones::listen().await;
    let server = noisy(store, form, home, &phones);
    let said = server.said.clone();
    let secrets = life(&server, &mut phones).await;
    server.stop("-TERM");
    let log = home.read("log");
    let is_json = |line: &str| serde_json::from_str::<Value>(line).is_ok();
    assert_eq!(log.lines().all(is_json), form == "json");
    Logged {
        text: log + &said,
        secrets,
    }
}

/// A server that logs all that it can, into a file.
fn noisy(store: &str, form: &str, home: &Home, phones: &Phones) -> Server {
    // Ten digits: by chance they are nowhere else.
    let policy = home.write("policy.toml", "policy.code.digits = 10");
    let variables = [
        ("OTP_STORE", store),
        ("OTP_METRICS_ADDR", "127.0.0.1:0"),
        ("RUST_LOG", "trace"),
        ("OTP_LOG", form),
        ("OTP_WEBHOOK_SECRET", WEBHOOK_SECRET),
        ("OTP_POLICY", &policy),
    ];
    let webhook = format!("{}?token={WEBHOOK_TOKEN}", phones.url);
    let mut command = home.command(phones, &variables);
    let errors = File::create(home.path().join("log")).unwrap();
    command.env("OTP_WEBHOOK_URL", &webhook).stderr(errors);
    Server::run(command)
}

/// Goes through a login; gives every secret of it.
async fn life(server: &Server, phones: &mut Phones) -> Vec<String> {
    let (_, sent) = server
        .post(&path("send-otp"), json!({"phone_number": PHONE}))
        .await;
    let code = phones.code();
    let guess = |code: &str| json!({"phone_number": PHONE, "challenge_id": sent["challenge_id"], "code": code});
    let (status, _) = server.post(&path("verify-otp"), guess(WRONG)).await;
    assert_eq!(status, 401);
    let (status, login) = server.post(&path("verify-otp"), guess(&code)).await;
    assert_eq!(status, 200, "{login}");
    let (_, next) = refresh(server, &login).await;
    let access = text(&next, "access_token");
    server.get(&path("me"), &access).await;
    let last = json!({"refresh_token": next["refresh_token"]});
    server.post(&path("logout"), last).await;
    let mut secrets = vec![code, access, text(&login, "access_token")];
    secrets.extend([&login, &next].map(|tokens| text(tokens, "refresh_token")));
    secrets.extend([WRONG, WEBHOOK_TOKEN, WEBHOOK_SECRET].map(str::to_owned));
    secrets
}

fn text(answer: &Value, name: &str) -> String {
    answer[name].as_str().unwrap().to_owned()
}
