//! Several providers, by the chains of the file.

use crate::common::{Home, PHONE, path, refusal};
use crate::stub::{KINDS, Stub, code_in, started, table};
use serde_json::json;

fn own(kind: &str) -> (&'static str, &'static str) {
    let (_, own, _, taken) = KINDS.into_iter().find(|row| row.0 == kind).unwrap();
    (own, taken)
}

const CHAINS: &str = r#"
[[route]]
channel = "whatsapp"
senders = ["meta", "aws over sms"]

[[route]]
place = "IR"
senders = ["kavenegar"]

[[route]]
senders = ["aws"]
"#;

/// WHK-5: the code that WhatsApp would not carry arrives by SMS, and is good.
#[tokio::test(flavor = "multi_thread")]
async fn the_next_sender_carries_what_the_first_would_not() {
    let refusal = r#"{"error":{"message":"no","code":131026}}"#;
    let (whatsapp, aws) = (own("whatsapp"), own("aws-sms"));
    let (home, mut meta, mut sms) = (
        Home::new(),
        Stub::listen(refusal).await,
        Stub::listen(aws.1).await,
    );
    let settings = [
        table("senders.meta", "whatsapp", whatsapp.0, &meta.url),
        table("senders.aws", "aws-sms", aws.0, &sms.url),
        table(
            "senders.kavenegar",
            "kavenegar",
            own("kavenegar").0,
            &sms.url,
        ),
        CHAINS.to_owned(),
    ];
    let server = started(&home, &settings.concat());
    assert!(server.said.contains("sender   route"), "{}", server.said);
    let body = json!({"phone_number": PHONE, "channel": "whatsapp"});
    let (status, sent) = server.post(&path("send-otp"), body).await;
    assert_eq!(status, 200, "{sent}");
    let refused = code_in(&meta.bodies.recv().await.unwrap());
    let code = code_in(&sms.bodies.recv().await.unwrap());
    assert_eq!(refused, code);
    let verify = json!({"phone_number": PHONE, "challenge_id": sent["challenge_id"], "code": code});
    let (status, login) = server.post(&path("verify-otp"), verify).await;
    assert_eq!(status, 200, "{login}");
}

#[test]
fn chains_that_lead_nowhere() {
    let home = Home::new();
    let keys = home.path().join("keys.toml").display().to_string();
    let console = "[senders.a]\nkind = \"console\"\n";
    let cases = [
        ("[[route]]\nsenders = [\"a\"]", "no table for"),
        ("[senders.a]\nkind = \"pigeon\"", "none of console"),
        (console, "route"),
        ("CONSOLE[[route]]\nsenders = [\"a over owl\"]", "channel"),
        (
            "CONSOLE[[route]]\nplace = \"98\"\nsenders = [\"a\"]",
            "route",
        ),
        ("CONSOLE[sender]\nkind = \"console\"", "not both"),
        ("CONSOLE[[route]]\nsenders = []", "route"),
    ];
    for (settings, expected) in cases {
        let config = home.write("server.toml", &settings.replace("CONSOLE", console));
        let said = refusal(&[("OTP_CONFIG", &config), ("OTP_KEYS_FILE", &keys)]);
        assert!(said.contains(expected), "{settings}: {said}");
    }
}
