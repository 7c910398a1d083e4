//! What a provider answered, read leniently: proxies answer in HTML, and codes come as numbers or as texts.

use crate::json;
use otp_core::{Receipt, SendError, SendErrorKind};
use serde_json::Value;
use std::fmt;
use std::time::Duration;

/// The longest wait that a provider can ask for.
const LONGEST_WAIT: Duration = Duration::from_secs(86_400);
/// What may stand before a page's first tag: a declaration, a comment.
const PROLOGUE: usize = 512;

/// A reply. It may repeat what was sent: `Debug` shows the status alone.
#[derive(Clone)]
pub struct HttpReply {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    json: Value,
}

/// Why a provider did not take a message, in its own numbers, for the operator: the source of a [`SendError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// Nothing but a status that says something.
    #[error("HTTP status {0}")]
    Status(u16),
    /// The provider's number for it.
    #[error("HTTP status {status}, code {code}")]
    Code {
        /// The reply's status.
        status: u16,
        /// As the provider's documentation lists it.
        code: u32,
    },
    /// The provider's name for it, one that its table lists.
    #[error("HTTP status {status}, {name}")]
    Name {
        /// The reply's status.
        status: u16,
        /// As the provider's documentation lists it.
        name: &'static str,
    },
}

impl HttpReply {
    /// A reply without headers.
    #[must_use]
    pub fn new(status: u16, body: impl Into<Vec<u8>>) -> Self {
        let body = body.into();
        let body = json::unmarked(&body).to_vec();
        Self {
            status,
            headers: Vec::new(),
            json: json::lenient(&body).unwrap_or_default(),
            body,
        }
    }

    /// Adds a header.
    #[must_use]
    pub fn with_header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// The HTTP status.
    #[must_use]
    pub const fn status(&self) -> u16 {
        self.status
    }

    /// Whether the status is 2xx. Many providers say so of failures too.
    #[must_use]
    pub const fn is_success(&self) -> bool {
        matches!(self.status, 200..=299)
    }

    /// The first header of this name, in any case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        let found = headers.find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.trim())
    }

    /// The body as it came, capped by the transport, without a byte order mark.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// The body as JSON; null if it is none.
    #[must_use]
    pub const fn json(&self) -> &Value {
        &self.json
    }

    /// The text at a JSON pointer (RFC 6901), or the whole number there as a text.
    #[must_use]
    pub fn text(&self, pointer: &str) -> Option<String> {
        json::text(&self.json, pointer)
    }

    /// The error code at a JSON pointer, written as a number or as a text.
    #[must_use]
    pub fn code(&self, pointer: &str) -> Option<u32> {
        json::code(&self.json, pointer)
    }

    /// The wait that `Retry-After` names in seconds (RFC 9110 §10.2.3), a day at most.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        let seconds = self.header("retry-after")?;
        let plain = !seconds.is_empty() && seconds.bytes().all(|b| b.is_ascii_digit());
        let wait = seconds.parse().map_or(LONGEST_WAIT, Duration::from_secs);
        plain.then_some(wait.min(LONGEST_WAIT))
    }

    /// What the status means where the body says nothing; none for a success.
    #[must_use]
    pub const fn kind(&self) -> Option<SendErrorKind> {
        match self.status {
            200..=299 => None,
            402 => Some(SendErrorKind::InsufficientCredit),
            408 | 425 | 500..=599 => Some(SendErrorKind::Transient),
            429 => Some(SendErrorKind::RateLimited),
            _ => Some(SendErrorKind::AuthOrConfig),
        }
    }

    /// What to make of a reply that is neither the provider's yes nor its no.
    ///
    /// # Errors
    /// By [`kind`](Self::kind), and [`SendErrorKind::Transient`] for a page in place of an answer. Any other success,
    /// one that breaks off for instance, counts as taken: were it an error, the code that arrives would be refused,
    /// and cost nothing.
    pub fn unexpected(&self) -> Result<Receipt, SendError> {
        match self.kind() {
            Some(kind) => Err(self.refused(kind)),
            None if self.is_page() => Err(self.refused(SendErrorKind::Transient)),
            None => Ok(Receipt::default()),
        }
    }

    /// As [`unexpected`](Self::unexpected), where an answer is asked for and not only that a message is taken: a success
    /// that cannot be read is [`SendErrorKind::Transient`].
    #[must_use]
    pub fn unreadable(&self) -> SendError {
        self.refused(self.kind().unwrap_or(SendErrorKind::Transient))
    }

    /// A receipt with the provider's own name for the message, if that is 1 to 128 visible ASCII characters.
    #[must_use]
    pub fn taken(reference: impl Into<String>) -> Receipt {
        json::reference(reference.into()).map_or_else(Receipt::default, Receipt::with_reference)
    }

    /// An error of this kind, with the wait that the reply names.
    #[must_use]
    pub fn refused(&self, kind: SendErrorKind) -> SendError {
        self.error(kind, Refusal::Status(self.status))
    }

    /// As [`refused`](Self::refused), with the provider's code.
    #[must_use]
    pub fn refused_by_code(&self, kind: SendErrorKind, code: u32) -> SendError {
        let status = self.status;
        self.error(kind, Refusal::Code { status, code })
    }

    /// As [`refused`](Self::refused), with the name of the provider's error: the table's, not the reply's text.
    #[must_use]
    pub fn refused_by_name(&self, kind: SendErrorKind, name: &'static str) -> SendError {
        let status = self.status;
        self.error(kind, Refusal::Name { status, name })
    }

    fn error(&self, kind: SendErrorKind, refusal: Refusal) -> SendError {
        let mut error = SendError::new(kind).with_source(refusal);
        error.retry_after = self.retry_after();
        error
    }

    /// No provider says yes in HTML; a proxy or a parked domain does.
    fn is_page(&self) -> bool {
        let start = self.body.trim_ascii_start();
        let head = start.get(..PROLOGUE).unwrap_or(start).to_ascii_lowercase();
        let has = |tag: &str| head.windows(tag.len()).any(|w| w == tag.as_bytes());
        start.starts_with(b"<") && (has("<!doctype html") || has("<html"))
    }
}

impl fmt::Debug for HttpReply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpReply")
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}
