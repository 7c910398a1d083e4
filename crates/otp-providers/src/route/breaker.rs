//! Whether a provider is asked at all: its circuit breaker and its bound, without a clock.

use super::Tuning;
use otp_core::Timestamp;
use std::time::Duration;

/// What the end of an attempt says of the provider, whatever it says of the message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Health {
    /// It works: it took the message, or had a reason that lies in the message.
    Good,
    /// Nothing: it throttles, or nobody waited for its answer.
    Unknown,
    /// It failed; so many in a row open the breaker.
    Bad,
    /// It fails whatever it is given: the breaker opens at once.
    Broke,
}

/// A permission to send one message, given back to [`Gate::settle`].
#[derive(Debug)]
pub(super) struct Pass {
    epoch: u64,
}

/// Why a provider is not asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Closed {
    /// The breaker is open for so long.
    Open(Duration),
    /// The one probe is on its way.
    Probing,
    /// As many messages as may be are on their way.
    Full,
}

/// What a settled attempt changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// The breaker opened, for so long.
    Opened(Duration),
    /// The breaker closed.
    Closed,
}

/// Where the breaker stands.
#[derive(Clone, Copy, Debug)]
pub(super) enum State {
    /// All may pass; so many failed in a row.
    Closed { bad: u32 },
    /// None may pass for a while.
    Open { since: Timestamp, lasts: Duration },
    /// One may pass. `lasted` is how long it was open before.
    HalfOpen { probing: bool, lasted: Duration },
}

#[derive(Debug)]
pub(super) struct Gate {
    state: State,
    in_flight: u32,
    /// Messages in a row that were taken and did not arrive.
    undelivered: u32,
    /// Changes with the state and with each probe: what began before says nothing of now.
    epoch: u64,
}

impl Gate {
    pub(super) const fn new() -> Self {
        Self {
            state: State::Closed { bad: 0 },
            in_flight: 0,
            undelivered: 0,
            epoch: 0,
        }
    }

    /// Where the breaker stands, and how many messages are on their way.
    pub(super) const fn look(&self) -> (State, u32) {
        (self.state, self.in_flight)
    }

    /// Lets one message pass, or says why not.
    pub(super) fn admit(&mut self, rules: &Tuning, now: Timestamp) -> Result<Pass, Closed> {
        if self.in_flight >= rules.in_flight {
            return Err(Closed::Full);
        }
        match self.state {
            State::Closed { .. } => {}
            State::HalfOpen { probing: true, .. } => return Err(Closed::Probing),
            State::HalfOpen { lasted, .. } => self.probe(lasted),
            State::Open { since, lasts } => match remaining(since, lasts, now) {
                Duration::ZERO => self.probe(lasts),
                wait => return Err(Closed::Open(wait)),
            },
        }
        self.in_flight += 1;
        Ok(Pass { epoch: self.epoch })
    }

    /// Takes the permission back with what was seen.
    pub(super) fn settle(
        &mut self,
        rules: &Tuning,
        pass: Pass,
        health: Health,
        now: Timestamp,
    ) -> Option<Change> {
        self.in_flight = self.in_flight.saturating_sub(1);
        if pass.epoch != self.epoch {
            return None;
        }
        match (self.state, health) {
            (State::Closed { bad }, Health::Bad) if bad + 1 < rules.failures => {
                self.state = State::Closed { bad: bad + 1 };
                None
            }
            (State::Closed { .. }, Health::Bad | Health::Broke) => self.open(rules.open_for, now),
            (State::Closed { .. }, Health::Good) => {
                self.state = State::Closed { bad: 0 };
                None
            }
            (State::HalfOpen { .. }, Health::Good) => {
                self.change(State::Closed { bad: 0 });
                Some(Change::Closed)
            }
            (State::HalfOpen { lasted, .. }, Health::Unknown) => {
                let probing = false;
                self.change(State::HalfOpen { probing, lasted });
                None
            }
            (State::HalfOpen { lasted, .. }, Health::Bad | Health::Broke) => {
                let longest = rules.open_at_most.max(rules.open_for);
                self.open(lasted.saturating_mul(2).min(longest), now)
            }
            (State::Closed { .. }, Health::Unknown) | (State::Open { .. }, _) => None,
        }
    }

    /// Takes what became of a message that the provider took. It says nothing while the breaker is not closed: what is
    /// heard then was sent before.
    pub(super) fn heard(
        &mut self,
        rules: &Tuning,
        arrived: bool,
        now: Timestamp,
    ) -> Option<Change> {
        if arrived {
            self.undelivered = 0;
            return None;
        }
        self.undelivered = self.undelivered.saturating_add(1);
        let is_closed = matches!(self.state, State::Closed { .. });
        if !is_closed || self.undelivered < rules.undelivered {
            return None;
        }
        self.open(rules.open_for, now)
    }

    fn probe(&mut self, lasted: Duration) {
        let probing = true;
        self.change(State::HalfOpen { probing, lasted });
    }

    fn open(&mut self, lasts: Duration, now: Timestamp) -> Option<Change> {
        self.undelivered = 0;
        self.change(State::Open { since: now, lasts });
        Some(Change::Opened(lasts))
    }

    fn change(&mut self, state: State) {
        self.state = state;
        self.epoch += 1;
    }
}

/// How long the breaker is still open. A clock that was set back does not keep it open longer than it was to be.
pub(super) fn remaining(since: Timestamp, lasts: Duration, now: Timestamp) -> Duration {
    match now < since {
        true => Duration::ZERO,
        false => (since + lasts).since(now),
    }
}

#[cfg(test)]
mod tests;
