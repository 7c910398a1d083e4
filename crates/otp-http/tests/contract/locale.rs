//! Which language a message is asked for in.

use crate::world::{PHONE, World, post};
use otp_core::Locale;
use otp_core::policy::Policy;
use proptest::prelude::*;
use serde_json::json;
use std::time::Duration;

fn locale(text: &str) -> Locale {
    text.parse().unwrap()
}

/// What the message of a request with these lines of `Accept-Language` and this body's end says.
async fn asked(world: &World, lines: &[&str], field: &str) -> Option<Locale> {
    let mut request = post(
        "/send-otp",
        format!(r#"{{"phone_number":"{PHONE}"{field}}}"#),
    );
    for line in lines {
        request.headers.push("Accept-Language", *line);
    }
    let reply = world.call(request).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    world.sender.messages().last().unwrap().locale
}

#[tokio::test]
async fn the_field_is_stronger_than_the_header() {
    let cases: [(&[&str], &str, Option<&str>); 14] = [
        (&[], "", None),
        (&[], r#","locale":"hi""#, Some("hi")),
        (&[], r#","locale":null"#, None),
        (&["fa"], r#","locale":null"#, Some("fa")),
        (&["fa"], r#","locale":"pt_br""#, Some("pt-BR")),
        (&["fa-IR,fa;q=0.9,en;q=0.8"], "", Some("fa-IR")),
        (&["*"], "", None),
        (&["", "*, ,;q=1, de ; q=0.5"], "", Some("de")),
        (&["de-DE-1996, de"], "", Some("de")),
        (&["en;q=0, fr;q=0.000, tr;q=0.3"], "", Some("tr")),
        (&["zh-hant-tw"], "", Some("zh-Hant-TW")),
        (&["not a language, \u{661}\u{662}"], "", None),
        (&["x", "ru"], "", Some("ru")),
        (&["x,x,x,x,x,x,x,x,x,x,x,x,x,x,x,x,en"], "", None),
    ];
    for (lines, field, expected) in cases {
        let said = asked(&World::new(), lines, field).await;
        assert_eq!(said, expected.map(locale), "{lines:?} {field}");
    }
}

/// Another code is asked for in a language of its own; the one before is nowhere kept.
#[tokio::test]
async fn a_resend_has_its_own_language_or_the_policys() {
    let policy = Policy::builder().default_locale(locale("ur"));
    let world = World::with_policy(policy.build().unwrap());
    let body = json!({"phone_number": PHONE, "locale": "hi"});
    let sent = world.post("/send-otp", &body).await;
    let challenge = sent.member("challenge_id");
    let mut said = vec!["hi"];
    for (more, locale) in [(json!("fr"), "fr"), (json!(null), "ur")] {
        world.clock.advance(Duration::from_secs(90));
        let body = json!({"phone_number": PHONE, "challenge_id": challenge, "locale": more});
        let reply = world.post("/resend-otp", &body).await;
        assert_eq!(reply.status, 200, "{}", reply.text());
        said.push(locale);
    }
    let messages = world.sender.messages().into_iter();
    let locales: Vec<_> = messages.map(|message| message.locale.unwrap()).collect();
    assert_eq!(locales, said.into_iter().map(locale).collect::<Vec<_>>());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// A header is advice: no bytes of it change the answer.
    #[test]
    fn no_header_refuses_a_request(line in prop::collection::vec(any::<u8>(), 0..60)) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let mut request = post("/send-otp", format!(r#"{{"phone_number":"{PHONE}"}}"#));
            request.headers.push("accept-language", line);
            assert_eq!(World::new().call(request).await.status, 200);
        });
    }
}
