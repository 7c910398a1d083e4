//! What the cases are played with: random keys, codes that are small numbers, cells and sessions.

use crate::challenge::{
    Attempt, ChallengeKey, Digest, Guess, NewChallenge, Opened, Opening, Rejection,
};
use crate::limit::{Cell, CellKey, Count, Decision, Rate, Refusal};
use crate::session::SessionRecord;
use crate::{
    ChallengeId, Channel, Delivery, DeliveryState, KeyId, MessageKey, PhoneKey, Purpose, Reported,
    Sent, SessionId, SessionStore, Store, Timestamp, UserId,
};
use std::sync::Arc;
use std::time::Duration;

/// When every case begins: 2026-01-01T00:00:00Z.
pub const T: Timestamp = Timestamp::from_secs(1_767_225_600);
/// The smallest step of time.
pub const MS: Duration = Duration::from_millis(1);
/// How long a code lives.
pub const LIFE: Duration = Duration::from_secs(300);
/// How many guesses a code stands.
pub const TRIES: u8 = 3;
/// The right code of most cases.
pub const RIGHT: u8 = 1;
/// A wrong one.
pub const WRONG: u8 = 200;

/// `n` seconds.
#[must_use]
pub const fn secs(n: u64) -> Duration {
    Duration::from_secs(n)
}

/// 16 random bytes.
#[must_use]
pub fn random() -> [u8; 16] {
    *ChallengeId::random().expect("randomness").as_bytes()
}

/// The pepper of every code here.
#[must_use]
pub fn kid() -> KeyId {
    "suite".parse().expect("a key id")
}

/// What stands for the keyed hash of a code.
#[must_use]
pub const fn digest(code: u8) -> Digest {
    [code; 32]
}

/// A cell of its own: at most `quota` in each window.
#[must_use]
pub fn cell(count: Count, rates: &[(u32, Duration)]) -> Cell {
    let rate = |(quota, window): &(u32, Duration)| Rate::new(*quota, *window);
    Cell {
        key: CellKey::from_bytes(random()),
        home: None,
        count,
        rates: rates.iter().map(rate).collect(),
    }
}

/// A cell that counts every act, ten a day.
#[must_use]
pub fn ten() -> Cell {
    cell(Count::All, &[(10, secs(86_400))])
}

/// How many more a cell admits at `now`. Uses them up.
pub async fn drain<S: Store>(store: &S, cell: &Cell, now: Timestamp) -> u32 {
    let mut admitted = 0;
    while charge(store, std::slice::from_ref(cell), now).await == Decision::Admitted {
        admitted += 1;
        assert!(admitted <= 10_000, "a cell that never refuses");
    }
    admitted
}

/// Charges, or panics.
pub async fn charge<S: Store>(store: &S, cells: &[Cell], now: Timestamp) -> Decision {
    store.charge(cells, now).await.expect("charge")
}

/// When the only cell will admit again; `None` if it did now.
pub async fn refused_until<S: Store>(store: &S, cell: &Cell, now: Timestamp) -> Option<Timestamp> {
    match charge(store, std::slice::from_ref(cell), now).await {
        Decision::Admitted => None,
        Decision::Refused(refusals) => {
            assert_eq!(refusals.len(), 1, "one cell, one refusal");
            assert_eq!(refusals[0].cell, 0, "the only cell");
            Some(refusals[0].retry_at)
        }
    }
}

/// One phone with one challenge, and the store it is in.
#[derive(Debug)]
pub struct Scene<S> {
    /// Where it is.
    pub store: Arc<S>,
    /// The challenge.
    pub key: ChallengeKey,
}

impl<S> Clone for Scene<S> {
    fn clone(&self) -> Self {
        Self {
            store: Arc::clone(&self.store),
            key: self.key,
        }
    }
}

impl<S: Store> Scene<S> {
    /// A phone and a login challenge that nobody has seen.
    #[must_use]
    pub fn new(store: &Arc<S>) -> Self {
        let key = ChallengeKey {
            id: ChallengeId::from_bytes(random()),
            phone: PhoneKey::from_bytes(random()),
            purpose: Purpose::Login,
        };
        Self {
            store: Arc::clone(store),
            key,
        }
    }

    /// The same store under another key.
    #[must_use]
    pub fn at(&self, key: ChallengeKey) -> Self {
        Self {
            store: Arc::clone(&self.store),
            key,
        }
    }

    /// A new challenge with `code`, at `now`, for [`LIFE`] and [`TRIES`].
    #[must_use]
    pub fn start(&self, code: u8, now: Timestamp) -> NewChallenge {
        let issued = (kid(), digest(code));
        NewChallenge::new(self.key, Opening::Start, issued, now + LIFE, TRIES)
    }

    /// Another code for it; the one before is not accepted any longer.
    #[must_use]
    pub fn resend(&self, code: u8, now: Timestamp) -> NewChallenge {
        NewChallenge {
            opening: Opening::Resend,
            previous_until: now,
            ..self.start(code, now)
        }
    }

    /// Opens, or panics.
    pub async fn open(&self, new: &NewChallenge, cells: &[Cell], now: Timestamp) -> Opened {
        self.store.open(new, cells, now).await.expect("open")
    }

    /// Opens a challenge without limits.
    pub async fn opened(&self, code: u8, now: Timestamp) {
        let opened = self.open(&self.start(code, now), &[], now).await;
        assert!(matches!(opened, Opened::Stored(_)), "{opened:?}");
    }

    /// Sends another code without limits.
    pub async fn resent(&self, code: u8, now: Timestamp) {
        let opened = self.open(&self.resend(code, now), &[], now).await;
        assert!(matches!(opened, Opened::Stored(_)), "{opened:?}");
    }

    /// One guess, with what it is charged to.
    pub async fn guess(&self, code: u8, cells: &[Cell], now: Timestamp) -> Attempt {
        let digests = [(kid(), digest(code))];
        let guess = Guess::new(&self.key, &digests);
        self.store
            .attempt(&guess, cells, now)
            .await
            .expect("attempt")
    }

    /// One guess that must be rejected: why, and the guesses left.
    pub async fn rejected(&self, code: u8, now: Timestamp) -> (Rejection, u8) {
        match self.guess(code, &[], now).await {
            Attempt::Rejected {
                reason, tries_left, ..
            } => (reason, tries_left),
            other => panic!("not rejected: {other:?}"),
        }
    }

    /// One guess that must be right.
    pub async fn accepted(&self, code: u8, now: Timestamp) {
        let attempt = self.guess(code, &[], now).await;
        assert!(is_accepted(&attempt), "{attempt:?}");
    }

    /// An approval of a guess at `guessed_at`, with what that was charged to; `code` stands for the provider's mark.
    pub async fn approve(
        &self,
        code: u8,
        guessed_at: Timestamp,
        cells: &[Cell],
        now: Timestamp,
    ) -> Attempt {
        let digests = [(kid(), digest(code))];
        let guess = Guess::new(&self.key, &digests);
        let approved = self.store.approve(&guess, guessed_at, cells, now).await;
        approved.expect("approve")
    }

    /// Keeps its message, or panics.
    pub async fn note(&self, sent: &Sent, until: Timestamp, now: Timestamp) {
        let noted = self.store.note(&self.key, sent, until, now).await;
        noted.expect("note");
    }

    /// What became of its message.
    pub async fn delivery(&self, now: Timestamp) -> Option<Delivery> {
        self.store.delivery(&self.key, now).await.expect("delivery")
    }

    /// Takes a code back, or panics.
    pub async fn refund(&self, code: u8, cells: &[Cell], now: Timestamp) {
        let refunded = self
            .store
            .refund(&self.key, &digest(code), cells, now)
            .await;
        refunded.expect("refund");
    }
}

/// A report that must be kept.
pub async fn report<S: Store>(
    store: &S,
    message: &MessageKey,
    state: DeliveryState,
    until: Timestamp,
    now: Timestamp,
) -> Reported {
    let reported = store.report(message, state, until, now).await;
    reported.expect("report")
}

/// A message that nobody has seen, as it was taken at `at`.
#[must_use]
pub fn sent(at: Timestamp) -> (MessageKey, Sent) {
    let message = MessageKey::from_bytes(random());
    let sent = Sent::new("a provider", Channel::WhatsApp, at);
    (message, sent.named("SM \u{2013} \"1\"", message))
}

/// Whether it was accepted.
#[must_use]
pub const fn is_accepted(attempt: &Attempt) -> bool {
    matches!(attempt, Attempt::Accepted { .. })
}

/// Why it was rejected, if it was.
#[must_use]
pub const fn rejection(attempt: &Attempt) -> Option<Rejection> {
    match attempt {
        Attempt::Rejected { reason, .. } => Some(*reason),
        _ => None,
    }
}

/// The refusals of an attempt that must be refused.
#[must_use]
pub fn refusals(attempt: Attempt) -> Vec<Refusal> {
    match attempt {
        Attempt::Refused(refusals) => refusals,
        other => panic!("not refused: {other:?}"),
    }
}

/// A user of its own.
#[must_use]
pub fn user() -> UserId {
    UserId::new(ChallengeId::from_bytes(random()).to_string()).expect("a user id")
}

/// How long a session may idle.
pub const IDLE: Duration = secs(7 * 86_400);
/// How long a session lasts at most.
pub const ABSOLUTE: Duration = secs(30 * 86_400);
/// How long the token before is answered.
pub const GRACE: Duration = secs(10);

/// A session of `user` from `now` on; not stored.
#[must_use]
pub fn session(user: &UserId, now: Timestamp) -> SessionRecord {
    let id = SessionId::from_bytes(random());
    SessionRecord::new(id, user.clone(), IDLE, ABSOLUTE, now)
        .with_amr(vec!["otp".to_owned(), "sms".to_owned()])
        .with_device_info(Some("a browser \u{2013} of some sort".to_owned()))
}

/// A session of `user` that is stored.
pub async fn signed_in<S: SessionStore>(store: &S, user: &UserId, now: Timestamp) -> SessionRecord {
    let session = session(user, now);
    store.create(&session, now).await.expect("create");
    session
}
