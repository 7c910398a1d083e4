//! Numbers in international form that stand for themselves: the library's reader can be left out.
//!
//! It looks for extensions, prefixes and other people's notations with expressions that cost ten times what it costs
//! to ask whether the number is assigned, and after a plus and digits alone it can find a national prefix only.

use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumber};

/// Others are left to the reader, which says best what is wrong with them; 15 is the most of ITU-T E.164.
const DIGITS: std::ops::RangeInclusive<usize> = 7..=15;

/// A national prefix starts with a zero, and in these plans also with one of these digits.
const OTHER_PREFIXES: [(i32, &str); 18] = [
    (1, "1"),
    (7, "8"),
    (44, "1"),
    (54, ANY),
    (55, "9"),
    (61, "1"),
    (86, "1"),
    (261, ANY),
    (298, "1"),
    (352, "1"),
    (370, "8"),
    (375, "8"),
    (378, "89"),
    (423, "1"),
    (506, "1"),
    (672, ANY),
    (692, "1"),
    (993, "8"),
];
const ANY: &str = "123456789";

/// The number that `dialled` is if no national prefix is in it; `None` where there may be one.
pub(super) fn as_it_stands(dialled: &str) -> Option<PhoneNumber> {
    let digits = dialled.strip_prefix('+')?;
    if !DIGITS.contains(&digits.len()) || digits.starts_with('0') {
        return None;
    }
    let (country_code, national) = (1..=3).find_map(|length| {
        let (code, national) = digits.split_at_checked(length)?;
        let code = code.parse().ok()?;
        PHONE_NUMBER_UTIL.get_region_for_country_code(code)?;
        Some((code, national))
    })?;
    let other = OTHER_PREFIXES
        .iter()
        .find(|(code, _)| *code == country_code)
        .map_or("", |(_, digits)| digits);
    if national.starts_with(|first| first == '0' || other.contains(first)) {
        return None;
    }
    Some(PhoneNumber {
        country_code,
        national_number: national.parse().ok()?,
        ..PhoneNumber::default()
    })
}
