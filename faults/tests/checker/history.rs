//! Histories, made by hand.

use otp_core::challenge::Rejection;
use otp_core::{ChallengeId, SessionId, Timestamp};
use otp_faults::check::check;
use otp_faults::history::{
    Call, ChallengeLoss, Entry, Evidence, Loss, Refusal, Reply, SessionLoss, Shown, Signed, Tag,
};

pub(crate) const C: ChallengeId = ChallengeId::from_bytes([1; 16]);
pub(crate) const S: SessionId = SessionId::from_bytes([2; 16]);
pub(crate) const OTHER: SessionId = SessionId::from_bytes([3; 16]);

/// Each call takes ten milliseconds and begins when the one before is over, if it does not say otherwise.
#[derive(Clone, Default)]
pub(crate) struct History(pub(crate) Evidence);

impl History {
    pub(crate) fn at(mut self, start: i64, end: i64, call: Call) -> Self {
        let sent = match &call {
            Call::Start { reply, .. } => u32::from(matches!(reply, Reply::Done(_))),
            Call::Resend { reply, .. } => u32::from(matches!(reply, Reply::Done(_))),
            _ => 0,
        };
        self.0.entries.push(Entry {
            start: Timestamp::from_millis(start),
            end: Timestamp::from_millis(end),
            node: 0,
            call,
            sent,
        });
        self
    }

    pub(crate) fn then(self, call: Call) -> Self {
        let last = self
            .0
            .entries
            .last()
            .map_or(0, |entry| entry.end.as_millis());
        self.at(last + 1, last + 11, call)
    }

    pub(crate) fn loses(
        mut self,
        from: i64,
        to: i64,
        challenges: ChallengeLoss,
        sessions: SessionLoss,
    ) -> Self {
        self.0.losses.push(Loss {
            from: Timestamp::from_millis(from),
            to: Timestamp::from_millis(to),
            challenges,
            sessions,
            limits: true,
        });
        self
    }

    #[track_caller]
    pub(crate) fn holds(self) -> Self {
        let violations = check(&self.0);
        assert!(violations.is_empty(), "{violations:#?}");
        self
    }

    #[track_caller]
    pub(crate) fn violates(self, invariant: &str) {
        let violations = check(&self.0);
        let all: Vec<_> = violations
            .iter()
            .map(|violation| violation.invariant)
            .collect();
        assert!(
            all.contains(&invariant),
            "{invariant} is not in {violations:#?}"
        );
    }
}

pub(crate) fn history() -> History {
    History::default()
}

pub(crate) fn started() -> History {
    let reply = Reply::Done(C);
    history().then(Call::Start { phone: 0, reply })
}

pub(crate) fn guess(shown: Shown, reply: Reply<Signed>) -> Call {
    Call::Guess {
        challenge: C,
        shown,
        reply,
    }
}

pub(crate) fn right(session: SessionId) -> Call {
    guess(
        Shown::Code(0),
        Reply::Done(Signed {
            session,
            token: Tag(0),
        }),
    )
}

pub(crate) fn not(shown: Shown, why: Rejection) -> Call {
    guess(shown, Reply::Refused(Refusal::Guess(why)))
}

pub(crate) fn wrong() -> Call {
    not(Shown::Wrong, Rejection::Wrong)
}

pub(crate) fn signed_in() -> History {
    started().then(right(S))
}

pub(crate) fn refresh(shown: u64, reply: Reply<Tag>) -> Call {
    Call::Refresh {
        session: S,
        shown: Tag(shown),
        reply,
    }
}

pub(crate) fn next(shown: u64) -> Call {
    refresh(shown, Reply::Done(Tag(shown + 1)))
}

pub(crate) fn look(lives: bool) -> Call {
    Call::Look {
        session: S,
        reply: Reply::Done(lives),
    }
}

pub(crate) fn log_out() -> Call {
    Call::Logout {
        session: S,
        reply: Reply::Done(()),
    }
}

pub(crate) fn resend(reply: Reply<u32>) -> Call {
    Call::Resend {
        phone: 0,
        challenge: C,
        reply,
    }
}
