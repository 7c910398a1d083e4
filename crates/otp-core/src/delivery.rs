//! What becomes of a message after a provider took it, and who says so.

use crate::{Channel, MessageKey, SendError, SendErrorKind, Timestamp};
use async_trait::async_trait;
use std::fmt::{self, Debug};

/// How far a message has come.
///
/// In this order: of two words about one message the higher is believed, whichever came first. Providers repeat
/// themselves, and what they say overtakes itself on the way. `Failed` is above `Sent`, but a phone that has shown the
/// message after all knows better.
///
/// ```
/// use otp_core::DeliveryState;
///
/// assert_eq!(DeliveryState::Sent.max(DeliveryState::Failed), DeliveryState::Failed);
/// assert_eq!(DeliveryState::Failed.max(DeliveryState::Delivered), DeliveryState::Delivered);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum DeliveryState {
    /// A provider took it. Taken is not delivered.
    Accepted,
    /// It was handed on to the network.
    Sent,
    /// It will not arrive.
    Failed,
    /// The phone has it.
    Delivered,
    /// It was shown to somebody.
    Read,
}

impl DeliveryState {
    /// All of them, in order.
    pub const ALL: [Self; 5] = [
        Self::Accepted,
        Self::Sent,
        Self::Failed,
        Self::Delivered,
        Self::Read,
    ];

    /// A stable name: in replies, in stores, and as a metrics label.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Sent => "sent",
            Self::Failed => "failed",
            Self::Delivered => "delivered",
            Self::Read => "read",
        }
    }

    /// The state of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == name)
    }

    /// Whether the phone has the message.
    #[must_use]
    pub const fn has_arrived(&self) -> bool {
        matches!(self, Self::Delivered | Self::Read)
    }
}

impl fmt::Display for DeliveryState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a provider says of one message.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Report {
    /// The provider's own name for the message, as its [`Receipt`](crate::Receipt) had it.
    pub reference: String,
    /// How far it has come.
    pub state: DeliveryState,
    /// Why it failed, if it did and the provider said so in words of its tables.
    pub reason: Option<SendErrorKind>,
}

impl Report {
    /// That a message has come so far.
    #[must_use]
    pub fn new(reference: impl Into<String>, state: DeliveryState) -> Self {
        Self {
            reference: reference.into(),
            state,
            reason: None,
        }
    }

    /// That a message will not arrive, for this reason.
    #[must_use]
    pub fn failed(reference: impl Into<String>, reason: SendErrorKind) -> Self {
        Self {
            reason: Some(reason),
            ..Self::new(reference, DeliveryState::Failed)
        }
    }
}

/// The message that carries a challenge's newest code, as a store keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Sent {
    /// Who took it: a sender's or verifier's name.
    pub provider: String,
    /// The provider's own name for it, if it gave one. It says nothing of the number or the code.
    pub reference: Option<String>,
    /// What stands for both in reports; nothing without a reference.
    pub message: Option<MessageKey>,
    /// How it went.
    pub channel: Channel,
    /// When it was taken.
    pub at: Timestamp,
}

impl Sent {
    /// A message that `provider` took at `at`, and named nothing.
    #[must_use]
    pub fn new(provider: impl Into<String>, channel: Channel, at: Timestamp) -> Self {
        Self {
            provider: provider.into(),
            reference: None,
            message: None,
            channel,
            at,
        }
    }

    /// The same, under the provider's own name for it.
    #[must_use]
    pub fn named(mut self, reference: impl Into<String>, message: MessageKey) -> Self {
        self.reference = Some(reference.into());
        self.message = Some(message);
        self
    }
}

/// What is known of the message that carries a challenge's newest code.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Delivery {
    /// The message.
    pub sent: Sent,
    /// How far it has come: [`Accepted`](DeliveryState::Accepted) until somebody reports more.
    pub state: DeliveryState,
}

impl Delivery {
    /// What is known of `sent` when `reported` is the highest word about it.
    #[must_use]
    pub fn of(sent: Sent, reported: Option<DeliveryState>) -> Self {
        let state = reported.unwrap_or(DeliveryState::Accepted);
        Self { sent, state }
    }
}

/// What a report came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Reported {
    /// The highest word before it, if there was any.
    pub before: Option<DeliveryState>,
    /// The highest word with it.
    pub state: DeliveryState,
}

impl Reported {
    /// A report of `state` after `before`: the rule behind [`DeliveryStore::report`](crate::DeliveryStore::report).
    #[must_use]
    pub fn after(before: Option<DeliveryState>, state: DeliveryState) -> Self {
        let state = before.map_or(state, |before| before.max(state));
        Self { before, state }
    }

    /// Whether it said something new.
    #[must_use]
    pub fn is_news(&self) -> bool {
        self.before != Some(self.state)
    }
}

/// A request that a provider made, as it came: nothing of it is believed before it is verified.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct Callback<'a> {
    /// The query as it was sent, still percent-encoded and without its question mark.
    pub query: &'a str,
    /// Names in any case, and values.
    pub headers: &'a [(String, Vec<u8>)],
    /// The body's bytes.
    pub body: &'a [u8],
}

impl<'a> Callback<'a> {
    /// A request with these parts.
    #[must_use]
    pub const fn new(query: &'a str, headers: &'a [(String, Vec<u8>)], body: &'a [u8]) -> Self {
        Self {
            query,
            headers,
            body,
        }
    }

    /// The header of this name, in any case; nothing if there are several, or if it is no text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&'a str> {
        let mut named = self
            .headers
            .iter()
            .filter(|(own, _)| own.eq_ignore_ascii_case(name));
        let (_, value) = named.next()?;
        let text = std::str::from_utf8(value).ok()?;
        named.next().is_none().then_some(text.trim())
    }
}

impl Debug for Callback<'_> {
    /// It may hold a number, or a credential: only how long it is.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Callback")
            .field("body", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// Why a provider's request is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum CallbackError {
    /// Its signature is missing, wrong, or too old.
    #[error("not signed by the provider")]
    Forged,
    /// Signed, and not to be read.
    #[error("not in the provider's form")]
    Malformed,
    /// This provider makes no such request.
    #[error("no such request is expected")]
    Unexpected,
}

/// Reads what a provider reports of its messages.
///
/// # Contract
/// - `read` verifies the bytes as they came, in constant time, before it parses any of them. Where a provider signs
///   nothing, or not the body, [`token`](Self::token) is what tells it from anybody.
/// - It never panics, whatever the bytes are, and skips events of kinds that it does not know.
/// - Nothing that it logs or returns holds a number, a code or a credential.
///
/// ```
/// use otp_core::{Callback, CallbackError, DeliveryState, DeliveryWebhook, Report, Timestamp};
/// use std::fmt;
///
/// /// A provider that does not sign: the token in the path is what it shows.
/// struct Pigeons {
///     token: String,
/// }
///
/// impl fmt::Debug for Pigeons {
///     fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
///         f.write_str("Pigeons(..)")
///     }
/// }
///
/// impl DeliveryWebhook for Pigeons {
///     fn provider(&self) -> &str {
///         "pigeon"
///     }
///
///     fn token(&self) -> Option<&str> {
///         Some(&self.token)
///     }
///
///     fn read(&self, callback: &Callback<'_>, _: Timestamp) -> Result<Vec<Report>, CallbackError> {
///         let text = std::str::from_utf8(callback.body).map_err(|_| CallbackError::Malformed)?;
///         let (bird, what) = text.split_once(' ').ok_or(CallbackError::Malformed)?;
///         match what {
///             "landed" => Ok(vec![Report::new(bird, DeliveryState::Delivered)]),
///             _ => Ok(Vec::new()),
///         }
///     }
///
///     fn handshake(&self, _: &Callback<'_>) -> Result<String, CallbackError> {
///         Err(CallbackError::Unexpected)
///     }
/// }
/// ```
pub trait DeliveryWebhook: Debug + Send + Sync + 'static {
    /// Whose messages it speaks of: the [`name`](crate::Sender::name) of the sender that hands them over, and the
    /// path's last segment.
    fn provider(&self) -> &str;

    /// What stands in the path behind the provider's name, for those who do not sign: at least 128 random bits.
    fn token(&self) -> Option<&str>;

    /// What it reports, in any order and as often as it likes.
    ///
    /// # Errors
    /// [`CallbackError`] for what is not believed.
    fn read(&self, callback: &Callback<'_>, now: Timestamp) -> Result<Vec<Report>, CallbackError>;

    /// The answer to a provider that asks by GET whether anybody is there.
    ///
    /// # Errors
    /// [`CallbackError::Unexpected`] where it never asks: a GET is then a report like any other, for
    /// [`read`](Self::read). [`CallbackError::Forged`] where it asks with the wrong word.
    fn handshake(&self, callback: &Callback<'_>) -> Result<String, CallbackError>;
}

/// Asks a provider what became of its messages, where it can be asked.
///
/// # Contract
/// As for [`Sender`](crate::Sender): it ends by itself within ten seconds or so, and tells nothing that is secret.
#[async_trait]
pub trait DeliveryPoll: Debug + Send + Sync + 'static {
    /// Whose messages it can ask for: the [`name`](crate::Sender::name) of the sender that hands them over.
    fn provider(&self) -> &str;

    /// What is known of these messages; nothing of those that the provider does not know.
    async fn poll(&self, references: &[&str]) -> Result<Vec<Report>, SendError>;
}

/// Told of every new word about a message: such as a route, which trusts a provider less whose messages fail.
///
/// # Contract
/// `heard` is called on a request's path: it must not block and cannot fail.
pub trait DeliveryListener: Debug + Send + Sync + 'static {
    /// A message of `provider` has come so far.
    fn heard(&self, provider: &str, report: &Report);
}
