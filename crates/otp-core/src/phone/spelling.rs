//! From what people type to what a phone would dial: an optional plus, then ASCII digits.

use zeroize::Zeroizing;

use super::PhoneError;

/// Longest input looked at, in bytes: the longest number in full-width digits with separators fits.
const MAX_INPUT: usize = 64;

/// The zero of each decimal digit run of Unicode's basic plane (general category Nd); ASCII first.
const ZEROS: [char; 37] = [
    '0', '\u{660}', '\u{6f0}', '\u{7c0}', '\u{966}', '\u{9e6}', '\u{a66}', '\u{ae6}', '\u{b66}',
    '\u{be6}', '\u{c66}', '\u{ce6}', '\u{d66}', '\u{de6}', '\u{e50}', '\u{ed0}', '\u{f20}',
    '\u{1040}', '\u{1090}', '\u{17e0}', '\u{1810}', '\u{1946}', '\u{19d0}', '\u{1a80}', '\u{1a90}',
    '\u{1b50}', '\u{1bb0}', '\u{1c40}', '\u{1c50}', '\u{a620}', '\u{a8d0}', '\u{a900}', '\u{a9d0}',
    '\u{a9f0}', '\u{aa50}', '\u{abf0}', '\u{ff10}',
];

/// Reads the digits out of a spelling; what stands between digits is dropped, what has no place there refused.
pub(super) fn dialled(input: &str) -> Result<Zeroizing<String>, PhoneError> {
    if input.len() > MAX_INPUT {
        return Err(PhoneError::InputTooLong);
    }
    let body = input.trim_matches(is_blank);
    if body.is_empty() {
        return Err(PhoneError::Empty);
    }
    if body
        .get(..4)
        .is_some_and(|scheme| scheme.eq_ignore_ascii_case("tel:"))
    {
        return Err(PhoneError::TelUri);
    }
    // Large enough from the start: growing would leave a copy of the number behind.
    let mut dialled = Zeroizing::new(String::with_capacity(MAX_INPUT));
    for (at, c) in body.char_indices() {
        match c {
            _ if digit(c).is_some() => dialled.extend(digit(c)),
            '+' | '\u{ff0b}' if dialled.is_empty() => dialled.push('+'),
            _ if is_separator(c) => {}
            _ => return Err(reason(c, body.get(at..).unwrap_or_default(), &dialled)),
        }
    }
    Ok(dialled)
}

fn reason(c: char, rest: &str, before: &str) -> PhoneError {
    match c {
        '+' | '\u{ff0b}' => PhoneError::StrayPlus,
        ';' | ',' | '#' | '\u{ff1b}' | '\u{ff0c}' | '\u{ff03}' => PhoneError::Extension,
        _ if is_control(c) => PhoneError::ControlCharacter,
        _ if !before.is_empty() && is_extension(rest) => PhoneError::Extension,
        _ if c.is_alphabetic() => PhoneError::Letters,
        _ => PhoneError::UnexpectedCharacter,
    }
}

/// `x12`, `ext. 12`: a label and then digits up to the end.
fn is_extension(rest: &str) -> bool {
    let label = rest
        .find(|c: char| !c.is_alphabetic())
        .unwrap_or(rest.len());
    let (label, number) = rest.split_at_checked(label).unwrap_or_default();
    let labels = ["x", "\u{ff58}", "ext", "extn", "extension"];
    let number = number.trim_matches(|c| is_blank(c) || matches!(c, '.' | ':' | '#' | '='));
    labels.contains(&label.to_lowercase().as_str())
        && !number.is_empty()
        && number.chars().all(|c| digit(c).is_some())
}

fn digit(c: char) -> Option<char> {
    let value = |zero: &char| u32::from(c).checked_sub(u32::from(*zero));
    let value = ZEROS.iter().filter_map(value).find(|value| *value < 10)?;
    char::from_digit(value, 10)
}

/// Line and paragraph separators count: they start a line like a newline does.
fn is_control(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')
}

/// Spaces of every width, joiners and bidi formatting: invisible, so never a reason to refuse.
fn is_blank(c: char) -> bool {
    let invisible = matches!(c,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{2064}' | '\u{2066}'..='\u{206f}' | '\u{feff}');
    invisible || (c.is_whitespace() && !is_control(c))
}

fn is_separator(c: char) -> bool {
    let bracket = matches!(
        c,
        '(' | ')' | '[' | ']' | '\u{ff08}' | '\u{ff09}' | '\u{ff3b}' | '\u{ff3d}'
    );
    let point = matches!(
        c,
        '.' | '/' | '\u{b7}' | '\u{2022}' | '\u{2024}' | '\u{30fb}' | '\u{ff0e}' | '\u{ff0f}'
    );
    bracket || point || is_dash(c) || is_blank(c)
}

/// Unicode's dash punctuation in use between digits, and what people type for a dash.
fn is_dash(c: char) -> bool {
    matches!(
        c,
        '-' | '~' | '\u{58a}' | '\u{5be}' | '\u{1806}' | '\u{2010}'
            ..='\u{2015}'
                | '\u{2043}'
                | '\u{2053}'
                | '\u{207b}'
                | '\u{2212}'
                | '\u{223c}'
                | '\u{2e3a}'
                | '\u{2e3b}'
                | '\u{301c}'
                | '\u{3030}'
                | '\u{30fc}'
                | '\u{fe31}'
                | '\u{fe32}'
                | '\u{fe58}'
                | '\u{fe63}'
                | '\u{ff0d}'
                | '\u{ff5e}'
    )
}
