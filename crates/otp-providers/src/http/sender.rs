//! A provider and a transport make a sender.

use super::{Address, HttpClient, HttpReply, HttpRequest};
use crate::{ConfigError, Unasked};
use otp_core::{
    Clock, Message, Receipt, SendError, SendErrorKind, Sender, SystemClock, Timestamp, async_trait,
};
use std::error::Error;
use std::fmt;
use std::sync::Arc;

/// What one provider's API takes and answers, without I/O.
///
/// # Contract
/// - `Debug` shows no credential: keep each in a [`Secret`](super::Secret).
/// - No error holds a code, a number, a credential, or a text of the reply.
/// - `parse` decides from the body as well as from the status, and never panics, whatever the bytes are.
pub trait Provider: fmt::Debug + Send + Sync + 'static {
    /// A short name for logs and metrics.
    fn name(&self) -> &str;

    /// What every request's address is below, configurable: tests and regions have their own.
    fn base(&self) -> &Address;

    /// What to send. `now` is for signatures.
    ///
    /// # Errors
    /// [`SendError`] for a message that this provider is not set up to carry, such as one for another channel.
    fn request(&self, message: &Message, now: Timestamp) -> Result<HttpRequest, SendError>;

    /// What the provider's answer means.
    ///
    /// # Errors
    /// [`SendError`] if it did not take the message.
    fn parse(&self, reply: &HttpReply) -> Result<Receipt, SendError>;
}

/// Carries a request to where it says. [`HttpClient`] does; a host may bring its own.
///
/// # Contract
/// - It POSTs once: no retries of its own, no redirects, no proxy that the host did not choose.
/// - It ends by itself within ten seconds or so.
/// - It reads no more than 64 KiB of a body or so. Where the body breaks off, what came is the reply.
/// - Nothing that it logs or returns holds an address, a header or a body.
#[async_trait]
pub trait Transport: fmt::Debug + Send + Sync + 'static {
    /// Sends it and waits for the reply.
    async fn post(&self, request: HttpRequest) -> Result<HttpReply, TransportError>;
}

/// No reply came.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TransportError {
    /// Nothing was sent. The source must not hold the address.
    #[error("nothing was sent")]
    NotSent(#[source] Box<dyn Error + Send + Sync>),
    /// The request may have been read and acted on.
    #[error("no reply")]
    Unanswered,
}

/// A [`Provider`] over a [`Transport`].
///
/// Each message is one request; one that the provider's module refuses is none, and marked so ([`Unasked`]). A time-out or a broken connection after the request went out counts as taken, with an
/// empty receipt: were it an error, the code that arrives would be refused, and cost nothing.
pub struct HttpSender<P> {
    provider: P,
    transport: Arc<dyn Transport>,
    clock: Arc<dyn Clock>,
}

impl<P: Provider> HttpSender<P> {
    /// A sender with a [`HttpClient`] of its own.
    ///
    /// # Errors
    /// [`ConfigError::Client`] if that cannot be made.
    pub fn new(provider: P) -> Result<Self, ConfigError> {
        let client = HttpClient::new(provider.base())?;
        Ok(Self::over(provider, client))
    }

    /// A sender over this transport: a client with other time-outs, one that several senders share, or the host's own.
    pub fn over(provider: P, transport: impl Transport) -> Self {
        Self {
            provider,
            transport: Arc::new(transport),
            clock: Arc::new(SystemClock),
        }
    }

    /// Sets where the time of signatures comes from; the system's clock otherwise.
    #[must_use]
    pub fn with_clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// What it was made from.
    pub const fn provider(&self) -> &P {
        &self.provider
    }
}

#[async_trait]
impl<P: Provider> Sender for HttpSender<P> {
    fn name(&self) -> &str {
        self.provider.name()
    }

    async fn send(&self, message: &Message) -> Result<Receipt, SendError> {
        let request = self.provider.request(message, self.clock.now());
        let request = request.map_err(Unasked::mark)?;
        match self.transport.post(request).await {
            Ok(reply) => self.provider.parse(&reply),
            Err(TransportError::Unanswered) => Ok(Receipt::default()),
            Err(unsent) => Err(SendError::new(SendErrorKind::Transient).with_source(unsent)),
        }
    }
}

#[async_trait]
impl<T: Transport + ?Sized> Transport for Arc<T> {
    async fn post(&self, request: HttpRequest) -> Result<HttpReply, TransportError> {
        (**self).post(request).await
    }
}

impl<P: fmt::Debug> fmt::Debug for HttpSender<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("HttpSender").field(&self.provider).finish()
    }
}
