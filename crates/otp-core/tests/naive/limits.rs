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
        if let Count::Spend(price) = cell.count {
            return self.pay_back(cell, at, price);
        }
        let taken = |event: &Event| {
            let given_back = !matches!(event.count, Count::Distinct(_) | Count::Streak);
            given_back && event.cell == cell.key && event.at == at
        };
        if let Some(index) = self.0.iter().position(taken) {
            self.0.remove(index);
        }
    }

    /// All that is remembered of the cell's member, if it was seen last at `at`.
    pub(crate) fn forget(&mut self, cell: &Cell, at: Timestamp) {
        let is_same = |event: &Event| event.cell == cell.key && event.count == cell.count;
        let last = self.0.iter().filter(|event| is_same(event)).map(|e| e.at);
        if last.max() == Some(at) {
            self.0.retain(|event| !is_same(event));
        }
    }

    /// Money has no name: it comes out of all that leaves together.
    fn pay_back(&mut self, cell: &Cell, at: Timestamp, mut left: u32) {
        let rate = cell.rates[0];
        let (cell, count) = (cell.key, cell.count);
        let until = leaves(&Event { cell, count, at }, &rate);
        for event in &mut self.0 {
            if event.cell == cell && leaves(event, &rate) == until {
                let taken = event.count.weight().min(left);
                event.count = Count::Spend(event.count.weight() - taken);
                left -= taken;
            }
        }
        self.0.retain(|event| event.count != Count::Spend(0));
    }

    /// Of what counts at `now`, the oldest go.
    pub(crate) fn verified(&mut self, cell: &Cell, how_many: u32, now: Timestamp) {
        for _ in 0..how_many {
            let counts = |event: &&Event| leaves(event, &cell.rates[0]) > now;
            let oldest = self.of(cell).filter(counts).map(|event| event.at).min();
            let Some(at) = oldest else { return };
            self.remove(cell, at);
        }
    }

    /// The first instant from `now` on at which every rate admits one more, if nothing else happens.
    pub(crate) fn free_at(&self, cell: &Cell, now: Timestamp) -> Timestamp {
        let leave = |rate: &'_ Rate| {
            let rate = *rate;
            self.of(cell).map(move |event| leaves(event, &rate))
        };
        let mut instants: Vec<_> = cell.rates.iter().flat_map(leave).collect();
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
        let inside = self.of(cell).filter(|event| leaves(event, rate) > at);
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
            _ => {
                let taken: u64 = inside.map(|event| u64::from(event.count.weight())).sum();
                taken + u64::from(cell.count.weight()) <= quota as u64
            }
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

/// Money is kept in sixty-fourths of the window, and one leaves with its last millisecond.
fn leaves(event: &Event, rate: &Rate) -> Timestamp {
    let window = rate.window_millis();
    let at = match event.count {
        Count::Spend(_) => {
            let length = (window + 63) / 64;
            event.at.as_millis().div_euclid(length) * length + length - 1
        }
        _ => event.at.as_millis(),
    };
    Timestamp::from_millis(at + window)
}

fn member(count: Count) -> Option<u64> {
    match count {
        Count::Distinct(member) => Some(member),
        _ => None,
    }
}
