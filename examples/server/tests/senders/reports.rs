//! What providers report reaches whoever asked for the code.

use crate::common::{Home, PHONE, path, refusal};
use crate::stub::{Stub, started, table};
use serde_json::json;

/// WHK-1, WHK-2: a report is believed where the token is right, and shown to the challenge's owner.
#[tokio::test(flavor = "multi_thread")]
async fn a_report_is_told_to_the_owner() {
    let taken = r#"{"type":"success","request_id":"r1"}"#;
    let (home, stub) = (Home::new(), Stub::listen(taken).await);
    let token = "t".repeat(22);
    let sender = table(
        "sender",
        "msg91",
        "key = \"canary\"\ntemplate = \"t1\"",
        &stub.url,
    );
    let server = started(
        &home,
        &format!("{sender}[webhooks.msg91]\ntoken = \"{token}\"\n"),
    );
    assert!(
        server.said.contains("reports  of msg91 at"),
        "{}",
        server.said
    );
    assert!(!server.said.contains(&token), "{}", server.said);
    let send = json!({"phone_number": PHONE});
    let (status, sent) = server.post(&path("send-otp"), send).await;
    assert_eq!(
        (status, &sent["delivery"]),
        (200, &json!("accepted")),
        "{sent}"
    );

    let report = json!({"requestId": "r1", "number": "919876543210", "status": "1"});
    let forged = format!("webhooks/msg91.{}", "x".repeat(22));
    for (segment, expected) in [
        ("webhooks/msg91", 401),
        (&forged, 401),
        ("webhooks/twilio", 404),
    ] {
        let (status, said) = server.post(&path(segment), report.clone()).await;
        assert_eq!(status, expected, "{segment}: {said}");
    }
    let own = format!("webhooks/msg91.{token}");
    let (status, said) = server.post(&path(&own), report).await;
    assert_eq!(status, 200, "{said}");

    // Nothing else is known of the challenge by the report: the code is still to be given.
    let resend = json!({"phone_number": PHONE, "challenge_id": sent["challenge_id"]});
    let (status, waits) = server.post(&path("resend-otp"), resend).await;
    assert_eq!(status, 429, "{waits}");
}

#[test]
fn reports_that_cannot_be_told_apart() {
    let home = Home::new();
    let keys = home.path().join("keys.toml").display().to_string();
    let cases = [
        ("[webhooks.msg91]\ntoken = \"short\"", "webhooks.msg91"),
        ("[webhooks.pigeon]\ntoken = \"canary\"", "none of twilio"),
        (
            "[webhooks.twilio]\naddress = \"https://example.com/\"",
            "auth_token or a shared_key",
        ),
        (
            "[webhooks.whatsapp]\napp_secret = \"canary\"",
            "missing field `verify_token`",
        ),
        ("[webhooks]\nmsg91 = \"canary\"", "has a table"),
    ];
    for (settings, expected) in cases {
        let config = home.write("server.toml", &format!("{settings}\n"));
        let said = refusal(&[("OTP_CONFIG", &config), ("OTP_KEYS_FILE", &keys)]);
        assert!(said.contains(expected), "{settings}: {said}");
        assert!(!said.contains("canary"), "{settings}: {said}");
    }
}
