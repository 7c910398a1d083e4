//! GEN-5: numbers that are sent nothing, as the file declares them.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a helper of a test fails the test"
)]

#[allow(dead_code, reason = "each test file needs a part of it")]
mod common;

use common::process::Phones;
use common::{Home, path, refusal, whole_login};
use otp_core::{Clock as _, SystemClock};
use serde_json::json;
use time::OffsetDateTime;

const REVIEWER: &str = "+12025550123";

/// So many days from now.
fn day(ahead: i64) -> time::Date {
    let now = OffsetDateTime::from_unix_timestamp(SystemClock.now().as_secs()).unwrap();
    now.date() + time::Duration::days(ahead)
}

fn declared(phone: &str, code: &str, expires: &str) -> String {
    format!("[[test_number]]\nphone = \"{phone}\"\ncode = {code}\nexpires = {expires}\n")
}

#[tokio::test]
async fn a_reviewer_signs_in_without_a_message() {
    let (home, mut phones) = (Home::new(), Phones::listen().await);
    let text = declared(
        REVIEWER,
        "{ env = \"OTP_KEY_REVIEWER\" }",
        &day(30).to_string(),
    );
    let config = home.write("server.toml", &text);
    let variables = [
        ("OTP_CONFIG", config.as_str()),
        ("OTP_COUNTRIES", "IN"),
        ("OTP_KEY_REVIEWER", "402813"),
    ];
    let server = home.start(&phones, &variables);
    let told = server.said.lines().find(|line| line.starts_with("  test "));
    assert!(told.unwrap().contains("is sent nothing") && !server.said.contains("402813"));
    let (status, sent) = server
        .post(&path("send-otp"), json!({"phone_number": REVIEWER}))
        .await;
    assert_eq!(status, 200, "{sent}");
    let verify = json!({
        "phone_number": REVIEWER, "challenge_id": sent["challenge_id"], "code": "402813",
    });
    let (status, login) = server.post(&path("verify-otp"), verify).await;
    assert_eq!(status, 200, "{login}");
    // The first message that goes out is the next number's.
    whole_login(&server, &mut phones).await;
}

#[tokio::test]
async fn one_that_has_ended_keeps_no_server_from_starting() {
    let (home, mut phones) = (Home::new(), Phones::listen().await);
    let text = declared(REVIEWER, "\"402813\"", "2026-01-31");
    let config = home.write("server.toml", &text);
    let variables = [("OTP_CONFIG", config.as_str()), ("OTP_COUNTRIES", "IN")];
    let server = home.start(&phones, &variables);
    let (status, refused) = server
        .post(&path("send-otp"), json!({"phone_number": REVIEWER}))
        .await;
    assert_eq!(status, 422, "its country is closed: {refused}");
    whole_login(&server, &mut phones).await;
}

#[test]
fn what_is_wrong_is_named() {
    let home = Home::new();
    let soon = day(30).to_string();
    for (phone, code, expires, wanted) in [
        ("12", "\"402813\"", soon.as_str(), "test_number in"),
        (REVIEWER, "\"4028\"", &soon, "a code has 6 to 10 digits"),
        (REVIEWER, "\"123456\"", &soon, "is guessed at once"),
        (
            REVIEWER,
            "{ env = \"OTP_KEY_NOT_SET\" }",
            &soon,
            "OTP_KEY_NOT_SET is not set",
        ),
        (REVIEWER, "\"402813\"", "12:00:00", "`expires` is a day"),
        (
            REVIEWER,
            "\"402813\"",
            &day(400).to_string(),
            "ends within 366 days",
        ),
    ] {
        let config = home.write("server.toml", &declared(phone, code, expires));
        let said = refusal(&[("OTP_CONFIG", &config)]);
        assert!(said.contains(wanted) && !said.contains("402813"), "{said}");
    }
}
