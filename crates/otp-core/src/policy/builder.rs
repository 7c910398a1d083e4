//! Building a policy, and everything that it must satisfy.

use super::risk::MOST_PER_YEAR;
use super::{
    Binding, CodeRules, Floor, Policy, PolicyError, Risk, SessionLength, SessionRules, SignUp,
    floor,
};
use crate::limit::{Act, Counts, Dimension, EXACT_QUOTA, Limit, LimitSet, OnExceed};
use crate::{Channel, Region};
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
    pub(super) tell_tries_left: bool,
    pub(super) session: SessionRules,
    pub(super) limits: Vec<Limit>,
    pub(super) without_floor: Vec<Floor>,
    pub(super) accepted_risk: Option<String>,
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
        self.limits.iter().try_for_each(check_limit)?;
        let silent = |limit: &Limit| limit.on_exceed == OnExceed::Silent;
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
            tell_tries_left: self.tell_tries_left,
            session: self.session,
            compiled: LimitSet::new(&limits),
            limits,
            risk,
            accepted_risk: self.accepted_risk,
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

    fn check_risk(&self, risk: &Risk) -> Result<(), PolicyError> {
        match &self.accepted_risk {
            Some(reason) if reason.trim().len() < 10 => Err(PolicyError::EmptyReason),
            Some(_) => Ok(()),
            None => match self.without_floor.first() {
                Some(floor) => Err(PolicyError::FloorNeedsReason(*floor)),
                None if risk.per_year > MOST_PER_YEAR => Err(PolicyError::TooRisky {
                    per_year: risk.per_year,
                }),
                None => Ok(()),
            },
        }
    }
}

fn check_limit(limit: &Limit) -> Result<(), PolicyError> {
    let by_phone = limit.key.contains(&Dimension::Phone);
    let (verify, send) = (limit.act == Act::Verify, limit.act == Act::Send);
    let needs_phone =
        |d: &Dimension| matches!(d, Dimension::Phone | Dimension::Country | Dimension::Prefix);
    let problem = match limit.counts {
        _ if limit.key.is_empty() => "has no key",
        _ if limit.rate.quota() == 0 => "admits nothing",
        _ if limit.rate.window() < Duration::from_secs(1) => "has a window below one second",
        _ if limit.rate.window() > 400 * floor::DAY => "has a window above 400 days",
        _ if !verify && !send && limit.key.iter().any(needs_phone) => "has no phone to go by",
        _ if limit.on_exceed == OnExceed::Silent && !(send && by_phone) => {
            "can be silent only for send by phone"
        }
        Counts::Failures if !verify => "counts failures of something that is not verify",
        Counts::ConsecutiveFailures if !verify || limit.key != [Dimension::Phone] => {
            "counts consecutive failures of something else than verify by phone"
        }
        Counts::DistinctPhones if by_phone || !(verify || send) => "cannot count distinct phones",
        Counts::DistinctPhones if limit.rate.quota() > EXACT_QUOTA => {
            "counts more than 100 distinct phones"
        }
        _ => return Ok(()),
    };
    Err(PolicyError::Limit {
        limit: limit.name(),
        problem,
    })
}
