//! Providers that make and check the codes.

use crate::common::{Home, PHONE, path, refusal};
use crate::stub::{Stub, started, table};
use serde_json::{Value, json};

const RIGHT: &str = "123456";

/// VER-11: the code that the provider finds right signs in, once, and no other does.
async fn signs_in(kind: &str, own: &str, answer: fn(&str) -> &'static str) {
    let (home, stub) = (Home::new(), Stub::answering(answer).await);
    let server = started(&home, &table("sender", kind, own, &stub.url));
    assert!(
        server.said.contains("which makes and checks the codes"),
        "{}",
        server.said
    );
    let (status, sent) = server
        .post(&path("send-otp"), json!({"phone_number": PHONE}))
        .await;
    assert_eq!(status, 200, "{kind}: {sent}");
    let verify = |code: &str| -> Value {
        json!({"phone_number": PHONE, "challenge_id": sent["challenge_id"], "code": code})
    };
    let (status, wrong) = server.post(&path("verify-otp"), verify("654321")).await;
    assert_eq!(status, 401, "{kind}: {wrong}");
    let (status, login) = server.post(&path("verify-otp"), verify(RIGHT)).await;
    assert_eq!(status, 200, "{kind}: {login}");
    assert!(login["access_token"].is_string(), "{kind}: {login}");
    let (status, again) = server.post(&path("verify-otp"), verify(RIGHT)).await;
    assert_eq!(status, 401, "{kind}: {again}");
}

#[tokio::test(flavor = "multi_thread")]
async fn twilio_verify_checks() {
    let own = format!(
        "service = \"VA{:032}\"\naccount = \"ACCOUNT\"\nsecret = \"canary\"",
        0
    );
    signs_in("twilio-verify", &own, |request| match request {
        check if check.contains("/VerificationCheck") && check.contains(RIGHT) => {
            r#"{"sid":"VE1","to":"+919876543210","status":"approved","valid":true}"#
        }
        check if check.contains("/VerificationCheck") => {
            r#"{"sid":"VE1","to":"+919876543210","status":"pending","valid":false}"#
        }
        _ => r#"{"sid":"VE1","to":"+919876543210","status":"pending","valid":false}"#,
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn engagelab_checks() {
    let own = "key = \"k\"\nsecret = \"canary\"\ntemplate = \"login\"";
    signs_in("engagelab-verify", own, |request| match request {
        check if check.contains("/v1/verifications") && check.contains(RIGHT) => {
            r#"{"message_id":"17","verify_code":"123456","verified":true}"#
        }
        check if check.contains("/v1/verifications") => {
            r#"{"message_id":"17","verify_code":"654321","verified":false}"#
        }
        _ => r#"{"message_id":"17","send_channel":"sms"}"#,
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn msg91_checks() {
    let own = "key = \"canary\"\ntemplate = \"t1\"";
    signs_in("msg91-verify", own, |request| match request {
        check if check.contains("/otp/verify") && check.contains(RIGHT) => {
            r#"{"type":"success","message":"OTP verified success"}"#
        }
        check if check.contains("/otp/verify") => r#"{"type":"error","message":"OTP not match"}"#,
        _ => r#"{"type":"success","request_id":"r1"}"#,
    })
    .await;
}

/// A second provider could not check the codes of the first.
#[test]
fn they_are_in_no_chain() {
    let home = Home::new();
    let keys = home.path().join("keys.toml").display().to_string();
    let verify = table(
        "senders.v",
        "engagelab-verify",
        "key = \"k\"\nsecret = \"canary\"\ntemplate = \"login\"",
        "http://127.0.0.1:1",
    );
    let config = home.write(
        "server.toml",
        &format!("{verify}[[route]]\nsenders = [\"v\"]\n"),
    );
    let said = refusal(&[("OTP_CONFIG", &config), ("OTP_KEYS_FILE", &keys)]);
    assert!(
        said.contains("no chain") && !said.contains("canary"),
        "{said}"
    );
}
