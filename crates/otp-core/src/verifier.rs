//! Who makes a code and checks it, where that is a provider and not us.

use crate::{ChallengeId, Channel, Code, Locale, PhoneNumber, Purpose, Receipt, SendError};
use async_trait::async_trait;
use std::fmt::Debug;
use std::time::Duration;

/// A code that a provider is to make and send. `Debug` masks the number.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Request {
    /// Where to.
    pub to: PhoneNumber,
    /// How.
    pub channel: Channel,
    /// How long our challenge lives: the provider's own code may live longer or shorter.
    pub expires_in: Duration,
    /// The challenge that the code answers.
    pub challenge_id: ChallengeId,
    /// What the code is good for.
    pub purpose: Purpose,
    /// The reader's language, if it is known.
    pub locale: Option<Locale>,
}

impl Request {
    /// A login code to `to` over SMS; change the fields for anything else.
    #[must_use]
    pub const fn new(to: PhoneNumber, challenge_id: ChallengeId, expires_in: Duration) -> Self {
        Self {
            to,
            channel: Channel::Sms,
            expires_in,
            challenge_id,
            purpose: Purpose::Login,
            locale: None,
        }
    }
}

/// What a provider found of a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Checked {
    /// It is the right one, for this number.
    Approved,
    /// It is not.
    Wrong,
    /// The provider knows of no code that still waits: expired, approved before, or never made.
    Unknown,
    /// The provider looks at no more guesses.
    TooMany,
}

/// A provider that makes, sends and checks the codes of its own.
///
/// Our challenge stays around it: the tries, the limits and the guess budget are ours, and the provider's reference is
/// kept in the store, so that no client can name another one.
///
/// # Contract
/// - `start` returns a [`Receipt`] with a reference: without it nothing can be checked. A time-out after the request was
///   written is a receipt without one: nobody can sign in by it, but the message may arrive, and stays charged. An error
///   is a message that costs nothing.
/// - `check` asks once: a second answer after a lost first one would be that the code is not known any more.
/// - An approval that names another number than `to` is [`Checked::Unknown`].
/// - Both end by themselves within ten seconds or so, and nothing that they log or return holds the code, the number,
///   or a credential.
///
/// ```
/// use otp_core::verifier::{Checked, Request, Verifier};
/// use otp_core::{Code, PhoneNumber, Receipt, SendError, async_trait};
///
/// /// In place of a provider: its codes are all 123456.
/// #[derive(Debug)]
/// struct Parrot;
///
/// #[async_trait]
/// impl Verifier for Parrot {
///     fn name(&self) -> &str {
///         "parrot"
///     }
///
///     async fn start(&self, request: &Request) -> Result<Receipt, SendError> {
///         Ok(Receipt::with_reference(format!("for {}", request.challenge_id)))
///     }
///
///     async fn check(&self, _reference: &str, _to: &PhoneNumber, code: &Code) -> Result<Checked, SendError> {
///         match code.expose() {
///             "123456" => Ok(Checked::Approved),
///             _ => Ok(Checked::Wrong),
///         }
///     }
/// }
/// ```
#[async_trait]
pub trait Verifier: Debug + Send + Sync + 'static {
    /// A short name for logs and metrics.
    fn name(&self) -> &str;

    /// Has a code made and sent.
    async fn start(&self, request: &Request) -> Result<Receipt, SendError>;

    /// Has a code checked.
    async fn check(
        &self,
        reference: &str,
        to: &PhoneNumber,
        code: &Code,
    ) -> Result<Checked, SendError>;
}
