//! A sender that names its messages, a poll, a listener, and a runtime that runs by hand.

use crate::common::{Setup, World, opened};
use otp_core::testing::{CapturingSender, ManualClock};
use otp_core::{
    Builder, DeliveryListener, DeliveryPoll, DeliveryState, Message, OtpAuth, Receipt, Report,
    SendError, SendErrorKind, Sender, Task, async_trait,
};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Keeps messages, and names them `message-1`, `message-2`, …
#[derive(Clone, Debug, Default)]
pub(crate) struct Naming {
    pub(crate) kept: CapturingSender,
    /// Who takes them, if that is another.
    pub(crate) leg: Arc<Mutex<Option<&'static str>>>,
    pub(crate) nameless: Arc<Mutex<bool>>,
}

#[async_trait]
impl Sender for Naming {
    fn name(&self) -> &str {
        "naming"
    }

    async fn send(&self, message: &Message) -> Result<Receipt, SendError> {
        self.kept.send(message).await?;
        if *self.nameless.lock().unwrap() {
            return Ok(Receipt::default());
        }
        let n = self.kept.messages().len();
        let receipt = Receipt::with_reference(format!("message-{n}"));
        Ok(match *self.leg.lock().unwrap() {
            Some(leg) => receipt.with_provider(leg),
            None => receipt,
        })
    }
}

/// Keeps what it hears.
#[derive(Debug, Default)]
pub(crate) struct Ear(Mutex<Vec<(String, DeliveryState)>>);

impl Ear {
    pub(crate) fn heard(&self) -> Vec<(String, DeliveryState)> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

impl DeliveryListener for Ear {
    fn heard(&self, provider: &str, report: &Report) {
        let what = format!("{provider} {}", report.reference);
        self.0.lock().unwrap().push((what, report.state));
    }
}

/// Knows what it was given.
#[derive(Clone, Debug, Default)]
pub(crate) struct Poll {
    /// How long an answer takes, and by which clock.
    pub(crate) takes: Arc<Mutex<Duration>>,
    clock: ManualClock,
    pub(crate) says: Arc<Mutex<Option<Vec<Report>>>>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Poll {
    pub(crate) fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.asked.lock().unwrap())
    }
}

#[async_trait]
impl DeliveryPoll for Poll {
    fn provider(&self) -> &str {
        "naming"
    }

    async fn poll(&self, references: &[&str]) -> Result<Vec<Report>, SendError> {
        self.clock.advance(*self.takes.lock().unwrap());
        let mut asked = self.asked.lock().unwrap();
        asked.extend(references.iter().map(|&reference| reference.to_owned()));
        let says = self.says.lock().unwrap().clone();
        says.ok_or_else(|| SendError::new(SendErrorKind::Transient))
    }
}

/// Tasks that wait for the test to run them, and how long each of them sleeps.
#[derive(Clone, Default)]
pub(crate) struct Hand {
    tasks: Arc<Mutex<Vec<Task>>>,
    sleeps: Arc<Mutex<Vec<Duration>>>,
}

impl Hand {
    pub(crate) fn background(&self, builder: Builder) -> Builder {
        let (tasks, sleeps) = (self.tasks.clone(), self.sleeps.clone());
        builder.background(
            move |task| tasks.lock().unwrap().push(task),
            move |time| {
                sleeps.lock().unwrap().push(time);
                std::future::ready(())
            },
        )
    }

    /// How long the tasks since the last look want to sleep.
    pub(crate) fn sleeps(&self) -> Vec<Duration> {
        std::mem::take(&mut self.sleeps.lock().unwrap())
    }

    /// Everything that sleeps wakes up; says how many did.
    pub(crate) async fn run(&self) -> usize {
        let tasks = std::mem::take(&mut *self.tasks.lock().unwrap());
        let n = tasks.len();
        for task in tasks {
            task.await;
        }
        n
    }
}

/// A login service that tracks, and what it hears by.
pub(crate) struct Tracked {
    pub(crate) world: World,
    pub(crate) sender: Naming,
    pub(crate) ear: Arc<Ear>,
    pub(crate) poll: Poll,
    pub(crate) hand: Hand,
}

pub(crate) fn tracked(setup: &Setup) -> Tracked {
    let (sender, ear) = (Naming::default(), Arc::new(Ear::default()));
    let poll = Poll {
        clock: setup.clock.clone(),
        ..Poll::default()
    };
    let hand = Hand::default();
    let (store, users) = (setup.store.clone(), setup.users.clone());
    let builder = OtpAuth::builder(store, sender.clone(), users, setup.keys.clone())
        .policy(opened(setup.policy.clone()))
        .clock(setup.clock.clone())
        .audit(setup.events.clone())
        .track_delivery()
        .delivery_listener(ear.clone())
        .delivery_poll(poll.clone());
    let world = World {
        auth: hand.background(builder).build().unwrap(),
        clock: setup.clock.clone(),
        sender: sender.kept.clone(),
        users: setup.users.clone(),
        events: setup.events.clone(),
        store: setup.store.clone(),
    };
    Tracked {
        world,
        sender,
        ear,
        poll,
        hand,
    }
}
