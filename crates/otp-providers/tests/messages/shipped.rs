//! The texts that ship.

use crate::{asked, builder, locale, messages, said};
use otp_providers::http::{Brand, Wording};
use otp_providers::messages::one_time_code;

/// Each as its readers get it, with six digits and five minutes.
const TEXTS: [(&str, &str); 12] = [
    (
        "ar",
        "رمز Example الخاص بك: 123456. صالح لمدة 5 دقائق. لا تشاركه مع أحد.",
    ),
    (
        "de",
        "123456 ist Ihr Code für Example. Er gilt 5 Minuten. Geben Sie ihn an niemanden weiter.",
    ),
    (
        "en",
        "123456 is your Example code. It is good for 5 minutes. Never share it with anyone.",
    ),
    (
        "es",
        "123456 es tu código de Example. Vence en 5 minutos. No lo compartas.",
    ),
    (
        "fa",
        "کد Example شما: 123456. تا 5 دقیقه معتبر است. آن را به هیچ\u{200c}کس ندهید.",
    ),
    (
        "fr",
        "123456 est votre code Example. Il est valable 5 minutes. Ne le partagez avec personne.",
    ),
    (
        "hi",
        "123456 आपका Example कोड है, 5 मिनट तक मान्य। इसे किसी को न बताएँ।",
    ),
    (
        "id",
        "123456 adalah kode Example Anda. Berlaku 5 menit. Jangan berikan kepada siapa pun.",
    ),
    (
        "pt",
        "123456 é o seu código Example. Vale 5 minutos. Não o revele a ninguém.",
    ),
    (
        "ru",
        "123456 — ваш код Example. Действует 5 минут. Никому не сообщайте.",
    ),
    (
        "tr",
        "Example kodunuz: 123456. 5 dakika geçerlidir. Kimseyle paylaşmayın.",
    ),
    (
        "ur",
        "123456 آپ کا Example کوڈ ہے۔ 5 منٹ تک کارآمد ہے۔ یہ کسی کو نہ بتائیں۔",
    ),
];

/// GEN-6: code, brand and minutes stand in every text, in ASCII digits, on one line, with no isolates around them.
#[test]
fn every_text_is_whole() {
    let messages = messages();
    for (language, text) in TEXTS {
        assert_eq!(said(&messages, language), text, "{language}");
    }
    let mut languages: Vec<_> = messages
        .locales()
        .map(|locale| locale.to_string())
        .collect();
    languages.sort();
    assert_eq!(languages, TEXTS.map(|(language, _)| language));
    for (language, _) in TEXTS {
        for (code, minutes) in [("007531", 3), ("8642097531", 10), ("31415926", 7)] {
            let text = messages.text(&asked(language, code, minutes));
            assert_eq!(text.matches(code).count(), 1, "{text}");
            let rest = text.replace(code, "");
            assert!(rest.contains(&minutes.to_string()), "{text}");
            assert!(rest.contains("Example"), "{text}");
            let hidden = |c: char| {
                c.is_control()
                    || matches!(c, '\u{200e}' | '\u{200f}' | '\u{2066}'..='\u{2069}' | '\u{202a}'..='\u{202e}')
            };
            assert!(!text.contains(hidden), "{text}");
            assert_eq!(one_time_code(&text), None);
        }
    }
}

/// What ships passes its own check, with every brand that fits; only its length is remarked upon.
#[test]
fn what_ships_has_warnings_at_most() {
    for brand in ["Example", crate::LONG_BRAND, "E", "उदाहरण", "Example.com"] {
        let messages = builder(brand)
            .with_reference()
            .web_otp("example.com")
            .build()
            .unwrap();
        assert!(
            messages.check().iter().all(|finding| !finding.is_error()),
            "{brand}"
        );
    }
}

/// The texts that are mostly read from right to left begin with a letter of theirs, digits and punctuation aside: it is
/// the one that phones choose the direction by (UAX #9, P2 and P3).
#[test]
fn right_to_left_texts_do_not_begin_in_latin() {
    let messages = builder("Example").with_reference().build().unwrap();
    for language in ["ar", "fa", "ur"] {
        let text = said(&messages, language);
        let first = text.chars().find(|c| c.is_alphabetic()).unwrap();
        assert!(matches!(first, '\u{600}'..='\u{6ff}'), "{text}");
    }
}

#[test]
fn minutes_follow_the_languages_plurals() {
    let messages = messages();
    for (language, minutes, words) in [
        ("en", 0, "less than a minute"),
        ("en", 1, "1 minute."),
        ("en", 2, "2 minutes."),
        ("ar", 0, "أقل من دقيقة"),
        ("ar", 1, "دقيقة واحدة"),
        ("ar", 2, "دقيقتين"),
        ("ar", 3, "3 دقائق"),
        ("ar", 10, "10 دقائق"),
        ("ar", 11, "11 دقيقة"),
        ("ru", 0, "меньше минуты"),
        ("ru", 1, "1 минуту"),
        ("ru", 4, "4 минуты"),
        ("ru", 5, "5 минут."),
        ("ru", 11, "11 минут."),
        ("ru", 21, "21 минуту"),
        ("de", 1, "1 Minute."),
        ("fr", 1, "1 minute."),
        ("fr", 2, "2 minutes."),
        ("es", 1, "1 minuto."),
        ("pt", 2, "2 minutos."),
        ("tr", 2, "2 dakika"),
        ("hi", 1, "1 मिनट"),
    ] {
        let text = messages.text(&asked(language, "123456", minutes));
        assert!(text.contains(words), "{text}");
    }
}

/// Minutes are rounded down: nobody is promised more than there is.
#[test]
fn what_is_left_of_a_minute_is_not_promised() {
    let mut message = asked("en", "123456", 5);
    for (seconds, words) in [
        (299, "4 minutes"),
        (60, "1 minute."),
        (59, "less than a minute"),
    ] {
        message.expires_in = std::time::Duration::from_secs(seconds);
        assert!(messages().text(&message).contains(words), "{seconds}");
    }
}

#[test]
fn a_language_stands_in_for_its_regions() {
    let messages = builder("Example")
        .default_locale(locale("hi"))
        .with_ftl(locale("pt-BR"), "code = { $code }: brasileiro.")
        .build()
        .unwrap();
    for (asked, same_as) in [
        ("pt-PT", "pt"),
        ("en-GB", "en"),
        ("ur-PK", "ur"),
        ("es-419", "es"),
        ("de-Latn-AT", "de"),
        ("ja", "hi"),
        ("zh-Hant-TW", "hi"),
    ] {
        assert_eq!(said(&messages, asked), said(&messages, same_as), "{asked}");
    }
    assert_eq!(said(&messages, "pt-BR"), "123456: brasileiro.");
    let mut nobodys = asked("en", "123456", 5);
    nobodys.locale = None;
    assert_eq!(messages.text(&nobodys), said(&messages, "hi"));
}

#[test]
fn a_team_adds_replaces_and_leaves_out() {
    let swahili = "code = { $code } ni msimbo wako wa { $brand }, kwa dakika { $minutes }. Usimpe mtu yeyote.";
    let messages = builder("Example")
        .with_ftl(locale("sw"), swahili)
        .with_ftl(locale("en"), "code = { $code } to enter { $brand }.")
        .only([locale("sw"), locale("fr")])
        .build()
        .unwrap();
    let languages: Vec<_> = messages.locales().collect();
    assert_eq!(languages, [locale("en"), locale("sw"), locale("fr")]);
    let text = "123456 ni msimbo wako wa Example, kwa dakika 5. Usimpe mtu yeyote.";
    assert_eq!(said(&messages, "sw-KE"), text);
    assert_eq!(said(&messages, "hi"), "123456 to enter Example.");
}

/// THR-8: the message and the page show the same reference, and it is no part of the code.
#[test]
fn the_reference_is_the_challenges() {
    let messages = builder("Example").with_reference().build().unwrap();
    let message = asked("en", "123456", 5);
    let reference = message.challenge_id.reference();
    let text = messages.text(&message);
    assert!(text.ends_with(&format!(
        "Never share it with anyone. Reference: {reference}."
    )));
    let letters = |text: &str| text.len() == 4 && text.bytes().all(|b| b.is_ascii_uppercase());
    assert!(letters(&reference), "{reference}");
    for (language, _) in TEXTS {
        assert!(said(&messages, language).contains(&reference), "{language}");
    }
}

/// The English text that needs no catalogue is as it was.
#[test]
fn a_brand_alone_speaks_english() {
    let text = Brand::new("Example")
        .unwrap()
        .text(&asked("hi", "123456", 5));
    let expected =
        "123456 is your Example code. It is good for 5 minutes. Do not share it with anyone.";
    assert_eq!(text, expected);
}
