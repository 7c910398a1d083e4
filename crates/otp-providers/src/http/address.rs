//! Where requests go.

use crate::ConfigError;
use std::fmt;
use std::net::IpAddr;
use url::Url;

/// A checked absolute address. Its path and query may hold a credential, so it is never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Address(Url);

impl Address {
    /// Takes an `https` address, or an `http` one on this machine.
    ///
    /// # Errors
    /// [`ConfigError::Url`] for what is no such address, [`ConfigError::PlainHttp`] for `http` to another machine.
    pub fn parse(text: &str) -> Result<Self, ConfigError> {
        let address = Self::parse_plain(text)?;
        if address.is_encrypted() || address.is_loopback() {
            Ok(address)
        } else {
            Err(ConfigError::PlainHttp)
        }
    }

    /// As [`parse`](Self::parse), and `http` to another machine as well: whoever can read that network reads the codes.
    ///
    /// # Errors
    /// [`ConfigError::Url`] for what is no such address.
    pub fn parse_plain(text: &str) -> Result<Self, ConfigError> {
        let url = Url::parse(text).map_err(|_| ConfigError::Url)?;
        if matches!(url.scheme(), "http" | "https") && url.has_host() {
            Ok(Self(url))
        } else {
            Err(ConfigError::Url)
        }
    }

    /// The address below this one, whatever characters the segments have.
    #[must_use]
    pub fn join<'a>(&self, segments: impl IntoIterator<Item = &'a str>) -> Self {
        let mut url = self.0.clone();
        // An http address always has segments.
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(segments);
        }
        Self(url)
    }

    /// The whole address.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.as_str()
    }

    /// The host's name or number, without a port.
    #[must_use]
    pub fn host(&self) -> &str {
        self.0.host_str().unwrap_or_default()
    }

    /// The host, with its port where the address names one: what the `Host` header says, for signatures.
    #[must_use]
    pub fn authority(&self) -> String {
        match self.0.port() {
            Some(port) => format!("{}:{port}", self.host()),
            None => self.host().to_owned(),
        }
    }

    /// The path, percent-encoded, from its first slash on.
    #[must_use]
    pub fn path(&self) -> &str {
        self.0.path()
    }

    /// Whether what travels there is encrypted.
    #[must_use]
    pub fn is_encrypted(&self) -> bool {
        self.0.scheme() == "https"
    }

    fn is_loopback(&self) -> bool {
        let host = self.host().trim_start_matches('[').trim_end_matches(']');
        host == "localhost" || host.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
    }

    pub(super) fn url(&self) -> Url {
        self.0.clone()
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Address([redacted])")
    }
}
