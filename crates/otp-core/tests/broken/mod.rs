//! A store that is right, and one way to be wrong.

mod approving;
mod deliveries;
mod sessions;

use otp_core::challenge::{
    self, Attempt, ChallengeKey, ChallengeRecord, Digest, Guess, NewChallenge, Opened, Opening,
    Put, Rejection,
};
use otp_core::limit::{self, Cell, CellKey, Charged, Count, Decision, Rate, Tally};
use otp_core::session::SessionRecord;
use otp_core::{
    Backend, ChallengeStore, Clock as _, DeliveryState, MessageKey, PhoneKey, Purpose, Reach, Sent,
    SessionId, StoreError, SystemClock, Timestamp, async_trait,
};
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

/// What it does wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    None,
    /// Reads, looks, and writes back later.
    ComparesBeforeCounting,
    ConsumesTwice,
    ForgetsTheExpiry,
    ExpiresOneMillisecondLate,
    RevivesWhatAClockLeftBehind,
    WrongGuessesLengthenLife,
    AdmitsOneTooMany,
    FixedWindow,
    TellsWaitsInSeconds,
    ChargesOneByOne,
    IgnoresPrices,
    RefundsOneOfThePrice,
    GivesNothingBack,
    FailuresGiveBack,
    RefusedGuessesCount,
    RefillsTriesOnResend,
    ResendsTheDead,
    KeepsTheStreak,
    SuccessRefillsTheDay,
    StrangersSpendTheBudget,
    ForgetsRequests,
    RefundsTwice,
    RefundsTheUsed,
    LosesTheCodeBefore,
    IgnoresThePurpose,
    IgnoresThePhone,
    ChargesThenStores,
    ApprovesTwice,
    ApprovesAnyCode,
    ApprovesTheExpired,
    ApprovesWhileTriesAreLeft,
    ApprovesAndKeepsTheCost,
    ApprovesAndGivesBackAll,
    RejectsAndGivesBack,
    LastReportIsBelieved,
    DropsEarlyReports,
    ForgetsToReplaceANote,
    NeverOver,
    ReportsEndChallenges,
    MixesReportsUp,
    PurgesWhatCounts,
    PurgesWithoutBound,
    RotatesTwice,
    NeverRevokesOnReuse,
    GrandparentsHaveGrace,
    MovesTheAbsoluteEnd,
    RotatesTheDead,
    StrangersEndSessions,
    EndsOneOfMany,
    OverwritesSessions,
    ListsTheDead,
}

#[derive(Debug)]
pub(crate) struct Broken {
    fault: Fault,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    challenges: HashMap<ChallengeKey, ChallengeRecord>,
    tallies: HashMap<CellKey, Tally>,
    sessions: HashMap<SessionId, SessionRecord>,
    notes: HashMap<ChallengeKey, (Sent, Timestamp)>,
    reports: HashMap<MessageKey, (DeliveryState, Timestamp)>,
}

impl Broken {
    pub(crate) fn new(fault: Fault) -> Self {
        Self {
            fault,
            state: Mutex::default(),
        }
    }

    fn has(&self, fault: Fault) -> bool {
        self.fault == fault
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// Where a challenge is kept.
    fn key(&self, key: &ChallengeKey) -> ChallengeKey {
        let mut key = *key;
        if self.has(Fault::IgnoresThePurpose) {
            key.purpose = Purpose::Login;
        }
        if self.has(Fault::IgnoresThePhone) {
            key.phone = PhoneKey::from_bytes([0; 16]);
        }
        key
    }

    /// What is counted, and from when.
    fn cells(&self, cells: &[Cell], now: Timestamp) -> (Vec<Cell>, Timestamp) {
        let rate = |rate: &Rate| match self.fault {
            Fault::AdmitsOneTooMany => Rate::new(rate.quota() + 1, rate.window()),
            _ => *rate,
        };
        let longest = |cell: &Cell| cell.rates.last().map_or(1, Rate::window_millis);
        let now = match (self.fault, cells.first()) {
            (Fault::FixedWindow, Some(cell)) => {
                Timestamp::from_millis(now.as_millis() / longest(cell) * longest(cell))
            }
            _ => now,
        };
        let count = |count: Count| match (self.fault, count) {
            (Fault::IgnoresPrices, Count::Spend(_)) => Count::Spend(1),
            _ => count,
        };
        let cell = |cell: &Cell| {
            let mut cell = cell.clone();
            cell.count = count(cell.count);
            cell.rates = cell.rates.iter().map(rate).collect();
            cell
        };
        (cells.iter().map(cell).collect(), now)
    }

    fn told(&self, decision: Decision) -> Decision {
        let Decision::Refused(mut refusals) = decision else {
            return decision;
        };
        for refusal in &mut refusals {
            if self.has(Fault::TellsWaitsInSeconds) {
                refusal.retry_at = Timestamp::from_secs(refusal.retry_at.as_secs());
            }
        }
        Decision::Refused(refusals)
    }
}

impl State {
    fn tallies(&self, cells: &[Cell]) -> Vec<Tally> {
        let tally = |cell: &Cell| {
            let kept = self.tallies.get(&cell.key).cloned();
            kept.unwrap_or_else(|| Tally::empty(cell.count, &cell.rates))
        };
        cells.iter().map(tally).collect()
    }

    fn keep(&mut self, cells: &[Cell], tallies: Vec<Tally>) {
        let keys = cells.iter().map(|cell| cell.key);
        self.tallies.extend(keys.zip(tallies));
    }
}

fn pair<'a>(cells: &'a [Cell], tallies: &'a mut [Tally]) -> Vec<Charged<'a>> {
    cells.iter().zip(tallies.iter_mut()).collect()
}

#[async_trait]
impl ChallengeStore for Broken {
    async fn open(
        &self,
        new: &NewChallenge,
        cells: &[Cell],
        now: Timestamp,
    ) -> Result<Opened, StoreError> {
        let (cells, at) = self.cells(cells, now);
        let key = self.key(&new.key);
        let mut new = new.clone();
        if self.has(Fault::ForgetsRequests) {
            new.request = None;
        }
        let (record, opened) = {
            let mut state = self.state();
            let mut tallies = state.tallies(&cells);
            let mut found = state.challenges.get(&key).cloned();
            if let (Some(record), Fault::ResendsTheDead) = (&mut found, self.fault) {
                record.used_at = None;
                record.current.tries_left = record.current.tries_left.max(1);
            }
            let put = challenge::open(found.as_ref(), &new, &mut pair(&cells, &mut tallies), at);
            let (mut record, opened) = match put {
                Put::Keep(opened) => return Ok(opened),
                Put::Store(record, opened) => (record, opened),
            };
            if self.has(Fault::RefillsTriesOnResend) && new.opening == Opening::Resend {
                record.current.tries_left = new.tries;
            }
            state.keep(&cells, tallies);
            if !self.has(Fault::ChargesThenStores) {
                state.challenges.insert(key, record);
                return Ok(opened);
            }
            (record, opened)
        };
        tokio::task::yield_now().await;
        self.state().challenges.insert(key, record);
        Ok(opened)
    }

    async fn attempt(
        &self,
        guess: &Guess<'_>,
        cells: &[Cell],
        now: Timestamp,
    ) -> Result<Attempt, StoreError> {
        let (cells, now) = self.cells(cells, now);
        let key = self.key(guess.key);
        let (mut record, mut tallies) = {
            let state = self.state();
            (state.challenges.get(&key).cloned(), state.tallies(&cells))
        };
        if self.has(Fault::ComparesBeforeCounting) {
            tokio::task::yield_now().await;
        }
        let mut state = self.state();
        if !self.has(Fault::ComparesBeforeCounting) {
            (record, tallies) = (state.challenges.get(&key).cloned(), state.tallies(&cells));
        }
        let at = self.time_of_guess(record.as_ref(), now);
        let kept = tallies.clone();
        let charged = &mut pair(&cells, &mut tallies);
        let attempt = challenge::attempt(record.as_mut(), guess, charged, at);
        if let Some(record) = &mut record {
            self.spoil(record, &attempt);
        }
        self.spoil_limits(&cells, &mut tallies, kept, &attempt, now);
        state.challenges.extend(record.map(|record| (key, record)));
        state.keep(&cells, tallies);
        Ok(attempt)
    }

    async fn approve(
        &self,
        guess: &Guess<'_>,
        guessed_at: Timestamp,
        cells: &[Cell],
        now: Timestamp,
    ) -> Result<Attempt, StoreError> {
        self.approved(guess, guessed_at, cells, now).await
    }

    async fn charge(&self, cells: &[Cell], now: Timestamp) -> Result<Decision, StoreError> {
        let (cells, now) = self.cells(cells, now);
        let mut state = self.state();
        let mut tallies = state.tallies(&cells);
        let decision = limit::charge(&mut pair(&cells, &mut tallies), now);
        if self.has(Fault::ChargesOneByOne) && decision != Decision::Admitted {
            for charged in &mut pair(&cells, &mut tallies) {
                let one = std::slice::from_mut(charged);
                if limit::charge(one, now) != Decision::Admitted {
                    break;
                }
            }
        }
        state.keep(&cells, tallies);
        Ok(self.told(decision))
    }

    async fn refund(
        &self,
        key: &ChallengeKey,
        digest: &Digest,
        cells: &[Cell],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let (mut cells, _) = self.cells(cells, now);
        for cell in &mut cells {
            if self.has(Fault::RefundsOneOfThePrice) && matches!(cell.count, Count::Spend(_)) {
                cell.count = Count::Spend(1);
            }
        }
        let key = self.key(key);
        let mut state = self.state();
        let Some(mut record) = state.challenges.get(&key).cloned() else {
            return Ok(());
        };
        if self.has(Fault::RefundsTheUsed) {
            record.used_at = None;
        }
        let Some(withdrawn) = challenge::withdraw(&record, digest) else {
            return Ok(());
        };
        match withdrawn.left {
            Some(left) if !self.has(Fault::LosesTheCodeBefore) => {
                state.challenges.insert(key, left);
            }
            _ if self.has(Fault::RefundsTwice) => {}
            _ => {
                state.challenges.remove(&key);
            }
        }
        let mut tallies = state.tallies(&cells);
        limit::refund(&mut pair(&cells, &mut tallies), withdrawn.charged_at);
        state.keep(&cells, tallies);
        Ok(())
    }

    async fn purge_challenges(&self, before: Timestamp, limit: u32) -> Result<u64, StoreError> {
        let mut state = self.state();
        let goes = |record: &ChallengeRecord| match self.fault {
            Fault::PurgesWhatCounts => record.current.issued_at <= before,
            _ => record.forgotten_at() <= before,
        };
        let gone = state.challenges.iter().filter(|(_, record)| goes(record));
        let gone: Vec<_> = gone.map(|(key, _)| *key).collect();
        let bound = match self.fault {
            Fault::PurgesWithoutBound => usize::MAX,
            _ => limit as usize,
        };
        let gone: Vec<_> = gone.into_iter().take(bound).collect();
        for key in &gone {
            state.challenges.remove(key);
        }
        Ok((gone.len() as u64).min(limit.into()))
    }
}

#[async_trait]
impl Backend for Broken {
    async fn ping(&self) -> Result<Timestamp, StoreError> {
        Ok(SystemClock.now())
    }

    fn reach(&self) -> Reach {
        Reach::Process
    }
}

impl Broken {
    /// What it takes the time for.
    fn time_of_guess(&self, record: Option<&ChallengeRecord>, now: Timestamp) -> Timestamp {
        match (self.fault, record) {
            (Fault::ForgetsTheExpiry, Some(record)) => now.min(record.current.issued_at),
            (Fault::RevivesWhatAClockLeftBehind, Some(record)) => now.max(record.current.issued_at),
            (Fault::ExpiresOneMillisecondLate, Some(record))
                if now == record.current.expires_at =>
            {
                now - Duration::from_millis(1)
            }
            _ => now,
        }
    }

    fn spoil(&self, record: &mut ChallengeRecord, attempt: &Attempt) {
        match (self.fault, attempt) {
            (Fault::ConsumesTwice, _) => record.used_at = None,
            (Fault::RefusedGuessesCount, Attempt::Refused(_)) => {
                record.current.tries_left = record.current.tries_left.saturating_sub(1);
            }
            (Fault::WrongGuessesLengthenLife, Attempt::Rejected { .. }) => {
                let by = Duration::from_secs(60);
                record.current.expires_at = record.current.expires_at + by;
            }
            _ => {}
        }
    }

    fn spoil_limits(
        &self,
        cells: &[Cell],
        tallies: &mut [Tally],
        before: Vec<Tally>,
        attempt: &Attempt,
        now: Timestamp,
    ) {
        let accepted = matches!(attempt, Attempt::Accepted { .. });
        let rejected = matches!(attempt, Attempt::Rejected { .. });
        let unknown = matches!(
            attempt,
            Attempt::Rejected {
                reason: Rejection::Unknown,
                ..
            }
        );
        for ((cell, tally), before) in cells.iter().zip(tallies).zip(before) {
            match (self.fault, cell.count) {
                (Fault::KeepsTheStreak, Count::Streak) if accepted => *tally = before,
                (Fault::GivesNothingBack, Count::Unverified(_)) if accepted => *tally = before,
                (Fault::FailuresGiveBack, Count::Unverified(_)) if rejected => {
                    tally.verified(cell.count, &cell.rates, now);
                }
                (Fault::SuccessRefillsTheDay, Count::WrongGuesses) if accepted => {
                    *tally = Tally::empty(cell.count, &cell.rates);
                }
                (Fault::StrangersSpendTheBudget, Count::WrongGuesses) if unknown => {
                    tally.charge(cell.count, &cell.rates, now);
                }
                _ => {}
            }
        }
    }
}
