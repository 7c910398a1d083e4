//! A store that keeps everything that ever happened and works each answer out anew: slow, and easy to believe.

mod deliveries;
mod limits;
mod sessions;

use deliveries::{Noted, Told};
use limits::Events;
use otp_core::challenge::{
    Attempt, ChallengeKey, Digest, Guess, NewChallenge, OpenState, Opened, Opening, Rejection,
};
use otp_core::limit::{Cell, Count, Decision, Refusal};
use otp_core::session::SessionRecord;
use otp_core::{
    Backend, ChallengeStore, Channel, Clock as _, KeyId, Reach, StoreError, SystemClock, Timestamp,
    async_trait,
};
use std::sync::{Mutex, MutexGuard};

#[derive(Debug, Default)]
pub(crate) struct Naive(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    sent: Vec<Issued>,
    events: Events,
    sessions: Vec<SessionRecord>,
    noted: Vec<Noted>,
    told: Vec<Told>,
}

/// A code that was sent once.
#[derive(Clone, Debug)]
struct Issued {
    key: ChallengeKey,
    digest: Digest,
    kid: KeyId,
    at: Timestamp,
    expires_at: Timestamp,
    /// When another took its place, until when it was good beside that.
    good_until: Option<Timestamp>,
    /// Whether it took the place of one that was live.
    follows: bool,
    tries: u8,
    guesses: u8,
    request: Option<[u8; 16]>,
    channel: Channel,
    remember_me: bool,
    used: bool,
}

impl Issued {
    fn tries_left(&self) -> u8 {
        self.tries.saturating_sub(self.guesses)
    }

    fn is_live(&self, now: Timestamp) -> bool {
        let replaced = self.good_until.is_some_and(|until| now >= until);
        !self.used && !replaced && now < self.expires_at && self.tries_left() > 0
    }

    fn is(&self, candidates: &[(KeyId, Digest)]) -> bool {
        candidates.contains(&(self.kid, self.digest))
    }
}

impl Naive {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }
}

impl State {
    /// The current code of a challenge, by its place.
    fn current(&self, key: &ChallengeKey) -> Option<usize> {
        self.sent.iter().rposition(|sent| sent.key == *key)
    }

    /// The one before it, if it was live when it was replaced.
    fn before(&self, current: usize) -> Option<usize> {
        let now = self.sent.get(current)?;
        let mut earlier = self.sent.iter().take(current);
        let found = earlier.rposition(|sent| sent.key == now.key);
        found.filter(|_| now.follows)
    }

    fn opened(&self, sent: &Issued, cells: &[Cell], now: Timestamp) -> OpenState {
        let free = cells.iter().map(|cell| self.events.free_at(cell, now));
        OpenState::new(sent.channel, sent.expires_at, free.max().unwrap_or(now))
    }

    fn refusals(&self, cells: &[Cell], now: Timestamp) -> Vec<Refusal> {
        let free = cells.iter().map(|cell| self.events.free_at(cell, now));
        let refused = free.enumerate().filter(|(_, at)| *at > now);
        refused
            .map(|(cell, retry_at)| Refusal::new(cell, retry_at))
            .collect()
    }
}

#[async_trait]
impl ChallengeStore for Naive {
    async fn open(
        &self,
        new: &NewChallenge,
        cells: &[Cell],
        now: Timestamp,
    ) -> Result<Opened, StoreError> {
        let mut state = self.state();
        let found = state.current(&new.key).map(|at| state.sent[at].clone());
        let resend = new.opening == Opening::Resend;
        if let Some(sent) = &found
            && !resend
            && new.request.is_some()
            && sent.request == new.request
            && now < sent.expires_at
        {
            return Ok(Opened::Replayed(state.opened(sent, cells, now)));
        }
        let live = found.filter(|sent| sent.is_live(now));
        if resend && live.is_none() {
            return Ok(Opened::NotLive);
        }
        let refused = state.refusals(cells, now);
        if !refused.is_empty() {
            return Ok(Opened::Refused(refused));
        }
        for cell in cells {
            state.events.add(cell, now);
        }
        if let (Some(_), Some(at)) = (&live, state.current(&new.key)) {
            state.sent[at].good_until = Some(new.previous_until);
        }
        let kept = live.as_ref().filter(|_| resend);
        let sent = Issued {
            key: new.key,
            digest: new.digest,
            kid: new.kid,
            at: now,
            expires_at: new.expires_at,
            good_until: None,
            follows: live.is_some(),
            tries: kept.map_or(new.tries, |old| old.tries_left().min(new.tries)),
            guesses: 0,
            request: new.request.or_else(|| kept?.request),
            channel: new
                .channel
                .or(kept.map(|old| old.channel))
                .unwrap_or(Channel::Sms),
            remember_me: kept.map_or(new.remember_me, |old| old.remember_me),
            used: false,
        };
        let opened = state.opened(&sent, cells, now);
        state.sent.push(sent);
        Ok(Opened::Stored(opened))
    }

    async fn attempt(
        &self,
        guess: &Guess<'_>,
        cells: &[Cell],
        now: Timestamp,
    ) -> Result<Attempt, StoreError> {
        let mut state = self.state();
        let mut refused = state.refusals(cells, now);
        refused.retain(|refusal| !matches!(cells[refusal.cell].count, Count::Unverified(_)));
        if !refused.is_empty() {
            return Ok(Attempt::Refused(refused));
        }
        let attempt = state.compare(guess, now);
        let reason = match &attempt {
            Attempt::Rejected { reason, .. } => Some(*reason),
            _ => None,
        };
        for cell in cells {
            match (cell.count, reason) {
                (Count::Streak, None) => state.events.reset(cell),
                (Count::Unverified(more), None) => state.events.verified(cell, more + 1, now),
                (Count::All | Count::Spend(_), _)
                | (Count::WrongGuesses | Count::Streak, Some(Rejection::Wrong))
                | (Count::Rejections | Count::Distinct(_), Some(_)) => state.events.add(cell, now),
                _ => {}
            }
        }
        Ok(attempt)
    }

    async fn approve(
        &self,
        guess: &Guess<'_>,
        guessed_at: Timestamp,
        cells: &[Cell],
        now: Timestamp,
    ) -> Result<Attempt, StoreError> {
        let mut state = self.state();
        let current = state.current(guess.key);
        let hosted = current.filter(|at| state.sent[*at].is(guess.digests));
        let rejected = |reason| Attempt::Rejected {
            reason,
            tries_left: 0,
            proved: false,
        };
        let Some(sent) = hosted.map(|at| &mut state.sent[at]) else {
            return Ok(rejected(Rejection::Unknown));
        };
        if sent.used {
            return Ok(rejected(Rejection::Used));
        }
        if now >= sent.expires_at {
            return Ok(rejected(Rejection::Expired));
        }
        sent.used = true;
        let accepted = Attempt::Accepted {
            channel: sent.channel,
            remember_me: sent.remember_me,
        };
        for cell in cells {
            match cell.count {
                Count::All | Count::Spend(_) => {}
                Count::Unverified(more) => state.events.verified(cell, more + 1, now),
                Count::Streak => state.events.reset(cell),
                Count::Distinct(_) => state.events.forget(cell, guessed_at),
                _ => state.events.remove(cell, guessed_at),
            }
        }
        Ok(accepted)
    }

    async fn charge(&self, cells: &[Cell], now: Timestamp) -> Result<Decision, StoreError> {
        let mut state = self.state();
        let refused = state.refusals(cells, now);
        if !refused.is_empty() {
            return Ok(Decision::Refused(refused));
        }
        for cell in cells {
            state.events.add(cell, now);
        }
        Ok(Decision::Admitted)
    }

    async fn refund(
        &self,
        key: &ChallengeKey,
        digest: &Digest,
        cells: &[Cell],
        _now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut state = self.state();
        let Some(at) = state.current(key) else {
            return Ok(());
        };
        let sent = state.sent[at].clone();
        if sent.used || sent.digest != *digest {
            return Ok(());
        }
        match state.before(at) {
            Some(before) => {
                let left = state.sent[before].tries_left().min(sent.tries_left());
                let old = &mut state.sent[before];
                (old.tries, old.guesses) = (left, 0);
                (old.good_until, old.follows) = (None, false);
                state.sent.remove(at);
            }
            None => state.sent.retain(|other| other.key != *key),
        }
        for cell in cells {
            state.events.remove(cell, sent.at);
        }
        Ok(())
    }

    async fn purge_challenges(&self, _before: Timestamp, _limit: u32) -> Result<u64, StoreError> {
        Ok(0)
    }
}

#[async_trait]
impl Backend for Naive {
    async fn ping(&self) -> Result<Timestamp, StoreError> {
        Ok(SystemClock.now())
    }

    fn reach(&self) -> Reach {
        Reach::Process
    }
}

impl State {
    fn compare(&mut self, guess: &Guess<'_>, now: Timestamp) -> Attempt {
        let rejected = |reason, tries_left, proved| Attempt::Rejected {
            reason,
            tries_left,
            proved,
        };
        let Some(current) = self.current(guess.key) else {
            return rejected(Rejection::Unknown, 0, false);
        };
        let used = self.sent[current].used;
        let codes: Vec<usize> = [Some(current), self.before(current)]
            .into_iter()
            .flatten()
            .collect();
        let is_right = |at: &&usize| self.sent[**at].is(guess.digests);
        let proved = codes.iter().any(|at| is_right(&at));
        let live = codes
            .iter()
            .filter(|at| !used && self.sent[**at].is_live(now));
        let live: Vec<usize> = live.copied().collect();
        let winner = live.iter().find(is_right).copied();
        for at in &live {
            self.sent[*at].guesses += 1;
        }
        if let Some(at) = winner {
            self.sent[current].used = true;
            return Attempt::Accepted {
                channel: self.sent[at].channel,
                remember_me: self.sent[at].remember_me,
            };
        }
        let sent = &self.sent[current];
        match () {
            () if used => rejected(Rejection::Used, 0, proved),
            () if now >= sent.expires_at && live.is_empty() => {
                rejected(Rejection::Expired, 0, proved)
            }
            () if live.is_empty() => rejected(Rejection::Locked, sent.tries_left(), false),
            () if now >= sent.expires_at => rejected(Rejection::Wrong, 0, false),
            () => rejected(Rejection::Wrong, sent.tries_left(), false),
        }
    }
}
