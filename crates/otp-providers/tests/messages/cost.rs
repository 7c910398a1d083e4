//! The table in the module's documentation.

use crate::{LONG_BRAND, asked, builder};
use otp_providers::http::Wording;
use otp_providers::messages::{Encoding, Messages, segments};

const SOURCE: &str = include_str!("../../src/messages.rs");

fn cell(messages: &Messages, language: &str, code: &str, minutes: u64) -> String {
    let segments = segments(&messages.text(&asked(language, code, minutes)));
    let unit = match segments.encoding {
        Encoding::Gsm7 => "septets",
        _ => "units",
    };
    format!("{} ({} {unit})", segments.count, segments.units)
}

/// GEN-6: what is documented is what is counted. If a text changes, this prints the row to write.
#[test]
fn the_documented_cost_is_the_real_one() {
    let usual = builder("Example").build().unwrap();
    let longest = builder(LONG_BRAND).build().unwrap();
    let all = builder("Example")
        .with_reference()
        .web_otp("login.example.com")
        .build()
        .unwrap();
    let mut languages: Vec<_> = usual.locales().map(|locale| locale.to_string()).collect();
    languages.sort();
    let row = |language: &String| {
        let cells = [
            cell(&usual, language, "123456", 5),
            cell(&longest, language, "8642097531", 10),
            cell(&all, language, "123456", 5),
        ];
        format!("//! | {language} | {} |", cells.join(" | "))
    };
    let rows: Vec<_> = languages.iter().map(row).collect();
    let documented: Vec<_> = SOURCE
        .lines()
        .filter(|line| line.ends_with("s) |"))
        .collect();
    assert_eq!(documented, rows, "write:\n{}\n", rows.join("\n"));
}

/// The usual text of every language is one SMS.
#[test]
fn the_usual_text_is_one_sms() {
    let usual = builder("Example").build().unwrap();
    for language in usual.locales() {
        let text = usual.text(&asked(language.as_str(), "123456", 5));
        assert_eq!(segments(&text).count, 1, "{text}");
    }
}
