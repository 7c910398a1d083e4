//! Providers that do what they are told to, and a time that passes when nobody is busy.
#![allow(dead_code, reason = "no test uses all of it")]
#![allow(clippy::unwrap_used, reason = "a helper of a test fails the test")]
#![allow(clippy::disallowed_methods, reason = "this time is not the real one")]

use otp_core::{
    Clock, Code, Message, PhoneNumber, Receipt, SendError, SendErrorKind as Kind, Sender,
    Timestamp, async_trait,
};
use otp_providers::route::{Leg, RouteBuilder, Tuning};
use otp_providers::{Route, route::Place};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::time::Instant;

pub(crate) const SECOND: Duration = Duration::from_secs(1);
pub(crate) const CODE: &str = "042137";

/// What a provider does with a message.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Does {
    /// Takes it, with a reference.
    Takes,
    /// Refuses it.
    Refuses(Kind),
    /// Refuses it, and says for how long.
    Throttles(Kind, Duration),
    /// Refuses it, after so long.
    RefusesAfter(Kind, Duration),
    /// Gives up waiting after so long, which counts as sent.
    GivesUp(Duration),
    /// Takes it, after so long.
    TakesAfter(Duration),
}

/// A message as a provider got it.
#[derive(Clone, Debug)]
pub(crate) struct Got {
    pub(crate) provider: &'static str,
    pub(crate) at: Timestamp,
    pub(crate) message: Message,
    pub(crate) does: Does,
}

/// Everything that was sent, over all providers.
pub(crate) type Outbox = Arc<Mutex<Vec<Got>>>;

/// Does one thing after the other, and the last for ever.
#[derive(Clone, Debug)]
pub(crate) struct Scripted {
    name: &'static str,
    script: Arc<Mutex<VecDeque<Does>>>,
    outbox: Outbox,
    clock: Virtual,
}

impl Scripted {
    pub(crate) fn now_does(&self, does: impl IntoIterator<Item = Does>) {
        *self.script.lock().unwrap() = does.into_iter().collect();
    }

    fn next(&self) -> Does {
        let mut script = self.script.lock().unwrap();
        let next = *script.front().unwrap();
        if script.len() > 1 {
            script.pop_front();
        }
        next
    }
}

#[async_trait]
impl Sender for Scripted {
    fn name(&self) -> &str {
        self.name
    }

    async fn send(&self, message: &Message) -> Result<Receipt, SendError> {
        let does = self.next();
        self.outbox.lock().unwrap().push(Got {
            provider: self.name,
            at: self.clock.now(),
            message: message.clone(),
            does,
        });
        match does {
            Does::Takes => Ok(Receipt::with_reference(self.name)),
            Does::Refuses(kind) => Err(SendError::new(kind)),
            Does::Throttles(kind, wait) => Err(SendError::new(kind).with_retry_after(wait)),
            Does::RefusesAfter(kind, time) => {
                tokio::time::sleep(time).await;
                Err(SendError::new(kind))
            }
            Does::GivesUp(time) => {
                tokio::time::sleep(time).await;
                Ok(Receipt::default())
            }
            Does::TakesAfter(time) => {
                tokio::time::sleep(time).await;
                Ok(Receipt::with_reference(self.name))
            }
        }
    }
}

/// The time of a paused runtime.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Virtual(Instant);

impl Clock for Virtual {
    fn now(&self) -> Timestamp {
        Timestamp::from_secs(1_800_000_000) + self.0.elapsed()
    }
}

/// A clock, and an outbox for the providers.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) clock: Virtual,
    pub(crate) outbox: Outbox,
}

impl World {
    pub(crate) fn new() -> Self {
        Self {
            clock: Virtual(Instant::now()),
            outbox: Outbox::default(),
        }
    }

    pub(crate) fn provider(&self, name: &'static str, does: &[Does]) -> (Scripted, Leg) {
        self.tuned(name, does, Tuning::default())
    }

    pub(crate) fn tuned(
        &self,
        name: &'static str,
        does: &[Does],
        tuning: Tuning,
    ) -> (Scripted, Leg) {
        let scripted = Scripted {
            name,
            script: Arc::new(Mutex::new(does.iter().copied().collect())),
            outbox: self.outbox.clone(),
            clock: self.clock,
        };
        let leg = Leg::tuned(name, scripted.clone(), tuning);
        (scripted, leg)
    }

    pub(crate) fn builder(&self) -> RouteBuilder {
        Route::builder(tokio::time::sleep).clock(self.clock)
    }

    /// One chain for everything.
    pub(crate) fn route(&self, legs: impl IntoIterator<Item = Leg>) -> Route {
        self.builder().chain(Place::any(), legs).build().unwrap()
    }

    /// Who was asked since the last look, in order.
    pub(crate) fn asked(&self) -> Vec<&'static str> {
        let taken = std::mem::take(&mut *self.outbox.lock().unwrap());
        taken.into_iter().map(|got| got.provider).collect()
    }
}

/// A code that is good for five minutes.
pub(crate) fn message(to: &str) -> Message {
    let to = PhoneNumber::parse(to, None).unwrap();
    let id = "AAECAwQFBgcICQoLDA0ODw".parse().unwrap();
    Message::new(to, Code::parse(CODE).unwrap(), id, 300 * SECOND)
}
