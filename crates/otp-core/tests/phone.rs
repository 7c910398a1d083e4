//! One subscriber, one number: every spelling, every refusal, nothing shown.
#![allow(clippy::unwrap_used, reason = "a helper of a test fails the test")]

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher, RandomState};

use otp_core::{PhoneError, PhoneNumber, Region};

const SPELLINGS: &str = include_str!("data/spellings.tsv");

/// THR-1: at least sixty spellings of each of four numbers in four countries are one key each.
#[test]
fn sixty_spellings_one_key() {
    let hasher = RandomState::new();
    let mut keys: HashMap<&str, (usize, HashSet<u64>)> = HashMap::new();
    for (e164, hint, spelling) in spellings() {
        let number = PhoneNumber::parse(&spelling, hint)
            .unwrap_or_else(|error| panic!("{spelling:?} with {hint:?}: {error}"));
        assert_eq!(number.expose(), e164, "{spelling:?} with {hint:?}");
        let (spellings, hashes) = keys.entry(e164).or_default();
        *spellings += 1;
        hashes.insert(hasher.hash_one(&number));
    }
    assert_eq!(keys.len(), 4);
    for (e164, (spellings, hashes)) in keys {
        assert!(spellings >= 60, "{e164}: {spellings} spellings");
        assert_eq!(hashes.len(), 1, "{e164}");
    }
}

/// THR-1: what is no plain number is refused with its own reason, with and without a hint.
#[test]
fn refusals_have_a_reason() {
    use PhoneError as E;
    let refusals: &[(&str, &str, PhoneError)] = &[
        ("", "-", E::Empty),
        ("   ", "IR", E::Empty),
        ("\u{a0}\u{200f}\u{feff}", "IR", E::Empty),
        ("()", "IR", E::TooShort),
        ("+", "-", E::TooShort),
        ("+9", "-", E::TooShort),
        ("00", "-", E::TooShort),
        ("0", "IR", E::TooShort),
        ("+1415555267", "-", E::TooShort),
        ("+98912345678", "-", E::Invalid),
        ("0912 345 678", "IR", E::Invalid),
        ("+9891234567890", "-", E::TooLong),
        ("+98912345678901234", "-", E::TooLong),
        ("+9891234567890123456789", "-", E::TooLong),
        ("+989003456789012", "-", E::TooLong),
        ("+447700900123", "-", E::Invalid),
        ("+1 015 555 2671", "-", E::Invalid),
        ("+1 415 055 2671", "-", E::Invalid),
        ("00989123456789", "US", E::TooLong),
        ("+989123456789;ext=12", "-", E::Extension),
        ("+989123456789 x12", "-", E::Extension),
        ("+989123456789X12", "-", E::Extension),
        ("+989123456789 ext. 12", "-", E::Extension),
        ("+989123456789 extension: 12", "-", E::Extension),
        ("+989123456789#12", "-", E::Extension),
        ("+989123456789,12", "-", E::Extension),
        ("+989123456789,,12#", "-", E::Extension),
        ("+989123456789 \u{ff58}\u{06f1}\u{06f2}", "-", E::Extension),
        ("tel:+989123456789", "-", E::TelUri),
        (" TEL:+989123456789", "-", E::TelUri),
        ("tel:09123456789;phone-context=+98", "IR", E::TelUri),
        ("1-800-FLOWERS", "US", E::Letters),
        ("+98912345678O", "-", E::Letters),
        ("+989123456789x", "-", E::Letters),
        ("x989123456789", "IR", E::Letters),
        ("\u{0430}912", "IR", E::Letters),
        ("+989123456789\n", "-", E::ControlCharacter),
        ("+989123456789\r\n", "-", E::ControlCharacter),
        ("\n+989123456789", "-", E::ControlCharacter),
        ("+98912\t3456789", "-", E::ControlCharacter),
        ("+989123456789\0", "-", E::ControlCharacter),
        ("+989123456789\u{85}", "-", E::ControlCharacter),
        ("+989123456789\u{1b}[31m", "-", E::ControlCharacter),
        ("+989123456789\u{2028}", "-", E::ControlCharacter),
        ("+989123456789%0a", "-", E::UnexpectedCharacter),
        ("*989123456789", "IR", E::UnexpectedCharacter),
        ("+98912345678\u{b2}", "-", E::UnexpectedCharacter),
        ("+98912345678\u{2468}", "-", E::UnexpectedCharacter),
        ("+98912345678\u{1d7d7}", "-", E::UnexpectedCharacter),
        ("'+989123456789'", "-", E::UnexpectedCharacter),
        ("09123456789", "-", E::MissingRegion),
        ("989123456789", "-", E::MissingRegion),
        ("++989123456789", "-", E::StrayPlus),
        ("98+9123456789", "IR", E::StrayPlus),
        ("989123456789+", "IR", E::StrayPlus),
        ("+98\u{ff0b}9123456789", "-", E::StrayPlus),
        ("+999123456789", "-", E::UnknownCountryCode),
        ("+09123456789", "IR", E::UnknownCountryCode),
        ("+00989123456789", "IR", E::UnknownCountryCode),
        ("00999123456789", "IR", E::UnknownCountryCode),
        ("000989123456789", "-", E::UnknownCountryCode),
    ];
    for (input, hint, expected) in refusals {
        let refused = PhoneNumber::parse(input, region(hint));
        assert_eq!(refused, Err(*expected), "{input:?} with {hint}");
    }
}

/// THR-1: the length is checked before anything else, in bytes.
#[test]
fn over_long_input_is_refused_first() {
    let padded = |len: usize| format!("{:>len$}", "+989123456789");
    assert!(PhoneNumber::parse(&padded(64), None).is_ok());
    for input in [
        padded(65),
        "\n".repeat(65),
        "x".repeat(1 << 20),
        "\u{660}".repeat(33),
    ] {
        assert_eq!(
            PhoneNumber::parse(&input, None),
            Err(PhoneError::InputTooLong)
        );
    }
}

/// THR-1: `00` is the international prefix without a hint and where the hint dials it, nowhere else.
#[test]
fn double_zero_is_international_only_where_it_is_dialled() {
    for hint in ["-", "IR", "IN", "GB", "DE"] {
        let number = PhoneNumber::parse("00 98 912 345 6789", region(hint)).unwrap();
        assert_eq!(number.expose(), "+989123456789", "{hint}");
    }
    for hint in ["US", "JP", "AU"] {
        assert!(
            PhoneNumber::parse("00 98 912 345 6789", region(hint)).is_err(),
            "{hint}"
        );
    }
}

/// THR-1: what the number says of its country goes before the hint.
#[test]
fn the_plus_wins_over_the_hint() {
    for hint in ["-", "US", "IR", "+44", "98", "0091", "GG"] {
        let number = PhoneNumber::parse("+49 1512 3456789", region(hint)).unwrap();
        assert_eq!(number.expose(), "+4915123456789", "{hint}");
        assert_eq!((number.country_code(), number.region()), (49, region("DE")));
    }
}

#[test]
fn a_number_of_no_country_has_no_region() {
    let number = PhoneNumber::parse("+800 1234 5678", None).unwrap();
    assert_eq!((number.country_code(), number.region()), (800, None));
}

#[test]
fn shared_calling_codes_keep_their_regions() {
    for (e164, expected) in [
        ("+14155552671", "US"),
        ("+16045552671", "CA"),
        ("+12423652671", "BS"),
        ("+77012345678", "KZ"),
    ] {
        assert_eq!(
            PhoneNumber::parse(e164, None).unwrap().region(),
            region(expected),
            "{e164}"
        );
    }
}

#[test]
fn the_block_is_all_but_the_last_four_digits() {
    for (e164, block) in [("+14155552671", "+1415555"), ("+989123456789", "+98912345")] {
        assert_eq!(
            PhoneNumber::parse(e164, None).unwrap().subscriber_block(),
            block
        );
    }
}

/// LOG-1: the mask has the exact shape, and shows no short number whole.
#[test]
fn masks_show_the_country_and_four_digits() {
    for (e164, mask) in [
        ("+989123456789", "+98*****6789"),
        ("+14155552671", "+1*****2671"),
        ("+80012345678", "+800*****5678"),
        ("+6834000", "+683*****00"),
    ] {
        let number = PhoneNumber::parse(e164, None).unwrap();
        assert_eq!(number.masked(), mask);
        assert_eq!(
            format!("{number} {number:?} {number:#?}"),
            format!("{mask} {mask} {mask}")
        );
        assert_eq!(format!("{:?}", Some(&number)), format!("Some({mask})"));
    }
}

/// LOG-1: no error text repeats the input.
#[test]
fn errors_echo_nothing() {
    for input in [
        "09123456789",
        "+989123456789x12",
        "tel:+989123456789",
        "+98912345678901",
    ] {
        let error = PhoneNumber::parse(input, None).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("912"), "{error}");
    }
}

fn region(hint: &str) -> Option<Region> {
    (hint != "-").then(|| hint.parse().unwrap())
}

fn spellings() -> impl Iterator<Item = (&'static str, Option<Region>, String)> {
    SPELLINGS
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| {
            let mut columns = line.split('\t');
            let mut column = || columns.next().unwrap();
            (column(), region(column()), unescape(column()))
        })
}

/// `\u{a0}` in the table, so that a reader sees what a screen would not show.
fn unescape(text: &str) -> String {
    let mut parts = text.split("\\u{");
    let mut plain = parts.next().unwrap().to_owned();
    for part in parts {
        let (point, rest) = part.split_once('}').unwrap();
        plain.extend(char::from_u32(u32::from_str_radix(point, 16).unwrap()));
        plain.push_str(rest);
    }
    plain
}
