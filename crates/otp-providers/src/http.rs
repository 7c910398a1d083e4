//! The transport that senders share. No type of the HTTP client leaves this file.

use otp_core::SendErrorKind;
use reqwest::{Client, redirect};
use std::error::Error;
use std::time::Duration;

/// The most of a reply's body that is read; the rest is not worth anybody's memory.
const REPLY_LIMIT: usize = 64 * 1024;
/// The longest wait that a provider can ask for.
const LONGEST_WAIT: Duration = Duration::from_secs(86_400);

/// A checked address. Its path and query may hold a token, so it is never shown.
#[derive(Clone)]
pub(crate) struct Address(reqwest::Url);

/// A POST, as a provider's module writes it. The body holds a code: no `Debug`.
pub(crate) struct Request {
    pub(crate) to: Address,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Vec<u8>,
}

/// What a provider answered.
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) retry_after: Option<Duration>,
    pub(crate) body: Vec<u8>,
}

/// No reply came.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// Nothing was sent: there is no connection.
    #[error("no connection")]
    NotConnected(#[source] Cause),
    /// The request may have been read and acted on.
    #[error("no reply")]
    Unanswered,
}

/// What the client said, without the address.
pub(crate) type Cause = Box<dyn Error + Send + Sync>;

/// A pool of connections with its time-outs.
#[derive(Clone, Debug)]
pub(crate) struct Transport(Client);

impl Address {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let url = reqwest::Url::parse(text).ok()?;
        (matches!(url.scheme(), "http" | "https") && url.has_host()).then_some(Self(url))
    }

    /// Whether codes that travel there are encrypted, or do not leave this machine.
    pub(crate) fn is_private(&self) -> bool {
        let loopback = match self.0.host_str() {
            Some("localhost") => true,
            Some(host) => {
                let host = host.trim_start_matches('[').trim_end_matches(']');
                host.parse()
                    .is_ok_and(|ip: std::net::IpAddr| ip.is_loopback())
            }
            None => false,
        };
        self.is_encrypted() || loopback
    }

    fn is_encrypted(&self) -> bool {
        self.0.scheme() == "https"
    }
}

impl Transport {
    /// Connections to `to` alone: no redirects, which would carry the code elsewhere, and no proxy from the
    /// environment, which would read it.
    pub(crate) fn new(to: &Address, connect: Duration, whole: Duration) -> Result<Self, Cause> {
        let mut client = Client::builder()
            .connect_timeout(connect.min(whole))
            .timeout(whole)
            .redirect(redirect::Policy::none())
            .no_proxy()
            .user_agent(concat!("otp-providers/", env!("CARGO_PKG_VERSION")));
        if !to.is_encrypted() {
            // Without TLS there is nothing to trust; a machine without a certificate store must not fail over it.
            client = client.tls_certs_only([]);
        }
        Ok(Self(client.build()?))
    }

    pub(crate) async fn post(&self, request: Request) -> Result<Reply, Failure> {
        let mut post = self.0.post(request.to.0).body(request.body);
        for (name, value) in request.headers {
            post = post.header(name, value);
        }
        let mut response = post.send().await.map_err(Failure::of)?;
        let mut body = Vec::new();
        // A body that breaks off or never ends leaves the status, which is enough.
        while let Ok(Some(chunk)) = response.chunk().await {
            let room = REPLY_LIMIT - body.len();
            body.extend(chunk.iter().take(room));
            if body.len() == REPLY_LIMIT {
                break;
            }
        }
        Ok(Reply {
            status: response.status().as_u16(),
            retry_after: retry_after(&response),
            body,
        })
    }
}

impl Failure {
    fn of(error: reqwest::Error) -> Self {
        if error.is_connect() || error.is_builder() {
            return Self::NotConnected(error.without_url().into());
        }
        Self::Unanswered
    }
}

fn retry_after(response: &reqwest::Response) -> Option<Duration> {
    let value = response.headers().get("retry-after")?.to_str().ok()?;
    let seconds = value.trim().parse().ok()?;
    Some(Duration::from_secs(seconds).min(LONGEST_WAIT))
}

/// What a status means where the provider documents nothing else; none for a success.
pub(crate) const fn class_of(status: u16) -> Option<SendErrorKind> {
    match status {
        200..=299 => None,
        402 => Some(SendErrorKind::InsufficientCredit),
        408 | 425 | 500..=599 => Some(SendErrorKind::Transient),
        429 => Some(SendErrorKind::RateLimited),
        _ => Some(SendErrorKind::AuthOrConfig),
    }
}
