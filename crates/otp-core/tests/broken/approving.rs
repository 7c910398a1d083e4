//! Accepting what a provider found right, and how that goes wrong.

use super::{Broken, Fault, pair};
use otp_core::challenge::{self, Attempt, Guess};
use otp_core::limit::{self, Cell, Tally};
use otp_core::{StoreError, Timestamp};

impl Broken {
    pub(super) async fn approved(
        &self,
        guess: &Guess<'_>,
        guessed_at: Timestamp,
        cells: &[Cell],
        now: Timestamp,
    ) -> Result<Attempt, StoreError> {
        let key = self.key(guess.key);
        let mut record = self.state().challenges.get(&key).cloned();
        if self.has(Fault::ApprovesTwice) {
            tokio::task::yield_now().await;
        }
        let mut state = self.state();
        if !self.has(Fault::ApprovesTwice) {
            record = state.challenges.get(&key).cloned();
        }
        let mut tallies = state.tallies(cells);
        let kept = tallies.clone();
        let (mut any, mut at) = (*guess, now);
        let mut own = Vec::new();
        match (self.fault, &record) {
            (Fault::ApprovesAnyCode, Some(record)) => {
                own.push((record.current.kid, record.current.digest));
                any = Guess::new(guess.key, &own);
            }
            (Fault::ApprovesTheExpired, Some(record)) => at = now.min(record.current.issued_at),
            (Fault::ApprovesWhileTriesAreLeft, Some(locked)) if locked.current.tries_left == 0 => {
                record = None;
            }
            _ => {}
        }
        let charged = &mut pair(cells, &mut tallies);
        let attempt = challenge::approve(record.as_mut(), &any, guessed_at, charged, at);
        let accepted = matches!(attempt, Attempt::Accepted { .. });
        match self.fault {
            Fault::ApprovesAndKeepsTheCost => tallies = kept,
            Fault::ApprovesAndGivesBackAll if accepted => {
                let empty = cells
                    .iter()
                    .map(|cell| Tally::empty(cell.count, &cell.rates));
                tallies = empty.collect();
            }
            Fault::RejectsAndGivesBack if !accepted => {
                limit::refund(&mut pair(cells, &mut tallies), guessed_at);
            }
            _ => {}
        }
        state.keep(cells, tallies);
        state.challenges.extend(record.map(|record| (key, record)));
        Ok(attempt)
    }
}
