//! What the check finds, before anybody gets a message.

use crate::{LONG_BRAND, builder, locale};
use otp_core::Locale;
use otp_providers::http::Brand;
use otp_providers::messages::{Encoding, Finding, Messages, MessagesError, Problem};

/// What is found in this text for English, alone.
fn found(ftl: &str) -> Vec<Problem> {
    refused(
        builder("Example")
            .with_ftl(locale("en"), ftl)
            .only([])
            .build(),
    )
}

fn refused(built: Result<Messages, MessagesError>) -> Vec<Problem> {
    match built {
        Ok(messages) => messages
            .check()
            .into_iter()
            .map(|finding| finding.problem)
            .collect(),
        Err(MessagesError::Refused(findings)) => {
            assert!(findings.iter().any(Finding::is_error));
            findings
                .into_iter()
                .map(|finding| finding.problem)
                .collect()
        }
        Err(error) => panic!("{error}"),
    }
}

/// GEN-6: each thing that can be wrong is found, and named.
#[test]
fn every_error_is_found() {
    for (ftl, problem) in [
        ("code = Your code for { $brand }.", Problem::NoCode),
        ("code = { $code }: { $name }", Problem::Broken),
        ("code = { $code }: { another }", Problem::Broken),
        (
            "code = { $code }: { $minutes ->\n   [0] { $now }\n  *[other] later\n }",
            Problem::Broken,
        ),
        (
            "code = { $code }, or see https://example.com/help",
            Problem::Address,
        ),
        (
            "code = { $code }, or see help.example.com.",
            Problem::Address,
        ),
        ("code = { $code } (www.example.com)", Problem::Address),
        (
            "code = { $code }: write to help@example.com",
            Problem::Address,
        ),
        (
            "code =\n    { $code }\n    @evil #{ $code }",
            Problem::WebOtp,
        ),
    ] {
        assert_eq!(found(ftl), [problem], "{ftl}");
    }
    // Sound ones: full stops within numbers, short words and the brand are no addresses.
    for ftl in [
        "code = { $code }: 5.5 min. z.B. etc.Ok",
        "code = { $code } e.g. now... and then.",
        "code =\n    { $code } is your code.\n    Never share it.",
    ] {
        let expected: &[Problem] = if ftl.contains("etc.Ok") {
            &[Problem::Address]
        } else {
            &[]
        };
        assert_eq!(found(ftl), expected, "{ftl}");
    }
}

/// A page's line that the words before it undo is an error; a brand with a dot is none.
#[test]
fn the_pages_line_is_read_back() {
    let forged = "code = { $code }\n";
    let messages = builder("Example.com")
        .with_ftl(locale("en"), forged)
        .only([]);
    let built = messages.clone().web_otp("example.com").build().unwrap();
    assert_eq!(built.check(), []);
    assert!(messages.build().unwrap().check().is_empty());
}

#[test]
fn a_reference_needs_its_sentence() {
    let ftl = |more: &str| format!("code = {{ $code }}.\n{more}");
    let built = |more: &str| {
        let messages = builder("Example")
            .with_ftl(locale("en"), ftl(more))
            .only([]);
        refused(messages.with_reference().build())
    };
    assert_eq!(built("reference = Ref { $reference }"), []);
    assert_eq!(built("reference = Ref."), [Problem::NoReference]);
    assert_eq!(built(""), [Problem::Broken, Problem::NoReference]);
}

#[test]
fn a_long_text_is_a_warning_with_its_numbers_or_denied() {
    let text = |letters: usize| format!("code = {{ $code }}{}", "a".repeat(letters));
    let messages = |letters| {
        builder("Example")
            .with_ftl(locale("en"), text(letters))
            .only([])
    };
    assert_eq!(messages(150).deny_warnings().build().unwrap().check(), []);
    let warned = messages(151).build().unwrap().check();
    let [
        Finding {
            problem: Problem::Segments(segments),
            ..
        },
    ] = warned[..]
    else {
        panic!("{warned:?}");
    };
    assert_eq!(
        (segments.encoding, segments.units, segments.count),
        (Encoding::Gsm7, 161, 2)
    );
    assert!(!warned[0].is_error());
    assert_eq!(
        warned[0].to_string(),
        "en: up to 161 septets, which are 2 SMS"
    );
    let denied = messages(151).deny_warnings().build();
    let MessagesError::Refused(findings) = denied.unwrap_err() else {
        panic!("it was refused for something else");
    };
    assert_eq!(findings, warned);
}

/// The longest code and the minutes with the longest words are looked at, in every language.
#[test]
fn a_long_brand_is_warned_of_in_every_language_of_sixteen_bits() {
    let messages = builder(LONG_BRAND).build().unwrap();
    let mut warned: Vec<_> = messages
        .check()
        .iter()
        .map(|f| f.locale.to_string())
        .collect();
    warned.sort();
    assert_eq!(warned, ["ar", "es", "fa", "hi", "pt", "ru", "tr", "ur"]);
}

/// GEN-6: 140 bytes pass with an app's hash, 141 do not.
#[test]
fn a_text_for_an_app_has_140_bytes() {
    let built = |letters: usize, script: &str| {
        let text = format!(
            "code = long {{ $code }}\nshort = {{ $code }}{}",
            script.repeat(letters)
        );
        let messages = builder("Example")
            .with_ftl(locale("en"), text + "{ $code }")
            .only([]);
        refused(messages.app_hash("FA+9qCX9VSu").build())
    };
    // Code, letters, code, a line end and the hash.
    assert_eq!(built(140 - 32, "a"), []);
    assert_eq!(
        built(141 - 32, "a"),
        [Problem::TooLongForApp { bytes: 141 }]
    );
    // Sixteen bits a letter: 70 units are 140 bytes, even where the text has fewer.
    assert_eq!(built(70 - 32, "я"), []);
    assert_eq!(built(71 - 32, "я"), [Problem::TooLongForApp { bytes: 142 }]);
}

#[test]
fn what_is_no_text_is_refused() {
    let english = locale("en");
    let much = format!("much = {}\n", "{ $brand }".repeat(101));
    for ftl in [
        "",
        "# only a comment",
        "short = { $code }",
        "code = { $code",
        "code = { $code }\ncode = { $code }",
        "code",
        "code =\n    .label = { $code }",
        "code = { $minutes ->\n  [one] x\n }",
        // What Fluent's printer panics about where a text speaks of too much.
        &format!("{much}code = {{ {{ much }} }} {{ $code }}"),
        &format!("{much}code = {{ 1 ->\n *[a] {{ much }}\n }} {{ $code }}"),
        &format!("{much}code = {{ \"1\" ->\n *[a] {{ much }}\n }} {{ $code }}"),
        &format!("{much}code = {{ -term(\"a\", {{ much }}) }} {{ $code }}\n-term = x"),
        "code = { $code }\n    .label = { { $code } }",
        "code = { $code }\n-term = { { $code } }",
        "code = { $minutes ->\n *[one] { { $code } }\n }",
    ] {
        let built = builder("Example").with_ftl(english, ftl).build();
        assert!(
            matches!(built, Err(MessagesError::Text(locale)) if locale == english),
            "{ftl:?}"
        );
    }
    let japanese: Locale = locale("ja");
    for built in [
        builder("Example").default_locale(japanese).build(),
        builder("Example").only([japanese]).build(),
        builder("Example").default_locale(locale("pt-BR")).build(),
    ] {
        assert!(matches!(built, Err(MessagesError::NoText(_))), "{built:?}");
    }
    let nameless = Messages::builder(Brand::default()).build();
    assert!(matches!(nameless, Err(MessagesError::Brand)));
}

#[test]
fn a_refusal_says_everything_at_once() {
    let built = builder("Example")
        .with_ftl(locale("en"), "code = Nothing.")
        .with_ftl(
            locale("fr"),
            "code = { $code }: { $rien }, https://exemple.fr",
        )
        .build();
    let said = built.unwrap_err().to_string();
    let expected = "the texts are refused: en: the text has no { $code } in it; \
                    fr: the text speaks of a variable or a text that there is not; \
                    fr: the text has another address in it";
    assert_eq!(said, expected);
}
