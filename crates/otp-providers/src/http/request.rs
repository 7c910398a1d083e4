//! What a provider's module writes.

use super::Address;
use crate::config::Secret;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use std::{fmt, mem};
use url::form_urlencoded::Serializer;
use zeroize::Zeroizing;

/// A POST. It holds a code and a credential: `Debug` shows nothing of it, and it is wiped on drop.
#[derive(Clone)]
pub struct HttpRequest {
    address: Address,
    headers: Vec<(&'static str, Zeroizing<String>)>,
    body: Zeroizing<Vec<u8>>,
}

impl HttpRequest {
    /// A POST of `body` as it is.
    #[must_use]
    pub fn post(address: Address, content_type: &str, body: Vec<u8>) -> Self {
        Self {
            address,
            headers: Vec::new(),
            body: Zeroizing::new(body),
        }
        .header("content-type", content_type)
    }

    /// A POST of a form.
    #[must_use]
    pub fn form<N: AsRef<str>, V: AsRef<str>>(
        address: Address,
        fields: impl IntoIterator<Item = (N, V)>,
    ) -> Self {
        let body = Serializer::new(String::new())
            .extend_pairs(fields)
            .finish()
            .into_bytes();
        Self::post(address, "application/x-www-form-urlencoded", body)
    }

    /// A POST of JSON.
    #[must_use]
    pub fn json(address: Address, value: &impl Serialize) -> Self {
        // What providers write has text keys and no failing parts, so it always serialises.
        let body = serde_json::to_vec(value).unwrap_or_default();
        Self::post(address, "application/json", body)
    }

    /// Adds a header; `name` in lower case.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, Zeroizing::new(value.into())));
        self
    }

    /// Adds `Authorization: Basic` (RFC 7617).
    #[must_use]
    pub fn basic(self, user: &str, password: &Secret) -> Self {
        let pair = Zeroizing::new(format!("{user}:{}", password.expose()));
        let pair = Zeroizing::new(STANDARD.encode(pair.as_bytes()));
        self.header("authorization", format!("Basic {}", *pair))
    }

    /// Adds `Authorization: Bearer` (RFC 6750).
    #[must_use]
    pub fn bearer(self, token: &Secret) -> Self {
        self.header("authorization", format!("Bearer {}", token.expose()))
    }

    /// Where to.
    #[must_use]
    pub const fn address(&self) -> &Address {
        &self.address
    }

    /// Names in lower case, and values.
    pub fn headers(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.headers
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
    }

    /// The body as it goes out.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    pub(super) fn into_body(mut self) -> Vec<u8> {
        mem::take(&mut *self.body)
    }
}

impl fmt::Debug for HttpRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HttpRequest([redacted])")
    }
}
