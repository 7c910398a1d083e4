//! The transport that ships. No type of the HTTP client leaves this file.

use super::{Address, HttpReply, HttpRequest, Transport, TransportError};
use crate::ConfigError;
use otp_core::async_trait;
use reqwest::header::HeaderValue;
use reqwest::{Client, Response, redirect};
use std::error::Error;
use std::fmt;
use std::time::Duration;

/// The most of a reply's body that is read; the rest is not worth anybody's memory.
const REPLY_LIMIT: usize = 64 * 1024;
const CONNECT: Duration = Duration::from_secs(3);
const WHOLE: Duration = Duration::from_secs(8);

/// A pool of connections: TLS by rustls, no redirects, which would carry the code elsewhere, and no proxy from the
/// environment, which would read it. Clones share the pool.
///
/// ```
/// use otp_providers::http::{Address, HttpClient};
/// use std::time::Duration;
///
/// let to = Address::parse("https://api.example.com")?;
/// let patient = HttpClient::with_timeouts(&to, Duration::from_secs(3), Duration::from_secs(9))?;
/// # let _ = patient;
/// # Ok::<(), otp_providers::ConfigError>(())
/// ```
#[derive(Clone)]
pub struct HttpClient(Client);

impl HttpClient {
    /// Connects within 3 seconds, and is done within 8: the client who asked for a code waits for it.
    ///
    /// Every https address is as good as `to`. If `to` is none, no address is.
    ///
    /// # Errors
    /// [`ConfigError::Client`] if `to` is https, and this machine has no certificates to trust.
    pub fn new(to: &Address) -> Result<Self, ConfigError> {
        Self::with_timeouts(to, CONNECT, WHOLE)
    }

    /// As [`new`](Self::new), with a time for connecting, and one for the whole with it.
    ///
    /// # Errors
    /// [`ConfigError::Client`] if `to` is https, and this machine has no certificates to trust.
    pub fn with_timeouts(
        to: &Address,
        connect: Duration,
        whole: Duration,
    ) -> Result<Self, ConfigError> {
        let mut client = Client::builder()
            .connect_timeout(connect.min(whole))
            .timeout(whole)
            .redirect(redirect::Policy::none())
            .retry(reqwest::retry::never())
            .no_proxy()
            .user_agent(concat!("otp-providers/", env!("CARGO_PKG_VERSION")));
        if !to.is_encrypted() {
            // Without TLS there is nothing to trust; a machine without a certificate store must not fail over it.
            client = client.tls_certs_only([]);
        }
        let client = client.build();
        Ok(Self(client.map_err(|e| ConfigError::Client(e.into()))?))
    }
}

#[async_trait]
impl Transport for HttpClient {
    async fn post(&self, request: HttpRequest) -> Result<HttpReply, TransportError> {
        let mut post = self.0.post(request.address().url());
        for (name, value) in request.headers() {
            let mut value = HeaderValue::from_bytes(value.as_bytes()).map_err(not_sent)?;
            value.set_sensitive(true);
            post = post.header(name, value);
        }
        let sent = post.body(request.into_body()).send().await;
        let mut response = sent.map_err(failure)?;
        let body = body(&mut response).await;
        let mut reply = HttpReply::new(response.status().as_u16(), body);
        for (name, value) in response.headers() {
            if let Ok(value) = value.to_str() {
                reply = reply.with_header(name.as_str(), value);
            }
        }
        Ok(reply)
    }
}

/// A body that breaks off or never ends leaves the status and what came.
async fn body(response: &mut Response) -> Vec<u8> {
    let mut body = Vec::new();
    while let Ok(Some(chunk)) = response.chunk().await {
        let room = REPLY_LIMIT - body.len();
        body.extend(chunk.iter().take(room));
        if body.len() == REPLY_LIMIT {
            break;
        }
    }
    body
}

fn failure(error: reqwest::Error) -> TransportError {
    if error.is_connect() || error.is_builder() {
        return not_sent(error.without_url());
    }
    TransportError::Unanswered
}

fn not_sent(error: impl Error + Send + Sync + 'static) -> TransportError {
    TransportError::NotSent(Box::new(error))
}

impl fmt::Debug for HttpClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HttpClient")
    }
}
