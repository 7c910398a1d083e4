//! Who asks: what limits, audit and sessions know of a client.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};

const TEXT_CHARS: usize = 200;

/// The client of one request. Everything in it is a claim except the address.
///
/// ```
/// use otp_core::Client;
///
/// let client = Client::new().with_address([192, 0, 2, 1].into()).with_device_info("Firefox\non Linux");
/// assert_eq!(client.device_info(), Some("Firefoxon Linux"));
/// ```
#[derive(Clone, Default)]
pub struct Client {
    address: Option<IpAddr>,
    device_id: Option<String>,
    device_info: Option<String>,
}

impl Client {
    /// A client of which nothing is known.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Where the request came from. An IPv4 address mapped into IPv6 counts as the IPv4 address.
    #[must_use]
    pub fn with_address(mut self, address: IpAddr) -> Self {
        self.address = Some(address.to_canonical());
        self
    }

    /// An identifier that the client keeps; an empty one is none. Once given at login, its refresh tokens work with it
    /// alone.
    #[must_use]
    pub fn with_device_id(mut self, id: impl Into<String>) -> Self {
        self.device_id = Some(id.into()).filter(|id| !id.is_empty());
        self
    }

    /// What the client says of itself, for people to read: cut at 200 characters, control and bidirectional
    /// formatting characters removed, so that it can neither start a log record nor turn one around.
    #[must_use]
    pub fn with_device_info(mut self, text: &str) -> Self {
        self.device_info = Some(clean(text)).filter(|text| !text.is_empty());
        self
    }

    /// Where the request came from.
    #[must_use]
    pub const fn address(&self) -> Option<IpAddr> {
        self.address
    }

    /// The identifier that the client keeps.
    #[must_use]
    pub fn device_id(&self) -> Option<&str> {
        self.device_id.as_deref()
    }

    /// What the client says of itself, cleaned.
    #[must_use]
    pub fn device_info(&self) -> Option<&str> {
        self.device_info.as_deref()
    }
}

/// The device identifier is what a bound refresh token needs beside itself: it is not shown.
impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("address", &self.address)
            .field("device_info", &self.device_info)
            .finish_non_exhaustive()
    }
}

fn clean(text: &str) -> String {
    let kept = text
        .chars()
        .filter(|c| !c.is_control() && !is_formatting(*c))
        .take(TEXT_CHARS);
    kept.collect::<String>().trim().to_owned()
}

/// Line and paragraph separators, bidirectional controls, zero-width and tag characters.
fn is_formatting(c: char) -> bool {
    matches!(c,
        '\u{00AD}' | '\u{061C}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E007F}')
}

/// The address whose owner is taken for one client: an IPv4 address, or the /64 of an IPv6 one.
pub(crate) fn host_prefix(address: IpAddr) -> IpAddr {
    masked(address, 32, 64)
}

/// The network around it: the /24 of an IPv4 address, or the /48 of an IPv6 one.
pub(crate) fn network_prefix(address: IpAddr) -> IpAddr {
    masked(address, 24, 48)
}

fn masked(address: IpAddr, v4_bits: u32, v6_bits: u32) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(v4) => IpAddr::V4((v4.to_bits() & (u32::MAX << (32 - v4_bits))).into()),
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(
            v6.to_bits() & (u128::MAX << (128 - v6_bits)),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// LOG-4: what a client says cannot start a record, colour a terminal or turn text around.
    #[test]
    fn device_info_is_one_clean_line() {
        let client = Client::new()
            .with_device_info("Fire\u{1b}[31mfox\r\n\u{202E}level=error\u{2028}x\u{9b}0m");
        assert_eq!(client.device_info(), Some("Fire[31mfoxlevel=errorx0m"));
        assert_eq!(
            Client::new()
                .with_device_info(&"é".repeat(5000))
                .device_info()
                .unwrap()
                .chars()
                .count(),
            200
        );
        assert_eq!(
            Client::new()
                .with_device_info("\r\n \u{200b}")
                .device_info(),
            None
        );
    }

    /// THR-2: rotating inside a /64 changes nothing; a mapped IPv4 address is the IPv4 address.
    #[test]
    fn prefixes() {
        let ip = |s: &str| s.parse::<IpAddr>().unwrap();
        assert_eq!(
            host_prefix(ip("2001:db8:1:2:3:4:5:6")),
            ip("2001:db8:1:2::")
        );
        assert_eq!(
            network_prefix(ip("2001:db8:1:2:3:4:5:6")),
            ip("2001:db8:1::")
        );
        assert_eq!(host_prefix(ip("::ffff:192.0.2.9")), ip("192.0.2.9"));
        assert_eq!(network_prefix(ip("192.0.2.9")), ip("192.0.2.0"));
    }
}
