//! Which numbers a code may be sent to.

use super::PolicyError;
use crate::{Channel, Country, NumberKind, PhoneNumber};
use std::fmt;

/// The countries that are open. None is before a policy says so.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Countries {
    /// These alone.
    Only(Vec<Country>),
    /// Every one: whoever owns an expensive range anywhere may have messages sent to it.
    Any,
}

impl Default for Countries {
    fn default() -> Self {
        Self::Only(Vec::new())
    }
}

impl Countries {
    /// Whether no number at all can be sent a code.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        matches!(self, Self::Only(countries) if countries.is_empty())
    }

    /// Whether numbers of `country` can be sent a code.
    #[must_use]
    pub fn contains(&self, country: Country) -> bool {
        match self {
            Self::Only(countries) => countries.contains(&country),
            Self::Any => true,
        }
    }
}

/// As a person reads it: `IN, +882`, or `every country`.
impl fmt::Display for Countries {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::Only(countries) = self else {
            return f.write_str("every country");
        };
        let names: Vec<_> = countries.iter().map(Country::to_string).collect();
        f.write_str(&names.join(", "))
    }
}

/// Why a number is sent no code. It says nothing of whoever owns the number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum NumberRefusal {
    /// Its country is not open.
    #[error("numbers of this country are sent no code")]
    Country,
    /// Numbers of this kind are not sent codes, or not over this channel.
    #[error("numbers of this kind are sent no code")]
    Kind(NumberKind),
}

impl NumberRefusal {
    /// A stable name, for an audit: `country`, or the name of the number's kind.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Country => "country",
            Self::Kind(kind) => kind.as_str(),
        }
    }
}

/// What a policy says of numbers.
#[derive(Clone, Debug, Default)]
pub(crate) struct NumberRules {
    pub(super) countries: Countries,
    /// Over every channel; the defaults otherwise.
    pub(super) kinds: Option<Vec<NumberKind>>,
}

impl NumberRules {
    /// What of it asks for a reason.
    pub(super) fn needs_reason(&self) -> Option<PolicyError> {
        if self.countries == Countries::Any {
            return Some(PolicyError::EveryCountryNeedsReason);
        }
        let kinds = self.kinds.iter().flatten();
        let dear = kinds.copied().find(pays_its_owner);
        dear.map(PolicyError::KindNeedsReason)
    }

    /// Whether a code may be sent to `phone`; without a channel it goes where the one before it went.
    pub(crate) fn admit(
        &self,
        phone: &PhoneNumber,
        channel: Option<Channel>,
    ) -> Result<(), NumberRefusal> {
        if !self.countries.contains(phone.country()) {
            return Err(NumberRefusal::Country);
        }
        let kind = phone.kind();
        let open = match &self.kinds {
            Some(kinds) => kinds.contains(&kind),
            None => by_default(kind, channel),
        };
        if open {
            Ok(())
        } else {
            Err(NumberRefusal::Kind(kind))
        }
    }
}

/// What a person has in their hand; a land line can be called.
const fn by_default(kind: NumberKind, channel: Option<Channel>) -> bool {
    match kind {
        NumberKind::Mobile | NumberKind::FixedLineOrMobile => true,
        NumberKind::FixedLine => matches!(channel, None | Some(Channel::Voice)),
        _ => false,
    }
}

/// Kinds whose owners earn on what is sent to them.
const fn pays_its_owner(kind: &NumberKind) -> bool {
    use NumberKind::{Personal, PremiumRate, SharedCost};
    matches!(kind, PremiumRate | SharedCost | Personal)
}
