//! A provider of hosted verification and a transport make a verifier.

use super::{Address, HttpClient, HttpReply, HttpRequest, Transport, TransportError};
use crate::ConfigError;
use otp_core::verifier::Request;
use otp_core::{
    Checked, Code, PhoneNumber, Receipt, SendError, SendErrorKind, Verifier, async_trait,
};
use std::fmt;
use std::sync::Arc;

/// What the API of a provider takes and answers that makes and checks codes of its own, without I/O.
///
/// # Contract
/// As for [`Provider`](super::Provider), and: an answer that approves another number, or another reference, than the one
/// that was asked for is [`Checked::Unknown`].
pub trait HostedProvider: fmt::Debug + Send + Sync + 'static {
    /// A short name for logs and metrics.
    fn name(&self) -> &str;

    /// What every request's address is below.
    fn base(&self) -> &Address;

    /// What has a code made and sent.
    ///
    /// # Errors
    /// [`SendError`] for what this provider is not set up to carry, such as another channel.
    fn start_request(&self, request: &Request) -> Result<HttpRequest, SendError>;

    /// What the answer to it means.
    ///
    /// # Errors
    /// [`SendError`] if no code was made.
    fn parse_start(&self, reply: &HttpReply) -> Result<Receipt, SendError>;

    /// What has a code checked; `reference` is that of the start's receipt.
    fn check_request(&self, reference: &str, to: &PhoneNumber, code: &Code) -> HttpRequest;

    /// What the answer to it means.
    ///
    /// # Errors
    /// [`SendError`] if it says nothing of the code.
    fn parse_check(
        &self,
        reply: &HttpReply,
        reference: &str,
        to: &PhoneNumber,
    ) -> Result<Checked, SendError>;
}

/// A [`HostedProvider`] over a [`Transport`].
///
/// Each start and each check is one request. No answer to a start that went out is a receipt without a reference: its
/// code cannot be checked, and yet it may arrive, and cost. No answer to a check is [`SendErrorKind::Transient`]: one
/// that is asked for again after a lost approval finds no code any more.
pub struct HttpVerifier<P> {
    provider: P,
    transport: Arc<dyn Transport>,
}

impl<P: HostedProvider> HttpVerifier<P> {
    /// A verifier with a [`HttpClient`] of its own.
    ///
    /// # Errors
    /// [`ConfigError::Client`] if that cannot be made.
    pub fn new(provider: P) -> Result<Self, ConfigError> {
        let client = HttpClient::new(provider.base())?;
        Ok(Self::over(provider, client))
    }

    /// A verifier over this transport.
    pub fn over(provider: P, transport: impl Transport) -> Self {
        let transport = Arc::new(transport);
        Self {
            provider,
            transport,
        }
    }

    /// What it was made from.
    pub const fn provider(&self) -> &P {
        &self.provider
    }
}

#[async_trait]
impl<P: HostedProvider> Verifier for HttpVerifier<P> {
    fn name(&self) -> &str {
        self.provider.name()
    }

    async fn start(&self, request: &Request) -> Result<Receipt, SendError> {
        let request = self.provider.start_request(request)?;
        match self.transport.post(request).await {
            Ok(reply) => self.provider.parse_start(&reply),
            Err(TransportError::Unanswered) => Ok(Receipt::default()),
            Err(unsent) => Err(unanswered(unsent)),
        }
    }

    async fn check(
        &self,
        reference: &str,
        to: &PhoneNumber,
        code: &Code,
    ) -> Result<Checked, SendError> {
        let request = self.provider.check_request(reference, to, code);
        let reply = self.transport.post(request).await.map_err(unanswered)?;
        self.provider.parse_check(&reply, reference, to)
    }
}

fn unanswered(error: TransportError) -> SendError {
    SendError::new(SendErrorKind::Transient).with_source(error)
}

impl<P: fmt::Debug> fmt::Debug for HttpVerifier<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("HttpVerifier").field(&self.provider).finish()
    }
}
