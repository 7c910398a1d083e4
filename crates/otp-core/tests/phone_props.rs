//! Phone numbers over generated input: stable, masked, never a panic.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a helper of a test fails the test"
)]

use otp_core::{PhoneNumber, Region};
use proptest::prelude::*;
use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumberFormat};

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

/// THR-1: what is read without the library's reader is what that reader reads, under every calling code.
#[test]
fn plain_numbers_are_read_as_the_library_reads_them() {
    let mut state = 7_u64;
    let mut digits = |count: usize| -> String {
        let mut digit = || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            char::from(b'0' + (state >> 33).rem_euclid(10) as u8)
        };
        (0..count).map(|_| digit()).collect()
    };
    for region in PHONE_NUMBER_UTIL.get_supported_regions() {
        let code = PHONE_NUMBER_UTIL
            .get_country_code_for_region(region)
            .unwrap();
        let example = PHONE_NUMBER_UTIL.get_example_number(region).unwrap();
        let example = example.format_as(PhoneNumberFormat::E164).into_owned();
        as_the_library(&example);
        // Near the example more are assigned than anywhere else.
        for kept in 1..example.len() {
            as_the_library(&format!(
                "{}{}",
                &example[..kept],
                digits(example.len() - kept)
            ));
        }
        for length in 5..=12 {
            for first in 0..=9 {
                as_the_library(&format!("+{code}{first}{}", digits(length)));
            }
        }
    }
}

fn as_the_library(e164: &str) {
    let read = PHONE_NUMBER_UTIL.parse(e164, None).ok();
    let read = read.filter(|number| PHONE_NUMBER_UTIL.is_valid_number(number));
    let read = read.map(|number| number.format_as(PhoneNumberFormat::E164).into_owned());
    match PhoneNumber::parse(e164, None) {
        Ok(number) => assert_eq!(Some(number.expose()), read.as_deref(), "{e164}"),
        // Some forms that the library takes are refused: it reads them as another number the second time.
        Err(_) => assert!(read.is_none_or(|read| read != e164), "{e164}"),
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
