use super::Region;
use rlibphonenumber::PHONE_NUMBER_UTIL;
use std::fmt;
use std::str::FromStr;

/// Where a number belongs: a region, or a calling code that no region owns.
///
/// Read from two letters of ISO 3166-1 (`IN`), or from the calling code of a plan without a region (`+882`). A code
/// that regions share or own says too little or too much: `+1` is 25 countries, and for `+91` there is `IN`.
///
/// ```
/// use otp_core::{Country, PhoneNumber};
///
/// let india: Country = "IN".parse()?;
/// assert_eq!(PhoneNumber::parse("+919876543210", None)?.country(), india);
/// assert_eq!("+882".parse::<Country>()?.to_string(), "+882");
/// assert!("+1".parse::<Country>().is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Country(Place);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Place {
    Region(Region),
    Code(u16),
}

/// The text names no country.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "unknown country: two letters (IN), or the calling code of a plan without a region (+882), are expected"
)]
#[non_exhaustive]
pub struct CountryError;

impl Country {
    pub(super) fn of(region: Option<Region>, country_code: u16) -> Self {
        Self(region.map_or(Place::Code(country_code), Place::Region))
    }
}

impl From<Region> for Country {
    fn from(region: Region) -> Self {
        Self(Place::Region(region))
    }
}

impl FromStr for Country {
    type Err = CountryError;

    fn from_str(text: &str) -> Result<Self, CountryError> {
        let Some(digits) = text.strip_prefix('+') else {
            let letters = text.bytes().all(|byte| byte.is_ascii_alphabetic());
            let region = text.parse().ok().filter(|_| letters);
            return region
                .map(|region| Self(Place::Region(region)))
                .ok_or(CountryError);
        };
        let plain = !digits.starts_with('0') && digits.bytes().all(|byte| byte.is_ascii_digit());
        let code = digits.parse().ok().filter(|_| plain).ok_or(CountryError)?;
        let plan = PHONE_NUMBER_UTIL.get_region_for_country_code(i32::from(code));
        match plan {
            Some(plan) if Region::of_plan(plan).is_none() => Ok(Self(Place::Code(code))),
            _ => Err(CountryError),
        }
    }
}

impl fmt::Display for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Place::Region(region) => region.fmt(f),
            Place::Code(code) => write!(f, "+{code}"),
        }
    }
}
