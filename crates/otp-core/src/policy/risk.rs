//! What a policy gives an attacker who guesses at one phone for a year.

use super::CodeRules;
use super::floor::DAY;
use crate::limit::{Act, Counts, Dimension, Limit, OnExceed};

/// The chance of a guess, over a day and over a year, at one phone and whatever the attacker does.
///
/// It counts the wrong guesses that the limits let through, from any number of addresses. It leaves out what no
/// limit can stop: phishing of the code, and taking over the number.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Risk {
    /// Wrong guesses in any 24 hours.
    pub guesses_per_day: u64,
    /// Codes that one guess is compared with at the same time.
    pub codes_alive: u32,
    /// Chance that at least one guess of a day is right.
    pub per_day: f64,
    /// Chance that at least one guess of a year is right.
    pub per_year: f64,
}

/// Chance per phone and year above which a policy must say why.
pub(super) const MOST_PER_YEAR: f64 = 0.01;

impl Risk {
    pub(super) fn of(code: &CodeRules, limits: &[Limit]) -> Self {
        let most = |act: Act, counts: Counts| {
            let about = |l: &&Limit| {
                (l.act, l.counts) == (act, counts)
                    && l.key == [Dimension::Phone]
                    && l.on_exceed != OnExceed::Report
            };
            limits
                .iter()
                .filter(about)
                .map(|l| l.rate.most_within(DAY))
                .min()
        };
        let by_budget = most(Act::Verify, Counts::Failures);
        let by_messages = most(Act::Send, Counts::All).map(|n| n.saturating_mul(code.tries.into()));
        let guesses = by_budget
            .into_iter()
            .chain(by_messages)
            .min()
            .unwrap_or(u64::MAX);
        let codes_alive = if code.previous_valid_for.is_zero() {
            1
        } else {
            2
        };
        let hit = f64::from(codes_alive) / 10f64.powi(code.digits.into());
        #[expect(
            clippy::cast_precision_loss,
            reason = "a chance needs no more than 53 bits of a count"
        )]
        let at_least_once = |guesses: u64| -((guesses as f64) * (-hit).ln_1p()).exp_m1();
        Self {
            guesses_per_day: guesses,
            codes_alive,
            per_day: at_least_once(guesses),
            per_year: at_least_once(guesses.saturating_mul(365)),
        }
    }
}
