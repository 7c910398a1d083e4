//! A clock that tests move and a sender that keeps what it was given. Not for production.

use crate::{Clock, Code, Message, Receipt, SendError, SendErrorKind, Sender, Timestamp};
use async_trait::async_trait;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// A clock that stands still until it is moved. Clones move together.
///
/// ```
/// use otp_core::testing::ManualClock;
/// use otp_core::{Clock, Timestamp};
/// use std::time::Duration;
///
/// let clock = ManualClock::at(Timestamp::from_secs(1_000));
/// clock.advance(Duration::from_secs(5));
/// assert_eq!(clock.now(), Timestamp::from_secs(1_005));
/// ```
#[derive(Clone, Debug)]
pub struct ManualClock(Arc<AtomicI64>);

impl ManualClock {
    /// A clock that shows `now`.
    #[must_use]
    pub fn at(now: Timestamp) -> Self {
        Self(Arc::new(AtomicI64::new(now.as_millis())))
    }

    /// Moves it forward.
    pub fn advance(&self, by: Duration) {
        self.set(self.now() + by);
    }

    /// Moves it to `now`, forward or back.
    pub fn set(&self, now: Timestamp) {
        self.0.store(now.as_millis(), Ordering::SeqCst);
    }
}

impl Default for ManualClock {
    /// Shows 2026-01-01T00:00:00Z.
    fn default() -> Self {
        Self::at(Timestamp::from_secs(1_767_225_600))
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::SeqCst))
    }
}

/// A sender that keeps every message and names them `captured-1`, `captured-2` and so on, or refuses every one. Clones
/// share what they hold.
///
/// ```
/// use otp_core::testing::CapturingSender;
/// use otp_core::{ChallengeId, Code, Message, PhoneNumber, Sender};
/// use std::time::Duration;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let sender = CapturingSender::new();
/// let (to, code) = (PhoneNumber::parse("+919876543210", None)?, Code::parse("123456")?);
/// sender.send(&Message::new(to, code, ChallengeId::random()?, Duration::from_secs(300))).await?;
/// assert_eq!(sender.messages().len(), 1);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default)]
pub struct CapturingSender(Arc<Captured>);

#[derive(Debug, Default)]
struct Captured {
    messages: Mutex<Vec<Message>>,
    refuses: AtomicBool,
}

impl CapturingSender {
    /// A sender that takes everything.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// From now on refuses every message, as a provider that is down does, or takes them again.
    pub fn refuse(&self, refuse: bool) {
        self.0.refuses.store(refuse, Ordering::SeqCst);
    }

    /// All messages so far.
    #[must_use]
    pub fn messages(&self) -> Vec<Message> {
        self.0
            .messages
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// The code that was sent last.
    #[must_use]
    pub fn last_code(&self) -> Option<Code> {
        self.messages().pop().map(|message| message.code)
    }
}

#[async_trait]
impl Sender for CapturingSender {
    fn name(&self) -> &str {
        "capturing"
    }

    async fn send(&self, message: &Message) -> Result<Receipt, SendError> {
        if self.0.refuses.load(Ordering::SeqCst) {
            return Err(SendError::new(SendErrorKind::Transient));
        }
        let messages = self.0.messages.lock();
        let mut messages = messages.unwrap_or_else(PoisonError::into_inner);
        messages.push(message.clone());
        Ok(Receipt::with_reference(format!(
            "captured-{}",
            messages.len()
        )))
    }
}
