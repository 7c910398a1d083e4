//! A provider that does what it is told to.

use crate::world::PATIENCE;
use otp_core::testing::ManualClock;
use otp_core::{
    Clock, Message, Receipt, SendError, SendErrorKind as Kind, Sender, Timestamp, async_trait,
};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::{Semaphore, watch};
use tokio::time::timeout;

/// Why it refuses, as the providers over HTTP say it.
pub(crate) const CAUSE: &str = "HTTP status 400, code 20003";

/// What it does with a message.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Does {
    Takes,
    Refuses(Kind),
    Throttles(Duration),
    /// Waits for a `release` and takes it then.
    Holds,
    Panics,
}

/// A message as it came.
#[derive(Clone, Debug)]
pub(crate) struct Got {
    pub(crate) at: Timestamp,
    pub(crate) message: Message,
}

impl Got {
    pub(crate) fn code(&self) -> String {
        self.message.code.expose().to_owned()
    }
}

/// Does one thing after the other, and the last for ever. Clones are the same.
#[derive(Clone, Debug)]
pub(crate) struct Provider {
    script: Arc<Mutex<VecDeque<Does>>>,
    got: watch::Sender<Vec<Got>>,
    holding: Arc<Semaphore>,
    clock: ManualClock,
}

impl Provider {
    pub(crate) fn new(clock: &ManualClock, does: impl IntoIterator<Item = Does>) -> Self {
        Self {
            script: Arc::new(Mutex::new(does.into_iter().collect())),
            got: watch::Sender::new(Vec::new()),
            holding: Arc::new(Semaphore::new(0)),
            clock: clock.clone(),
        }
    }

    pub(crate) fn got(&self) -> Vec<Got> {
        self.got.borrow().clone()
    }

    pub(crate) fn codes(&self) -> Vec<String> {
        self.got().iter().map(Got::code).collect()
    }

    /// Waits until it has got so many messages.
    pub(crate) async fn has(&self, count: usize) -> Vec<Got> {
        let mut got = self.got.subscribe();
        let enough = got.wait_for(|got| got.len() >= count);
        let enough = timeout(PATIENCE, enough).await.expect("so many messages");
        enough.unwrap().clone()
    }

    /// Lets go of what it holds, and will hold.
    pub(crate) fn release(&self) {
        self.holding.add_permits(1_000);
    }
}

#[async_trait]
impl Sender for Provider {
    fn name(&self) -> &str {
        "provider"
    }

    async fn send(&self, message: &Message) -> Result<Receipt, SendError> {
        let does = {
            let mut script = self.script.lock().unwrap();
            match script.len() {
                1 => script[0],
                _ => script.pop_front().unwrap(),
            }
        };
        let (at, message) = (self.clock.now(), message.clone());
        self.got.send_modify(|got| got.push(Got { at, message }));
        match does {
            Does::Takes => Ok(Receipt::default()),
            Does::Refuses(kind) => Err(SendError::new(kind).with_source(CAUSE)),
            Does::Throttles(wait) => Err(SendError::new(Kind::RateLimited).with_retry_after(wait)),
            Does::Holds => {
                self.holding.acquire().await.unwrap().forget();
                Ok(Receipt::default())
            }
            Does::Panics => panic!("as it was told to"),
        }
    }
}
