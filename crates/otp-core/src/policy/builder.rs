//! Building a policy, and everything that it must satisfy.

use super::risk::MOST_PER_YEAR;
use super::{
    Binding, CodeRules, Countries, Fallback, Floor, NumberRules, Policy, PolicyError, Prices, Risk,
    SessionLength, SessionRules, SignUp, check, floor,
};
use crate::limit::{Limit, LimitSet, OnExceed};
use crate::{Channel, Country, Locale, NumberKind, Region};
use std::time::Duration;

/// Builds a [`Policy`]: a preset with changes.
///
/// ```
/// use otp_core::policy::{Policy, PolicyError};
/// use std::time::Duration;
///
/// let policy = Policy::builder().code_digits(8).code_lifetime(Duration::from_secs(180)).build()?;
/// assert_eq!(policy.code().digits, 8);
/// assert_eq!(Policy::builder().code_digits(4).build().unwrap_err(), PolicyError::Digits(4));
/// # Ok::<(), PolicyError>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "nothing is checked before `build`"]
pub struct PolicyBuilder {
    pub(super) code: CodeRules,
    pub(super) binding: Binding,
    pub(super) sign_up: SignUp,
    pub(super) channels: Vec<Channel>,
    pub(super) default_region: Option<Region>,
    pub(super) default_locale: Option<Locale>,
    pub(super) numbers: NumberRules,
    pub(super) prices: Option<Prices>,
    pub(super) tell_tries_left: bool,
    pub(super) session: SessionRules,
    pub(super) limits: Vec<Limit>,
    pub(super) without_floor: Vec<Floor>,
    pub(super) accepted_risk: Option<String>,
    pub(super) fallback: Option<Fallback>,
}

impl PolicyBuilder {
    /// Sets the digits of new codes, 6 to 10.
    pub const fn code_digits(mut self, digits: u8) -> Self {
        self.code.digits = digits;
        self
    }

    /// Sets how long a code is good for, at most ten minutes.
    pub const fn code_lifetime(mut self, lifetime: Duration) -> Self {
        self.code.lifetime = lifetime;
        self
    }

    /// Sets the guesses per challenge, 1 to 10.
    pub const fn tries(mut self, tries: u8) -> Self {
        self.code.tries = tries;
        self
    }

    /// Sets how long a code stays good after a resend replaced it.
    pub const fn previous_valid_for(mut self, time: Duration) -> Self {
        self.code.previous_valid_for = time;
        self
    }

    /// Sets what `verify` needs.
    pub const fn binding(mut self, binding: Binding) -> Self {
        self.binding = binding;
        self
    }

    /// Sets what happens to new numbers.
    pub const fn sign_up(mut self, sign_up: SignUp) -> Self {
        self.sign_up = sign_up;
        self
    }

    /// Sets the channels that clients may ask for; the first is the default.
    pub fn channels(mut self, channels: impl IntoIterator<Item = Channel>) -> Self {
        self.channels = channels.into_iter().collect();
        self
    }

    /// Sets the region of numbers that are given without a country.
    pub const fn default_region(mut self, region: Region) -> Self {
        self.default_region = Some(region);
        self
    }

    /// Sets the language of messages whose reader's is not known; the sender chooses otherwise.
    pub const fn default_locale(mut self, locale: Locale) -> Self {
        self.default_locale = Some(locale);
        self
    }

    /// Sets the countries whose numbers can be sent a code. None is open that is not named.
    ///
    /// ```
    /// use otp_core::policy::Policy;
    ///
    /// let policy = Policy::builder().countries(["IN".parse()?, "+882".parse()?]).build()?;
    /// assert!(!policy.countries().contains("US".parse()?));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn countries(mut self, countries: impl IntoIterator<Item = Country>) -> Self {
        self.numbers.countries = Countries::Only(countries.into_iter().collect());
        self
    }

    /// Opens every country there is, those too in which a message costs a hundred times what it costs at home, and
    /// whose operators share the price with whoever asks for codes. Needs [`accept_risk`](Self::accept_risk).
    pub fn open_to_every_country(mut self) -> Self {
        self.numbers.countries = Countries::Any;
        self
    }

    /// Sets the kinds of numbers that can be sent a code, over every channel. Otherwise it is mobile numbers, those
    /// that may be mobile, and land lines for [`Channel::Voice`]. Premium-rate, shared-cost and personal numbers need
    /// [`accept_risk`](Self::accept_risk): their owners earn on what is sent to them.
    pub fn number_types(mut self, kinds: impl IntoIterator<Item = NumberKind>) -> Self {
        self.numbers.kinds = Some(kinds.into_iter().collect());
        self
    }

    /// Sets what messages cost, which limits that count [`Spend`](crate::limit::Counts::Spend) need.
    pub fn prices(mut self, prices: Prices) -> Self {
        self.prices = Some(prices);
        self
    }

    /// Sets whether a client is told how many guesses are left. Under [`Binding::Phone`] it tells anybody who knows
    /// the number that a challenge is open.
    pub const fn tell_tries_left(mut self, tell: bool) -> Self {
        self.tell_tries_left = tell;
        self
    }

    /// Sets the lifetime of access tokens, at most an hour.
    pub const fn access_lifetime(mut self, lifetime: Duration) -> Self {
        self.session.access = lifetime;
        self
    }

    /// Sets how long a used refresh token is still answered with the same successor, at most a minute.
    pub const fn grace(mut self, grace: Duration) -> Self {
        self.session.grace = grace;
        self
    }

    /// Sets how long sessions live that did not ask to be remembered.
    pub const fn ordinary_session(mut self, length: SessionLength) -> Self {
        self.session.ordinary = length;
        self
    }

    /// Sets how long sessions live that asked to be remembered.
    pub const fn remembered_session(mut self, length: SessionLength) -> Self {
        self.session.remembered = length;
        self
    }

    /// Sets whether every authenticated request asks the store if its session still lives.
    pub const fn check_sessions(mut self, check: bool) -> Self {
        self.session.checked = check;
        self
    }

    /// Sets what follows when a message does not arrive. Needs [`track_delivery`](crate::Builder::track_delivery) and
    /// [`background`](crate::Builder::background).
    pub const fn fallback(mut self, fallback: Fallback) -> Self {
        self.fallback = Some(fallback);
        self
    }

    /// Adds a limit. Of two that speak of the same thing the stricter wins.
    pub fn limit(mut self, limit: Limit) -> Self {
        self.limits.push(limit);
        self
    }

    /// Replaces the preset's limits. The floor stays under them.
    pub fn limits(mut self, limits: impl IntoIterator<Item = Limit>) -> Self {
        self.limits = limits.into_iter().collect();
        self
    }

    /// Leaves out a part of the floor. Needs [`accept_risk`](Self::accept_risk).
    pub fn without_floor(mut self, floor: Floor) -> Self {
        self.without_floor.push(floor);
        self
    }

    /// Goes below the floor, for this reason. It is kept, and told when the server starts.
    pub fn accept_risk(mut self, reason: impl Into<String>) -> Self {
        self.accepted_risk = Some(reason.into());
        self
    }

    /// Checks everything.
    ///
    /// # Errors
    /// [`PolicyError`] says what does not hold.
    pub fn build(self) -> Result<Policy, PolicyError> {
        self.check_code()?;
        self.check_session()?;
        if let Some(fallback) = &self.fallback {
            fallback.check(&self.code, &self.channels)?;
        }
        self.check_numbers()?;
        self.limits
            .iter()
            .try_for_each(|limit| check::limit(limit, self.prices.as_ref()))?;
        let silent = |limit: &Limit| limit.on_exceed == OnExceed::Silent && !limit.exempt_known;
        if self.tell_tries_left && self.limits.iter().any(silent) {
            return Err(PolicyError::SilentTells);
        }
        let limits = floor::laid_under(&self.limits, &self.without_floor);
        let risk = Risk::of(&self.code, &limits);
        self.check_risk(&risk)?;
        Ok(Policy {
            code: self.code,
            binding: self.binding,
            sign_up: self.sign_up,
            channels: self.channels,
            default_region: self.default_region,
            default_locale: self.default_locale,
            numbers: self.numbers,
            tell_tries_left: self.tell_tries_left,
            session: self.session,
            compiled: LimitSet::new(&limits, self.prices.as_ref()),
            prices: self.prices,
            limits,
            risk,
            accepted_risk: self.accepted_risk,
            fallback: self.fallback,
        })
    }

    fn check_code(&self) -> Result<(), PolicyError> {
        let code = &self.code;
        match () {
            () if !(6..=10).contains(&code.digits) => Err(PolicyError::Digits(code.digits)),
            () if !(1..=600).contains(&code.lifetime.as_secs())
                || code.lifetime > Duration::from_secs(600) =>
            {
                Err(PolicyError::CodeLifetime)
            }
            () if !(1..=10).contains(&code.tries) => Err(PolicyError::Tries(code.tries)),
            () if code.previous_valid_for > code.lifetime => Err(PolicyError::PreviousCode),
            () if self.channels.is_empty() => Err(PolicyError::NoChannel),
            () => Ok(()),
        }
    }

    fn check_session(&self) -> Result<(), PolicyError> {
        let session = &self.session;
        let sound = |length: &SessionLength| {
            !length.idle.is_zero()
                && length.idle <= length.absolute
                && length.absolute <= 30 * floor::DAY
        };
        let (ordinary, remembered) = (&session.ordinary, &session.remembered);
        match () {
            () if session.access.as_secs() == 0 || session.access > floor::HOUR => {
                Err(PolicyError::AccessLifetime)
            }
            () if session.grace > Duration::from_secs(60) => Err(PolicyError::Grace),
            () if !sound(ordinary) || !sound(remembered) => Err(PolicyError::SessionLength),
            () if remembered.idle < ordinary.idle || remembered.absolute < ordinary.absolute => {
                Err(PolicyError::SessionLength)
            }
            () => Ok(()),
        }
    }

    fn check_numbers(&self) -> Result<(), PolicyError> {
        let free = |prices: &Prices| prices.all().any(|price| price == 0);
        match (&self.prices, &self.numbers.kinds) {
            (Some(prices), _) if free(prices) || prices.currency().trim().is_empty() => {
                Err(PolicyError::Prices)
            }
            (_, Some(kinds)) if kinds.is_empty() => Err(PolicyError::NoNumberType),
            _ => Ok(()),
        }
    }

    fn check_risk(&self, risk: &Risk) -> Result<(), PolicyError> {
        match &self.accepted_risk {
            Some(reason) if reason.trim().len() < 10 => Err(PolicyError::EmptyReason),
            Some(_) => Ok(()),
            None => match (self.without_floor.first(), self.numbers.needs_reason()) {
                (Some(floor), _) => Err(PolicyError::FloorNeedsReason(*floor)),
                (None, Some(error)) => Err(error),
                (None, None) if risk.per_year > MOST_PER_YEAR => Err(PolicyError::TooRisky {
                    per_year: risk.per_year,
                }),
                (None, None) => Ok(()),
            },
        }
    }
}
