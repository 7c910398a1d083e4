//! The two small models: one challenge, one session.

use crate::history::{
    Call, ChallengeLoss, Entry, Loss, Refusal, Reply, Rules, SessionLoss, Shown, Tag,
};
use otp_core::Timestamp;
use otp_core::challenge::Rejection;

/// What is done to one key.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Deed<'a> {
    Call(&'a Entry),
    Loss(&'a Loss),
}

/// A challenge, as one copy of the data would have it. The earlier states are what a loss may bring back.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Challenge {
    Absent,
    Open(Open, Vec<Open>),
    Gone,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Open {
    tries: u32,
    used: bool,
    /// Which code is good; none where nobody learnt it.
    code: Option<u32>,
    /// It expires not before, and not after.
    expires: (Timestamp, Timestamp),
}

impl Challenge {
    pub(crate) fn next(&self, deed: &Deed<'_>, rules: &Rules, remembers: bool) -> Vec<Self> {
        match (self, deed) {
            (Self::Absent, Deed::Call(entry)) if matches!(entry.call, Call::Start { .. }) => {
                vec![Self::Open(Open::new(entry, rules), Vec::new())]
            }
            (Self::Absent | Self::Gone, Deed::Loss(_)) => vec![self.clone()],
            (Self::Open(now, before), Deed::Loss(loss)) => match loss.challenges {
                ChallengeLoss::Dead => vec![Self::Gone],
                ChallengeLoss::Back => {
                    let states = before.iter().chain([now]);
                    let back = states.map(|state| Self::Open(*state, Vec::new()));
                    back.chain([Self::Gone]).collect()
                }
            },
            (Self::Absent | Self::Gone, Deed::Call(entry)) => match unknown_is_right(&entry.call) {
                true => vec![self.clone()],
                false => Vec::new(),
            },
            (Self::Open(now, before), Deed::Call(entry)) => {
                let mut past = before.clone();
                if remembers {
                    past.push(*now);
                }
                let next = now.next(entry, rules).into_iter();
                next.map(|open| Self::Open(open, past.clone())).collect()
            }
        }
    }
}

/// Whether this answer is right where there is no such challenge.
fn unknown_is_right(call: &Call) -> bool {
    match call {
        Call::Resend { reply, .. } => is_vague(reply) || is_refused(reply, Refusal::NotLive),
        Call::Guess { reply, .. } => {
            is_vague(reply) || is_refused(reply, Refusal::Guess(Rejection::Unknown))
        }
        _ => false,
    }
}

/// The answer says nothing of the record.
fn is_vague<T: PartialEq>(reply: &Reply<T>) -> bool {
    matches!(reply, Reply::Failed | Reply::Dropped) || is_refused(reply, Refusal::Limited)
}

fn is_refused<T: PartialEq>(reply: &Reply<T>, refusal: Refusal) -> bool {
    *reply == Reply::Refused(refusal)
}

impl Open {
    fn new(entry: &Entry, rules: &Rules) -> Self {
        Self {
            tries: rules.tries,
            used: false,
            code: Some(0),
            expires: rules.end_of_code(entry),
        }
    }

    const fn is_spent(&self) -> bool {
        self.used || self.tries == 0
    }

    fn may_be_expired(&self, entry: &Entry) -> bool {
        entry.end >= self.expires.0
    }

    fn may_be_alive(&self, entry: &Entry) -> bool {
        !self.is_spent() && entry.start < self.expires.1
    }

    fn next(self, entry: &Entry, rules: &Rules) -> Vec<Self> {
        match &entry.call {
            Call::Resend { reply, .. } => self.resent(entry, reply, rules),
            Call::Guess { shown, reply, .. } => {
                let signed_in = matches!(reply, Reply::Done(_));
                let refusal = match reply {
                    Reply::Refused(refusal) => Some(*refusal),
                    _ => None,
                };
                self.guessed(entry, *shown, signed_in, refusal)
            }
            _ => Vec::new(),
        }
    }

    fn resent(self, entry: &Entry, reply: &Reply<u32>, rules: &Rules) -> Vec<Self> {
        let renewed = |code| Self {
            code,
            expires: rules.end_of_code(entry),
            ..self
        };
        match reply {
            Reply::Done(code) if self.may_be_alive(entry) => vec![renewed(Some(*code))],
            Reply::Failed | Reply::Dropped if self.may_be_alive(entry) => vec![renewed(None)],
            Reply::Refused(Refusal::NotLive) if self.is_spent() || self.may_be_expired(entry) => {
                vec![self]
            }
            Reply::Failed | Reply::Dropped | Reply::Refused(Refusal::Limited) => vec![self],
            _ => Vec::new(),
        }
    }

    fn guessed(
        self,
        entry: &Entry,
        shown: Shown,
        signed_in: bool,
        refusal: Option<Refusal>,
    ) -> Vec<Self> {
        let elsewhere = matches!(shown, Shown::OtherPhone | Shown::OtherPurpose);
        let right = matches!(shown, Shown::Code(code) if self.code == Some(code));
        let counted = Self {
            tries: self.tries.saturating_sub(1),
            used: self.used || right,
            ..self
        };
        let alive = self.may_be_alive(entry) && !elsewhere;
        let next = match refusal {
            None if signed_in => (alive && right).then_some(counted),
            // Failed, or dropped.
            None => Some(if alive { counted } else { self }),
            Some(Refusal::Limited) => Some(self),
            Some(Refusal::Guess(rejection)) => match rejection {
                Rejection::Wrong => (alive && !right).then_some(counted),
                Rejection::Used => (self.used && !elsewhere).then_some(self),
                Rejection::Locked => (!self.used && self.tries == 0 && !elsewhere).then_some(self),
                Rejection::Expired => {
                    (!self.used && self.may_be_expired(entry) && !elsewhere).then_some(self)
                }
                _ => elsewhere.then_some(self),
            },
            Some(_) => None,
        };
        next.into_iter().collect()
    }
}

/// A session: its states so far, the last being the present one, and whether the caller was told of each.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Session(Vec<(Family, bool)>);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Family {
    Absent,
    /// The leaf, unless nobody learnt it, and the token before.
    Live(Option<Tag>, Option<Tag>),
    Dead,
}

impl Session {
    pub(crate) fn new() -> Self {
        Self(vec![(Family::Absent, true)])
    }

    pub(crate) fn next(&self, deed: &Deed<'_>, remembers: bool) -> Vec<Self> {
        match deed {
            Deed::Loss(loss) => self.back(loss.sessions),
            Deed::Call(entry) => {
                let now = self.0.last().map_or(Family::Absent, |(now, _)| *now);
                let promised = promises(&entry.call);
                let next = now.next(&entry.call).into_iter();
                next.map(|family| self.then(family, promised, remembers))
                    .collect()
            }
        }
    }

    /// What it may be after a loss.
    fn back(&self, loss: SessionLoss) -> Vec<Self> {
        let told = self.0.iter().rposition(|(_, told)| *told).unwrap_or(0);
        let first = match loss {
            SessionLoss::Kept => self.0.len(),
            SessionLoss::Unanswered => told + 1,
            SessionLoss::Back => 1,
        };
        let lengths = first..=self.0.len();
        let pasts = lengths.filter_map(|length| self.0.get(..length));
        pasts.map(|past| Self(past.to_vec())).collect()
    }

    fn then(&self, family: Family, promised: bool, remembers: bool) -> Self {
        if !remembers {
            return Self(vec![(family, promised)]);
        }
        let mut states = self.0.clone();
        match states.last_mut() {
            Some((last, told)) if *last == family => *told |= promised,
            _ => states.push((family, promised)),
        }
        Self(states)
    }
}

/// Whether the caller was told that this was done: hearing of a state is no promise that it stays.
const fn promises(call: &Call) -> bool {
    matches!(
        call,
        Call::Guess { .. }
            | Call::Refresh {
                reply: Reply::Done(_) | Reply::Refused(Refusal::Reused),
                ..
            }
            | Call::Logout {
                reply: Reply::Done(()),
                ..
            }
    )
}

impl Family {
    fn next(self, call: &Call) -> Vec<Self> {
        match call {
            Call::Guess {
                reply: Reply::Done(signed),
                ..
            } if self == Self::Absent => vec![Self::Live(Some(signed.token), None)],
            Call::Refresh { shown, reply, .. } => self.refreshed(*shown, reply),
            Call::Logout { reply, .. } => match reply {
                Reply::Refused(_) => Vec::new(),
                _ if self == Self::Absent => vec![self],
                _ => vec![Self::Dead],
            },
            Call::Look { reply, .. } => match (reply, self) {
                (Reply::Done(true), Self::Live(..)) | (Reply::Failed | Reply::Dropped, _) => {
                    vec![self]
                }
                (Reply::Done(false), Self::Dead | Self::Absent) => vec![self],
                _ => Vec::new(),
            },
            _ => Vec::new(),
        }
    }

    fn refreshed(self, shown: Tag, reply: &Reply<Tag>) -> Vec<Self> {
        let (leaf, before) = match self {
            Self::Live(leaf, before) => (leaf, before),
            Self::Absent | Self::Dead => {
                let right = !matches!(reply, Reply::Done(_) | Reply::Refused(Refusal::Reused));
                return right.then_some(self).into_iter().collect();
            }
        };
        let (is_leaf, is_before) = (leaf == Some(shown), before == Some(shown));
        match reply {
            Reply::Done(successor) if is_leaf => vec![Self::Live(Some(*successor), Some(shown))],
            Reply::Done(successor) if is_before && leaf.is_none_or(|leaf| leaf == *successor) => {
                vec![Self::Live(Some(*successor), before)]
            }
            Reply::Done(_) => Vec::new(),
            Reply::Failed | Reply::Dropped if is_leaf => vec![Self::Live(None, Some(shown)), self],
            // Shown too late, or twice: the family may be dead, or not.
            Reply::Failed | Reply::Dropped => vec![self, Self::Dead],
            Reply::Refused(Refusal::Reused) if !is_leaf => vec![Self::Dead],
            // One from before a loss: newer than what came back.
            Reply::Refused(Refusal::Dead) if !is_leaf && !is_before => vec![self],
            Reply::Refused(Refusal::Limited) => vec![self],
            Reply::Refused(_) => Vec::new(),
        }
    }
}
