//! A limit as a store sees it: a key, its rates, and the one decision over several of them.

use super::{Rate, Tally};
use crate::{PhoneKey, Timestamp};
use std::sync::Arc;

/// The store key of a limit: a keyed hash of what is limited, so it tells nothing about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CellKey([u8; 16]);

impl CellKey {
    /// A key of these 16 bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The 16 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

/// What adds to a cell. A store that restates this in its own language has to know every kind, so another one is a
/// breaking change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Count {
    /// Every admitted act.
    All,
    /// A wrong guess that was compared with a live code.
    WrongGuesses,
    /// Every attempt that did not succeed, compared or not.
    Rejections,
    /// Wrong guesses since the last success, which sets it back to none.
    Streak,
    /// Distinct members (here: phones, by keyed hash) with a rejected attempt or an admitted act.
    Distinct(u64),
    /// What an admitted act costs, in the unit of the quota. It is kept in sub-windows whatever the quota.
    Spend(u32),
    /// Admitted sends that nothing came of: a right code takes away the oldest one, and so many more. A guess neither
    /// adds to it nor is refused by it.
    Unverified(u32),
}

impl Count {
    /// How much of the quota one act takes.
    #[must_use]
    pub const fn weight(self) -> u32 {
        match self {
            Self::Spend(price) => price,
            _ => 1,
        }
    }
}

/// One limit to be checked and charged in a store verb.
///
/// ```
/// use otp_core::limit::{Cell, CellKey, Count, Decision, Rate, Tally, charge};
/// use otp_core::Timestamp;
/// use std::time::Duration;
///
/// let rates = [Rate::new(1, Duration::from_secs(60))];
/// let cell = Cell::new(CellKey::from_bytes([7; 16]), Count::All, rates);
/// let mut tally = Tally::empty(cell.count, &cell.rates);
///
/// let now = Timestamp::from_secs(1_767_225_600);
/// assert_eq!(charge(&mut [(&cell, &mut tally)], now), Decision::Admitted);
/// let Decision::Refused(refusals) = charge(&mut [(&cell, &mut tally)], now) else { unreachable!() };
/// assert_eq!(refusals[0].retry_at, now + Duration::from_secs(60));
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Cell {
    /// Where it is kept.
    pub key: CellKey,
    /// The phone beside whose challenges it is kept, if the limit is about that phone alone.
    pub home: Option<PhoneKey>,
    /// What adds to it.
    pub count: Count,
    /// All of these must admit. Growing in quota and in window.
    pub rates: Arc<[Rate]>,
}

impl Cell {
    /// A limit that is kept under `key`, wherever the store likes. `rates` grow in quota and in window.
    #[must_use]
    pub fn new(key: CellKey, count: Count, rates: impl Into<Arc<[Rate]>>) -> Self {
        Self {
            key,
            home: None,
            count,
            rates: rates.into(),
        }
    }

    /// The same, kept beside the challenges of this phone.
    #[must_use]
    pub const fn at_home_of(mut self, phone: PhoneKey) -> Self {
        self.home = Some(phone);
        self
    }
}

/// One cell that did not admit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Refusal {
    /// The cell's position in the slice that the verb was given.
    pub cell: usize,
    /// The exact instant from which it will admit one.
    pub retry_at: Timestamp,
}

impl Refusal {
    /// The cell at this position will admit one at `retry_at`, and not before.
    #[must_use]
    pub const fn new(cell: usize, retry_at: Timestamp) -> Self {
        Self { cell, retry_at }
    }
}

/// The answer of all cells together. There is no third one: code that decides by it has no arm for the unforeseen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// All cells admitted, and were charged.
    Admitted,
    /// At least one did not; none was charged.
    Refused(Vec<Refusal>),
}

/// A cell and what is remembered under its key.
pub type Charged<'a> = (&'a Cell, &'a mut Tally);

/// The cells that do not admit one more at `now`; empty means that all do.
#[must_use]
pub fn refusals(cells: &[Charged<'_>], now: Timestamp) -> Vec<Refusal> {
    let refusal = |(index, (cell, tally)): (usize, &Charged<'_>)| {
        let retry_at = tally.admitted_from(cell.count, &cell.rates, now);
        (retry_at > now).then_some(Refusal {
            cell: index,
            retry_at,
        })
    };
    cells.iter().enumerate().filter_map(refusal).collect()
}

/// As [`refusals`], for a guess: what counts unverified sends stops sends alone.
#[must_use]
pub fn refusals_of_guess(cells: &[Charged<'_>], now: Timestamp) -> Vec<Refusal> {
    let mut refused = refusals(cells, now);
    refused.retain(|refusal| {
        let cell = cells.get(refusal.cell);
        !cell.is_some_and(|(cell, _)| matches!(cell.count, Count::Unverified(_)))
    });
    refused
}

/// Charges every cell, or none: the rule behind [`ChallengeStore::charge`](crate::ChallengeStore::charge).
#[must_use]
pub fn charge(cells: &mut [Charged<'_>], now: Timestamp) -> Decision {
    let refused = refusals(cells, now);
    if !refused.is_empty() {
        return Decision::Refused(refused);
    }
    for (cell, tally) in cells.iter_mut() {
        tally.charge(cell.count, &cell.rates, now);
    }
    Decision::Admitted
}

/// Takes back what [`charge`] recorded at `charged_at`.
pub fn refund(cells: &mut [Charged<'_>], charged_at: Timestamp) {
    for (cell, tally) in cells.iter_mut() {
        tally.refund(cell.count, &cell.rates, charged_at);
    }
}

/// The instant from which all cells will admit one more, nobody else charging them.
#[must_use]
pub fn next_admission(cells: &[Charged<'_>], now: Timestamp) -> Timestamp {
    cells
        .iter()
        .map(|(cell, tally)| tally.admitted_from(cell.count, &cell.rates, now))
        .max()
        .unwrap_or(now)
}
