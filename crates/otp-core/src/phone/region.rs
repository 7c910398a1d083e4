use std::fmt;
use std::str::FromStr;

use rlibphonenumber::PHONE_NUMBER_UTIL;

/// A region with a numbering plan of its own, by its two letters of ISO 3166-1.
///
/// Read from the letters in either case, or from a calling code, which gives the main region of that code.
///
/// ```
/// use otp_core::Region;
///
/// let iran: Region = "IR".parse()?;
/// for same in ["ir", "+98", "98", "0098"] {
///     assert_eq!(same.parse::<Region>()?, iran);
/// }
/// assert_eq!(iran.as_str(), "IR");
/// assert_eq!(iran.country_code(), 98);
/// # Ok::<(), otp_core::RegionError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Region {
    letters: [u8; 2],
    plan: rlibphonenumber::Region,
    country_code: u16,
}

/// The text names no region with a numbering plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("unknown region: two letters (IR) or a country calling code (+98) are expected")]
#[non_exhaustive]
pub struct RegionError;

impl Region {
    /// The two capital letters of ISO 3166-1.
    ///
    /// ```
    /// assert_eq!("+44".parse::<otp_core::Region>()?.as_str(), "GB");
    /// # Ok::<(), otp_core::RegionError>(())
    /// ```
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.letters).unwrap_or_default()
    }

    /// The country calling code of ITU-T E.164 that the region uses, 1 to 999.
    ///
    /// ```
    /// assert_eq!("CA".parse::<otp_core::Region>()?.country_code(), 1);
    /// # Ok::<(), otp_core::RegionError>(())
    /// ```
    #[must_use]
    pub fn country_code(self) -> u16 {
        self.country_code
    }

    pub(super) fn plan(self) -> rlibphonenumber::Region {
        self.plan
    }

    /// `None` for the plan of the numbers that no country owns, and for letters without a plan.
    pub(super) fn of_plan(plan: rlibphonenumber::Region) -> Option<Self> {
        let country_code = PHONE_NUMBER_UTIL.get_country_code_for_region(plan)?;
        let letters = plan.as_region_str().as_bytes().try_into().ok()?;
        let country_code = u16::try_from(country_code).ok()?;
        Some(Self {
            letters,
            plan,
            country_code,
        })
    }
}

impl FromStr for Region {
    type Err = RegionError;

    fn from_str(text: &str) -> Result<Self, RegionError> {
        let plan = match calling_code(text) {
            Some(code) => PHONE_NUMBER_UTIL.get_region_for_country_code(code),
            None => rlibphonenumber::Region::from_code(text).ok(),
        };
        plan.and_then(Self::of_plan).ok_or(RegionError)
    }
}

fn calling_code(text: &str) -> Option<i32> {
    let digits = text
        .strip_prefix('+')
        .or_else(|| text.strip_prefix("00"))
        .unwrap_or(text);
    let plain = !digits.starts_with('0') && digits.bytes().all(|byte| byte.is_ascii_digit());
    (plain && digits.len() <= 3)
        .then(|| digits.parse().ok())
        .flatten()
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Region({})", self.as_str())
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Region {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

#[cfg(feature = "serde")]
impl<'de> serde::Deserialize<'de> for Region {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}
