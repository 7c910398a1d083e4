//! Challenges and limits in memory: the pure functions under the locks of the shards they touch.

use super::shards::{Held, Index};
use super::uniform::UniformMap;
use super::{MemoryStore, STORE};
use crate::challenge::{
    self, Attempt, ChallengeKey, ChallengeRecord, Digest, Guess, NewChallenge, Opened, Put,
};
use crate::limit::{self, Cell, CellKey, Charged, Decision, Tally};
use crate::{
    Backend, ChallengeStore, Clock as _, PhoneKey, Reach, StoreError, StoreErrorKind, SystemClock,
    Timestamp,
};
use async_trait::async_trait;
use std::time::Duration;

/// How often a shard that is used looks for what has expired.
const SWEEP_EVERY: Duration = Duration::from_secs(60);

const NEVER: Timestamp = Timestamp::from_millis(i64::MAX);

/// A limit's key finds its tally, and when that can be forgotten.
#[derive(Debug)]
struct Counted {
    tally: Tally,
    forgotten_at: Timestamp,
}

#[derive(Debug)]
pub(super) struct Shard {
    // Boxed, because a hash map keeps up to half of its places empty.
    challenges: UniformMap<ChallengeKey, Box<ChallengeRecord>>,
    tallies: UniformMap<CellKey, Counted>,
    most: usize,
    sweep_at: Timestamp,
    /// Before this a sweep finds nothing: a shard that stays full is not searched at every call.
    first_goes_at: Timestamp,
}

#[async_trait]
impl ChallengeStore for MemoryStore {
    async fn open(
        &self,
        new: &NewChallenge,
        cells: &[Cell],
        now: Timestamp,
    ) -> Result<Opened, StoreError> {
        let mut held = self.hold(Some(&new.key), cells, now);
        let mut tallies = held.take(cells);
        let found = held.challenge(&new.key).map(|record| &*record);
        let put = challenge::open(found, new, &mut pair(cells, &mut tallies), now);
        let opened = match put {
            Put::Keep(opened) => opened,
            Put::Store(record, opened) => {
                // What was taken is charged in the copies alone: an error leaves nothing behind.
                held.room_for_challenge(&new.key)?;
                held.room_for_tallies(cells)?;
                held.put(&new.key, record);
                opened
            }
        };
        held.give_back(cells, tallies, now);
        Ok(opened)
    }

    async fn attempt(
        &self,
        guess: &Guess<'_>,
        cells: &[Cell],
        now: Timestamp,
    ) -> Result<Attempt, StoreError> {
        let mut held = self.hold(Some(guess.key), cells, now);
        held.room_for_tallies(cells)?;
        let mut tallies = held.take(cells);
        let record = held.challenge(guess.key);
        let attempt = challenge::attempt(record, guess, &mut pair(cells, &mut tallies), now);
        held.give_back(cells, tallies, now);
        Ok(attempt)
    }

    async fn approve(
        &self,
        guess: &Guess<'_>,
        guessed_at: Timestamp,
        cells: &[Cell],
        now: Timestamp,
    ) -> Result<Attempt, StoreError> {
        let mut held = self.hold(Some(guess.key), cells, now);
        let mut tallies = held.take(cells);
        let record = held.challenge(guess.key);
        let mut charged = pair(cells, &mut tallies);
        let attempt = challenge::approve(record, guess, guessed_at, &mut charged, now);
        held.give_back(cells, tallies, now);
        Ok(attempt)
    }

    async fn charge(&self, cells: &[Cell], now: Timestamp) -> Result<Decision, StoreError> {
        let mut held = self.hold(None, cells, now);
        held.room_for_tallies(cells)?;
        let mut tallies = held.take(cells);
        let decision = limit::charge(&mut pair(cells, &mut tallies), now);
        held.give_back(cells, tallies, now);
        Ok(decision)
    }

    async fn refund(
        &self,
        key: &ChallengeKey,
        digest: &Digest,
        cells: &[Cell],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut held = self.hold(Some(key), cells, now);
        let Some(withdrawn) = held
            .challenge(key)
            .and_then(|record| challenge::withdraw(record, digest))
        else {
            return Ok(());
        };
        match withdrawn.left {
            Some(record) => held.put(key, record),
            None => held.remove(key),
        }
        let mut tallies = held.take(cells);
        limit::refund(&mut pair(cells, &mut tallies), withdrawn.charged_at);
        held.give_back(cells, tallies, now);
        Ok(())
    }

    async fn purge_challenges(&self, before: Timestamp, limit: u32) -> Result<u64, StoreError> {
        let mut left = usize::try_from(limit).unwrap_or(usize::MAX);
        let mut gone = 0;
        for mut shard in self.shards.each() {
            let swept = shard.sweep(before, left);
            left -= swept;
            gone += swept;
        }
        Ok(gone as u64)
    }
}

#[async_trait]
impl Backend for MemoryStore {
    async fn ping(&self) -> Result<Timestamp, StoreError> {
        Ok(SystemClock.now())
    }

    fn reach(&self) -> Reach {
        Reach::Process
    }
}

impl MemoryStore {
    /// Locks what a verb touches, and lets expired records go first.
    fn hold(&self, key: Option<&ChallengeKey>, cells: &[Cell], now: Timestamp) -> Held<'_, Shard> {
        let challenge = key.map(|key| Index::of(key.phone.as_bytes()));
        let mut held = self.shards.lock(cells.iter().map(place).chain(challenge));
        for shard in held.shards() {
            let due = now >= shard.sweep_at || shard.is_full();
            if due && now >= shard.first_goes_at {
                shard.sweep(now, usize::MAX);
                shard.sweep_at = now + SWEEP_EVERY;
            }
        }
        held
    }
}

/// A cell about one phone lies beside that phone's challenges: one lock for both.
fn place(cell: &Cell) -> Index {
    Index::of(
        cell.home
            .as_ref()
            .map_or_else(|| cell.key.as_bytes(), PhoneKey::as_bytes),
    )
}

fn pair<'a>(cells: &'a [Cell], tallies: &'a mut [Tally]) -> Vec<Charged<'a>> {
    cells.iter().zip(tallies.iter_mut()).collect()
}

impl Held<'_, Shard> {
    fn of(&mut self, key: &ChallengeKey) -> Option<&mut Shard> {
        self.shard(Index::of(key.phone.as_bytes()))
    }

    fn challenge(&mut self, key: &ChallengeKey) -> Option<&mut ChallengeRecord> {
        self.of(key)?
            .challenges
            .get_mut(key)
            .map(|record| &mut **record)
    }

    fn put(&mut self, key: &ChallengeKey, record: ChallengeRecord) {
        if let Some(shard) = self.of(key) {
            shard.first_goes_at = shard.first_goes_at.min(record.forgotten_at());
            shard.challenges.insert(*key, Box::new(record));
        }
    }

    fn remove(&mut self, key: &ChallengeKey) {
        if let Some(shard) = self.of(key) {
            shard.challenges.remove(key);
        }
    }

    /// The tallies of `cells`, to work on.
    fn take(&mut self, cells: &[Cell]) -> Vec<Tally> {
        let taken = |cell: &Cell| {
            let shard = self.shard(place(cell))?;
            shard
                .tallies
                .get(&cell.key)
                .map(|counted| counted.tally.clone())
        };
        let mut taken = taken;
        cells
            .iter()
            .map(|cell| taken(cell).unwrap_or_else(|| Tally::empty(cell.count, &cell.rates)))
            .collect()
    }

    /// Keeps what still says something.
    fn give_back(&mut self, cells: &[Cell], tallies: Vec<Tally>, now: Timestamp) {
        for (cell, tally) in cells.iter().zip(tallies) {
            let Some(shard) = self.shard(place(cell)) else {
                continue;
            };
            let forgotten_at = tally.forgotten_at(&cell.rates);
            if forgotten_at > now {
                shard.first_goes_at = shard.first_goes_at.min(forgotten_at);
                shard.tallies.insert(
                    cell.key,
                    Counted {
                        tally,
                        forgotten_at,
                    },
                );
            } else {
                shard.tallies.remove(&cell.key);
            }
        }
    }

    /// A challenge that takes the place of another needs no room.
    fn room_for_challenge(&mut self, key: &ChallengeKey) -> Result<(), StoreError> {
        let full = |shard: &mut Shard| {
            shard.challenges.len() >= shard.most && !shard.challenges.contains_key(key)
        };
        refuse_if(self.of(key).is_some_and(full))
    }

    /// Refuses before anything is counted that could not be kept.
    fn room_for_tallies(&mut self, cells: &[Cell]) -> Result<(), StoreError> {
        let mut full = |cell: &Cell| {
            self.shard(place(cell)).is_some_and(|shard| {
                shard.tallies.len() >= shard.most_tallies()
                    && !shard.tallies.contains_key(&cell.key)
            })
        };
        refuse_if(cells.iter().any(&mut full))
    }
}

fn refuse_if(full: bool) -> Result<(), StoreError> {
    if full {
        return Err(StoreError::new(STORE, StoreErrorKind::Unavailable));
    }
    Ok(())
}

impl Shard {
    pub(super) fn new(most: usize) -> Self {
        Self {
            challenges: UniformMap::default(),
            tallies: UniformMap::default(),
            most,
            sweep_at: Timestamp::from_millis(0),
            first_goes_at: NEVER,
        }
    }

    fn is_full(&self) -> bool {
        self.challenges.len() >= self.most || self.tallies.len() >= self.most_tallies()
    }

    const fn most_tallies(&self) -> usize {
        self.most.saturating_mul(4)
    }

    /// Removes at most `most` records that can be forgotten at `now`.
    fn sweep(&mut self, now: Timestamp, most: usize) -> usize {
        let mut left = most;
        let mut first = NEVER;
        let mut stays = |forgotten_at: Timestamp| {
            let gone = left > 0 && forgotten_at <= now;
            if gone {
                left -= 1;
            } else {
                first = first.min(forgotten_at);
            }
            !gone
        };
        self.challenges
            .retain(|_, record| stays(record.forgotten_at()));
        self.tallies
            .retain(|_, counted| stays(counted.forgotten_at));
        self.first_goes_at = first;
        most - left
    }
}
