//! Requests and replies as plain data, so that no framework's version shows.

use std::fmt;
use std::net::IpAddr;

/// The most bytes that a request body may have; see [`Api::body_limit`](crate::Api::body_limit).
pub const BODY_LIMIT: usize = 4096;
/// The most bytes that the body of a provider's report may have, 3 MiB: Meta reports of many messages at once, in up to 3 MB.
pub const WEBHOOK_BODY_LIMIT: usize = 3 * 1024 * 1024;

/// A request, as an adapter hands it over.
///
/// ```
/// use otp_http::{Body, Request};
///
/// let mut request = Request::new("POST", "/send-otp");
/// request.headers.push("Content-Type", "application/json");
/// request.body = Body::Complete(br#"{"phone_number":"+919876543210"}"#.to_vec());
/// request.peer = Some([192, 0, 2, 1].into());
/// assert_eq!(request.headers.only("content-type"), Some("application/json"));
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub struct Request {
    /// The method, in capitals.
    pub method: String,
    /// The path below the place where the API is mounted, such as `/send-otp`; without the query.
    pub path: String,
    /// The query as it was sent, still percent-encoded and without its question mark. Only what providers send is read.
    pub query: String,
    /// The header fields.
    pub headers: Headers,
    /// The body, or why there is none.
    pub body: Body,
    /// The socket's peer.
    pub peer: Option<IpAddr>,
}

impl Request {
    /// A request without header fields and body.
    #[must_use]
    pub fn new(method: impl Into<String>, path: impl Into<String>) -> Self {
        Self {
            method: method.into(),
            path: path.into(),
            query: String::new(),
            headers: Headers::default(),
            body: Body::Complete(Vec::new()),
            peer: None,
        }
    }
}

/// Codes and tokens are in the body and the header fields: neither is shown.
impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("method", &self.method)
            .finish_non_exhaustive()
    }
}

/// What became of a request's body.
#[derive(Clone)]
#[non_exhaustive]
pub enum Body {
    /// All of it, at most as much as [`Api::body_limit`](crate::Api::body_limit) says.
    Complete(Vec<u8>),
    /// More than that; the rest was not read.
    TooLarge,
    /// It did not come in time.
    TimedOut,
    /// The connection broke off.
    Broken,
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Body(..)")
    }
}

/// Header fields. Names are compared without regard to case.
#[derive(Clone, Default)]
pub struct Headers(Vec<(String, Vec<u8>)>);

impl Headers {
    /// No fields.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a field line.
    pub fn push(&mut self, name: impl Into<String>, value: impl Into<Vec<u8>>) {
        self.0.push((name.into(), value.into()));
    }

    /// The values of all lines with this name, in order; a line that is not text is left out.
    pub fn all<'a>(&'a self, name: &'a str) -> impl DoubleEndedIterator<Item = &'a str> {
        let named = self
            .0
            .iter()
            .filter(move |(own, _)| own.eq_ignore_ascii_case(name));
        named.filter_map(|(_, value)| std::str::from_utf8(value).ok())
    }

    /// Every line: names as they came, and values.
    pub(crate) fn lines(&self) -> &[(String, Vec<u8>)] {
        &self.0
    }

    /// The bytes of all lines with this name, in order.
    pub(crate) fn raw<'a>(&'a self, name: &'a str) -> impl DoubleEndedIterator<Item = &'a [u8]> {
        let named = self
            .0
            .iter()
            .filter(move |(own, _)| own.eq_ignore_ascii_case(name));
        named.map(|(_, value)| value.as_slice())
    }

    /// Whether there is a line with this name.
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        self.raw(name).next().is_some()
    }

    /// The value of the only line with this name; none if there are several.
    #[must_use]
    pub fn only(&self, name: &str) -> Option<&str> {
        let mut lines = self
            .0
            .iter()
            .filter(|(own, _)| own.eq_ignore_ascii_case(name));
        let (_, value) = lines.next()?;
        if lines.next().is_some() {
            None
        } else {
            std::str::from_utf8(value).ok()
        }
    }
}

impl fmt::Debug for Headers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Headers({} lines)", self.0.len())
    }
}

/// A reply, for an adapter to send as it is.
#[derive(Clone)]
#[non_exhaustive]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// The header fields.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response")
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}
