//! What providers hold for readers of a language: the tables `locales`.

use crate::common::{Home, path, refusal};
use crate::stub::{KINDS, Stub, started, table};
use serde_json::json;

/// The kind, more of its settings, the channel, and what is in a request for all readers and for those of Spanish.
const LOCALES: [(&str, &str, &str, [&str; 2]); 8] = [
    (
        "twilio",
        "whatsapp_from = \"+15005550006\"\nwhatsapp_content = \"HX1\"\nwhatsapp_minutes = 5\nlocales = { es = \"HX2\" }",
        "whatsapp",
        ["HX1", "HX2"],
    ),
    (
        "whatsapp",
        "minutes = 5\nlocales = { es = { language = \"es_MX\" } }",
        "whatsapp",
        ["\"en_US\"", "\"es_MX\""],
    ),
    (
        "whatsapp",
        "locales = { es = { template = \"entrar\", language = \"es\" } }",
        "whatsapp",
        ["\"name\":\"code\"", "\"name\":\"entrar\""],
    ),
    (
        "msg91",
        "locales = { es = \"t2\" }",
        "sms",
        ["\"t1\"", "\"t2\""],
    ),
    (
        "kavenegar",
        "locales = { es = \"entrar\" }",
        "sms",
        ["template=login", "template=entrar"],
    ),
    (
        "gupshup-whatsapp",
        "minutes = 5\nlocales = { es = \"d7bfd0a7\" }",
        "whatsapp",
        ["c6aecef6", "d7bfd0a7"],
    ),
    (
        "engagelab",
        "locales = { es = \"es\" }",
        "sms",
        ["\"language\":\"default\"", "\"language\":\"es\""],
    ),
    (
        "msg91-verify",
        "locales = { es = \"t2\" }",
        "sms",
        ["\"t1\"", "\"t2\""],
    ),
];

/// The settings that every other test gives this kind, and the answer that takes its message.
fn usual(kind: &str) -> (&'static str, &'static str) {
    let of = kind.strip_suffix("-verify").unwrap_or(kind);
    let (_, own, _, taken) = KINDS.into_iter().find(|row| row.0 == of).unwrap();
    (own, taken)
}

/// A template's name of Twilio's is no shorter, and written out it would look like somebody's.
fn sids(text: &str) -> String {
    let long = |n: char| format!("HX{}", String::from(n).repeat(32));
    text.replace("HX1", &long('1')).replace("HX2", &long('2'))
}

#[tokio::test(flavor = "multi_thread")]
async fn each_language_has_its_template() {
    for (kind, more, channel, [all, spanish]) in LOCALES {
        let (own, taken) = usual(kind);
        let (home, mut stub) = (Home::new(), Stub::listen(taken).await);
        let own = format!("{own}\n{}", sids(more));
        let server = started(&home, &table("sender", kind, &own, &stub.url));
        for (phone, locale, has, not) in [
            ("+919876543210", "es-MX", spanish, all),
            ("+919876543211", "fr", all, spanish),
        ] {
            let send = json!({"phone_number": phone, "channel": channel, "locale": locale});
            let (status, sent) = server.post(&path("send-otp"), send).await;
            assert_eq!(status, 200, "{kind}: {sent}");
            let body = stub.bodies.recv().await.unwrap();
            assert!(body.contains(&sids(has)), "{kind} {locale}: {body}");
            assert!(!body.contains(&sids(not)), "{kind} {locale}: {body}");
        }
    }
}

/// Of India's registered texts each language has its own, which is said in that language.
#[tokio::test(flavor = "multi_thread")]
async fn each_language_has_its_registered_text() {
    let (_, own, _, taken) = KINDS
        .into_iter()
        .find(|row| row.0 == "gupshup-sms")
        .unwrap();
    let (home, mut stub) = (Home::new(), Stub::listen(taken).await);
    let english = home.write("en.ftl", "code = { $code } is your { $brand } code.\n");
    let hindi = home.write("hi.ftl", "code = { $code } aapka { $brand } code hai.\n");
    let registered = r#"
        [sender.dlt]
        entity = "1101"
        header = "EXMPLE"
        template = "1107"
        text = "{#var#} is your Example code."
        [sender.dlt.locales.hi]
        template = "1108"
        text = "{#var#} aapka Example code hai."
    "#;
    let words =
        format!("[messages]\nonly = [\"hi\"]\nftl = {{ en = {english:?}, hi = {hindi:?} }}\n");
    let sender = table("sender", "gupshup-sms", &own.replace("DLT", ""), &stub.url);
    let server = started(&home, &format!("{sender}{registered}\n{words}"));
    for (phone, locale, template, said) in [
        ("+919876543210", "hi", "dltTemplateId=1108", "aapka"),
        ("+919876543211", "fr", "dltTemplateId=1107", "is+your"),
    ] {
        let send = json!({"phone_number": phone, "locale": locale});
        let (status, sent) = server.post(&path("send-otp"), send).await;
        assert_eq!(status, 200, "{locale}: {sent}");
        let body = stub.bodies.recv().await.unwrap();
        assert!(
            body.contains(template) && body.contains(said),
            "{locale}: {body}"
        );
        assert!(body.contains("principalEntityId=1101"), "{body}");
    }
}

#[test]
fn what_a_language_cannot_have() {
    let home = Home::new();
    let keys = home.path().join("keys.toml").display().to_string();
    let cases = [
        (
            "msg91",
            "locales = { spanish = \"t2\" }",
            "locales.spanish: not a locale",
        ),
        (
            "msg91",
            "locales = { es = \"two words\" }",
            "locales.es: a setting is refused",
        ),
        ("msg91", "locales = \"t2\"", "not of the kind"),
        (
            "engagelab",
            "locales = { fr = \"fr\" }",
            "locales.fr: a setting is refused",
        ),
        (
            "whatsapp",
            "locales = { fr = { template = \"x\" } }",
            "missing field `language`",
        ),
        ("whatsapp", "minutes = 0", "a setting is refused"),
        (
            "twilio",
            "locales = { es = \"HX2\" }",
            "locales.es: a setting is refused",
        ),
        (
            "telegram",
            "locales = { es = \"x\" }",
            "unknown field `locales`",
        ),
        (
            "gupshup-sms",
            "dlt.locales.hindi = { template = \"1\", text = \"{#var#}\" }\ndlt.entity = \"1\"\ndlt.header = \"A\"\ndlt.template = \"1\"\ndlt.text = \"{#var#}\"",
            "locales.hindi: not a locale",
        ),
    ];
    for (kind, more, expected) in cases {
        let own = usual(kind).0.replace("DLT", "");
        let sender = table(
            "sender",
            kind,
            &format!("{own}\n{}", sids(more)),
            "http://127.0.0.1:1",
        );
        let config = home.write("server.toml", &sender);
        let said = refusal(&[("OTP_CONFIG", &config), ("OTP_KEYS_FILE", &keys)]);
        assert!(said.contains(expected), "{kind} {more}: {said}");
        assert!(said.contains("sender.kind in"), "{kind} {more}: {said}");
    }
}
