//! The nodes of a deployment, and every call that can be made to them, written down.

use crate::hearing::{Heard, listening};
use crate::history::{Call, Entry, Reply, Shown, Signed, Tag};
use crate::pause::now;
use otp_core::{
    ChallengeId, Client, Code, Login, OtpAuth, PhoneNumber, Purpose, Resend, SessionId, Start,
    Tokens, UserId, Verified, Verify,
};
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Several nodes over one store.
#[derive(Debug)]
pub(crate) struct Site {
    nodes: Vec<OtpAuth>,
    first_phone: u64,
    phones: AtomicUsize,
    answered: AtomicU64,
    written: Mutex<Written>,
}

/// What is kept of the calls.
#[derive(Debug, Default)]
pub(crate) struct Written {
    pub(crate) entries: Vec<Entry>,
    pub(crate) secrets: Vec<(&'static str, String)>,
    /// What the errors say, with all that is behind them.
    pub(crate) errors: String,
    /// Errors that no fault explains.
    pub(crate) odd: Vec<String>,
    tags: HashMap<String, Tag>,
}

/// A number of the run.
#[derive(Clone, Debug)]
pub(crate) struct Phone {
    pub(crate) index: usize,
    pub(crate) number: PhoneNumber,
}

/// How a call is made.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Way {
    pub(crate) node: usize,
    /// After so long the caller goes away.
    pub(crate) patience: Option<Duration>,
}

/// A session, as its user holds it.
#[derive(Clone, Debug)]
pub(crate) struct Held {
    pub(crate) session: SessionId,
    pub(crate) user: UserId,
    /// The refresh token, and those before it.
    pub(crate) tokens: Vec<String>,
}

impl Site {
    pub(crate) fn new(nodes: Vec<OtpAuth>, first_phone: u64) -> Self {
        Self {
            nodes,
            first_phone: first_phone % 5_000_000,
            phones: AtomicUsize::new(0),
            answered: AtomicU64::new(0),
            written: Mutex::default(),
        }
    }

    pub(crate) const fn nodes(&self) -> usize {
        self.nodes.len()
    }

    /// Calls that have ended, in whatever way.
    pub(crate) fn answered(&self) -> u64 {
        self.answered.load(Ordering::Relaxed)
    }

    pub(crate) fn written(&self) -> MutexGuard<'_, Written> {
        self.written.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A number that nobody had before.
    pub(crate) fn phone(&self) -> Phone {
        let index = self.phones.fetch_add(1, Ordering::Relaxed);
        let text = format!("+98912{:07}", self.first_phone + index as u64);
        self.written()
            .secrets
            .push(("number", text.trim_start_matches('+').to_owned()));
        let number = PhoneNumber::parse(&text, None).expect("a number of a mobile phone");
        Phone { index, number }
    }

    pub(crate) async fn start(&self, way: Way, phone: &Phone) -> Option<(ChallengeId, Code)> {
        let ask = self.auth(way).start(Start::new(phone.number.clone()));
        let asked = self.ask(way, ask).await;
        let code = asked.code();
        let reply = match &asked.answer {
            Some(Ok(started)) => Reply::Done(started.challenge_id),
            Some(Err(error)) => self.not_sent(error),
            None => Reply::Dropped,
        };
        let opened = match reply {
            Reply::Done(challenge) => code.map(|code| (challenge, code)),
            _ => None,
        };
        let phone = phone.index;
        self.note(way, &asked, Call::Start { phone, reply });
        opened
    }

    pub(crate) async fn resend(
        &self,
        way: Way,
        phone: &Phone,
        challenge: ChallengeId,
        which: u32,
    ) -> Option<Code> {
        let resend = Resend::new(phone.number.clone(), Some(challenge));
        let asked = self.ask(way, self.auth(way).resend(resend)).await;
        let reply = match &asked.answer {
            Some(Ok(_)) => Reply::Done(which),
            Some(Err(error)) => self.not_sent(error),
            None => Reply::Dropped,
        };
        let code = asked.code().filter(|_| matches!(reply, Reply::Done(_)));
        let phone = phone.index;
        self.note(
            way,
            &asked,
            Call::Resend {
                phone,
                challenge,
                reply,
            },
        );
        code
    }

    pub(crate) async fn guess(
        &self,
        way: Way,
        challenge: ChallengeId,
        shown: Shown,
        phone: &Phone,
        code: &Code,
    ) -> Reply<Held> {
        let verify = Verify::new(phone.number.clone(), Some(challenge), code.clone());
        let login = async {
            if shown == Shown::OtherPurpose {
                let confirmed = self.auth(way).confirm(verify, Purpose::StepUp).await;
                return confirmed.map(|_| None);
            }
            match self.auth(way).verify(verify).await? {
                Verified::SignedIn(login) => Ok(Some(login)),
                _ => Ok(None),
            }
        };
        let asked = self.ask(way, login).await;
        let held = match &asked.answer {
            Some(Ok(Some(login))) => Reply::Done(self.held(login)),
            // Nobody registers, and nobody else's purpose is served: I4 speaks of it.
            Some(Ok(None)) => Reply::Done(nobody()),
            Some(Err(error)) => self.not_verified(error, &asked.heard.outcomes),
            None => Reply::Dropped,
        };
        let reply = match &held {
            Reply::Done(held) => Reply::Done(Signed {
                session: held.session,
                token: self.tag(held.tokens.last().map_or("", String::as_str)),
            }),
            Reply::Refused(refusal) => Reply::Refused(*refusal),
            Reply::Failed => Reply::Failed,
            Reply::Dropped => Reply::Dropped,
        };
        self.note(
            way,
            &asked,
            Call::Guess {
                challenge,
                shown,
                reply,
            },
        );
        held
    }

    /// Shows a token of the session; its successor, if there is one.
    pub(crate) async fn refresh(&self, way: Way, held: &Held, token: &str) -> Reply<String> {
        let client = Client::new();
        let asked = self.ask(way, self.auth(way).refresh(token, &client)).await;
        let reply = match &asked.answer {
            Some(Ok(refreshed)) => Reply::Done(self.keep(&refreshed.tokens)),
            Some(Err(error)) => self.not_refreshed(error, &asked.heard.outcomes),
            None => Reply::Dropped,
        };
        let told = match &reply {
            Reply::Done(successor) => Reply::Done(self.tag(successor)),
            Reply::Refused(refusal) => Reply::Refused(*refusal),
            Reply::Failed => Reply::Failed,
            Reply::Dropped => Reply::Dropped,
        };
        let (session, shown) = (held.session, self.tag(token));
        self.note(
            way,
            &asked,
            Call::Refresh {
                session,
                shown,
                reply: told,
            },
        );
        reply
    }

    pub(crate) async fn log_out(&self, way: Way, held: &Held) {
        let asked = self.ask(way, self.auth(way).logout(&held.session)).await;
        let reply = self.told(asked.answer.as_ref().map(|answer| answer.as_ref().copied()));
        self.note(
            way,
            &asked,
            Call::Logout {
                session: held.session,
                reply,
            },
        );
    }

    pub(crate) async fn look(&self, way: Way, held: &Held) {
        let sessions = async {
            let sessions = self.auth(way).sessions(&held.user).await?;
            Ok(sessions.iter().any(|session| session.id == held.session))
        };
        let asked = self.ask(way, sessions).await;
        let reply = self.told(asked.answer.as_ref().map(|answer| answer.as_ref().copied()));
        self.note(
            way,
            &asked,
            Call::Look {
                session: held.session,
                reply,
            },
        );
    }

    fn auth(&self, way: Way) -> &OtpAuth {
        let node = self.nodes.get(way.node);
        node.expect("a node of this site")
    }

    async fn ask<T>(&self, way: Way, call: impl Future<Output = T>) -> Asked<T> {
        let heard = Arc::<Mutex<Heard>>::default();
        let start = now();
        let call = listening(&heard, call);
        let answer = match way.patience {
            Some(patience) => tokio::time::timeout(patience, call).await.ok(),
            None => Some(call.await),
        };
        let heard = heard.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let end = now();
        Asked {
            start,
            end,
            answer,
            heard,
        }
    }

    fn note<T>(&self, way: Way, asked: &Asked<T>, call: Call) {
        let mut written = self.written();
        for message in &asked.heard.messages {
            written
                .secrets
                .push(("code", message.code.expose().to_owned()));
        }
        written.entries.push(Entry {
            start: asked.start,
            end: asked.end,
            node: way.node,
            call,
            sent: u32::try_from(asked.heard.messages.len()).unwrap_or(u32::MAX),
        });
        drop(written);
        self.answered.fetch_add(1, Ordering::Relaxed);
    }

    fn held(&self, login: &Login) -> Held {
        Held {
            session: login.session,
            user: login.user.id.clone(),
            tokens: vec![self.keep(&login.tokens)],
        }
    }

    /// Notes the tokens as secrets; the refresh token.
    fn keep(&self, tokens: &Tokens) -> String {
        let mut written = self.written();
        written
            .secrets
            .push(("token", tokens.access.expose().to_owned()));
        written
            .secrets
            .push(("token", tokens.refresh.expose().to_owned()));
        tokens.refresh.expose().to_owned()
    }

    pub(crate) fn tag(&self, token: &str) -> Tag {
        let mut written = self.written();
        let next = Tag(written.tags.len() as u64);
        *written.tags.entry(token.to_owned()).or_insert(next)
    }
}

/// A call and what came of it.
struct Asked<T> {
    start: otp_core::Timestamp,
    end: otp_core::Timestamp,
    /// None when the caller went away.
    answer: Option<T>,
    heard: Heard,
}

impl<T> Asked<T> {
    fn code(&self) -> Option<Code> {
        self.heard
            .messages
            .last()
            .map(|message| message.code.clone())
    }
}

fn nobody() -> Held {
    Held {
        session: SessionId::from_bytes([0; 16]),
        user: UserId::random().expect("randomness"),
        tokens: Vec::new(),
    }
}
