//! Texts, whatever a team writes in them.

use crate::{asked, builder, locale};
use otp_providers::http::Wording;
use otp_providers::messages::one_time_code;
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    /// GEN-6: no text makes it panic, and from one that is taken a browser reads the page and the code.
    #[test]
    fn no_text_makes_it_panic(ftl in ftl()) {
        let own = builder("Example").with_ftl(locale("en"), &*ftl).only([]);
        if let Ok(messages) = own.web_otp("login.example.com").build() {
            let text = messages.text(&asked("en", "123456", 5));
            let read = one_time_code(&text).unwrap();
            prop_assert_eq!((read.host, read.code), ("login.example.com", "123456"));
        }
    }
}

/// Letters, and pieces of Fluent's syntax in any order, behind the name of a text more often than not.
fn ftl() -> impl Strategy<Value = String> {
    let pieces = proptest::collection::vec(proptest::sample::select(PIECES), 0..16);
    let pieces = pieces.prop_map(|pieces| pieces.concat());
    prop_oneof![
        1 => ".{0,100}",
        2 => pieces.clone(),
        4 => pieces.prop_map(|pieces| format!("code = {pieces} {{ $code }}\n")),
    ]
}

const PIECES: &[&str] = &[
    "code = ",
    "reference = ",
    "short = ",
    "-term = ",
    "{ -term }",
    "{ code }",
    "{ short }",
    "{ $code }",
    "{ $minutes }",
    "{ $brand }",
    "{ $reference }",
    "{ $none }",
    "{ NUMBER($minutes) }",
    "{ $minutes -> \n [one] 1\n *[other] { $code }\n }",
    "{ \"",
    "\" }",
    "\\u0041",
    "{",
    "}",
    "*[",
    "->",
    ".attribute = ",
    "\n",
    "\n    ",
    "\r",
    "\u{2028}",
    "# ",
    "@",
    "@example.com #1",
    "Example",
    "é",
    "\0",
];
