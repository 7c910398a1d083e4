//! Random histories: from one word to one step, on a few keys that meet often, close to the edges of time.

use super::super::scene::{LIFE, MS, T, cell, digest, kid, random, secs, user};
use super::step::{Answer, Step};
use crate::challenge::{Attempt, ChallengeKey, Digest, NewChallenge, Opened, Opening};
use crate::limit::{Cell, Count, Decision, Refusal};
use crate::session::{Revoke, Rotate, Rotation, SessionRecord};
use crate::{
    ChallengeId, Channel, KeyId, MessageKey, PhoneKey, Purpose, SessionId, Timestamp, UserId,
};
use std::time::Duration;

/// Where a history stands.
#[derive(Debug)]
pub struct History {
    pub(super) now: Timestamp,
    purges: bool,
    pub(super) phones: [Phone; 3],
    cells: [Cell; 8],
    users: [UserId; 2],
    sessions: [Known; 3],
    pub(super) messages: [MessageKey; 2],
    /// Instants at which something may change.
    edges: Vec<Timestamp>,
}

/// A challenge's key, and what was sent under it.
#[derive(Debug)]
pub(super) struct Phone {
    pub(super) key: ChallengeKey,
    pub(super) sent: Vec<(Digest, Vec<Cell>)>,
    expires_at: Option<Timestamp>,
    /// The last guess that was counted: when, and what it was charged to.
    pub(super) guessed: Option<(Timestamp, Vec<Cell>)>,
}

/// A session, and the counter of its token.
#[derive(Debug)]
struct Known {
    id: SessionId,
    counter: u64,
}

/// A word, from which one draws small numbers.
pub(super) struct Word(u64);

impl Word {
    pub(super) fn below(&mut self, n: u64) -> u64 {
        let drawn = self.0 % n;
        self.0 /= n;
        drawn
    }

    pub(super) fn pick<'a, V>(&mut self, from: &'a [V]) -> &'a V {
        &from[self.below(from.len() as u64) as usize]
    }
}

impl History {
    /// On keys that nobody has seen.
    #[must_use]
    pub fn new(purges: bool) -> Self {
        let [here, there] = [(); 2].map(|()| PhoneKey::from_bytes(random()));
        let id = ChallengeId::from_bytes(random());
        let phone = |phone, purpose| Phone {
            key: ChallengeKey { id, phone, purpose },
            sent: Vec::new(),
            expires_at: None,
            guessed: None,
        };
        let mut cells = [
            cell(Count::All, &[(1, secs(5)), (3, secs(60))]),
            cell(Count::All, &[(4, secs(30))]),
            cell(Count::Distinct(0), &[(2, secs(10)), (3, secs(60))]),
            cell(Count::Spend(0), &[(9, secs(60))]),
            cell(Count::Unverified(2), &[(4, secs(60))]),
            cell(Count::WrongGuesses, &[(6, secs(120))]),
            cell(Count::Streak, &[(3, secs(900))]),
            cell(Count::Rejections, &[(9, secs(60)), (15, secs(600))]),
        ];
        cells[0].home = Some(here);
        cells[5].home = Some(here);
        Self {
            now: T,
            purges,
            phones: [
                phone(here, Purpose::Login),
                phone(here, Purpose::StepUp),
                phone(there, Purpose::Login),
            ],
            cells,
            users: [user(), user()],
            sessions: [(); 3].map(|()| Known {
                id: SessionId::from_bytes(random()),
                counter: 0,
            }),
            messages: [(); 2].map(|()| MessageKey::from_bytes(random())),
            edges: Vec::new(),
        }
    }

    /// The next step, and when it is.
    pub fn next(&mut self, word: u64) -> (Step, Timestamp) {
        let mut word = Word(word);
        self.now = self.later(&mut word);
        let step = match word.below(20) {
            0..=3 => self.open(&mut word),
            4..=8 => self.guess(&mut word),
            9 => Step::Charge {
                cells: self.some_cells(&mut word, 8),
            },
            10 => self.refund(&mut word),
            11 if self.purges && word.below(2) == 0 => Step::Purge,
            11 => self.create(&mut word),
            12..=14 => self.rotate(&mut word),
            15..=16 => self.approve(&mut word),
            17..=18 => self.message(&mut word),
            _ => self.look(&mut word),
        };
        (step, self.now)
    }

    /// Mostly a little later, or exactly at an edge, or one millisecond before it.
    fn later(&self, word: &mut Word) -> Timestamp {
        let edge = self.edges.iter().filter(|edge| **edge > self.now).min();
        match (word.below(24), edge) {
            (0..=10, _) => self.now,
            (11, _) => self.now + MS,
            (12..=13, Some(edge)) => (*edge - MS).max(self.now),
            (14..=15, Some(edge)) => *edge,
            (16, _) => self.now + secs(word.below(1_200)),
            _ => self.now + MS * word.below(9_000) as u32,
        }
    }

    pub(super) fn some_cells(&self, word: &mut Word, among: u64) -> Vec<Cell> {
        let chosen = word.below(1 << among);
        let cells = self.cells.iter().enumerate();
        let cells = cells.filter(|(index, _)| chosen >> index & 1 == 1);
        let member = word.below(5);
        cells
            .map(|(_, cell)| match cell.count {
                Count::Distinct(_) => Cell {
                    count: Count::Distinct(member),
                    ..cell.clone()
                },
                Count::Spend(_) => Cell {
                    count: Count::Spend(1 + member as u32),
                    ..cell.clone()
                },
                _ => cell.clone(),
            })
            .collect()
    }

    fn open(&self, word: &mut Word) -> Step {
        let phone = word.pick(&self.phones);
        let opening = *word.pick(&[Opening::Start, Opening::Resend, Opening::Resend]);
        let issued = (kid(), digest(word.below(4) as u8));
        let expires_at = self.now + *word.pick(&[LIFE, secs(20)]);
        let tries = 1 + word.below(4) as u8;
        let mut new = NewChallenge::new(phone.key, opening, issued, expires_at, tries);
        new.request = *word.pick(&[None, Some([1; 16]), Some([2; 16])]);
        if opening == Opening::Resend {
            new.request = None;
        }
        new.channel = *word.pick(&[None, Some(Channel::Sms), Some(Channel::Voice)]);
        new.remember_me = word.below(2) == 1;
        new.previous_until = self.now + *word.pick(&[Duration::ZERO, secs(10)]);
        Step::Open {
            new: Box::new(new),
            cells: self.some_cells(word, 5),
        }
    }

    fn guess(&self, word: &mut Word) -> Step {
        let phone = word.pick(&self.phones);
        let other: KeyId = "other".parse().expect("a key id");
        let mut digests = vec![(kid(), digest(word.below(5) as u8))];
        match (word.below(8), phone.sent.last()) {
            (0, _) => digests.insert(0, (other, digest(5))),
            (1, _) => digests[0].0 = other,
            (2..=4, Some((sent, _))) => digests[0].1 = *sent,
            _ => {}
        }
        let mut cells = self.some_cells(word, 8);
        if word.below(4) > 0 {
            // Mostly without the narrow ones, which would refuse the most of it.
            cells.retain(|cell| !matches!(cell.count, Count::All | Count::Spend(_)));
        }
        Step::Guess {
            key: phone.key,
            digests,
            cells,
        }
    }

    fn refund(&self, word: &mut Word) -> Step {
        let phone = word.pick(&self.phones);
        let (digest, cells) = match phone.sent.len() {
            0 => (digest(9), Vec::new()),
            _ => word.pick(&phone.sent).clone(),
        };
        Step::Refund {
            key: phone.key,
            digest,
            cells,
        }
    }

    fn create(&mut self, word: &mut Word) -> Step {
        let user = word.pick(&self.users).clone();
        let slot = word.below(3) as usize;
        let id = SessionId::from_bytes(random());
        self.sessions[slot] = Known { id, counter: 0 };
        let idle = *word.pick(&[secs(60), secs(600)]);
        Step::Create {
            session: SessionRecord::new(id, user, idle, secs(1_200), self.now),
        }
    }

    fn rotate(&self, word: &mut Word) -> Step {
        let known = word.pick(&self.sessions);
        let back = *word.pick(&[0, 0, 0, 1, 2, 2]);
        let counter = match word.below(12) {
            0 => known.counter + 1,
            _ => known.counter.saturating_sub(back),
        };
        Step::Rotate {
            rotate: Rotate::new(known.id, counter, secs(10)),
        }
    }

    fn look(&self, word: &mut Word) -> Step {
        let session = word.pick(&self.sessions).id;
        let user = word.pick(&self.users).clone();
        match word.below(6) {
            0 | 1 => Step::Find { session },
            2 | 3 => Step::List { user },
            4 => Step::Revoke {
                which: match word.below(2) {
                    0 => Revoke::Session(session),
                    _ => Revoke::OwnSession(user, session),
                },
            },
            _ => Step::Revoke {
                which: Revoke::User(user),
            },
        }
    }

    /// Whether the store may have forgotten what a guess was at.
    #[must_use]
    pub fn may_be_forgotten(&self, step: &Step, now: Timestamp) -> bool {
        let (Step::Guess { key, .. } | Step::Approve { key, .. }) = step else {
            return false;
        };
        let phone = self.phones.iter().find(|phone| phone.key == *key);
        let expires_at = phone.and_then(|phone| phone.expires_at);
        expires_at.is_none_or(|at| now >= at + crate::challenge::RETENTION)
    }

    /// Keeps what later steps ask about.
    pub fn learn(&mut self, step: &Step, answer: &Answer) {
        let edges = match answer {
            Answer::Opened(Opened::Stored(state) | Opened::Replayed(state)) => {
                vec![state.expires_at, state.next_at]
            }
            Answer::Opened(Opened::Refused(refusals))
            | Answer::Attempt(Attempt::Refused(refusals))
            | Answer::Decision(Decision::Refused(refusals)) => instants(refusals),
            Answer::Rotation(Rotation::Rotated(record)) => {
                vec![record.idle_expires_at, record.rotated_at + secs(10)]
            }
            _ => Vec::new(),
        };
        self.edges.retain(|edge| *edge > self.now);
        self.edges.extend(edges);
        match (step, answer) {
            (Step::Open { new, cells }, Answer::Opened(Opened::Stored(_))) => {
                self.edges.push(new.previous_until);
                if let Some(phone) = self.phones.iter_mut().find(|p| p.key == new.key) {
                    phone.sent.push((new.digest, cells.clone()));
                    phone.expires_at = Some(new.expires_at);
                }
            }
            (Step::Guess { key, cells, .. }, Answer::Attempt(Attempt::Rejected { .. })) => {
                if let Some(phone) = self.phones.iter_mut().find(|p| p.key == *key) {
                    phone.guessed = Some((self.now, cells.clone()));
                }
            }
            (Step::Note { until, .. } | Step::Report { until, .. }, _) => self.edges.push(*until),
            (Step::Refund { key, .. }, _) => {
                if let Some(phone) = self.phones.iter_mut().find(|p| p.key == *key) {
                    phone.expires_at = None;
                }
            }
            (Step::Rotate { .. }, Answer::Rotation(Rotation::Rotated(record))) => {
                for known in self.sessions.iter_mut().filter(|k| k.id == record.id) {
                    known.counter = record.counter;
                }
            }
            _ => {}
        }
    }
}

fn instants(refusals: &[Refusal]) -> Vec<Timestamp> {
    refusals.iter().map(|refusal| refusal.retry_at).collect()
}
