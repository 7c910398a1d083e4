//! Codes: drawn without favour, read strictly, never shown.

use otp_core::{Code, CodeError};
use proptest::prelude::*;

const DRAWS: u32 = 1_000_000;

/// Chi-squared with 9 degrees of freedom is larger than this once in 1e11 times.
const CHI9: f64 = 71.0;

/// The same for 99 degrees of freedom: all seven tests together fail falsely less than once in 1e10 runs.
const CHI99: f64 = 225.0;

/// GEN-1: over a million codes, each digit of each position and each leading pair is equally frequent.
#[test]
fn gen_chi2_uniform_1e6() {
    let mut digits = [[0_u32; 10]; 6];
    let mut pairs = [0_u32; 100];
    for _ in 0..DRAWS {
        let code = Code::draw(6).unwrap();
        let values: Vec<usize> = code
            .expose()
            .bytes()
            .map(|byte| usize::from(byte - b'0'))
            .collect();
        assert_eq!(values.len(), 6);
        for (position, value) in values.iter().enumerate() {
            digits[position][*value] += 1;
        }
        pairs[values[0] * 10 + values[1]] += 1;
    }
    for counts in digits {
        assert!(chi_squared(&counts) < CHI9, "{counts:?}");
    }
    assert!(chi_squared(&pairs) < CHI99, "{pairs:?}");
}

/// GEN-1: a tenth of the codes start with zero, whatever their length; six standard deviations of room.
#[test]
fn gen_leading_zero_rate_10pct() {
    for digits in 6..=10 {
        let draws = 100_000;
        let zeros = (0..draws)
            .filter(|_| Code::draw(digits).unwrap().expose().starts_with('0'))
            .count();
        assert!(
            (9_400..=10_600).contains(&zeros),
            "{digits} digits: {zeros}"
        );
    }
}

/// GEN-1, GEN-2: six to ten digits are drawn, no other number of them.
#[test]
fn draws_have_the_length_asked_for() {
    for digits in 0..=u8::MAX {
        match Code::draw(digits) {
            Ok(code) => {
                assert!((6..=10).contains(&digits));
                assert_eq!(
                    (code.len(), code.expose().len()),
                    (digits.into(), digits.into())
                );
                assert!(code.expose().bytes().all(|byte| byte.is_ascii_digit()));
            }
            Err(error) => {
                assert!(!(6..=10).contains(&digits));
                assert!(matches!(error, CodeError::Length));
            }
        }
    }
}

#[test]
fn spaces_and_hyphens_are_dropped() {
    for (typed, code) in [
        ("012345", "012345"),
        ("012 345", "012345"),
        ("012-345", "012345"),
        ("  0-1-2 3 4 5 - ", "012345"),
        ("1234567890", "1234567890"),
        ("1 2 3 4 5 6 7 8 9 0             ", "1234567890"),
    ] {
        assert_eq!(Code::parse(typed).unwrap().expose(), code, "{typed:?}");
    }
}

/// VER-6: digits of any other script are no digits.
#[test]
fn arabic_digits_rejected() {
    for typed in [
        "۱۲۳۴۵۶",
        "١٢٣٤٥٦",
        "१२३४५६",
        "１２３４５６",
        "12345٦",
        "𝟏𝟐𝟑𝟒𝟓𝟔",
        "①②③④⑤⑥",
        "12345²",
    ] {
        assert!(
            matches!(Code::parse(typed), Err(CodeError::NotDigits)),
            "{typed}"
        );
    }
}

/// VER-6: everything but six to ten ASCII digits is refused, with its reason.
#[test]
fn malformed_codes_rejected() {
    for typed in [
        "12345\0",
        "123456\0",
        "123456\n",
        "\t123456",
        "123456\u{a0}",
        "123\u{2010}456",
        "123\u{200f}456",
        "+123456",
        "1e5000",
        "123.456",
        "0x1234",
        "[123456]",
        "\"123456\"",
        "123456,654321",
        "''--1=1",
    ] {
        assert!(
            matches!(Code::parse(typed), Err(CodeError::NotDigits)),
            "{typed:?}"
        );
    }
    for typed in [
        "",
        " ",
        "------",
        "12345",
        "1 2 3 4 5",
        "12345678901",
        "00000000000000000000000000000000",
    ] {
        assert!(
            matches!(Code::parse(typed), Err(CodeError::Length)),
            "{typed:?}"
        );
    }
    for typed in [
        "123456".to_owned() + &" ".repeat(27),
        "1".repeat(33),
        "x".repeat(1 << 20),
    ] {
        assert!(matches!(Code::parse(&typed), Err(CodeError::InputTooLong)));
    }
}

/// LOG-1: neither a code nor an error about one shows a digit.
#[test]
fn debug_and_errors_show_no_digit() {
    let code = Code::parse("918273").unwrap();
    let shown = format!("{code:?} {code:#?} {:?}", Some(code.clone()));
    assert!(!shown.contains(|c: char| c.is_ascii_digit()), "{shown}");
    for typed in [
        "91827",
        "918273x",
        "918273 918273 918273 918273 918273 918273",
    ] {
        let error = Code::parse(typed).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("918"), "{error}");
    }
}

/// LOG-1: a code cannot be printed, compared or serialised: the call is ambiguous, and does not compile, if it can.
#[test]
fn a_code_is_not_printable_comparable_or_serialisable() {
    trait Unless<Marker> {
        fn holds(&self) -> bool {
            true
        }
    }
    impl<T> Unless<()> for T {}
    impl<T: std::fmt::Display> Unless<u8> for T {}
    impl<T: PartialEq> Unless<u16> for T {}
    #[cfg(feature = "serde")]
    impl<T: serde::Serialize> Unless<u32> for T {}
    assert!(Code::parse("123456").unwrap().holds());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4096))]

    /// VER-6: any text is refused or is six to ten ASCII digits once spaces and hyphens are gone.
    #[test]
    fn otp_input_fuzz(typed in prop_oneof![any::<String>(), "[0-9 -]{0,36}", "[0-9 \u{660}\0-]{4,14}"]) {
        let plain: String = typed.chars().filter(|c| !matches!(c, ' ' | '-')).collect();
        let wanted = typed.len() <= 32
            && (6..=10).contains(&plain.len())
            && plain.bytes().all(|byte| byte.is_ascii_digit());
        match Code::parse(&typed) {
            Ok(code) => {
                prop_assert!(wanted);
                prop_assert_eq!(code.expose(), plain);
            }
            Err(_) => prop_assert!(!wanted),
        }
    }
}

fn chi_squared(counts: &[u32]) -> f64 {
    let expected = f64::from(DRAWS) / counts.len() as f64;
    counts
        .iter()
        .map(|count| (f64::from(*count) - expected).powi(2) / expected)
        .sum()
}
