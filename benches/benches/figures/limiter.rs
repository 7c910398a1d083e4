//! Limits: the pure decision, and the store's, beside a log of instants in a hash map.

use otp_benches::{Bench, Figure, at_once, side};
use otp_core::limit::{Cell, CellKey, Count, Decision, Rate, Tally};
use otp_core::{ChallengeStore, MemoryStore, PhoneKey, Timestamp};
use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::sync::Mutex;
use std::time::Duration;

const KEYS: usize = 4096;
/// Each key is charged once in 16 seconds: 3 or 4 times in a window of a minute.
const STEP: Duration = Duration::from_millis(4);

pub(crate) fn run(bench: &mut Bench) {
    let rates = [10_u32, 30].map(|quota| Rate::new(quota, Duration::from_secs(6 * quota as u64)));
    let keys: Vec<[u8; 16]> = (0..KEYS as u64).map(random_key).collect();

    let mut tallies: Vec<Tally> = keys
        .iter()
        .map(|_| Tally::empty(Count::All, &rates))
        .collect();
    let mut at = Instants::default();
    let tally = || {
        let (index, now) = at.next();
        let tally = &mut tallies[index];
        assert!(tally.admitted_from(Count::All, &rates, now) <= now);
        tally.charge(Count::All, &rates, now);
    };
    let figure = Figure::new(
        "decide and count one limit",
        "look-up and push in Mutex<HashMap>",
    );
    bench.pair(figure, side(tally), side(log(&keys)));

    for limits in [1, 2] {
        let store = MemoryStore::new();
        let cells: Vec<Vec<Cell>> = keys.iter().map(|key| cells(key, &rates, limits)).collect();
        let mut at = Instants::default();
        let charge = || {
            let (index, now) = at.next();
            let decision = at_once(store.charge(&cells[index], now)).unwrap().unwrap();
            assert_eq!(decision, Decision::Admitted);
        };
        let name = if limits == 1 {
            "memory store, charge one limit"
        } else {
            "memory store, charge two limits"
        };
        let figure = Figure::new(name, "look-up and push in Mutex<HashMap>");
        bench.pair(figure, side(charge), side(log(&keys)));
    }
}

/// What a limiter written by hand for one process does.
fn log(keys: &[[u8; 16]]) -> impl FnMut() {
    let logs: Mutex<HashMap<[u8; 16], Vec<i64>>> = Mutex::default();
    let mut at = Instants::default();
    move || {
        let (index, now) = at.next();
        let mut logs = logs.lock().unwrap();
        let log = logs.entry(keys[index]).or_default();
        let now = now.as_millis();
        log.retain(|at| *at > now - 60_000);
        assert!(log.len() < 10);
        log.push(now);
    }
}

/// The keys in turn, while time goes by.
struct Instants {
    now: Timestamp,
    index: usize,
}

impl Default for Instants {
    fn default() -> Self {
        Self {
            now: Timestamp::from_secs(1_767_225_600),
            index: 0,
        }
    }
}

impl Instants {
    fn next(&mut self) -> (usize, Timestamp) {
        self.index = (self.index + 1) % KEYS;
        self.now = self.now + STEP;
        (self.index, self.now)
    }
}

fn cells(key: &[u8; 16], rates: &[Rate], limits: u8) -> Vec<Cell> {
    let cell = |n: u8| {
        let mut key = *key;
        key[15] = n;
        Cell::new(CellKey::from_bytes(key), Count::All, rates).at_home_of(PhoneKey::from_bytes(key))
    };
    (0..limits).map(cell).collect()
}

/// Spread as keyed hashes are.
fn random_key(n: u64) -> [u8; 16] {
    let state = RandomState::new();
    let half = || (state.hash_one(n), RandomState::new().hash_one(n));
    let (a, b) = half();
    u128::to_be_bytes(u128::from(a) << 64 | u128::from(b))
}
