//! Putting a route together.

use super::place::Entry;
use super::{Leg, Place, Route, Sleep};
use otp_core::{Channel, Clock, SystemClock};
use std::sync::Arc;
use std::time::Duration;

/// The most that `otp_core::Sender` allows.
const PATIENCE: Duration = Duration::from_secs(10);

/// Builds a [`Route`]; nothing is checked before [`build`](Self::build).
#[must_use = "nothing is checked before `build`"]
#[derive(Debug)]
pub struct RouteBuilder {
    sleep: Sleep,
    clock: Arc<dyn Clock>,
    patience: Duration,
    entries: Vec<Entry>,
}

/// Why a route is not made, or what it has no chain for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RouteError {
    /// A place is `*`, the two letters of a region, or a plus and the digits that numbers begin with.
    #[error("a place is *, the two letters of a region, or a plus and 1 to 15 digits")]
    Place,
    /// A route without entries reaches nobody.
    #[error("the route has no entries")]
    NoEntries,
    /// An entry without providers.
    #[error("an entry has no providers")]
    EmptyChain,
    /// Two entries are for the same channel and place.
    #[error("two entries are for the same channel and place")]
    SameEntry,
    /// A chain asks the same provider twice for the same channel.
    #[error("a chain has the same provider twice")]
    SameLeg,
    /// Two providers have one name: give them names of their own, with [`Leg::tuned`].
    #[error("two providers have the same name")]
    SameName,
    /// This message has no chain: the source of the error that [`Route`] returns for it.
    #[error("the route has no entry for this channel and country")]
    NoEntry,
}

impl RouteBuilder {
    pub(super) fn new(sleep: Sleep) -> Self {
        Self {
            sleep,
            clock: Arc::new(SystemClock),
            patience: PATIENCE,
            entries: Vec::new(),
        }
    }

    /// These providers, in this order, for numbers in this place over any channel that no other entry is for.
    pub fn chain(self, place: Place, legs: impl IntoIterator<Item = Leg>) -> Self {
        self.entry(None, place, legs)
    }

    /// These providers, in this order, for numbers in this place over this channel.
    pub fn chain_for(
        self,
        channel: Channel,
        place: Place,
        legs: impl IntoIterator<Item = Leg>,
    ) -> Self {
        self.entry(Some(channel), place, legs)
    }

    /// Sets where the time comes from; the system's clock otherwise. Take the one that `OtpAuth` has.
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Sets how long a message may take in all; 10 seconds otherwise, and never more than half of the code's life.
    /// What is under way then counts as sent.
    pub const fn patience(mut self, time: Duration) -> Self {
        self.patience = time;
        self
    }

    /// Checks the entries.
    ///
    /// # Errors
    /// The [`RouteError`] that applies.
    pub fn build(self) -> Result<Route, RouteError> {
        if self.entries.is_empty() {
            return Err(RouteError::NoEntries);
        }
        let mut legs = Vec::new();
        for (n, entry) in self.entries.iter().enumerate() {
            let same = |other: &Entry| other.channel == entry.channel && other.place == entry.place;
            if self.entries.iter().take(n).any(same) {
                return Err(RouteError::SameEntry);
            }
            check(entry)?;
            gather(&mut legs, &entry.legs)?;
        }
        Ok(Route {
            sleep: self.sleep,
            clock: self.clock,
            patience: self.patience,
            entries: self.entries,
            legs,
        })
    }

    fn entry(
        mut self,
        channel: Option<Channel>,
        place: Place,
        legs: impl IntoIterator<Item = Leg>,
    ) -> Self {
        let legs = legs.into_iter().collect();
        self.entries.push(Entry {
            channel,
            place,
            legs,
        });
        self
    }
}

fn check(entry: &Entry) -> Result<(), RouteError> {
    if entry.legs.is_empty() {
        return Err(RouteError::EmptyChain);
    }
    let channel = |leg: &Leg| leg.channel.or(entry.channel);
    // In a chain for every channel the one that is asked for may be the one that the other names.
    let meets = |a: Option<Channel>, b: Option<Channel>| a.is_none() || b.is_none() || a == b;
    for (n, leg) in entry.legs.iter().enumerate() {
        let same = |other: &Leg| other.is(leg) && meets(channel(other), channel(leg));
        if entry.legs.iter().take(n).any(same) {
            return Err(RouteError::SameLeg);
        }
    }
    Ok(())
}

/// Each provider once, whatever chains it is part of.
fn gather(legs: &mut Vec<Leg>, chain: &[Leg]) -> Result<(), RouteError> {
    for leg in chain {
        if legs.iter().any(|known| known.is(leg)) {
            continue;
        }
        if legs.iter().any(|known| known.name() == leg.name()) {
            return Err(RouteError::SameName);
        }
        legs.push(leg.clone());
    }
    Ok(())
}
