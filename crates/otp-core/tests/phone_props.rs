//! Phone numbers over generated input: stable, masked, never a panic.
#![allow(clippy::unwrap_used, reason = "a helper of a test fails the test")]

use otp_core::{PhoneNumber, Region};
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4096))]

    /// THR-1: the canonical form is its own canonical form, whatever hint comes with it.
    #[test]
    fn normalise_idempotent_prop(typed in dialable(), hint in hints(), other in hints()) {
        if let Ok(number) = PhoneNumber::parse(&typed, hint) {
            for hint in [None, hint, other] {
                prop_assert_eq!(PhoneNumber::parse(number.expose(), hint), Ok(number.clone()));
            }
            prop_assert!(number.expose().len() <= 16);
            prop_assert!(number.expose().bytes().skip(1).all(|byte| byte.is_ascii_digit()));
        }
    }

    /// THR-1: separators between the digits and other scripts' digits change nothing.
    #[test]
    fn decoration_changes_nothing(
        zero in prop::sample::select(vec!['0', '\u{660}', '\u{6f0}', '\u{966}', '\u{ff10}']),
        subscriber in "9[0-3][0-9]{8}",
        gaps in prop::collection::vec("[ \u{a0}\u{200f}().\u{2013}-]{0,2}", 11),
    ) {
        let plain = PhoneNumber::parse(&format!("0{subscriber}"), region("IR"));
        let digits = "0".chars().chain(subscriber.chars());
        let other_script = |c: char| char::from_u32(u32::from(zero) + c.to_digit(10).unwrap());
        let typed: String =
            digits.zip(&gaps).map(|(c, gap)| format!("{gap}{}", other_script(c).unwrap())).collect();
        prop_assume!(typed.len() <= 64);
        prop_assert_eq!(PhoneNumber::parse(&typed, region("IR")), plain);
    }

    /// LOG-1: a mask never holds more than the last four national digits.
    #[test]
    fn masks_hide_the_rest(typed in dialable(), hint in hints()) {
        if let Ok(number) = PhoneNumber::parse(&typed, hint) {
            let mask = number.masked();
            let (code, shown) = mask.split_once("*****").unwrap();
            prop_assert_eq!(code, format!("+{}", number.country_code()));
            prop_assert!(shown.len() <= 4 && number.expose().ends_with(shown));
            prop_assert!(code.len() + shown.len() < number.expose().len());
            prop_assert_eq!(format!("{number:?}"), mask);
        }
    }

    #[test]
    fn never_panics_on_any_text(text in any::<String>(), hint in hints()) {
        let _ = PhoneNumber::parse(&text, hint);
        let _ = text.parse::<Region>();
    }

    #[test]
    fn never_panics_on_almost_numbers(
        text in "[+\u{ff0b}0-9\u{660}-\u{669}\u{ff10}-\u{ff19} ()x#;,.\u{200f}\u{2028}*/-]{0,40}",
        hint in hints(),
    ) {
        let _ = PhoneNumber::parse(&text, hint);
    }
}

fn dialable() -> impl Strategy<Value = String> {
    let code = prop::sample::select(vec![
        "+98", "+91", "+1", "+44", "+49", "+39", "+54", "+55", "+52", "+7", "+383", "+225", "+800",
        "00", "0", "",
    ]);
    let known = (code, "[0-9]{5,11}").prop_map(|(code, rest)| format!("{code}{rest}"));
    prop_oneof![3 => known, 1 => "[+]?[0-9]{4,17}"]
}

fn hints() -> impl Strategy<Value = Option<Region>> {
    let hints = [
        "-", "IR", "IN", "US", "GB", "DE", "IT", "AR", "BR", "MX", "RU", "XK", "JP",
    ];
    prop::sample::select(hints.map(region).to_vec())
}

fn region(hint: &str) -> Option<Region> {
    (hint != "-").then(|| hint.parse().unwrap())
}
