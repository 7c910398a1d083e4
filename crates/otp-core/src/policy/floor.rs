//! The floor: limits that lie under every policy.

use crate::limit::{Act, Counts, Dimension, Limit, OnExceed};
use std::time::Duration;

pub(super) const HOUR: Duration = Duration::from_secs(3600);
pub(super) const DAY: Duration = Duration::from_secs(86_400);

/// One part of the floor. Leaving one out needs [`accept_risk`](super::PolicyBuilder::accept_risk).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
#[non_exhaustive]
pub enum Floor {
    /// 10 messages per phone in any 24 hours.
    Messages,
    /// 20 wrong guesses per phone in any 24 hours, over all challenges, channels and addresses, and 100 in a row
    /// without a success (NIST SP 800-63B-4 §3.2.2).
    Guesses,
    /// Per address: 20 messages, 30 rejected attempts and failures on 10 different phones in any hour.
    Addresses,
}

impl Floor {
    const ALL: [Self; 3] = [Self::Messages, Self::Guesses, Self::Addresses];

    /// Its limits.
    #[must_use]
    pub fn limits(self) -> Vec<Limit> {
        use Dimension::{Address, Phone};
        match self {
            Self::Messages => vec![Limit::new(Act::Send, [Phone], 10, DAY)],
            Self::Guesses => vec![
                Limit::new(Act::Verify, [Phone], 20, DAY).counting(Counts::Failures),
                Limit::new(Act::Verify, [Phone], 100, 30 * DAY)
                    .counting(Counts::ConsecutiveFailures),
            ],
            Self::Addresses => vec![
                Limit::new(Act::Send, [Address], 20, HOUR),
                Limit::new(Act::Verify, [Address], 30, HOUR).counting(Counts::Failures),
                Limit::new(Act::Verify, [Address], 10, HOUR).counting(Counts::DistinctPhones),
            ],
        }
    }
}

/// The policy's own limits with the floor under them. Where both speak of the same thing the stricter wins, and
/// the client is told what the policy wants it told.
pub(super) fn laid_under(own: &[Limit], without: &[Floor]) -> Vec<Limit> {
    let mut limits = own.to_vec();
    for floor in Floor::ALL
        .into_iter()
        .filter(|floor| !without.contains(floor))
    {
        for mut limit in floor.limits() {
            let same =
                |l: &&Limit| (l.act, &l.key, l.counts) == (limit.act, &limit.key, limit.counts);
            // One that is reported, or that leaves known numbers alone, says nothing of what the others are told.
            let refuses = |l: &&Limit| l.on_exceed != OnExceed::Report && !l.exempt_known;
            if let Some(own) = own.iter().filter(same).find(refuses) {
                limit.on_exceed = own.on_exceed;
            }
            limits.push(limit);
        }
    }
    limits
}
