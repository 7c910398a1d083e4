//! The login page in a real browser, over the built quickstart: what a person does, and sees.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a helper of a test fails the test"
)]

#[allow(dead_code, reason = "each test file needs a part of it")]
mod process;

use fantoccini::{Client, ClientBuilder, Locator};
use process::{Phones, Server};
use serde_json::{Map, Value, json};
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

/// A driver of Chromium on a port of its own; ended by pid when dropped, and its browsers with it.
struct Driver {
    child: Child,
    url: String,
}

impl Driver {
    fn start() -> Self {
        let mut command = Command::new("chromedriver");
        command
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let started = command.spawn();
        let mut child = started.expect("apt-get install chromium chromium-driver");
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let port = lines.find_map(|line| {
            let line = line.unwrap();
            let port = line.split("started successfully on port ").nth(1)?;
            Some(port.trim_end_matches('.').to_owned())
        });
        std::thread::spawn(move || lines.for_each(drop));
        let url = format!("http://127.0.0.1:{}", port.unwrap());
        Self { child, url }
    }

    async fn browser(&self) -> Client {
        let arguments = [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--window-size=400,800",
        ];
        let mut capabilities = Map::new();
        capabilities.insert("goog:chromeOptions".into(), json!({ "args": arguments }));
        let connector = hyper_util::client::legacy::connect::HttpConnector::new();
        let mut builder = ClientBuilder::new(connector);
        builder.capabilities(capabilities);
        builder.connect(&self.url).await.unwrap()
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Waits until this part of the page is the one that is shown.
async fn view(browser: &Client, name: &str) {
    let shown = format!("[data-view='{name}']:not([hidden])");
    browser
        .wait()
        .for_element(Locator::Css(&shown))
        .await
        .unwrap();
}

async fn fill(browser: &Client, field: &str, text: &str) {
    let field = browser.find(Locator::Id(field)).await.unwrap();
    field.clear().await.unwrap();
    field.send_keys(text).await.unwrap();
}

async fn press(browser: &Client, button: &str) {
    let button = browser.find(Locator::Css(button)).await.unwrap();
    button.click().await.unwrap();
}

async fn attribute(browser: &Client, field: &str, name: &str) -> Option<String> {
    let field = browser.find(Locator::Id(field)).await.unwrap();
    field.attr(name).await.unwrap()
}

/// Types a number, a wrong code and the right one; reloads; signs out.
#[tokio::test]
async fn a_person_signs_in_and_out() {
    let mut phones = Phones::listen().await;
    let server = Server::start("quickstart", &[("OTP_WEBHOOK_URL", &phones.url)]);
    let driver = Driver::start();
    let browser = driver.browser().await;
    browser.goto(&server.url).await.unwrap();

    view(&browser, "phone").await;
    fill(&browser, "phone", "+919876543210").await;
    press(&browser, "#phone-form button[type=submit]").await;

    view(&browser, "code").await;
    let autofill = attribute(&browser, "code", "autocomplete").await;
    assert_eq!(autofill.as_deref(), Some("one-time-code"));
    let keyboard = attribute(&browser, "code", "inputmode").await;
    assert_eq!(keyboard.as_deref(), Some("numeric"));
    let code = phones.code();
    let wrong = if code == "000000" { "000001" } else { "000000" };
    fill(&browser, "code", wrong).await;
    press(&browser, "#code-form button[type=submit]").await;
    let refused = "[data-view='code'] [role=alert]:not(:empty), #code-error:not(:empty)";
    browser
        .wait()
        .for_element(Locator::Css(refused))
        .await
        .unwrap();

    fill(&browser, "code", &code).await;
    press(&browser, "#code-form button[type=submit]").await;
    view(&browser, "home").await;
    let sessions = browser.wait();
    let session = sessions.for_element(Locator::Css("#sessions li")).await;
    assert!(session.unwrap().text().await.unwrap().contains("Linux"));

    browser.refresh().await.unwrap();
    view(&browser, "home").await;

    press(&browser, "#sign-out").await;
    view(&browser, "phone").await;
    browser.refresh().await.unwrap();
    view(&browser, "phone").await;
    // Nothing that signs in is left behind: a refresh token begins with these letters.
    let stored = "return JSON.stringify({...localStorage, ...sessionStorage})";
    let stored: Value = browser.execute(stored, Vec::new()).await.unwrap();
    browser.close().await.unwrap();
    assert!(!stored.to_string().contains("AQ"), "{stored}");
}
