//! Limits by looking through everything that was ever admitted.

use otp_core::Timestamp;
use otp_core::limit::{Cell, CellKey, Count, Rate};
use std::collections::HashSet;

#[derive(Debug, Default)]
pub(crate) struct Events(Vec<Event>);

#[derive(Debug)]
struct Event {
    cell: CellKey,
    count: Count,
    at: Timestamp,
}

impl Events {
    pub(crate) fn add(&mut self, cell: &Cell, at: Timestamp) {
        let (cell, count) = (cell.key, cell.count);
        self.0.push(Event { cell, count, at });
    }

    pub(crate) fn reset(&mut self, cell: &Cell) {
        self.0.retain(|event| event.cell != cell.key);
    }

    /// What is remembered of distinct members, and of failures in a row, is not given back.
    pub(crate) fn remove(&mut self, cell: &Cell, at: Timestamp) {
        let taken = |event: &Event| {
            let given_back = !matches!(event.count, Count::Distinct(_) | Count::Streak);
            given_back && event.cell == cell.key && event.at == at
        };
        if let Some(index) = self.0.iter().position(taken) {
            self.0.remove(index);
        }
    }

    /// The first instant from `now` on at which every rate admits one more, if nothing else happens.
    pub(crate) fn free_at(&self, cell: &Cell, now: Timestamp) -> Timestamp {
        let leaves = |rate: &Rate| {
            let window = rate.window();
            self.of(cell).map(move |event| event.at + window)
        };
        let mut instants: Vec<_> = cell.rates.iter().flat_map(leaves).collect();
        instants.retain(|at| *at > now);
        instants.push(now);
        instants.sort_unstable();
        let admits = |at: &&Timestamp| cell.rates.iter().all(|rate| self.admits(cell, rate, **at));
        *instants
            .iter()
            .find(admits)
            .expect("when all have left there is room")
    }

    fn of(&self, cell: &Cell) -> impl Iterator<Item = &Event> {
        let key = cell.key;
        self.0.iter().filter(move |event| event.cell == key)
    }

    fn admits(&self, cell: &Cell, rate: &Rate, at: Timestamp) -> bool {
        let inside = self.of(cell).filter(|event| event.at + rate.window() > at);
        let quota = rate.quota() as usize;
        match cell.count {
            Count::Distinct(_) => {
                let members: HashSet<u64> =
                    inside.filter_map(|event| member(event.count)).collect();
                member(cell.count).is_some_and(|m| members.contains(&m)) || members.len() < quota
            }
            Count::Streak => {
                let (failures, last) = self.in_a_row(cell);
                failures < quota || last.is_none_or(|last| at >= last + rate.window())
            }
            _ => inside.count() < quota,
        }
    }

    /// Failures since the last reset or pause, and the last of them.
    fn in_a_row(&self, cell: &Cell) -> (usize, Option<Timestamp>) {
        let longest = cell
            .rates
            .iter()
            .map(Rate::window)
            .max()
            .unwrap_or_default();
        let mut last: Option<Timestamp> = None;
        let mut failures = 0;
        for event in self.of(cell) {
            let paused = last.is_some_and(|last| event.at >= last + longest);
            failures = if paused { 1 } else { failures + 1 };
            last = Some(event.at);
        }
        (failures, last)
    }
}

fn member(count: Count) -> Option<u64> {
    match count {
        Count::Distinct(member) => Some(member),
        _ => None,
    }
}
