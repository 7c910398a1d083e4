//! How many SMS a text is (3GPP TS 23.038 and TS 23.040).

/// The default alphabet of TS 23.038 §6.2.1, but for the escape.
const BASIC: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
/// What an escape before a letter stands for (§6.2.1.1): two septets each.
const EXTENSION: &str = "\u{c}^{}\\[~]|€";

/// How a text is written in an SMS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Encoding {
    /// Seven bits a letter, for texts within the default alphabet and its extension.
    Gsm7,
    /// Sixteen bits a letter, for all others.
    Ucs2,
}

/// What a text costs to send.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Segments {
    /// How it is written.
    pub encoding: Encoding,
    /// Its length in septets, or in 16-bit units.
    pub units: usize,
    /// How many SMS carry it, each of which is paid for; one for an empty text.
    pub count: usize,
}

/// Counts the SMS that carry a text: one of 160 septets or 70 units, or several of 153 or 67, for the others begin with
/// what puts them together again. Neither an escape and its letter nor a surrogate pair is torn apart.
///
/// Operators that shift to a national alphabet (TS 23.038 Annex A) may need fewer.
///
/// ```
/// use otp_providers::messages::{Encoding, segments};
///
/// assert_eq!(segments(&"a".repeat(160)).count, 1);
/// assert_eq!(segments(&"a".repeat(161)).count, 2);
/// let hindi = segments("123456 आपका कोड है");
/// assert_eq!((hindi.encoding, hindi.units, hindi.count), (Encoding::Ucs2, 18, 1));
/// ```
#[must_use]
pub fn segments(text: &str) -> Segments {
    let septets: Option<Vec<usize>> = text.chars().map(septets).collect();
    match septets {
        Some(widths) => counted(Encoding::Gsm7, &widths, 160, 153),
        None => {
            let widths: Vec<usize> = text.chars().map(char::len_utf16).collect();
            counted(Encoding::Ucs2, &widths, 70, 67)
        }
    }
}

fn septets(letter: char) -> Option<usize> {
    if BASIC.contains(letter) {
        Some(1)
    } else {
        EXTENSION.contains(letter).then_some(2)
    }
}

fn counted(encoding: Encoding, widths: &[usize], alone: usize, part: usize) -> Segments {
    let units = widths.iter().sum();
    let mut count = 1;
    if units > alone {
        let mut room = part;
        for width in widths {
            if *width > room {
                count += 1;
                room = part;
            }
            room -= width;
        }
    }
    Segments {
        encoding,
        units,
        count,
    }
}
