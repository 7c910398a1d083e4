//! Limits as a policy writes them.

use super::Rate;

/// What is limited.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
#[non_exhaustive]
pub enum Act {
    /// A message is sent: first codes and resends, over every channel.
    Send,
    /// A code or a registration ticket is tried.
    Verify,
    /// A refresh token is presented.
    Refresh,
    /// Any of these: they share one quota.
    Any,
}

impl Act {
    /// The name in policies and audit events.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Send => "send",
            Self::Verify => "verify",
            Self::Refresh => "refresh",
            Self::Any => "any",
        }
    }
}

/// By what it is limited. Several together limit each combination.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
#[non_exhaustive]
pub enum Dimension {
    /// The canonical number.
    Phone,
    /// The client's address: IPv4 by /32, IPv6 by /64.
    Address,
    /// The network around it: IPv4 by /24, IPv6 by /48.
    Network,
    /// The device identifier, where the client gave one. It complements other limits: a client can leave it out.
    Device,
    /// The country of the number.
    Country,
    /// The number without its last four digits: a block of ten thousand subscribers.
    Prefix,
    /// The tenant.
    Tenant,
    /// The whole deployment.
    Global,
}

impl Dimension {
    /// The name in policies and audit events.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Phone => "phone",
            Self::Address => "address",
            Self::Network => "network",
            Self::Device => "device",
            Self::Country => "country",
            Self::Prefix => "prefix",
            Self::Tenant => "tenant",
            Self::Global => "global",
        }
    }
}

/// What adds to a limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
#[non_exhaustive]
pub enum Counts {
    /// Every act that is admitted.
    #[default]
    All,
    /// Failed verifications. By phone: wrong guesses at a live code, so that a stranger who guesses at nothing
    /// spends nothing of the owner's budget. By anything else: every rejected attempt.
    Failures,
    /// Failures without a success between them; a success sets the count back. By phone only.
    ConsecutiveFailures,
    /// Different phones: with an admitted `send`, or with a failed `verify`.
    DistinctPhones,
    /// What the messages cost by the policy's [`Prices`](crate::policy::Prices). The quota is in the prices' unit.
    Spend,
    /// Messages that nobody verified. A right code takes away the oldest one, and [`Limit::gives_back`] more: a prefix
    /// or country of whose messages less than one in `gives_back + 1` is verified uses its quota up and is paused, and
    /// each message that leaves the window lets one more out, to see whether that has changed.
    Unverified,
}

/// What the client is told when a limit refuses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
#[non_exhaustive]
pub enum OnExceed {
    /// That it was refused, and how long to wait.
    #[default]
    Refuse,
    /// For `send`: the same answer as if a code had been sent, so that nobody learns of another's traffic.
    Silent,
    /// For `send`: nothing. It refuses nobody; what it would have refused is told to the audit and to metrics. Such
    /// limits are charged together, after a message was sent, in a store round trip of their own.
    Report,
}

/// One limit of a policy.
///
/// ```
/// use otp_core::limit::{Act, Dimension, Limit};
/// use std::time::Duration;
///
/// let three_per_ten_minutes = Limit::new(Act::Send, [Dimension::Phone], 3, Duration::from_secs(600));
/// assert_eq!(three_per_ten_minutes.name(), "send by phone");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limit {
    /// What is limited.
    pub act: Act,
    /// By what.
    pub key: Vec<Dimension>,
    /// How often, in which window.
    pub rate: Rate,
    /// What adds to it.
    pub counts: Counts,
    /// What the client is told.
    pub on_exceed: OnExceed,
    /// For [`Counts::Unverified`]: how many charges beside its own a verified message takes away.
    pub gives_back: u32,
    /// Whether numbers that the [`UserDirectory`](crate::UserDirectory) knows are neither refused by it nor charged to
    /// it.
    pub exempt_known: bool,
}

impl Limit {
    /// `quota` acts per `window` for each value of `key`.
    #[must_use]
    pub fn new(
        act: Act,
        key: impl IntoIterator<Item = Dimension>,
        quota: u32,
        window: std::time::Duration,
    ) -> Self {
        let mut key: Vec<_> = key.into_iter().collect();
        key.sort_unstable();
        key.dedup();
        Self {
            act,
            key,
            rate: Rate::new(quota, window),
            counts: Counts::All,
            on_exceed: OnExceed::Refuse,
            gives_back: 0,
            exempt_known: false,
        }
    }

    /// Sets what adds to it.
    #[must_use]
    pub const fn counting(mut self, counts: Counts) -> Self {
        self.counts = counts;
        self
    }

    /// Sets what the client is told.
    #[must_use]
    pub const fn on_exceed(mut self, on_exceed: OnExceed) -> Self {
        self.on_exceed = on_exceed;
        self
    }

    /// Sets how many charges beside its own a verified message takes away, and that unverified ones are counted.
    #[must_use]
    pub const fn giving_back(mut self, charges: u32) -> Self {
        self.counts = Counts::Unverified;
        self.gives_back = charges;
        self
    }

    /// Leaves numbers alone that have a user: what stops pumping then stops no customer. The directory is asked once
    /// for each `send` (and for each guess, where the limit counts unverified messages), for known and unknown numbers
    /// alike.
    ///
    /// A refusal would tell which numbers are known, so the limit must be [`Silent`](OnExceed::Silent) or
    /// [`Report`](OnExceed::Report). Silent here means that an unknown number's request goes its whole way, and only
    /// the message stays behind. A sender that waits for its provider then shows by its time whether there was one: give
    /// such a limit to deployments that queue their messages, or accept that.
    #[must_use]
    pub const fn exempting_known(mut self) -> Self {
        self.exempt_known = true;
        self
    }

    /// Its name in audit events, such as `send by phone`.
    #[must_use]
    pub fn name(&self) -> String {
        let key: Vec<_> = self.key.iter().map(Dimension::as_str).collect();
        let counted = match self.counts {
            Counts::All => "",
            Counts::Failures => ", failures",
            Counts::ConsecutiveFailures => ", failures in a row",
            Counts::DistinctPhones => ", distinct phones",
            Counts::Spend => ", spend",
            Counts::Unverified => ", unverified",
        };
        format!("{} by {}{counted}", self.act.as_str(), key.join(" and "))
    }
}
