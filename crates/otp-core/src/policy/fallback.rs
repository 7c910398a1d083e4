//! Another channel for a message that does not arrive.

use super::{CodeRules, PolicyError};
use crate::Channel;
use std::time::Duration;

/// What follows when a message does not arrive: the same code, once, over another channel.
///
/// ```
/// use otp_core::Channel;
/// use otp_core::policy::{Fallback, Policy};
/// use std::time::Duration;
///
/// let fallback = Fallback::new(Channel::WhatsApp, Channel::Sms, Duration::from_secs(20));
/// let policy = Policy::builder().channels([Channel::WhatsApp]).fallback(fallback).build()?;
/// assert_eq!(policy.fallback(), Some(&fallback));
/// # Ok::<(), otp_core::policy::PolicyError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Fallback {
    /// Messages over this channel are watched: one that clients may ask for.
    pub from: Channel,
    /// The other channel. Clients need not be allowed to ask for it.
    pub to: Channel,
    /// How long the first message has; shorter than the code's life. Where the limits admit no second message so soon,
    /// it has until they do.
    pub after: Duration,
}

impl Fallback {
    /// Over `to` what did not arrive over `from` within `after`.
    #[must_use]
    pub const fn new(from: Channel, to: Channel, after: Duration) -> Self {
        Self { from, to, after }
    }

    pub(super) fn check(&self, code: &CodeRules, channels: &[Channel]) -> Result<(), PolicyError> {
        let problem = match () {
            () if self.from == self.to => "leads to the channel that it comes from",
            () if !channels.contains(&self.from) => "watches a channel that is not allowed",
            () if self.after.is_zero() => "does not wait",
            () if self.after >= code.lifetime => "waits until the code has expired",
            () => return Ok(()),
        };
        Err(PolicyError::Fallback(problem))
    }
}
