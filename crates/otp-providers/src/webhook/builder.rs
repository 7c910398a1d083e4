//! Putting a webhook together.

use super::wire::Brand;
use super::{WebhookSecret, WebhookSender};
use crate::http::{Address, Transport};
use otp_core::{Clock, SystemClock};
use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// Builds a [`WebhookSender`].
///
/// ```
/// use otp_providers::{WebhookError, WebhookSender};
///
/// assert!(WebhookSender::builder("http://127.0.0.1:8080/codes").build().is_ok());
/// let elsewhere = WebhookSender::builder("http://sms.example.com/codes").build();
/// assert!(matches!(elsewhere, Err(WebhookError::PlainHttp)));
/// ```
#[must_use = "nothing is checked before `build`"]
pub struct WebhookBuilder {
    url: String,
    brand: Option<String>,
    secret: Option<WebhookSecret>,
    clock: Arc<dyn Clock>,
    connect_timeout: Duration,
    timeout: Duration,
    plain_http: bool,
}

/// Why a webhook does not build. The address is in none of the texts.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WebhookError {
    /// Not an absolute `http` or `https` address.
    #[error("the webhook's address is not an absolute http or https URL")]
    Url,
    /// Codes would cross the network readable.
    #[error(
        "the webhook's address is plain http to another machine; use https, or allow it explicitly"
    )]
    PlainHttp,
    /// A brand has 1 to 32 characters, no control characters, and neither `@` nor `#`.
    #[error("the brand has 1 to 32 characters, no control characters, and neither @ nor #")]
    Brand,
    /// The HTTP client could not be made: for https, most likely because this machine has no certificates to trust.
    #[error("the HTTP client could not be made; https needs the machine's certificate store")]
    Client(#[source] Box<dyn Error + Send + Sync>),
}

impl WebhookBuilder {
    pub(super) fn new(url: String) -> Self {
        Self {
            url,
            brand: None,
            secret: None,
            clock: Arc::new(SystemClock),
            connect_timeout: Duration::from_secs(3),
            timeout: Duration::from_secs(8),
            plain_http: false,
        }
    }

    /// Sets who the text says the code is for: 1 to 32 characters.
    pub fn brand(mut self, brand: impl Into<String>) -> Self {
        self.brand = Some(brand.into());
        self
    }

    /// Signs every request, so that the receiver can tell them from anybody else's.
    pub fn signed_with(mut self, secret: WebhookSecret) -> Self {
        self.secret = Some(secret);
        self
    }

    /// Sets where the signature's time comes from; the system's clock otherwise.
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Sets how long connecting may take, within [`timeout`](Self::timeout); 3 seconds otherwise.
    pub const fn connect_timeout(mut self, time: Duration) -> Self {
        self.connect_timeout = time;
        self
    }

    /// Sets how long one message may take in all; 8 seconds otherwise. The client who asked for a code waits for it.
    pub const fn timeout(mut self, time: Duration) -> Self {
        self.timeout = time;
        self
    }

    /// Allows plain `http` to another machine: whoever can read that network can sign in as anybody.
    pub const fn allow_plain_http(mut self) -> Self {
        self.plain_http = true;
        self
    }

    /// Checks what was set.
    ///
    /// # Errors
    /// [`WebhookError`] says what does not hold.
    pub fn build(self) -> Result<WebhookSender, WebhookError> {
        let to = Address::parse(&self.url).ok_or(WebhookError::Url)?;
        if !self.plain_http && !to.is_private() {
            return Err(WebhookError::PlainHttp);
        }
        let brand = self
            .brand
            .map(|text| Brand::parse(text).ok_or(WebhookError::Brand));
        let transport = Transport::new(&to, self.connect_timeout, self.timeout);
        Ok(WebhookSender {
            brand: brand.transpose()?,
            transport: transport.map_err(WebhookError::Client)?,
            secret: self.secret,
            clock: self.clock,
            to,
        })
    }
}

impl fmt::Debug for WebhookBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebhookBuilder")
            .field("connect_timeout", &self.connect_timeout)
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}
