//! A challenge: what a store keeps of it, and what each verb does to it.
//!
//! Everything here is pure. A store runs these functions while it holds the record and the cells, or restates them
//! in its own language; the store suite proves that all agree.

use crate::limit::{self, Charged, Count, Refusal};
use crate::{ChallengeId, Channel, KeyId, PhoneKey, Purpose, Timestamp};
use std::time::Duration;
use subtle::{Choice, ConstantTimeEq};

/// A keyed hash of a code, bound to its challenge; see `Keys`.
pub type Digest = [u8; 32];

/// Where a challenge is kept. A handle of one purpose finds nothing of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ChallengeKey {
    /// The challenge's own id.
    pub id: ChallengeId,
    /// Whose phone it was opened for.
    pub phone: PhoneKey,
    /// What its code is good for.
    pub purpose: Purpose,
}

/// One code that was sent: its digest, its life, its guesses, and what was asked for with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IssuedCode {
    /// Tells a client's retry from a new request.
    pub request: Option<[u8; 16]>,
    /// How it was sent.
    pub channel: Channel,
    /// Whether the longer session was asked for.
    pub remember_me: bool,
    /// The keyed hash of the code.
    pub digest: Digest,
    /// The pepper it was made with.
    pub kid: KeyId,
    /// When it was issued.
    pub issued_at: Timestamp,
    /// From this instant on it is expired.
    pub expires_at: Timestamp,
    /// How many guesses it still stands.
    pub tries_left: u8,
}

impl IssuedCode {
    fn is_live(&self, now: Timestamp) -> bool {
        now < self.expires_at && self.tries_left > 0
    }
}

/// The code before the current one: it comes back if its successor was never delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PreviousCode {
    /// As it was issued.
    pub code: IssuedCode,
    /// Accepted beside its successor until then, and never after its own expiry.
    pub valid_until: Timestamp,
}

/// What a store keeps of a challenge. The number and the code are not in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChallengeRecord {
    /// The code that was sent last.
    pub current: IssuedCode,
    /// The code before it.
    pub previous: Option<Box<PreviousCode>>,
    /// When the right code was given; set once.
    pub used_at: Option<Timestamp>,
}

/// How long an expired record is still told apart from none.
pub(crate) const RETENTION: Duration = Duration::from_secs(600);

/// Why a challenge is put: as a new one, or with a new code for one that lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Opening {
    /// A new challenge. One that is already there under the same key (one per phone, or a retried request) is
    /// replaced unless the request is the same.
    Start,
    /// Another code for the same challenge; its guesses are not refilled.
    Resend,
}

/// A challenge that is to be stored.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct NewChallenge {
    /// Where.
    pub key: ChallengeKey,
    /// New, or another code.
    pub opening: Opening,
    /// Tells a client's retry from a new request.
    pub request: Option<[u8; 16]>,
    /// How the code is sent; a resend without one keeps what was.
    pub channel: Option<Channel>,
    /// Chooses the longer session.
    pub remember_me: bool,
    /// The code's keyed hash.
    pub digest: Digest,
    /// The pepper it was made with.
    pub kid: KeyId,
    /// From this instant on the code is expired.
    pub expires_at: Timestamp,
    /// Guesses that the code stands.
    pub tries: u8,
    /// Until when a code that this one replaces is still accepted; `now` or earlier means not at all.
    pub previous_until: Timestamp,
}

impl NewChallenge {
    /// A code to be stored under `key`, with its keyed hash by the pepper `kid`. Channel, request and session length
    /// are not chosen, and a code that it replaces is not accepted any longer.
    #[must_use]
    pub const fn new(
        key: ChallengeKey,
        opening: Opening,
        (kid, digest): (KeyId, Digest),
        expires_at: Timestamp,
        tries: u8,
    ) -> Self {
        Self {
            key,
            opening,
            request: None,
            channel: None,
            remember_me: false,
            digest,
            kid,
            expires_at,
            tries,
            previous_until: Timestamp::from_millis(0),
        }
    }
}

/// What is known of a challenge's owner-visible state after [`open`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenState {
    /// How the code was sent.
    pub channel: Channel,
    /// When the current code expires.
    pub expires_at: Timestamp,
    /// From when all cells would admit another one.
    pub next_at: Timestamp,
}

/// What opening a challenge came to.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Opened {
    /// Stored and charged: the code may be sent.
    Stored(OpenState),
    /// The same request was answered before: nothing charged, nothing to send.
    Replayed(OpenState),
    /// A resend for a challenge that is unknown, used, expired or out of guesses: nothing charged.
    NotLive,
    /// A limit refused: nothing stored, nothing charged.
    Refused(Vec<Refusal>),
}

/// A guess at the code of a challenge.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Guess<'a> {
    /// Which challenge.
    pub key: &'a ChallengeKey,
    /// What the guessed code hashes to, under each pepper that may still be in use.
    pub digests: &'a [(KeyId, Digest)],
}

impl<'a> Guess<'a> {
    /// A guess at `key`'s code.
    #[must_use]
    pub const fn new(key: &'a ChallengeKey, digests: &'a [(KeyId, Digest)]) -> Self {
        Self { key, digests }
    }
}

/// Why a guess was rejected. Told to the audit, never to the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Rejection {
    /// Compared with a live code, and not it.
    Wrong,
    /// The code's time is over.
    Expired,
    /// The right code was given before.
    Used,
    /// There is no such challenge for this phone and purpose.
    Unknown,
    /// All guesses were spent.
    Locked,
}

/// What a guess came to.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Attempt {
    /// The right code, for the first and only time.
    Accepted {
        /// How it had been sent.
        channel: Channel,
        /// Whether the longer session was asked for.
        remember_me: bool,
    },
    /// Not accepted.
    Rejected {
        /// Why.
        reason: Rejection,
        /// Guesses that are left.
        tries_left: u8,
        /// Whether the guess was the code that this challenge once had: its owner asks again, too late.
        proved: bool,
    },
    /// A limit refused: the guess was neither counted nor compared.
    Refused(Vec<Refusal>),
}

/// What became of the record that [`open`] was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Put {
    /// Leave it as it is.
    Keep(Opened),
    /// Store this one in its place.
    Store(ChallengeRecord, Opened),
}

/// Opens a challenge: charges every cell, or none; stores only if all admit.
#[must_use]
pub fn open(
    found: Option<&ChallengeRecord>,
    new: &NewChallenge,
    cells: &mut [Charged<'_>],
    now: Timestamp,
) -> Put {
    if let Some(record) = found
        && new.opening == Opening::Start
        && new.request.is_some()
        && record.current.request == new.request
        && now < record.current.expires_at
    {
        return Put::Keep(Opened::Replayed(
            record.state(limit::next_admission(cells, now)),
        ));
    }
    let live = found.filter(|record| record.is_live(now));
    if new.opening == Opening::Resend && live.is_none() {
        return Put::Keep(Opened::NotLive);
    }
    if let limit::Decision::Refused(refusals) = limit::charge(cells, now) {
        return Put::Keep(Opened::Refused(refusals));
    }
    let record = successor(live, new, now);
    let opened = Opened::Stored(record.state(limit::next_admission(cells, now)));
    Put::Store(record, opened)
}

/// The record after `new` took the place of `live`. A resend keeps what was asked for at the start.
fn successor(
    live: Option<&ChallengeRecord>,
    new: &NewChallenge,
    now: Timestamp,
) -> ChallengeRecord {
    let kept = live
        .filter(|_| new.opening == Opening::Resend)
        .map(|record| record.current);
    let channel = new.channel.or(kept.map(|code| code.channel));
    ChallengeRecord {
        current: IssuedCode {
            request: kept.map_or(new.request, |code| code.request),
            channel: channel.unwrap_or(Channel::Sms),
            remember_me: kept.map_or(new.remember_me, |code| code.remember_me),
            digest: new.digest,
            kid: new.kid,
            issued_at: now,
            expires_at: new.expires_at,
            tries_left: kept.map_or(new.tries, |code| code.tries_left.min(new.tries)),
        },
        previous: live.map(|record| {
            let valid_until = new.previous_until.min(record.current.expires_at);
            let code = record.current;
            Box::new(PreviousCode { code, valid_until })
        }),
        used_at: None,
    }
}

/// Counts a guess, charges what a failure costs, then compares. Exactly one caller ever gets `Accepted`.
#[must_use]
pub fn attempt(
    record: Option<&mut ChallengeRecord>,
    guess: &Guess<'_>,
    cells: &mut [Charged<'_>],
    now: Timestamp,
) -> Attempt {
    let refused = limit::refusals(cells, now);
    if !refused.is_empty() {
        return Attempt::Refused(refused);
    }
    let Some(record) = record else {
        let _ = matches(&NOBODY, guess.digests);
        settle(cells, Some(Rejection::Unknown), now);
        return Attempt::Rejected {
            reason: Rejection::Unknown,
            tries_left: 0,
            proved: false,
        };
    };
    let outcome = record.guess(guess.digests, now);
    let rejection = match &outcome {
        Attempt::Rejected { reason, .. } => Some(*reason),
        _ => None,
    };
    settle(cells, rejection, now);
    outcome
}

/// Charges each cell what this outcome costs it.
fn settle(cells: &mut [Charged<'_>], rejection: Option<Rejection>, now: Timestamp) {
    for (cell, tally) in cells.iter_mut() {
        let charged = match cell.count {
            Count::All => true,
            Count::WrongGuesses | Count::Streak => rejection == Some(Rejection::Wrong),
            Count::Rejections | Count::Distinct(_) => rejection.is_some(),
        };
        if charged {
            tally.charge(cell.count, &cell.rates, now);
        } else if rejection.is_none() && cell.count == Count::Streak {
            **tally = limit::Tally::empty(cell.count, &cell.rates);
        }
    }
}

/// Takes back a code that no provider accepted: once, and only while it is the current one and unused.
///
/// Returns what is to be kept: the record with its code before, or nothing.
#[must_use]
pub fn withdraw(record: &ChallengeRecord, digest: &Digest) -> Option<Withdrawn> {
    let is_current: bool = record.current.digest.ct_eq(digest).into();
    if !is_current || record.used_at.is_some() {
        return None;
    }
    let left = record.previous.as_ref().map(|previous| ChallengeRecord {
        current: IssuedCode {
            tries_left: previous.code.tries_left.min(record.current.tries_left),
            ..previous.code
        },
        previous: None,
        used_at: None,
    });
    Some(Withdrawn {
        charged_at: record.current.issued_at,
        left,
    })
}

/// What [`withdraw`] came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Withdrawn {
    /// When the cells were charged for the code.
    pub charged_at: Timestamp,
    /// The record with the code before it, or nothing.
    pub left: Option<ChallengeRecord>,
}

/// Compared with when there is no challenge, so that the answer takes the same work.
const NOBODY: IssuedCode = IssuedCode {
    request: None,
    channel: Channel::Sms,
    remember_me: false,
    digest: [0; 32],
    kid: KeyId::NONE,
    issued_at: Timestamp::from_millis(0),
    expires_at: Timestamp::from_millis(0),
    tries_left: 0,
};

/// Compares every candidate, whatever the earlier ones gave.
fn matches(code: &IssuedCode, candidates: &[(KeyId, Digest)]) -> Choice {
    candidates
        .iter()
        .fold(Choice::from(0), |found, (kid, digest)| {
            found | (code.digest.ct_eq(digest) & Choice::from(u8::from(code.kid == *kid)))
        })
}

impl ChallengeRecord {
    /// Whether some code of it can still be accepted.
    #[must_use]
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.used_at.is_none() && self.current.is_live(now)
    }

    /// The instant from which a store may forget the record. It is not the expiry: until then a late guess is
    /// told apart from one at nothing, for the audit and for a registration ticket that came too late.
    #[must_use]
    pub fn forgotten_at(&self) -> Timestamp {
        self.current.expires_at + RETENTION
    }

    fn state(&self, next_at: Timestamp) -> OpenState {
        OpenState {
            channel: self.current.channel,
            expires_at: self.current.expires_at,
            next_at,
        }
    }

    /// Counts the guess on each code that is live, and compares it with all.
    fn guess(&mut self, candidates: &[(KeyId, Digest)], now: Timestamp) -> Attempt {
        let evaluated = self.used_at.is_none();
        let (mut hit, mut proved) = (None, Choice::from(0));
        let mut compared = false;
        let previous = self.previous.iter_mut();
        let previous = previous.map(|p| (now < p.valid_until, &mut p.code));
        for (within, code) in std::iter::once((true, &mut self.current)).chain(previous) {
            let live = evaluated && within && code.is_live(now);
            if live {
                code.tries_left -= 1;
                compared = true;
            }
            let same = matches(code, candidates);
            if (same & Choice::from(u8::from(live))).into() {
                hit = hit.or(Some((code.channel, code.remember_me)));
            }
            proved |= same;
        }
        if let Some((channel, remember_me)) = hit {
            self.used_at = Some(now);
            return Attempt::Accepted {
                channel,
                remember_me,
            };
        }
        let reason = match () {
            () if self.used_at.is_some() => Rejection::Used,
            () if compared => Rejection::Wrong,
            () if now >= self.current.expires_at => Rejection::Expired,
            () => Rejection::Locked,
        };
        let told = matches!(reason, Rejection::Used | Rejection::Expired);
        Attempt::Rejected {
            reason,
            tries_left: if now < self.current.expires_at && evaluated {
                self.current.tries_left
            } else {
                0
            },
            proved: told && proved.into(),
        }
    }
}
