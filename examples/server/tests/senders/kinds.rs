//! Each provider that the file can name: a login through a stub in its place.

use crate::common::{Home, PHONE, path, refusal};
use crate::stub::{KINDS, Stub, code_in, started, table};
use serde_json::json;

/// WHK-5, HTP-3: a login with the code that the provider was given; the same is refused when the provider refuses.
#[tokio::test(flavor = "multi_thread")]
async fn a_login_through_each_provider() {
    for (kind, own, channel, taken) in KINDS {
        for answer in [taken, "<html>not today</html>"] {
            let (home, mut stub) = (Home::new(), Stub::listen(answer).await);
            let server = started(&home, &table("sender", kind, own, &stub.url));
            assert!(
                server.said.contains(kind.split('-').next().unwrap()),
                "{}",
                server.said
            );
            assert!(!server.said.contains("canary"), "{}", server.said);
            let body = json!({"phone_number": PHONE, "channel": channel});
            let (status, sent) = server.post(&path("send-otp"), body).await;
            if answer != taken {
                assert_eq!(status, 503, "{kind}: {sent}");
                continue;
            }
            assert_eq!(status, 200, "{kind}: {sent}");
            let code = code_in(&stub.bodies.recv().await.unwrap());
            let verify = json!({
                "phone_number": PHONE, "challenge_id": sent["challenge_id"], "code": code,
            });
            let (status, login) = server.post(&path("verify-otp"), verify).await;
            assert_eq!(status, 200, "{kind}: {login}");
        }
    }
}

/// Settings that a provider does not take are told by name, and never by value.
#[test]
fn what_a_provider_does_not_take() {
    let home = Home::new();
    let keys = home.path().join("keys.toml").display().to_string();
    let cases = [
        ("kind = \"pigeon\"", "none of console"),
        ("kind = \"console\"\nfrom = \"x\"", "unknown field `from`"),
        (
            "kind = \"twilio\"\nsecret = \"canary\"",
            "missing field `account`",
        ),
        (
            "kind = \"twilio\"\naccount = \"canary\"\nsecret = \"canary\"",
            "AC and 32",
        ),
        (
            "kind = \"telegram\"\ntoken = { env = \"NO_SUCH\" }",
            "NO_SUCH is not set",
        ),
        (
            "kind = \"telegram\"\ntoken = \"canary\"\nbase = \"http://192.0.2.1\"",
            "plain http",
        ),
        (
            "kind = \"kavenegar\"\nkey = \"canary\"",
            "template or a line",
        ),
        ("kind = \"telegram\"\ntoken = 7", "not of the kind"),
        #[cfg(not(feature = "kafka"))]
        ("kind = \"kafka\"", "built without Kafka"),
        ("TWILIO", "from, service, or WhatsApp"),
        (
            "TWILIO\nfrom = \"+15005550006\"\nservice = \"canary\"",
            "either from or service",
        ),
        ("TWILIO\nwhatsapp_from = \"+15005550006\"", "go together"),
        (
            "TWILIO\nfrom = \"+15005550006\"\nwhatsapp_minutes = 5",
            "the template for all languages",
        ),
    ];
    // Written out it would look like somebody's.
    let account = format!("AC{:032}", 0);
    let twilio = format!("kind = \"twilio\"\naccount = \"{account}\"\nsecret = \"canary\"");
    for (sender, expected) in cases {
        let sender = sender.replace("TWILIO", &twilio);
        let config = home.write("server.toml", &format!("[sender]\n{sender}\n"));
        let said = refusal(&[("OTP_CONFIG", &config), ("OTP_KEYS_FILE", &keys)]);
        assert!(said.contains(expected), "{sender}: {said}");
    }
}

/// WHK-7 (`dlt_config_required_for_91`): a text that India's operators would drop is not tried.
#[test]
fn india_needs_its_registered_text() {
    let home = Home::new();
    let keys = home.path().join("keys.toml").display().to_string();
    for (kind, own, ..) in KINDS.into_iter().filter(|row| row.1.contains("DLT")) {
        let without = own.replace("DLT", "");
        let alone = table("sender", kind, &without, "http://127.0.0.1:1");
        let several = table("senders.a", kind, &without, "http://127.0.0.1:1");
        for settings in [
            alone,
            format!("{several}[[route]]\nsenders = [\"a over sms\"]\n"),
        ] {
            let config = home.write("server.toml", &settings);
            let refused = |countries| {
                refusal(&[
                    ("OTP_CONFIG", config.as_str()),
                    ("OTP_KEYS_FILE", &keys),
                    ("OTP_COUNTRIES", countries),
                    // Where India is closed this is what is refused.
                    ("OTP_ADDR", "nowhere"),
                ])
            };
            let said = refused("US,IN");
            assert!(said.contains("dlt = {"), "{kind}: {said}");
            assert!(refused("US").contains("OTP_ADDR"), "{kind}");
        }
    }
}

/// WHK-7, GEN-6 (`dlt_template_match_exact`): a registered text that is not the one that is sent is found at start.
#[test]
fn india_needs_the_text_that_is_sent() {
    let home = Home::new();
    let keys = home.path().join("keys.toml").display().to_string();
    for (kind, own, ..) in KINDS.into_iter().filter(|row| row.1.contains("DLT")) {
        for (brand, expected) in [
            ("Example", "OTP_ADDR"),
            ("Exemple", "not the one that is sent"),
        ] {
            let sender = table("sender", kind, own, "http://127.0.0.1:1");
            let sender = sender.replace("brand = \"Example\"", &format!("brand = \"{brand}\""));
            let config = home.write("server.toml", &sender);
            let said = refusal(&[
                ("OTP_CONFIG", config.as_str()),
                ("OTP_KEYS_FILE", &keys),
                ("OTP_COUNTRIES", "IN"),
                ("OTP_ADDR", "nowhere"),
            ]);
            assert!(said.contains(expected), "{kind}: {said}");
        }
    }
}

const REACHED: [&str; 5] = [
    "[[route]]\nsenders = [\"a\"]",
    // The chain for India is for another channel.
    "[[route]]\nchannel = \"whatsapp\"\nplace = \"IN\"\nsenders = [\"w\"]\n[[route]]\nsenders = [\"a\"]",
    // The chain for the channel comes before the one for India.
    "[[route]]\nplace = \"IN\"\nsenders = [\"w\"]\n[[route]]\nchannel = \"sms\"\nsenders = [\"a\"]",
    // India is among the numbers that begin so; some of its numbers begin so.
    "[[route]]\nplace = \"+9\"\nsenders = [\"a\"]",
    "[[route]]\nplace = \"IN\"\nsenders = [\"w\"]\n[[route]]\nplace = \"+9198\"\nsenders = [\"a\"]",
];
const NOT_REACHED: [&str; 4] = [
    "[[route]]\nplace = \"IN\"\nsenders = [\"w\"]\n[[route]]\nsenders = [\"a\"]",
    "[[route]]\nplace = \"+91\"\nsenders = [\"w\"]\n[[route]]\nplace = \"+9\"\nsenders = [\"a\"]",
    "[[route]]\nplace = \"+98\"\nsenders = [\"a\"]",
    "[[route]]\nchannel = \"voice\"\nsenders = [\"a\"]\n[[route]]\nsenders = [\"w\"]",
];

/// WHK-7 (`dlt_config_required_for_91`): by whichever chain it is reached, and over whichever channel of the policy.
#[test]
fn every_chain_to_india_needs_it() {
    let home = Home::new();
    let keys = home.path().join("keys.toml").display().to_string();
    let policy = "[policy]\nchannels = [\"sms\", \"whatsapp\"]\n";
    let policy = home.write("policy.toml", policy);
    let (_, own, ..) = KINDS.into_iter().find(|row| row.0 == "sns").unwrap();
    let sns = table(
        "senders.a",
        "sns",
        &own.replace("DLT", ""),
        "http://127.0.0.1:1",
    );
    let refused = |chains: &str| {
        let settings = format!("{sns}[senders.w]\nkind = \"console\"\n{chains}\n");
        let config = home.write("server.toml", &settings);
        refusal(&[
            ("OTP_CONFIG", config.as_str()),
            ("OTP_KEYS_FILE", &keys),
            ("OTP_POLICY", &policy),
            ("OTP_COUNTRIES", "IN"),
            // What is refused where this is not.
            ("OTP_ADDR", "nowhere"),
        ])
    };
    for chains in REACHED {
        let said = refused(chains);
        assert!(said.contains("dlt = {"), "{chains}: {said}");
    }
    for chains in NOT_REACHED {
        let said = refused(chains);
        assert!(said.contains("OTP_ADDR"), "{chains}: {said}");
    }
}

/// WHK-7 (`whatsapp_minutes_equal_ttl`): a template that shows other minutes than the policy has sends nothing.
#[tokio::test(flavor = "multi_thread")]
async fn whatsapp_minutes_equal_ttl() {
    let content = format!("HX{:032}", 0);
    let template = format!(
        "\nwhatsapp_from = \"+15005550006\"\nwhatsapp_content = \"{content}\"\nwhatsapp_minutes = "
    );
    for (kind, setting) in [
        ("whatsapp", "\nminutes = "),
        ("gupshup-whatsapp", "\nminutes = "),
        ("twilio", template.as_str()),
    ] {
        let (_, own, _, taken) = KINDS.into_iter().find(|row| row.0 == kind).unwrap();
        for (minutes, expected) in [(5, 200), (10, 503)] {
            let (home, stub) = (Home::new(), Stub::listen(taken).await);
            let own = format!("{own}{setting}{minutes}");
            let server = started(&home, &table("sender", kind, &own, &stub.url));
            let body = json!({"phone_number": PHONE, "channel": "whatsapp"});
            let (status, sent) = server.post(&path("send-otp"), body).await;
            assert_eq!(status, expected, "{kind}, {minutes} minutes: {sent}");
        }
    }
}

/// What EngageLab's template begins with is a setting, and so are the minutes of its codes.
#[tokio::test(flavor = "multi_thread")]
async fn engagelab_may_begin_with_whatsapp() {
    let (_, own, _, taken) = KINDS.into_iter().find(|row| row.0 == "engagelab").unwrap();
    let (home, stub) = (Home::new(), Stub::listen(taken).await);
    let own = format!("{own}\nchannel = \"whatsapp\"\nminutes = 5");
    let server = started(&home, &table("sender", "engagelab", &own, &stub.url));
    for (channel, expected) in [("sms", 503), ("whatsapp", 200)] {
        let body = json!({"phone_number": PHONE, "channel": channel});
        let (status, sent) = server.post(&path("send-otp"), body).await;
        assert_eq!(status, expected, "{channel}: {sent}");
    }
}
