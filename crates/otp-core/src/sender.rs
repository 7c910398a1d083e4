//! What carries a code to a phone.

use crate::{ChallengeId, Channel, Code, Locale, PhoneNumber, Purpose};
use async_trait::async_trait;
use std::error::Error;
use std::fmt::{self, Debug};
use std::time::Duration;

/// A code on its way.
///
/// The number and the code are in it, because the sender must have them: `Debug` shows neither.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Message {
    /// Where to.
    pub to: PhoneNumber,
    /// What to say.
    pub code: Code,
    /// How.
    pub channel: Channel,
    /// How long the code is good for from now: the most that a provider may keep trying.
    pub expires_in: Duration,
    /// The challenge that the code answers.
    pub challenge_id: ChallengeId,
    /// What the code is good for.
    pub purpose: Purpose,
    /// What its reader reads; the sender's own choice if it is not known.
    pub locale: Option<Locale>,
}

impl Message {
    /// A login code to `to` over SMS; change the fields for anything else.
    #[must_use]
    pub const fn new(
        to: PhoneNumber,
        code: Code,
        challenge_id: ChallengeId,
        expires_in: Duration,
    ) -> Self {
        Self {
            to,
            code,
            channel: Channel::Sms,
            expires_in,
            challenge_id,
            purpose: Purpose::Login,
            locale: None,
        }
    }
}

/// What a provider answered when it took a message. Taken is not delivered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Receipt {
    /// The provider's own name for the message, if it gave one.
    pub reference: Option<String>,
    /// Who took it, where that is another than the [`Sender`] that was asked: a route hands messages on.
    pub provider: Option<String>,
}

impl Receipt {
    /// A receipt with the provider's own name for the message.
    #[must_use]
    pub fn with_reference(reference: impl Into<String>) -> Self {
        Self {
            reference: Some(reference.into()),
            provider: None,
        }
    }

    /// The same, taken by `provider`: the [`name`](Sender::name) of the sender that talks to it.
    #[must_use]
    pub fn with_provider(mut self, provider: impl Into<String>) -> Self {
        self.provider = Some(provider.into());
        self
    }
}

/// Hands codes to a provider.
///
/// # Contract
/// - `Ok` means that the provider took the message. A time-out after the request was written is not an error that
///   refunds: return `Ok` with an empty receipt, for the code may arrive.
/// - It ends by itself within ten seconds or so; the caller waits for it.
/// - Nothing that it logs or returns holds the code, the number, or its own credentials.
///
/// ```
/// use otp_core::{Message, Receipt, SendError, Sender, async_trait};
///
/// #[derive(Debug)]
/// struct Pigeon;
///
/// #[async_trait]
/// impl Sender for Pigeon {
///     fn name(&self) -> &str {
///         "pigeon"
///     }
///
///     async fn send(&self, message: &Message) -> Result<Receipt, SendError> {
///         let _letter = (message.to.expose(), message.code.expose());
///         Ok(Receipt::default())
///     }
/// }
/// ```
#[async_trait]
pub trait Sender: Debug + Send + Sync + 'static {
    /// A short name for logs and metrics.
    fn name(&self) -> &str;

    /// Hands one message over.
    async fn send(&self, message: &Message) -> Result<Receipt, SendError>;
}

/// Why a provider did not take a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SendErrorKind {
    /// The destination is no usable number.
    InvalidNumber,
    /// A valid number that this channel or provider cannot reach.
    Unreachable,
    /// The provider throttles.
    RateLimited,
    /// Credentials, sender identity or request shape: for the operator.
    AuthOrConfig,
    /// No money left with the provider: for the operator.
    InsufficientCredit,
    /// The message template is missing, paused or does not match: for the operator.
    TemplateProblem,
    /// The network or the provider, for now.
    Transient,
}

impl SendErrorKind {
    /// A stable name: for logs, as a metrics label, in an audit.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::InvalidNumber => "invalid_number",
            Self::Unreachable => "unreachable",
            Self::RateLimited => "rate_limited",
            Self::AuthOrConfig => "auth_or_config",
            Self::InsufficientCredit => "insufficient_credit",
            Self::TemplateProblem => "template_problem",
            Self::Transient => "transient",
        }
    }
}

impl fmt::Display for SendErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A provider did not take a message.
#[derive(Debug, thiserror::Error)]
#[error("the provider did not take the message: {kind}")]
#[non_exhaustive]
pub struct SendError {
    /// Why.
    pub kind: SendErrorKind,
    /// After how long it may, if the provider said so.
    pub retry_after: Option<Duration>,
    /// What the transport said. It must not hold the code, the number or a credential.
    #[source]
    pub source: Option<Box<dyn Error + Send + Sync>>,
}

impl SendError {
    /// An error of this kind without a cause of its own.
    #[must_use]
    pub const fn new(kind: SendErrorKind) -> Self {
        Self {
            kind,
            retry_after: None,
            source: None,
        }
    }

    /// The same, with the provider's hint.
    #[must_use]
    pub const fn with_retry_after(mut self, retry_after: Duration) -> Self {
        self.retry_after = Some(retry_after);
        self
    }

    /// The same, with what the transport said.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// What caused it, the nearest first, in one line: for a log that an operator reads. It is told to no client.
    ///
    /// ```
    /// use otp_core::{SendError, SendErrorKind};
    ///
    /// let error = SendError::new(SendErrorKind::AuthOrConfig).with_source("HTTP status 401, code 20003");
    /// assert_eq!(error.causes(), "HTTP status 401, code 20003");
    /// ```
    #[must_use]
    pub fn causes(&self) -> String {
        let mut causes = Vec::new();
        let mut next = Error::source(self);
        while let Some(cause) = next {
            causes.push(cause.to_string());
            next = cause.source();
        }
        causes.join(": ")
    }

    /// Whether the same message may be taken a moment later.
    #[must_use]
    pub const fn is_transient(&self) -> bool {
        matches!(
            self.kind,
            SendErrorKind::Transient | SendErrorKind::RateLimited
        )
    }
}
