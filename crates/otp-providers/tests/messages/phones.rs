//! What phones read: the page's line and the app's hash.

use crate::{asked, builder, locale, messages};
use otp_core::{ChallengeId, Locale};
use otp_providers::http::{Brand, Wording};
use otp_providers::messages::{Encoding, Messages, MessagesError, one_time_code, segments};
use proptest::prelude::*;
use std::time::Duration;

const HASH: &str = "FA+9qCX9VSu";

fn languages() -> Vec<Locale> {
    messages().locales().collect()
}

fn host() -> impl Strategy<Value = String> {
    "[a-z0-9]([a-z0-9-]{0,10}[a-z0-9])?(\\.[a-z0-9]{1,8}){0,3}"
}

fn brand() -> impl Strategy<Value = Brand> {
    let any = prop_oneof![
        "[A-Za-z]{1,32}",
        ".{1,32}",
        "[@# a-z\\n\\r\\u{2028}{}$\"\\\\.-]{1,32}",
    ];
    any.prop_filter_map("no brand", |name| Brand::new(name).ok())
}

/// Host, code and embedded host.
fn read(message: &str) -> Option<(&str, &str, Option<&str>)> {
    let read = one_time_code(message)?;
    Some((read.host, read.code, read.embedded_host))
}

/// The examples of the WICG's specification.
#[test]
fn browsers_read_the_published_examples() {
    let text = "747723 is your ExampleCo authentication code.\n\n";
    for (line, expected) in [
        (
            "@example.com #747723",
            Some(("example.com", "747723", None)),
        ),
        (
            "@example.com #747723 @ecommerce.example",
            Some(("example.com", "747723", Some("ecommerce.example"))),
        ),
        (
            "@example.com #747723 @ecommerce.example $future",
            Some(("example.com", "747723", Some("ecommerce.example"))),
        ),
        (
            "@example.com #747723 $future",
            Some(("example.com", "747723", None)),
        ),
        (
            "@example.com #747723 ",
            Some(("example.com", "747723", None)),
        ),
        ("something @example.com #747723", None),
        ("#747723 @ecommerce.example @example.com", None),
        ("@example.com code #747723", None),
        ("@example.com  #747723", None),
        ("@example.com\t#747723", None),
        ("@example.com #", None),
        ("@example.com ", None),
        ("@ #747723", None),
        ("@", None),
        ("", None),
        ("@example.com #747723\n", None),
        ("@example.com #747723\r", None),
        (
            "@one.example #1\r\n@example.com #747723",
            Some(("example.com", "747723", None)),
        ),
    ] {
        let whole = format!("{text}{line}");
        assert_eq!(read(&whole), expected, "{line:?}");
        assert_eq!(read(line), expected, "{line:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// GEN-6: in every language, browsers read the host and the code that were meant.
    #[test]
    fn webotp_roundtrip_prop(
        host in host(),
        code in "[0-9]{6,10}",
        minutes in 0..12_u64,
        reference in any::<bool>(),
    ) {
        let mut built = builder("Example").web_otp(&host);
        if reference {
            built = built.with_reference();
        }
        let messages = built.build().unwrap();
        for language in languages() {
            let text = messages.text(&asked(language.as_str(), &code, minutes));
            let read = one_time_code(&text).unwrap();
            prop_assert_eq!((read.host, read.code, read.embedded_host), (&*host, &*code, None));
        }
    }

    /// GEN-6: whatever the brand and the challenge are, no value adds a line, nor a second `@host #code`.
    #[test]
    fn template_var_cannot_forge_last_line_prop(
        brand in brand(),
        id in any::<[u8; 16]>(),
        seconds in 0..700_u64,
    ) {
        let plain = builder_of(&brand).with_reference();
        let (plain, bound) = (plain.clone().build(), plain.web_otp("example.com").build());
        for language in languages() {
            let mut message = asked(language.as_str(), "123456", 5);
            message.challenge_id = ChallengeId::from_bytes(id);
            message.expires_in = Duration::from_secs(seconds);
            let lines = |messages: &Messages| messages.text(&message).split(is_line_end).count();
            let (Ok(plain), Ok(bound)) = (&plain, &bound) else {
                return Err(TestCaseError::fail("a brand that is one is refused"));
            };
            prop_assert_eq!((lines(plain), lines(bound)), (1, 2));
            prop_assert!(one_time_code(&plain.text(&message)).is_none());
            let text = bound.text(&message);
            prop_assert_eq!(text.matches(['@', '#']).count(), 2);
            prop_assert!(text.ends_with("\n@example.com #123456"));
        }
    }

    /// GEN-6: what passes the check is never longer than what Android reads, as text and as it travels.
    #[test]
    fn sms_retriever_len_le_140(
        brand in brand(),
        code in "[0-9]{6,10}",
        minutes in 0..=10_u64,
        reference in any::<bool>(),
        host in proptest::option::of(host()),
    ) {
        for language in languages() {
            let mut built = builder_of(&brand).default_locale(language).only([]).app_hash(HASH);
            if reference {
                built = built.with_reference();
            }
            if let Some(host) = &host {
                built = built.web_otp(host);
            }
            let Ok(messages) = built.build() else { continue };
            let text = messages.text(&asked(language.as_str(), &code, minutes));
            let found = segments(&text);
            prop_assert!(text.len() <= 140, "{}", text);
            prop_assert!(found.encoding == Encoding::Gsm7 || 2 * found.units <= 140, "{}", text);
            prop_assert_eq!(text.lines().filter(|line| *line == HASH).count(), 1);
            prop_assert!(text.contains(&code));
        }
    }
}

fn builder_of(brand: &Brand) -> otp_providers::messages::MessagesBuilder {
    Messages::builder(brand.clone())
}

const fn is_line_end(c: char) -> bool {
    matches!(
        c,
        '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}'
    )
}

/// With an app's hash the shorter texts are said: every language that ships fits, with a usual brand.
#[test]
fn every_language_fits_an_app() {
    let messages = builder("Example").app_hash(HASH).build().unwrap();
    assert_eq!(messages.locales().count(), 12);
    assert_eq!(messages.check(), []);
    let text = messages.text(&asked("en", "123456", 5));
    let expected =
        format!("123456 is your Example code, good for 5 minutes. Never share it.\n{HASH}");
    assert_eq!(text, expected);
    let both = builder("Example").app_hash(HASH).web_otp("example.com");
    let both = both.only([locale("fr")]).build().unwrap();
    let text = both.text(&asked("fr", "123456", 5));
    assert!(
        text.ends_with(&format!("\n{HASH}\n@example.com #123456")),
        "{text}"
    );
}

#[test]
fn what_is_no_host_or_hash_is_refused() {
    for host in [
        "",
        ".",
        "a..b",
        "Example.com",
        "example.com:443",
        "https://example.com",
        "example.com/x",
        "example.com #1",
        "exa mple.com",
        "a@b",
        "a#b",
        "пример.рф",
        "a\nb",
        "-_.example",
    ] {
        let built = builder("Example").web_otp(host).build();
        assert!(matches!(built, Err(MessagesError::Host)), "{host:?}");
    }
    let long = ["a".repeat(64), "a.".repeat(127)];
    for host in long {
        assert!(builder("Example").web_otp(host).build().is_err());
    }
    for hash in [
        "",
        "FA+9qCX9VS",
        "FA+9qCX9VSuu",
        "FA+9qCX9V\nu",
        "FA 9qCX9VSu",
        "FA-9qCX9VSu",
    ] {
        let built = builder("Example").app_hash(hash).build();
        assert!(matches!(built, Err(MessagesError::AppHash)), "{hash:?}");
    }
}
