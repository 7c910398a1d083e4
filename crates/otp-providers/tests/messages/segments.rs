//! How many SMS a text is, by 3GPP TS 23.038 (alphabet) and TS 23.040 (lengths).

use otp_providers::messages::{Encoding, segments};
use proptest::prelude::*;

/// Table 6.2.1 row by row, without the escape; then what an escape stands for, 6.2.1.1.
const ROWS: [&str; 8] = [
    "@£$¥èéùìòÇ\nØø\rÅå",
    "Δ_ΦΓΛΩΠΨΣΘΞÆæßÉ",
    " !\"#¤%&'()*+,-./",
    "0123456789:;<=>?",
    "¡ABCDEFGHIJKLMNO",
    "PQRSTUVWXYZÄÖÑÜ§",
    "¿abcdefghijklmno",
    "pqrstuvwxyzäöñüà",
];
const ESCAPED: &str = "\u{c}^{}\\[~]|€";

fn of(text: &str) -> (Encoding, usize, usize) {
    let segments = segments(text);
    (segments.encoding, segments.units, segments.count)
}

#[test]
fn the_alphabet_is_the_standards() {
    let basic = ROWS.concat();
    assert_eq!(basic.chars().count(), 127);
    assert_eq!(of(&basic), (Encoding::Gsm7, 127, 1));
    assert_eq!(of(ESCAPED), (Encoding::Gsm7, 20, 1));
    // Near ones that are not in it.
    for letter in [
        "ç", "á", "ê", "`", "\u{a0}", "–", "’", "…", "Ş", "ğ", "\t", "\u{1b}",
    ] {
        assert_eq!(of(letter).0, Encoding::Ucs2, "{letter:?}");
    }
}

#[test]
fn the_boundaries_are_the_standards() {
    use Encoding::{Gsm7, Ucs2};
    for (text, expected) in [
        (String::new(), (Gsm7, 0, 1)),
        ("a".repeat(160), (Gsm7, 160, 1)),
        ("a".repeat(161), (Gsm7, 161, 2)),
        ("a".repeat(306), (Gsm7, 306, 2)),
        ("a".repeat(307), (Gsm7, 307, 3)),
        ("€".repeat(80), (Gsm7, 160, 1)),
        ("€".repeat(81), (Gsm7, 162, 2)),
        // 153 is odd: the escape does not stand at the end of one with its letter in the next.
        ("€".repeat(152), (Gsm7, 304, 2)),
        ("€".repeat(153), (Gsm7, 306, 3)),
        (
            format!("{}€{}", "a".repeat(152), "a".repeat(152)),
            (Gsm7, 306, 3),
        ),
        (
            format!("{}€{}", "a".repeat(151), "a".repeat(153)),
            (Gsm7, 306, 2),
        ),
        ("я".repeat(70), (Ucs2, 70, 1)),
        ("я".repeat(71), (Ucs2, 71, 2)),
        ("я".repeat(134), (Ucs2, 134, 2)),
        ("я".repeat(135), (Ucs2, 135, 3)),
        ("😀".repeat(35), (Ucs2, 70, 1)),
        ("😀".repeat(36), (Ucs2, 72, 2)),
        // 67 is odd as well: 33 pairs to a message.
        ("😀".repeat(66), (Ucs2, 132, 2)),
        ("😀".repeat(67), (Ucs2, 134, 3)),
        // One letter beyond the alphabet makes all of it sixteen bits a letter.
        (format!("{}ç", "a".repeat(69)), (Ucs2, 70, 1)),
        (format!("{}ç", "a".repeat(70)), (Ucs2, 71, 2)),
    ] {
        assert_eq!(of(&text), expected, "{text}");
    }
}

proptest! {
    /// The count is the least that a cut between letters allows, and no text is cheaper for being longer.
    #[test]
    fn counts_hold_between_their_bounds(text in "[a-z€^é]{0,400}|[a-zя😀€]{0,200}", more in "[a-z]") {
        let found = segments(&text);
        let (alone, part) = match found.encoding {
            Encoding::Gsm7 => (160, 153),
            _ => (70, 67),
        };
        prop_assert_eq!(found.count == 1, found.units <= alone);
        prop_assert!(found.count * part + (alone - part) >= found.units);
        // At most one unit of each full one is left empty.
        prop_assert!(found.count == 1 || (found.count - 1) * (part - 1) < found.units);
        let longer = segments(&format!("{text}{more}"));
        prop_assert!(longer.count >= found.count && longer.units == found.units + 1);
    }

    /// Any letters at all: units are those of the encoding, and nothing panics.
    #[test]
    fn units_are_those_of_the_encoding(text in ".{0,300}") {
        let found = segments(&text);
        match found.encoding {
            Encoding::Gsm7 => prop_assert!((text.chars().count()..=2 * text.chars().count()).contains(&found.units)),
            _ => prop_assert_eq!(found.units, text.encode_utf16().count()),
        }
    }
}
