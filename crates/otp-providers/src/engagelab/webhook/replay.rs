//! What was signed and has come, and what it said, for as long as it would be believed again.

use crate::callback::WINDOW;
use otp_core::Timestamp;
use sha2::{Digest, Sha256};
use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// The most that is remembered; beyond it the oldest is forgotten. Reports move a message forward only, so that one which
/// comes again changes nothing.
const MOST: usize = 10_000;
/// A time may be a window ahead of ours, and is believed for another behind it.
const KEPT: Duration = Duration::from_secs(2 * WINDOW.as_secs());

/// Only what is signed gets in: nobody else can fill it.
#[derive(Default)]
pub(super) struct Seen(Mutex<Memory>);

#[derive(Default)]
struct Memory {
    known: HashMap<String, [u8; 32]>,
    order: VecDeque<(Timestamp, String)>,
}

impl Seen {
    /// Whether this signature comes for the first time, or with what it said then: a report that could not be kept comes
    /// again. It is remembered from now on.
    pub(super) fn admits(&self, signature: &str, body: &[u8], now: Timestamp) -> bool {
        let body = Sha256::digest(body).into();
        let mut memory = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_over = |(seen, _): &mut (Timestamp, String)| now.since(*seen) > KEPT;
        while let Some((_, old)) = memory.order.pop_front_if(is_over) {
            memory.known.remove(&old);
        }
        if let Some(said) = memory.known.get(signature) {
            return *said == body;
        }
        memory.known.insert(signature.to_owned(), body);
        memory.order.push_back((now, signature.to_owned()));
        if memory.order.len() > MOST
            && let Some((_, oldest)) = memory.order.pop_front()
        {
            memory.known.remove(&oldest);
        }
        true
    }
}

impl fmt::Debug for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Seen")
    }
}
