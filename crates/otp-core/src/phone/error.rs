use rlibphonenumber::{PHONE_NUMBER_UTIL, ParseError, ValidationError};

use super::RegionError;

/// Why an input is not a phone number. No text repeats any of the input.
///
/// ```
/// use otp_core::{PhoneError, PhoneNumber};
///
/// let refused = PhoneNumber::parse("+1 415 555 2671 x12", None);
/// assert_eq!(refused, Err(PhoneError::Extension));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PhoneError {
    /// Nothing but spaces and invisible marks.
    #[error("the phone number is empty")]
    Empty,
    /// More than 64 bytes; nothing else was looked at.
    #[error("the phone number is longer than 64 bytes")]
    InputTooLong,
    /// Fewer digits than any number of its country.
    #[error("the phone number has too few digits")]
    TooShort,
    /// More digits than any number of its country, or than the 15 of ITU-T E.164.
    #[error("the phone number has too many digits")]
    TooLong,
    /// The country's numbering plan assigns no such number.
    #[error("the phone number is not assigned in its country")]
    Invalid,
    /// An extension (`x12`, `#12`, `,12`, `;ext=12`) cannot receive a code.
    #[error("the phone number has an extension")]
    Extension,
    /// A `tel:` address instead of a number.
    #[error("a phone number is expected, not a tel: address")]
    TelUri,
    /// Letters, as in vanity numbers.
    #[error("the phone number contains letters")]
    Letters,
    /// A newline, tab, NUL or another control character, at the end too.
    #[error("the phone number contains a control character")]
    ControlCharacter,
    /// A character that is neither a digit nor usual between digits.
    #[error("the phone number contains a character that does not belong there")]
    UnexpectedCharacter,
    /// A national number, and no region to read it in.
    #[error("the phone number needs a country code")]
    MissingRegion,
    /// A second plus, or one after a digit.
    #[error("the phone number has a plus in the wrong place")]
    StrayPlus,
    /// No country has this calling code.
    #[error("the phone number has an unknown country code")]
    UnknownCountryCode,
    /// The hint given with the number is no region.
    #[error(transparent)]
    UnknownRegion(#[from] RegionError),
}

/// The library sees a plus and digits only, so what is no number to it is too short.
pub(super) fn of_parse(error: ParseError) -> PhoneError {
    match error {
        ParseError::InvalidCountryCode => PhoneError::UnknownCountryCode,
        ParseError::TooLongNsn => PhoneError::TooLong,
        ParseError::NotANumber(_) | ParseError::TooShortAfterIdd | ParseError::TooShortNsn => {
            PhoneError::TooShort
        }
    }
}

pub(super) fn of_length(parsed: &rlibphonenumber::PhoneNumber) -> PhoneError {
    match PHONE_NUMBER_UTIL.is_possible_number_with_reason(parsed) {
        Err(ValidationError::InvalidCountryCode) => PhoneError::UnknownCountryCode,
        Err(ValidationError::TooShort) => PhoneError::TooShort,
        Err(ValidationError::TooLong) => PhoneError::TooLong,
        Err(ValidationError::InvalidLength) | Ok(_) => PhoneError::Invalid,
    }
}
