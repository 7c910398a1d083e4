//! What messages cost.

use crate::{Country, PhoneNumber};

/// What a message costs, by country, in thousandths of a currency: 45 is 0.045 dollars. Limits that count
/// [`Spend`](crate::limit::Counts::Spend) have their quotas in the same unit. Where channels differ, give the dearest
/// one's price: the cap is then reached too early and not too late.
///
/// ```
/// use otp_core::policy::Prices;
///
/// let prices = Prices::new("USD", 50).with("IN".parse()?, 2).with("+882".parse()?, 900);
/// assert_eq!(prices.of(&otp_core::PhoneNumber::parse("+919876543210", None)?), 2);
/// assert_eq!(prices.of(&otp_core::PhoneNumber::parse("+989123456789", None)?), 50);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prices {
    currency: String,
    default: u32,
    by_country: Vec<(Country, u32)>,
}

impl Prices {
    /// `default` thousandths of `currency` for each message.
    #[must_use]
    pub fn new(currency: impl Into<String>, default: u32) -> Self {
        Self {
            currency: currency.into(),
            default,
            by_country: Vec::new(),
        }
    }

    /// Sets the price of messages to `country`.
    #[must_use]
    pub fn with(mut self, country: Country, price: u32) -> Self {
        self.by_country.retain(|(other, _)| *other != country);
        self.by_country.push((country, price));
        self
    }

    /// What a message to `phone` costs.
    #[must_use]
    pub fn of(&self, phone: &PhoneNumber) -> u32 {
        let country = phone.country();
        let own = self.by_country.iter().find(|(other, _)| *other == country);
        own.map_or(self.default, |(_, price)| *price)
    }

    /// The currency's name, as it was given.
    #[must_use]
    pub fn currency(&self) -> &str {
        &self.currency
    }

    /// Every price that a message may have.
    pub(super) fn all(&self) -> impl Iterator<Item = u32> {
        let own = self.by_country.iter().map(|(_, price)| *price);
        own.chain([self.default])
    }
}
