//! Phone numbers: whatever the spelling, one subscriber is one number.

mod country;
mod error;
mod kind;
mod plain;
mod region;
mod spelling;

use std::fmt;
use std::hash::{Hash, Hasher};

use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumberFormat};
use zeroize::{Zeroize, Zeroizing};

pub use country::{Country, CountryError};
pub use error::PhoneError;
pub use kind::NumberKind;
pub use region::{Region, RegionError};

/// A plus and at most fifteen digits (ITU-T E.164 §6).
const MAX_E164: usize = 16;

/// How many of the last digits a masked number may show.
const SHOWN_DIGITS: usize = 4;

/// A valid phone number in its one canonical form, ITU-T E.164.
///
/// Every spelling of a number (spaces, dashes, trunk zero, `00`, digits of other scripts, bidi marks)
/// becomes the same value, so it can be a key. The number is personal data: `Debug` and `Display` mask it,
/// [`expose`](Self::expose) reads it, and its memory is wiped on drop.
///
/// The numbering library below writes the number it reads to the `log` crate at TRACE. Where a host collects
/// `log` records of that level, it must leave out the target `rlibphonenumber`, or its log holds phone numbers.
///
/// ```
/// use otp_core::{PhoneNumber, Region};
///
/// let iran: Region = "IR".parse()?;
/// let typed = PhoneNumber::parse("۰۹۱۲ ۳۴۵ ۶۷۸۹", Some(iran))?;
///
/// assert_eq!(typed, PhoneNumber::parse("+98 (912) 345-6789", None)?);
/// assert_eq!(typed.expose(), "+989123456789");
/// assert_eq!(typed.to_string(), "+98*****6789");
/// # Ok::<(), otp_core::PhoneError>(())
/// ```
#[derive(Clone)]
pub struct PhoneNumber {
    e164: [u8; MAX_E164],
    len: u8,
    country_code: u16,
    region: Option<Region>,
    kind: NumberKind,
}

impl PhoneNumber {
    /// Reads a number as people write it. A number with a plus (or `00` where that means the same) says its
    /// own country; any other is taken as dialled in the region `hint`.
    ///
    /// # Errors
    ///
    /// The first reason that applies, see [`PhoneError`]; none of them repeats the input. Valid means assigned
    /// to some kind of subscriber in the numbering plan, by the rules of Google's libphonenumber.
    ///
    /// ```
    /// use otp_core::{PhoneError, PhoneNumber};
    ///
    /// assert_eq!(PhoneNumber::parse("0912 345 6789", None), Err(PhoneError::MissingRegion));
    /// assert_eq!(PhoneNumber::parse("+989123456789\n", None), Err(PhoneError::ControlCharacter));
    /// ```
    pub fn parse(input: &str, hint: Option<Region>) -> Result<Self, PhoneError> {
        let dialled = spelling::dialled(input)?;
        let number = Self::resolve(&dialled, hint)?;
        // A form that is itself read as another number would give one subscriber two keys.
        if number.expose() != dialled.as_str() && Self::resolve(number.expose(), None)? != number {
            return Err(PhoneError::Invalid);
        }
        Ok(number)
    }

    /// The number in E.164: a plus and 15 digits at most. Never log or store it in the clear.
    ///
    /// ```
    /// let number = otp_core::PhoneNumber::parse("0044 7400 123456", None)?;
    /// assert_eq!(number.expose(), "+447400123456");
    /// # Ok::<(), otp_core::PhoneError>(())
    /// ```
    #[must_use]
    pub fn expose(&self) -> &str {
        let digits = self.e164.get(..usize::from(self.len)).unwrap_or_default();
        std::str::from_utf8(digits).unwrap_or_default()
    }

    /// The country calling code of ITU-T E.164, 1 to 999: 98 for Iran.
    ///
    /// ```
    /// let number = otp_core::PhoneNumber::parse("+989123456789", None)?;
    /// assert_eq!(number.country_code(), 98);
    /// # Ok::<(), otp_core::PhoneError>(())
    /// ```
    #[must_use]
    pub fn country_code(&self) -> u16 {
        self.country_code
    }

    /// The region that the number belongs to; `None` for codes that no country owns, such as +800.
    ///
    /// ```
    /// let number = otp_core::PhoneNumber::parse("+989123456789", None)?;
    /// assert_eq!(number.region(), Some("IR".parse()?));
    /// # Ok::<(), otp_core::PhoneError>(())
    /// ```
    #[must_use]
    pub fn region(&self) -> Option<Region> {
        self.region
    }

    /// Where it belongs: its region, or the calling code that no region owns.
    ///
    /// ```
    /// let number = otp_core::PhoneNumber::parse("+989123456789", None)?;
    /// assert_eq!(number.country().to_string(), "IR");
    /// # Ok::<(), otp_core::PhoneError>(())
    /// ```
    #[must_use]
    pub fn country(&self) -> Country {
        Country::of(self.region, self.country_code)
    }

    /// What its plan assigns it to.
    ///
    /// ```
    /// use otp_core::{NumberKind, PhoneNumber};
    ///
    /// let number = PhoneNumber::parse("+989123456789", None)?;
    /// assert_eq!(number.kind(), NumberKind::Mobile);
    /// # Ok::<(), otp_core::PhoneError>(())
    /// ```
    #[must_use]
    pub const fn kind(&self) -> NumberKind {
        self.kind
    }

    /// The country code, five stars and the last four digits: fit for a log or a screen. Of a national number
    /// shorter than eight digits it shows the last half, so that a mask is never the whole number.
    ///
    /// ```
    /// let number = otp_core::PhoneNumber::parse("+989123456789", None)?;
    /// assert_eq!(number.masked(), "+98*****6789");
    /// # Ok::<(), otp_core::PhoneError>(())
    /// ```
    #[must_use]
    pub fn masked(&self) -> String {
        self.mask().concat()
    }

    /// The block of ten thousand adjacent numbers that this one lies in: E.164 without the last four digits.
    /// Limits per prefix use it. It narrows a person down: treat it like the number.
    ///
    /// ```
    /// let number = otp_core::PhoneNumber::parse("+989123456789", None)?;
    /// assert_eq!(number.subscriber_block(), "+98912345");
    /// # Ok::<(), otp_core::PhoneError>(())
    /// ```
    #[must_use]
    pub fn subscriber_block(&self) -> &str {
        let e164 = self.expose();
        e164.get(..e164.len().saturating_sub(4)).unwrap_or_default()
    }

    fn resolve(dialled: &str, hint: Option<Region>) -> Result<Self, PhoneError> {
        let (dialled, hint) = international(dialled, hint)?;
        if let Some(mut plain) = plain::as_it_stands(&dialled) {
            let assigned = plan(&plain);
            plain.national_number.zeroize();
            if let Some(assigned) = assigned {
                return Self::of_e164(&dialled, plain.country_code, assigned);
            }
        }
        let mut parsed = PHONE_NUMBER_UTIL
            .parse(dialled.as_str(), hint.map(Region::plan))
            .map_err(error::of_parse)?;
        let number = Self::assigned(&parsed);
        parsed.national_number.zeroize();
        number
    }

    fn assigned(parsed: &rlibphonenumber::PhoneNumber) -> Result<Self, PhoneError> {
        let assigned = plan(parsed).ok_or_else(|| error::of_length(parsed))?;
        let text = Zeroizing::new(parsed.format_as(PhoneNumberFormat::E164).into_owned());
        Self::of_e164(&text, parsed.country_code, assigned)
    }

    fn of_e164(
        text: &str,
        country_code: i32,
        (plan, kind): (rlibphonenumber::Region, NumberKind),
    ) -> Result<Self, PhoneError> {
        let mut e164 = [0; MAX_E164];
        let len = u8::try_from(text.len()).map_err(|_| PhoneError::TooLong)?;
        e164.get_mut(..text.len())
            .ok_or(PhoneError::TooLong)?
            .copy_from_slice(text.as_bytes());
        let country_code =
            u16::try_from(country_code).map_err(|_| PhoneError::UnknownCountryCode)?;
        Ok(Self {
            e164,
            len,
            country_code,
            region: Region::of_plan(plan),
            kind,
        })
    }

    fn mask(&self) -> [&str; 3] {
        // A plus and the country code; what follows is the national number.
        let (country, national) = self
            .expose()
            .split_at_checked(1 + decimal_places(self.country_code))
            .unwrap_or_default();
        let shown = SHOWN_DIGITS.min(national.len() / 2);
        let tail = national.get(national.len() - shown..).unwrap_or_default();
        [country, "*****", tail]
    }
}

/// The plan in which a number is assigned, and to what, if it is in any.
fn plan(number: &rlibphonenumber::PhoneNumber) -> Option<(rlibphonenumber::Region, NumberKind)> {
    let plan = PHONE_NUMBER_UTIL.get_region_for_number(number)?;
    let kind = NumberKind::of(PHONE_NUMBER_UTIL.get_number_type(number))?;
    Some((plan, kind))
}

/// The number with a plus where it says its own country, and the hint only where it does not.
fn international(
    dialled: &str,
    hint: Option<Region>,
) -> Result<(Zeroizing<String>, Option<Region>), PhoneError> {
    if dialled.starts_with('+') {
        // With a hint the library would read an unknown country code as a national number.
        return Ok((Zeroizing::new(dialled.to_owned()), None));
    }
    if hint.is_some() {
        return Ok((Zeroizing::new(dialled.to_owned()), hint));
    }
    let rest = dialled
        .strip_prefix("00")
        .ok_or(PhoneError::MissingRegion)?;
    Ok((Zeroizing::new(["+", rest].concat()), None))
}

fn decimal_places(value: u16) -> usize {
    value.checked_ilog10().map_or(1, |log| log as usize + 1)
}

impl fmt::Display for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.mask().iter().try_for_each(|part| f.write_str(part))
    }
}

impl fmt::Debug for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl PartialEq for PhoneNumber {
    fn eq(&self, other: &Self) -> bool {
        self.expose() == other.expose()
    }
}

impl Eq for PhoneNumber {}

impl Hash for PhoneNumber {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.expose().hash(state);
    }
}

impl Drop for PhoneNumber {
    fn drop(&mut self) {
        self.e164.zeroize();
        self.len.zeroize();
    }
}
