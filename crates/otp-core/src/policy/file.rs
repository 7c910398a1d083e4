//! A policy as data: what a file may say.

use super::{
    Binding, Countries, Fallback, Floor, Policy, PolicyBuilder, PolicyError, Prices, SessionLength,
    SignUp,
};
use crate::limit::{Act, Counts, Dimension, Limit, OnExceed};
use crate::{Channel, Country, Locale, NumberKind, Region};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::time::Duration;

/// Starts from a preset and changes what is named. A `limit` list replaces the preset's; the floor stays.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PolicyFile {
    #[serde(default)]
    preset: Preset,
    binding: Option<Binding>,
    sign_up: Option<SignUp>,
    channels: Option<Vec<Channel>>,
    default_region: Option<Region>,
    default_locale: Option<Locale>,
    countries: Option<Countries>,
    number_types: Option<Vec<NumberKind>>,
    prices: Option<PricesFile>,
    tell_tries_left: Option<bool>,
    #[serde(default)]
    code: CodeFile,
    #[serde(default)]
    session: SessionFile,
    limit: Option<Vec<LimitFile>>,
    #[serde(default)]
    without_floor: Vec<Floor>,
    accept_risk: Option<String>,
    fallback: Option<FallbackFile>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Preset {
    #[default]
    Standard,
    Strict,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct CodeFile {
    digits: Option<u8>,
    lifetime: Option<Span>,
    tries: Option<u8>,
    previous_valid_for: Option<Span>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct SessionFile {
    access: Option<Span>,
    grace: Option<Span>,
    checked: Option<bool>,
    ordinary: Option<LengthFile>,
    remembered: Option<LengthFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LengthFile {
    idle: Span,
    absolute: Span,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FallbackFile {
    from: Channel,
    to: Channel,
    after: Span,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LimitFile {
    act: Act,
    key: Vec<Dimension>,
    quota: u32,
    window: Span,
    #[serde(default)]
    counts: Counts,
    #[serde(default)]
    on_exceed: OnExceed,
    #[serde(default)]
    gives_back: u32,
    #[serde(default)]
    exempt_known: bool,
}

/// What is not one of the two words is a country.
#[derive(Deserialize)]
struct PricesFile {
    currency: String,
    default: u32,
    #[serde(flatten)]
    by_country: BTreeMap<String, u32>,
}

impl PricesFile {
    fn prices(self) -> Result<Prices, PolicyError> {
        let mut prices = Prices::new(self.currency, self.default);
        for (country, price) in self.by_country {
            let country = country.parse().map_err(|_| PolicyError::Prices)?;
            prices = prices.with(country, price);
        }
        Ok(prices)
    }
}

/// A list of countries, or the word `any`.
impl<'de> Deserialize<'de> for Countries {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            Word(String),
            List(Vec<String>),
        }
        let parse = |text: String| text.parse::<Country>().map_err(serde::de::Error::custom);
        match Written::deserialize(deserializer)? {
            Written::Word(word) if word == "any" => Ok(Self::Any),
            Written::Word(_) => Err(serde::de::Error::custom(
                "countries are a list, as in [\"IN\", \"+882\"], or the word \"any\"",
            )),
            Written::List(list) => Ok(Self::Only(
                list.into_iter().map(parse).collect::<Result<_, _>>()?,
            )),
        }
    }
}

/// A duration as people write it: `90s`, `10m`, `1h 30m`, `7d`.
struct Span(Duration);

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        humantime::parse_duration(&text)
            .map(Self)
            .map_err(serde::de::Error::custom)
    }
}

impl From<LengthFile> for SessionLength {
    fn from(file: LengthFile) -> Self {
        Self::new(file.idle.0, file.absolute.0)
    }
}

impl From<LimitFile> for Limit {
    fn from(file: LimitFile) -> Self {
        let limit = Self::new(file.act, file.key, file.quota, file.window.0);
        Self {
            counts: file.counts,
            on_exceed: file.on_exceed,
            gives_back: file.gives_back,
            exempt_known: file.exempt_known,
            ..limit
        }
    }
}

impl<'de> Deserialize<'de> for Policy {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        PolicyFile::deserialize(deserializer)?
            .build()
            .map_err(serde::de::Error::custom)
    }
}

impl PolicyFile {
    fn build(self) -> Result<Policy, PolicyError> {
        let mut builder = match self.preset {
            Preset::Standard => PolicyBuilder::standard(),
            Preset::Strict => PolicyBuilder::strict(),
        };
        set(&mut builder.binding, self.binding);
        set(&mut builder.sign_up, self.sign_up);
        set(&mut builder.channels, self.channels);
        set(&mut builder.tell_tries_left, self.tell_tries_left);
        set(
            &mut builder.limits,
            self.limit
                .map(|limits| limits.into_iter().map(Limit::from).collect()),
        );
        set(&mut builder.numbers.countries, self.countries);
        builder.numbers.kinds = self.number_types;
        builder.prices = self.prices.map(PricesFile::prices).transpose()?;
        builder.default_region = self.default_region.or(builder.default_region);
        builder.default_locale = self.default_locale.or(builder.default_locale);
        builder.without_floor = self.without_floor;
        builder.accepted_risk = self.accept_risk;
        builder.fallback = self
            .fallback
            .map(|file| Fallback::new(file.from, file.to, file.after.0));
        self.code.apply(&mut builder);
        self.session.apply(&mut builder);
        builder.build()
    }
}

impl CodeFile {
    fn apply(self, builder: &mut PolicyBuilder) {
        set(&mut builder.code.digits, self.digits);
        set(&mut builder.code.lifetime, self.lifetime.map(|span| span.0));
        set(&mut builder.code.tries, self.tries);
        set(
            &mut builder.code.previous_valid_for,
            self.previous_valid_for.map(|span| span.0),
        );
    }
}

impl SessionFile {
    fn apply(self, builder: &mut PolicyBuilder) {
        set(&mut builder.session.access, self.access.map(|span| span.0));
        set(&mut builder.session.grace, self.grace.map(|span| span.0));
        set(&mut builder.session.checked, self.checked);
        set(&mut builder.session.ordinary, self.ordinary.map(Into::into));
        set(
            &mut builder.session.remembered,
            self.remembered.map(Into::into),
        );
    }
}

fn set<T>(field: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *field = value;
    }
}
