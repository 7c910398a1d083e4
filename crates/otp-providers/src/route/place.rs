//! Where a number is, as entries of a route name it.

use super::{Leg, RouteError};
use otp_core::{Channel, Message, PhoneNumber, Region};
use std::str::FromStr;

/// The numbers that an entry is for: all (`*`), those of a region (`IN`), or those that begin alike (`+98`, `+98912`).
///
/// The longest beginning wins. A region counts as its calling code, and wins where lengths are equal: of `+1`, `CA`
/// and `+1416`, a number in Toronto goes by the last, one in Vancouver by the second, one in Boston by the first.
///
/// ```
/// use otp_providers::route::Place;
///
/// assert_eq!("*".parse::<Place>()?, Place::any());
/// assert_eq!("IN".parse::<Place>()?, Place::from("+91".parse::<otp_core::Region>()?));
/// assert!("+98912".parse::<Place>().is_ok());
/// assert!("98912".parse::<Place>().is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place(Kind);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    Any,
    Region(Region),
    /// With its plus.
    Prefix(String),
}

impl Place {
    /// Every number that no other place is for.
    #[must_use]
    pub const fn any() -> Self {
        Self(Kind::Any)
    }

    fn holds(&self, number: &PhoneNumber) -> bool {
        match &self.0 {
            Kind::Any => true,
            Kind::Region(region) => number.region() == Some(*region),
            Kind::Prefix(prefix) => number.expose().starts_with(prefix),
        }
    }

    /// Digits that are known, and whether it is a region.
    fn weight(&self) -> (usize, bool) {
        match &self.0 {
            Kind::Any => (0, false),
            Kind::Region(region) => (region.country_code().to_string().len(), true),
            Kind::Prefix(prefix) => (prefix.len() - 1, false),
        }
    }
}

impl From<Region> for Place {
    fn from(region: Region) -> Self {
        Self(Kind::Region(region))
    }
}

impl FromStr for Place {
    type Err = RouteError;

    fn from_str(text: &str) -> Result<Self, RouteError> {
        if text == "*" {
            return Ok(Self::any());
        }
        let Some(digits) = text.strip_prefix('+') else {
            let two = text.len() == 2 && text.bytes().all(|b| b.is_ascii_alphabetic());
            let region = text.parse::<Region>().ok().filter(|_| two);
            return region.map(Self::from).ok_or(RouteError::Place);
        };
        let plain = digits.bytes().all(|b| b.is_ascii_digit()) && !digits.starts_with('0');
        match plain && (1..=15).contains(&digits.len()) {
            true => Ok(Self(Kind::Prefix(text.to_owned()))),
            false => Err(RouteError::Place),
        }
    }
}

/// One chain, and which messages it is for.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) channel: Option<Channel>,
    pub(super) place: Place,
    pub(super) legs: Vec<Leg>,
}

/// The chain for a message: among the entries for its channel, or else among those for every channel, the one that
/// knows most of its number.
pub(super) fn chain<'a>(entries: &'a [Entry], message: &Message) -> Option<&'a [Leg]> {
    let fits = |entry: &&Entry| {
        entry.channel.is_none_or(|c| c == message.channel) && entry.place.holds(&message.to)
    };
    let best = entries.iter().filter(fits);
    let best = best.max_by_key(|entry| (entry.channel.is_some(), entry.place.weight()))?;
    Some(&best.legs)
}
