//! Accepting a code that somebody else found right.

use super::attempt::matches;
use super::{Attempt, ChallengeRecord, Guess, Rejection};
use crate::Timestamp;
use crate::limit::{Charged, Count, Tally};

/// Accepts a challenge whose guess was counted at `guessed_at` and found right by a provider. Exactly one caller ever
/// gets `Accepted`, and only for a challenge that was opened with one of the guess's digests.
///
/// The tries are not asked: the guess was one of them. What it was charged as a failure is given back, because it was
/// none, and so is what a verified message gives back; nothing else is.
#[must_use]
pub fn approve(
    record: Option<&mut ChallengeRecord>,
    guess: &Guess<'_>,
    guessed_at: Timestamp,
    cells: &mut [Charged<'_>],
    now: Timestamp,
) -> Attempt {
    let rejected = |reason| Attempt::Rejected {
        reason,
        tries_left: 0,
        proved: false,
    };
    let Some(record) = record else {
        return rejected(Rejection::Unknown);
    };
    let is_hosted: bool = matches(&record.current, guess.digests).into();
    match () {
        () if !is_hosted => return rejected(Rejection::Unknown),
        () if record.used_at.is_some() => return rejected(Rejection::Used),
        () if record.current.is_over(now) => return rejected(Rejection::Expired),
        () => record.used_at = Some(now),
    }
    for (cell, tally) in cells.iter_mut() {
        match cell.count {
            Count::All | Count::Spend(_) => {}
            Count::Unverified(_) => tally.verified(cell.count, &cell.rates, now),
            Count::Streak => **tally = Tally::empty(cell.count, &cell.rates),
            Count::Distinct(member) => tally.forget(member, guessed_at),
            Count::WrongGuesses | Count::Rejections => {
                tally.refund(cell.count, &cell.rates, guessed_at)
            }
        }
    }
    Attempt::Accepted {
        channel: record.current.channel,
        remember_me: record.current.remember_me,
    }
}
