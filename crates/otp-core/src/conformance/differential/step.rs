//! What is asked of a store, and what it answers, as values that can be compared.

use crate::challenge::{Attempt, ChallengeKey, Digest, NewChallenge, Opened};
use crate::limit::{Cell, Decision};
use crate::session::{Revoke, Rotate, Rotation, SessionRecord};
use crate::{KeyId, SessionId, UserId};

/// One call of a store.
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "the arguments of the verbs")]
pub enum Step {
    Open {
        new: Box<NewChallenge>,
        cells: Vec<Cell>,
    },
    Guess {
        key: ChallengeKey,
        digests: Vec<(KeyId, Digest)>,
        cells: Vec<Cell>,
    },
    Charge {
        cells: Vec<Cell>,
    },
    Refund {
        key: ChallengeKey,
        digest: Digest,
        cells: Vec<Cell>,
    },
    Purge,
    Create {
        session: SessionRecord,
    },
    Rotate {
        rotate: Rotate,
    },
    Revoke {
        which: Revoke,
    },
    Find {
        session: SessionId,
    },
    List {
        user: UserId,
    },
}

/// What a store answered.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "the replies of the verbs")]
pub enum Answer {
    Opened(Opened),
    Attempt(Attempt),
    Decision(Decision),
    Done,
    Created(bool),
    Rotation(Rotation),
    Revoked(u64),
    Found(Option<SessionRecord>),
    Listed(Vec<SessionRecord>),
    /// Dead, and it may be forgotten why.
    Gone,
}
