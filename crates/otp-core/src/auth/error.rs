//! One small enum per operation. No text here holds anything that came from a request.

use crate::policy::NumberRefusal;
use crate::{CodeError, DirectoryError, EntropyError, SendError, StoreError, TokenError};
use std::sync::Arc;
use std::time::Duration;

/// A limit refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a limit refused; try again in {} ms", retry_after.as_millis())]
#[non_exhaustive]
pub struct Limited {
    /// How long until it would be admitted, nobody else asking; exact to the millisecond.
    pub retry_after: Duration,
    /// The limit's name, for the audit and not for the client.
    pub limit: Arc<str>,
}

/// Why no code was sent.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// A limit refused.
    #[error(transparent)]
    Limited(#[from] Limited),
    /// A resend for a challenge that is unknown, used, expired or out of guesses: start a new one.
    #[error("the challenge does not live")]
    NotLive,
    /// A resend without the challenge id that the policy asks for.
    #[error("the challenge id is missing")]
    ChallengeRequired,
    /// The policy does not allow this channel.
    #[error("the channel is not allowed")]
    ChannelRefused,
    /// The policy sends no code to such numbers. Nothing was looked up and nothing counted:
    /// [`OtpAuth::reject_input`](crate::OtpAuth::reject_input) counts it against its sender.
    #[error(transparent)]
    NumberRefused(#[from] NumberRefusal),
    /// An idempotency key has 1 to 255 visible ASCII characters.
    #[error("the idempotency key is not usable")]
    IdempotencyKey,
    /// Registration tickets are opened by `verify` alone.
    #[error("the purpose is reserved")]
    PurposeReserved,
    /// No provider took the message. What it cost was given back, unless the number can be no destination.
    #[error("the code was not sent")]
    Delivery(#[source] SendError),
    /// The provider that makes the codes took the message, and gave no reference by which its code could be checked.
    #[error("the code could not be checked")]
    NoReference,
    /// The store failed: nothing was sent, or its code is good for nothing.
    #[error("the store failed")]
    Store(#[from] StoreError),
    /// No code could be drawn: the policy's digits are checked when it is built, so the operating system gave no
    /// randomness.
    #[error("no code could be drawn")]
    Code(#[from] CodeError),
    /// The operating system gave no randomness.
    #[error(transparent)]
    Entropy(#[from] EntropyError),
}

/// Why nobody was signed in.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VerifyError {
    /// Wrong, expired, used, unknown or locked: the audit knows which.
    #[error("the code was not accepted")]
    #[non_exhaustive]
    Rejected {
        /// Guesses that are left, if the policy tells.
        tries_left: Option<u32>,
    },
    /// The policy binds codes to challenges, and the id is missing.
    #[error("the challenge id is missing")]
    ChallengeRequired,
    /// A limit refused; the guess was not looked at.
    #[error(transparent)]
    Limited(#[from] Limited),
    /// The code was right, and new users are not admitted.
    #[error("registration is closed")]
    RegistrationClosed,
    /// The code was right, and the account is closed.
    #[error("the account is closed")]
    Disabled,
    /// The store failed: nobody was signed in.
    #[error("the store failed")]
    Store(#[from] StoreError),
    /// The provider that checks the code did not answer: nobody was signed in. The guess is counted.
    #[error("the code was not checked")]
    NotChecked(#[source] SendError),
    /// The host's user directory failed: nobody was signed in.
    #[error(transparent)]
    Users(#[from] DirectoryError),
    /// A token could not be made: nobody was signed in.
    #[error("a token could not be made")]
    Token(#[from] TokenError),
    /// The operating system gave no randomness: nobody was signed in.
    #[error(transparent)]
    Entropy(#[from] EntropyError),
}

/// Why a registration was not completed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RegisterError {
    /// No such ticket for this phone and device.
    #[error("the ticket is not known")]
    TicketUnknown,
    /// The ticket was used before.
    #[error("the ticket was used")]
    TicketSpent,
    /// The ticket came too late.
    #[error("the ticket has expired")]
    TicketExpired,
    /// The profile holds no consent.
    #[error("the consent is missing")]
    ConsentRequired,
    /// The account is closed.
    #[error("the account is closed")]
    Disabled,
    /// A limit refused.
    #[error(transparent)]
    Limited(#[from] Limited),
    /// The store failed.
    #[error("the store failed")]
    Store(#[from] StoreError),
    /// The host's user directory failed.
    #[error(transparent)]
    Users(#[from] DirectoryError),
    /// A token could not be made.
    #[error("a token could not be made")]
    Token(#[from] TokenError),
    /// The operating system gave no randomness.
    #[error(transparent)]
    Entropy(#[from] EntropyError),
}

/// Why a refresh token was not exchanged.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RefreshError {
    /// Forged, expired, revoked, used before, or its user is gone: sign in again.
    #[error("the refresh token was not accepted")]
    Rejected,
    /// A limit refused.
    #[error(transparent)]
    Limited(#[from] Limited),
    /// The store failed.
    #[error("the store failed")]
    Store(#[from] StoreError),
    /// The host's user directory failed.
    #[error(transparent)]
    Users(#[from] DirectoryError),
    /// A token could not be made.
    #[error("a token could not be made")]
    Token(#[from] TokenError),
}

/// Why an access token was not accepted.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AuthenticateError {
    /// The token itself does not hold.
    #[error("the access token was not accepted")]
    Token(#[from] TokenError),
    /// Its session was ended.
    #[error("the session was ended")]
    SessionEnded,
    /// The store failed.
    #[error("the store failed")]
    Store(#[from] StoreError),
}
