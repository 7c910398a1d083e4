//! What the messages say, by the table `[messages]`.

use crate::common::process::{Server, command};
use crate::common::{Home, PHONE, path, refusal};
use crate::stub::{KINDS, Stub, code_in, started, table};
use serde_json::json;

/// GEN-6: the reader's language, and last the line by which a browser offers the code to the page.
#[tokio::test(flavor = "multi_thread")]
async fn the_readers_language_and_the_pages_line() {
    let (_, own, _, taken) = KINDS.into_iter().find(|row| row.0 == "twilio").unwrap();
    let (home, mut stub) = (Home::new(), Stub::listen(taken).await);
    let words = "[messages]\nonly = [\"en\", \"es\"]\nweb_otp = \"login.example.com\"\n";
    let server = started(
        &home,
        &format!("{}{words}", table("sender", "twilio", own, &stub.url)),
    );
    let send = json!({"phone_number": PHONE, "locale": "es-MX"});
    let (status, sent) = server.post(&path("send-otp"), send).await;
    assert_eq!(status, 200, "{sent}");
    let body = stub.bodies.recv().await.unwrap();
    let code = code_in(&body);
    assert!(
        body.contains("Example") && body.contains("minutos"),
        "{body}"
    );
    assert!(
        body.contains(&format!("%0A%40login.example.com+%23{code}")),
        "{body}"
    );
}

/// GEN-6: a language that does not ship, and another text for one that does, from a directory or named one by one.
#[tokio::test(flavor = "multi_thread")]
async fn texts_of_ones_own() {
    let (_, own, _, taken) = KINDS.into_iter().find(|row| row.0 == "twilio").unwrap();
    let home = Home::new();
    std::fs::create_dir(home.path().join("texts")).unwrap();
    let swahili = home.write(
        "texts/sw.ftl",
        "code = { $code } ni msimbo wa { $brand }.\n",
    );
    let english = home.write("texts/en.ftl", "code = { $code } opens { $brand }.\n");
    home.write("texts/README", "None of the texts.\n");
    let directory = home.path().join("texts").display().to_string();
    for ftl in [
        format!("ftl = {directory:?}"),
        format!("ftl = {{ sw = {swahili:?}, en = {english:?} }}"),
    ] {
        let mut stub = Stub::listen(taken).await;
        let sender = table("sender", "twilio", own, &stub.url);
        let server = started(&home, &format!("{sender}[messages]\n{ftl}\n"));
        for (phone, locale, said) in [
            ("+919876543210", "sw-KE", "ni+msimbo+wa+Example."),
            ("+919876543211", "ja", "opens+Example."),
            ("+919876543212", "es", "No+lo+compartas."),
        ] {
            let send = json!({"phone_number": phone, "locale": locale});
            let (status, sent) = server.post(&path("send-otp"), send).await;
            assert_eq!(status, 200, "{sent}");
            let body = stub.bodies.recv().await.unwrap();
            assert!(body.contains(said), "{locale}: {body}");
        }
    }
}

/// GEN-6: what costs two SMS is told at start, once for each sender, and not where nobody hears it.
#[tokio::test(flavor = "multi_thread")]
async fn what_costs_two_sms_is_told_at_start() {
    let (_, own, ..) = KINDS.into_iter().find(|row| row.0 == "twilio").unwrap();
    let home = Home::new();
    let words = "[messages]\nonly = [\"en\", \"fa\"]\nweb_otp = \"login.example.com\"\n";
    let sender = table("sender", "twilio", own, "http://127.0.0.1:1");
    let config = home.write("server.toml", &format!("{sender}{words}"));
    let mut server = command("server", &[("OTP_CONFIG", &config)]);
    let log = std::fs::File::create(home.path().join("log")).unwrap();
    server.stderr(log).env("RUST_LOG", "warn");
    let server = Server::run(server);
    server.stop("-TERM");
    let log = home.read("log");
    let told: Vec<_> = log.lines().filter(|line| line.contains("SMS")).collect();
    assert_eq!(told.len(), 1, "{log}");
    assert!(
        told[0].contains("WARN") && told[0].contains("fa: up to"),
        "{log}"
    );
}

#[test]
fn words_that_cannot_be_said() {
    let home = Home::new();
    let keys = home.path().join("keys.toml").display().to_string();
    let no_code = home.write("xx.ftl", "code = Hello\n");
    let no_syntax = home.write("yy.ftl", "code = { $code\n");
    let deep = format!("code = {} $code\n", "{".repeat(100_000));
    let deep = home.write("zz.ftl", &deep);
    for directory in ["none", "strange"] {
        std::fs::create_dir(home.path().join(directory)).unwrap();
    }
    home.write("strange/english.ftl", "code = { $code }\n");
    let directory = |name| format!("ftl = {:?}", home.path().join(name));
    let cases = [
        (
            "ftl = { en = \"NO_SUCH.ftl\" }".to_owned(),
            "messages.ftl.en: cannot read NO_SUCH.ftl",
        ),
        (
            format!("ftl = {{ spanish = {no_code:?} }}"),
            "messages.ftl.spanish: not a locale",
        ),
        (
            format!("ftl = {{ pt_BR = {no_code:?}, pt-BR = {no_code:?} }}"),
            "stands there twice",
        ),
        (
            format!("ftl = {{ en = {no_code:?} }}"),
            "messages: the texts are refused: en: the text has no { $code }",
        ),
        (
            format!("ftl = {{ fa = {no_syntax:?} }}"),
            "messages: the text for fa is not in Fluent's syntax",
        ),
        (
            format!("ftl = {{ fa = {deep:?} }}"),
            "messages: the text for fa has more",
        ),
        (directory("NO_SUCH"), "messages.ftl: cannot read"),
        (directory("none"), "messages.ftl: no .ftl file"),
        (directory("strange"), "messages.ftl.english: not a locale"),
        ("ftl = 7".to_owned(), "this is not TOML, or not of the kind"),
        ("app_hash = \"short\"".to_owned(), "messages"),
        (
            "default_locale = \"not a language\"".to_owned(),
            "OTP_CONFIG",
        ),
    ];
    let brand = "[sender]\nbrand = \"Example\"\n";
    for (settings, expected) in cases {
        let config = home.write("server.toml", &format!("{brand}[messages]\n{settings}\n"));
        let said = refusal(&[("OTP_CONFIG", &config), ("OTP_KEYS_FILE", &keys)]);
        assert!(said.contains(expected), "{settings}: {said}");
    }
}
