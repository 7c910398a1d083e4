//! Trying a code.

use super::{Attempt, ChallengeRecord, Digest, Guess, IssuedCode, Rejection};
use crate::limit::{self, Charged, Count};
use crate::{Channel, KeyId, Timestamp};
use subtle::{Choice, ConstantTimeEq};

/// Counts a guess, charges what a failure costs, then compares. Exactly one caller ever gets `Accepted`.
#[must_use]
pub fn attempt(
    record: Option<&mut ChallengeRecord>,
    guess: &Guess<'_>,
    cells: &mut [Charged<'_>],
    now: Timestamp,
) -> Attempt {
    let refused = limit::refusals_of_guess(cells, now);
    if !refused.is_empty() {
        return Attempt::Refused(refused);
    }
    let Some(record) = record else {
        let _ = matches(&NOBODY, guess.digests);
        settle(cells, Some(Rejection::Unknown), now);
        return Attempt::Rejected {
            reason: Rejection::Unknown,
            tries_left: 0,
            proved: false,
        };
    };
    let outcome = record.guess(guess.digests, now);
    let rejection = match &outcome {
        Attempt::Rejected { reason, .. } => Some(*reason),
        _ => None,
    };
    settle(cells, rejection, now);
    outcome
}

/// Charges each cell what this outcome costs it.
fn settle(cells: &mut [Charged<'_>], rejection: Option<Rejection>, now: Timestamp) {
    for (cell, tally) in cells.iter_mut() {
        let charged = match cell.count {
            Count::All | Count::Spend(_) => true,
            Count::WrongGuesses | Count::Streak => rejection == Some(Rejection::Wrong),
            Count::Rejections | Count::Distinct(_) => rejection.is_some(),
            Count::Unverified(_) => false,
        };
        if charged {
            tally.charge(cell.count, &cell.rates, now);
        } else if rejection.is_none() && cell.count == Count::Streak {
            **tally = limit::Tally::empty(cell.count, &cell.rates);
        } else if rejection.is_none() {
            tally.verified(cell.count, &cell.rates, now);
        }
    }
}

impl ChallengeRecord {
    /// Counts the guess on each code that is live, and compares it with all.
    fn guess(&mut self, candidates: &[(KeyId, Digest)], now: Timestamp) -> Attempt {
        let evaluated = self.used_at.is_none();
        let (mut hit, mut proved) = (None, Choice::from(0));
        let mut compared = false;
        let previous = self.previous.iter_mut();
        let previous = previous.map(|p| (now < p.valid_until, &mut p.code));
        for (within, code) in std::iter::once((true, &mut self.current)).chain(previous) {
            let live = evaluated && within && code.is_live(now);
            if live {
                code.tries_left -= 1;
                compared = true;
            }
            let same = matches(code, candidates);
            if (same & Choice::from(u8::from(live))).into() {
                hit = hit.or(Some((code.channel, code.remember_me)));
            }
            proved |= same;
        }
        if let Some((channel, remember_me)) = hit {
            self.used_at = Some(now);
            return Attempt::Accepted {
                channel,
                remember_me,
            };
        }
        let reason = match () {
            () if self.used_at.is_some() => Rejection::Used,
            () if compared => Rejection::Wrong,
            () if self.current.is_over(now) => Rejection::Expired,
            () => Rejection::Locked,
        };
        let told = matches!(reason, Rejection::Used | Rejection::Expired);
        Attempt::Rejected {
            reason,
            tries_left: if evaluated && !self.current.is_over(now) {
                self.current.tries_left
            } else {
                0
            },
            proved: told && proved.into(),
        }
    }
}

/// Compared with when there is no challenge, so that the answer takes the same work.
const NOBODY: IssuedCode = IssuedCode {
    request: None,
    channel: Channel::Sms,
    remember_me: false,
    digest: [0; 32],
    kid: KeyId::NONE,
    issued_at: Timestamp::from_millis(0),
    expires_at: Timestamp::from_millis(0),
    tries_left: 0,
};

/// Compares every candidate, whatever the earlier ones gave.
pub(super) fn matches(code: &IssuedCode, candidates: &[(KeyId, Digest)]) -> Choice {
    candidates
        .iter()
        .fold(Choice::from(0), |found, (kid, digest)| {
            found | (code.digest.ct_eq(digest) & Choice::from(u8::from(code.kid == *kid)))
        })
}
