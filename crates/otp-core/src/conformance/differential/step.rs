//! What is asked of a store, and what it answers, as values that can be compared.

use crate::challenge::{Attempt, ChallengeKey, Digest, NewChallenge, Opened};
use crate::limit::{Cell, Decision};
use crate::session::{Revoke, Rotate, Rotation, SessionRecord};
use crate::{
    Delivery, DeliveryState, KeyId, MessageKey, Reported, Sent, SessionId, Timestamp, UserId,
};

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
    Approve {
        key: ChallengeKey,
        digests: Vec<(KeyId, Digest)>,
        guessed_at: Timestamp,
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
    Note {
        key: ChallengeKey,
        sent: Sent,
        until: Timestamp,
    },
    Report {
        message: MessageKey,
        state: DeliveryState,
        until: Timestamp,
    },
    Delivery {
        key: ChallengeKey,
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
    Reported(Reported),
    Delivery(Option<Delivery>),
    Done,
    Created(bool),
    Rotation(Rotation),
    Revoked(u64),
    Found(Option<SessionRecord>),
    Listed(Vec<SessionRecord>),
    /// Dead, and it may be forgotten why.
    Gone,
}
