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

    /// Its name in audit events, such as `send by phone`.
    #[must_use]
    pub fn name(&self) -> String {
        let key: Vec<_> = self.key.iter().map(Dimension::as_str).collect();
        let counted = match self.counts {
            Counts::All => "",
            Counts::Failures => ", failures",
            Counts::ConsecutiveFailures => ", failures in a row",
            Counts::DistinctPhones => ", distinct phones",
        };
        format!("{} by {}{counted}", self.act.as_str(), key.join(" and "))
    }
}
