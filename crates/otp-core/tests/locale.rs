//! Locales: languages with a script and a region, nothing else.
#![allow(clippy::unwrap_used, reason = "a test may fail")]

use otp_core::Locale;
use proptest::prelude::*;

#[test]
fn a_locale_has_one_spelling() {
    for (text, spelt) in [
        ("hi", "hi"),
        ("HI", "hi"),
        ("fil", "fil"),
        ("pt-BR", "pt-BR"),
        ("pt_br", "pt-BR"),
        ("es-419", "es-419"),
        ("zh-hant", "zh-Hant"),
        ("ZH-HANT-tw", "zh-Hant-TW"),
        ("uzb_cyrl_860", "uzb-Cyrl-860"),
    ] {
        let locale: Locale = text.parse().unwrap();
        assert_eq!(locale.as_str(), spelt);
        assert_eq!(locale, spelt.parse().unwrap());
        assert_eq!(
            format!("{locale} {locale:?}"),
            format!("{spelt} Locale({spelt})")
        );
    }
}

#[test]
fn what_is_no_locale_is_refused() {
    for text in [
        "",
        "h",
        "engl",
        "english",
        "*",
        "-",
        "en-",
        "-en",
        "en--US",
        "en-U",
        "en-USA",
        "en-41",
        "e1",
        "en US",
        " en",
        "en ",
        "en-US-",
        "en-US-x-a",
        "de-DE-1996",
        "en-u-nu-arab",
        "en-Latn-Latn",
        "en-US-US",
        "हि",
        "en-\u{661}\u{662}\u{663}",
        "uzb-Cyrl-860x",
        "\0\0",
        "en\n",
    ] {
        assert!(text.parse::<Locale>().is_err(), "{text:?}");
    }
}

#[test]
fn parents_end_at_the_language() {
    let mut chain = vec!["zh-Hant-TW".parse::<Locale>().unwrap()];
    while let Some(parent) = chain.last().unwrap().parent() {
        chain.push(parent);
    }
    let chain: Vec<_> = chain.iter().map(Locale::as_str).collect();
    assert_eq!(chain, ["zh-Hant-TW", "zh-Hant", "zh"]);
}

proptest! {
    /// What is read is short, and reads back as itself; nothing panics.
    #[test]
    fn any_text_is_read_or_refused(text in "[a-zA-Z0-9_-]{0,14}|.{0,20}") {
        if let Ok(locale) = text.parse::<Locale>() {
            prop_assert!(locale.as_str().len() <= 16);
            prop_assert!(locale.as_str().eq_ignore_ascii_case(&text.replace('_', "-")));
            prop_assert_eq!(locale.as_str().parse::<Locale>().unwrap(), locale);
            prop_assert!(locale.parent() != Some(locale));
        }
    }
}
