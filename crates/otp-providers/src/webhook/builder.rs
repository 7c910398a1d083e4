//! Putting a webhook together.

use super::{Webhook, WebhookSecret, WebhookSender};
use crate::ConfigError;
use crate::http::{Address, Brand, HttpClient, HttpSender, Wording};
use otp_core::{Clock, SystemClock};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// Builds a [`WebhookSender`].
///
/// ```
/// use otp_providers::{ConfigError, WebhookSender};
///
/// assert!(WebhookSender::builder("http://127.0.0.1:8080/codes").build().is_ok());
/// let elsewhere = WebhookSender::builder("http://sms.example.com/codes").build();
/// assert!(matches!(elsewhere, Err(ConfigError::PlainHttp)));
/// ```
#[must_use = "nothing is checked before `build`"]
pub struct WebhookBuilder {
    url: String,
    wording: Result<Arc<dyn Wording>, ConfigError>,
    secret: Option<WebhookSecret>,
    clock: Arc<dyn Clock>,
    connect_timeout: Duration,
    timeout: Duration,
    plain_http: bool,
}

impl WebhookBuilder {
    pub(super) fn new(url: String) -> Self {
        Self {
            url,
            wording: Ok(Arc::new(Brand::default())),
            secret: None,
            clock: Arc::new(SystemClock),
            connect_timeout: Duration::from_secs(3),
            timeout: Duration::from_secs(8),
            plain_http: false,
        }
    }

    /// Sets what the text says: a [`Brand`], in English, or another [`Wording`].
    pub fn wording(mut self, wording: impl Wording) -> Self {
        self.wording = Ok(Arc::new(wording));
        self
    }

    /// Sets who the text says the code is for, in English: 1 to 32 characters.
    pub fn brand(mut self, brand: impl Into<String>) -> Self {
        self.wording = Brand::new(brand).map(|brand| Arc::new(brand) as Arc<dyn Wording>);
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
    /// [`ConfigError`] says what does not hold.
    pub fn build(self) -> Result<WebhookSender, ConfigError> {
        let to = if self.plain_http {
            Address::parse_plain(&self.url)?
        } else {
            Address::parse(&self.url)?
        };
        let wording = self.wording?;
        let client = HttpClient::with_timeouts(&to, self.connect_timeout, self.timeout)?;
        let secret = self.secret;
        let webhook = Webhook {
            to,
            wording,
            secret,
        };
        Ok(HttpSender::over(webhook, client).with_clock(self.clock))
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
