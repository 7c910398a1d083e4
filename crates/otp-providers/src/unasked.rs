//! A refusal that is our own.

use otp_core::SendError;
use std::error::Error;

/// The source of a [`SendError`] whose provider was not asked, for it is not set up for such a message: one over another
/// channel, or one whose text is not the registered one. Whoever asks for such messages learns nothing of the provider,
/// and neither does the circuit breaker of a `Route`: else a stranger could close a provider for everybody by asking for
/// what it does not carry.
///
/// [`HttpSender`](crate::http::HttpSender) marks what a provider's module refuses. A sender of your own marks its refusals:
///
/// ```
/// use otp_core::{SendError, SendErrorKind};
/// use otp_providers::Unasked;
///
/// let refused = Unasked::mark(SendError::new(SendErrorKind::AuthOrConfig));
/// assert_eq!(refused.kind, SendErrorKind::AuthOrConfig);
/// assert!(Unasked::is_source_of(&refused));
/// ```
#[derive(Debug, thiserror::Error)]
#[error("the provider was not asked")]
pub struct Unasked(#[source] Option<Box<dyn Error + Send + Sync>>);

impl Unasked {
    /// The same error, marked; what was its source is the mark's.
    #[must_use]
    pub fn mark(mut error: SendError) -> SendError {
        let source = error.source.take();
        error.with_source(Self(source))
    }

    /// Whether an error is marked.
    #[must_use]
    pub fn is_source_of(error: &SendError) -> bool {
        let source = error.source.as_deref();
        source.is_some_and(|source| source.is::<Self>())
    }
}
