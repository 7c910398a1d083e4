//! What a deployment allows: codes, limits, sessions, sign-up. Data, checked when it is built.

mod builder;
mod check;
mod error;
mod fallback;
#[cfg(feature = "serde")]
mod file;
mod floor;
mod numbers;
mod preset;
mod prices;
mod risk;

pub use builder::PolicyBuilder;
pub use error::PolicyError;
pub use fallback::Fallback;
pub use floor::Floor;
pub(crate) use numbers::NumberRules;
pub use numbers::{Countries, NumberRefusal};
pub use prices::Prices;
pub use risk::Risk;

use crate::limit::{Limit, LimitSet};
use crate::{Channel, Country, Locale, NumberKind, Region};
use std::time::Duration;

/// What `verify` needs beside the phone and the code.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
#[non_exhaustive]
pub enum Binding {
    /// The id that `send` returned. A code works only for the client that asked for it, and a new challenge
    /// touches no other.
    #[default]
    Challenge,
    /// Nothing: phone and code suffice, for clients that cannot keep an id.
    ///
    /// Its price: there is one challenge per phone, so whoever asks for a code for a number replaces the one
    /// before, can spend its guesses, and a code that was phished works from anywhere.
    Phone,
}

/// What happens when a number without a user proves possession.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
#[non_exhaustive]
pub enum SignUp {
    /// A user is made, and signed in.
    #[default]
    Auto,
    /// A single-use ticket is given; the user is made when the registration is completed with it.
    Ticket,
    /// The login is refused, after the code was right and not before.
    Deny,
}

/// The codes of a policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CodeRules {
    /// Decimal digits, 6 to 10 (NIST SP 800-63B-4 §3.1.3.2 asks for at least 6).
    pub digits: u8,
    /// How long a code is good for; at most ten minutes (NIST SP 800-63B-4 §3.1.3.2).
    pub lifetime: Duration,
    /// Guesses per challenge, 1 to 10.
    pub tries: u8,
    /// How long a code stays good after a resend replaced it. Zero, the default, means not at all; anything more
    /// doubles what a guess is worth, and the computed risk says so.
    pub previous_valid_for: Duration,
}

/// How long one kind of session lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SessionLength {
    /// Ends when it was not refreshed for so long.
    pub idle: Duration,
    /// Ends then, however often it was refreshed.
    pub absolute: Duration,
}

impl SessionLength {
    /// A session that ends after `idle` without a refresh, and after `absolute` in any case.
    #[must_use]
    pub const fn new(idle: Duration, absolute: Duration) -> Self {
        Self { idle, absolute }
    }
}

/// The sessions and tokens of a policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SessionRules {
    /// Lifetime of an access token; at most an hour.
    pub access: Duration,
    /// How long a refresh token is still answered after it was used, with the same successor; at most a minute.
    pub grace: Duration,
    /// Sessions that did not ask to be remembered.
    pub ordinary: SessionLength,
    /// Sessions that did.
    pub remembered: SessionLength,
    /// Whether `authenticate` asks the store if the session still lives. Without it a revoked session's access
    /// token works until it expires; with it every authenticated request costs one store round trip.
    pub checked: bool,
}

/// What a deployment allows.
///
/// ```
/// use otp_core::policy::Policy;
///
/// let policy = Policy::standard();
/// assert_eq!(policy.code().digits, 6);
/// assert!(policy.risk().per_year < 0.01);
/// ```
#[derive(Clone, Debug)]
pub struct Policy {
    code: CodeRules,
    binding: Binding,
    sign_up: SignUp,
    channels: Vec<Channel>,
    default_region: Option<Region>,
    default_locale: Option<Locale>,
    numbers: NumberRules,
    prices: Option<Prices>,
    tell_tries_left: bool,
    session: SessionRules,
    limits: Vec<Limit>,
    compiled: LimitSet,
    risk: Risk,
    accepted_risk: Option<String>,
    fallback: Option<Fallback>,
}

impl Policy {
    /// The preset for most deployments: 6 digits for 5 minutes, 3 guesses, a cooldown that doubles from 30 seconds,
    /// 3 messages per 10 minutes, 5 per hour and 10 per day and number. It opens no country: see
    /// [`for_countries`](Self::for_countries).
    #[must_use]
    pub fn standard() -> Self {
        preset::built(PolicyBuilder::standard())
    }

    /// The preset for money and health: 8 digits, half the guesses per day, access tokens of 5 minutes, and every
    /// request asks whether its session still lives.
    #[must_use]
    pub fn strict() -> Self {
        preset::built(PolicyBuilder::strict())
    }

    /// Starts from [`Policy::standard`].
    pub fn builder() -> PolicyBuilder {
        PolicyBuilder::standard()
    }

    /// The same policy, open to these countries alone. An [`OtpAuth`](crate::OtpAuth) is not built without any.
    ///
    /// ```
    /// use otp_core::policy::Policy;
    ///
    /// let policy = Policy::standard().for_countries(["IN".parse()?, "IR".parse()?]);
    /// assert!(policy.countries().contains("IR".parse()?));
    /// # Ok::<(), otp_core::CountryError>(())
    /// ```
    #[must_use]
    pub fn for_countries(mut self, countries: impl IntoIterator<Item = Country>) -> Self {
        self.numbers.countries = Countries::Only(countries.into_iter().collect());
        self
    }

    /// The countries whose numbers can be sent a code.
    #[must_use]
    pub const fn countries(&self) -> &Countries {
        &self.numbers.countries
    }

    /// The kinds of numbers that can be sent a code over any channel, where the policy names them. Otherwise it is
    /// mobile numbers, those that may be mobile, and land lines for [`Channel::Voice`].
    #[must_use]
    pub fn number_types(&self) -> Option<&[NumberKind]> {
        self.numbers.kinds.as_deref()
    }

    /// What messages cost, if it is known.
    #[must_use]
    pub const fn prices(&self) -> Option<&Prices> {
        self.prices.as_ref()
    }

    /// Its codes.
    #[must_use]
    pub const fn code(&self) -> &CodeRules {
        &self.code
    }

    /// What `verify` needs.
    #[must_use]
    pub const fn binding(&self) -> Binding {
        self.binding
    }

    /// What happens to new numbers.
    #[must_use]
    pub const fn sign_up(&self) -> SignUp {
        self.sign_up
    }

    /// The channels that clients may ask for; the first is the default.
    #[must_use]
    pub fn channels(&self) -> &[Channel] {
        &self.channels
    }

    /// The region of numbers that are given without a country.
    #[must_use]
    pub const fn default_region(&self) -> Option<Region> {
        self.default_region
    }

    /// The language of messages whose reader's is not known.
    #[must_use]
    pub const fn default_locale(&self) -> Option<Locale> {
        self.default_locale
    }

    /// Whether a client is told how many guesses are left.
    #[must_use]
    pub const fn tells_tries_left(&self) -> bool {
        self.tell_tries_left
    }

    /// Its sessions and tokens.
    #[must_use]
    pub const fn session(&self) -> &SessionRules {
        &self.session
    }

    /// Every limit in force, the floor's among them.
    #[must_use]
    pub fn limits(&self) -> &[Limit] {
        &self.limits
    }

    /// What it gives an attacker.
    #[must_use]
    pub const fn risk(&self) -> &Risk {
        &self.risk
    }

    /// The reason that was given for going below the floor.
    #[must_use]
    pub fn accepted_risk(&self) -> Option<&str> {
        self.accepted_risk.as_deref()
    }

    /// What follows when a message does not arrive; nothing by default.
    #[must_use]
    pub const fn fallback(&self) -> Option<&Fallback> {
        self.fallback.as_ref()
    }

    pub(crate) const fn numbers(&self) -> &NumberRules {
        &self.numbers
    }

    pub(crate) const fn compiled(&self) -> &LimitSet {
        &self.compiled
    }

    pub(crate) const fn session_length(&self, remembered: bool) -> SessionLength {
        if remembered {
            self.session.remembered
        } else {
            self.session.ordinary
        }
    }
}
