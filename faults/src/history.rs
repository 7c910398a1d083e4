//! What the clients did and saw: one entry per call, with when it began and when it was answered.

use otp_core::challenge::Rejection;
use otp_core::{ChallengeId, SessionId, Timestamp};
use std::time::Duration;

/// One call of one client.
#[derive(Clone, Debug)]
pub struct Entry {
    /// When it was made.
    pub start: Timestamp,
    /// When it was answered, failed or was given up.
    pub end: Timestamp,
    /// Which application node it went to.
    pub node: usize,
    /// What it was, and what it came to.
    pub call: Call,
    /// How many messages the node handed to the sender for it.
    pub sent: u32,
}

impl Entry {
    /// Whether the call failed.
    #[must_use]
    pub fn is_failed(&self) -> bool {
        self.call.vagueness() == Some(Vagueness::Failed)
    }

    /// Whether the caller went away before the answer.
    #[must_use]
    pub fn is_dropped(&self) -> bool {
        self.call.vagueness() == Some(Vagueness::Dropped)
    }
}

/// Why it is not known whether a call happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Vagueness {
    Failed,
    Dropped,
}

impl Call {
    fn vagueness(&self) -> Option<Vagueness> {
        match self {
            Self::Start { reply, .. } => reply.vagueness(),
            Self::Resend { reply, .. } => reply.vagueness(),
            Self::Guess { reply, .. } => reply.vagueness(),
            Self::Refresh { reply, .. } => reply.vagueness(),
            Self::Logout { reply, .. } => reply.vagueness(),
            Self::Look { reply, .. } => reply.vagueness(),
        }
    }
}

impl<T> Reply<T> {
    const fn vagueness(&self) -> Option<Vagueness> {
        match self {
            Self::Failed => Some(Vagueness::Failed),
            Self::Dropped => Some(Vagueness::Dropped),
            _ => None,
        }
    }
}

/// A call and its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Call {
    /// A first code for a phone, which is known by its number in the run.
    Start {
        /// Which phone.
        phone: usize,
        /// The challenge.
        reply: Reply<ChallengeId>,
    },
    /// Another code for a challenge.
    Resend {
        /// Which phone.
        phone: usize,
        /// Which challenge.
        challenge: ChallengeId,
        /// Which code of this challenge was sent, the first being 0.
        reply: Reply<u32>,
    },
    /// A code is tried.
    Guess {
        /// Which challenge.
        challenge: ChallengeId,
        /// What was shown.
        shown: Shown,
        /// Who was signed in.
        reply: Reply<Signed>,
    },
    /// A refresh token is shown.
    Refresh {
        /// Which session.
        session: SessionId,
        /// Which token.
        shown: Tag,
        /// Its successor.
        reply: Reply<Tag>,
    },
    /// A session is ended.
    Logout {
        /// Which session.
        session: SessionId,
        /// Nothing to tell.
        reply: Reply<()>,
    },
    /// Whether a session lives.
    Look {
        /// Which session.
        session: SessionId,
        /// Whether it does.
        reply: Reply<bool>,
    },
}

/// What a call came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply<T> {
    /// It was done.
    Done(T),
    /// It was refused, which is an answer.
    Refused(Refusal),
    /// It failed: it may have happened, or may yet.
    Failed,
    /// The caller went away before the answer: it may have happened, or may yet.
    Dropped,
}

/// Why a call was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// By a limit.
    Limited,
    /// A guess, as the audit has it.
    Guess(Rejection),
    /// A resend for a challenge that does not live.
    NotLive,
    /// A refresh token of a session that is over.
    Dead,
    /// A refresh token that had been used: its session was ended.
    Reused,
}

/// What is tried against a challenge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// The code that was sent for it as the n-th, the first being 0.
    Code(u32),
    /// A code that was never sent.
    Wrong,
    /// The right code of another challenge.
    Foreign,
    /// The right code, with another phone.
    OtherPhone,
    /// The right code, for another purpose.
    OtherPurpose,
}

/// A login.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signed {
    /// The new session.
    pub session: SessionId,
    /// Its first refresh token.
    pub token: Tag,
}

/// Stands for a refresh token: the same tag, the same token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Tag(pub u64);

/// An event in which the store may lose what it has answered, as its documentation says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Loss {
    /// It happened not before this instant.
    pub from: Timestamp,
    /// And not after this one.
    pub to: Timestamp,
    /// What becomes of challenges.
    pub challenges: ChallengeLoss,
    /// What becomes of sessions.
    pub sessions: SessionLoss,
    /// Whether limits may forget charges.
    pub limits: bool,
}

/// What becomes of the challenges from before a loss.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChallengeLoss {
    /// They are unknown from then on.
    Dead,
    /// An earlier state of theirs may be back.
    Back,
}

/// What becomes of the sessions from before a loss.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionLoss {
    /// Nothing.
    Kept,
    /// What was answered is kept; what failed may be undone, also where it was seen meanwhile.
    Unanswered,
    /// They are as they were at some earlier instant, or gone.
    Back,
}

/// Everything that is known of a run.
#[derive(Clone, Debug, Default)]
pub struct Evidence {
    /// What the clients saw.
    pub entries: Vec<Entry>,
    /// What may have been lost.
    pub losses: Vec<Loss>,
    /// What the policy promises.
    pub rules: Rules,
    /// What was found that must not be there, for I8.
    pub leaks: Vec<String>,
    /// What was found in the store without an end, for I9.
    pub endless: Vec<String>,
    /// How long after the fault a fresh login worked, for each node; none: it did not. For I10.
    pub healed: Vec<Option<Duration>>,
    /// The audit chain, where there is one. For I11.
    pub chain: Option<Chain>,
}

/// What the policy promises.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    /// Guesses per challenge.
    pub tries: u32,
    /// How long a code is good for.
    pub lifetime: Duration,
    /// How much the nodes' clocks may differ from that of the history.
    pub slack: Duration,
    /// Messages per phone; the run is shorter than the limit's window.
    pub messages: u32,
    /// After this a login must work again.
    pub healing: Duration,
}

impl Rules {
    /// A code that this call sent expires not before, and not after.
    pub(crate) fn end_of_code(&self, sent: &Entry) -> (Timestamp, Timestamp) {
        let first = sent.start + self.lifetime;
        (first - self.slack, sent.end + self.lifetime + self.slack)
    }
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            tries: 3,
            lifetime: Duration::from_secs(2),
            slack: Duration::ZERO,
            messages: 4,
            healing: Duration::from_secs(30),
        }
    }
}

/// What the audit chain says.
#[derive(Clone, Debug, Default)]
pub struct Chain {
    /// Why it does not verify.
    pub broken: Option<String>,
    /// Events that found the queue full.
    pub dropped: u64,
    /// The session of each record of a login.
    pub logins: Vec<SessionId>,
    /// The sessions in the store, where the audit is required before there is one: answered or not.
    pub sessions: Vec<SessionId>,
}
