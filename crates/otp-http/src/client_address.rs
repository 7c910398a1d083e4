//! Where a request came from, when proxies stand between.

mod hops;

use crate::Headers;
use hops::{forwarded_hops, x_forwarded_for_hops};
use ipnet::{IpNet, Ipv4Net};
use std::net::IpAddr;

/// The proxies whose word about their clients is taken; none by default.
///
/// Without trusted networks the client is the socket's peer, and no header field has any effect. With them, and only
/// when the peer is in one of them, the hops that the proxies wrote down are walked from the right, the end that the
/// nearest proxy wrote: trusted hops are skipped, and the first other one is the client. What stands further left came
/// from the client and is not looked at. An entry that is no address (`unknown`, a hidden name, rubbish) ends the walk
/// at the hop before it, the nearest one that is known.
///
/// One header field is read: `X-Forwarded-For`, or `Forwarded` (RFC 7239) if told so. Choose the one that the proxies
/// set or append to; a client could write the other.
///
/// ```
/// use otp_http::{Headers, TrustedProxies};
///
/// let proxies = TrustedProxies::new(["10.0.0.0/8", "192.0.2.1"])?;
/// let mut headers = Headers::new();
/// headers.push("x-forwarded-for", "203.0.113.66, 198.51.100.7, 10.0.0.2");
///
/// let through_proxy = proxies.client_address(Some([10, 0, 0, 1].into()), &headers);
/// assert_eq!(through_proxy, Some([198, 51, 100, 7].into()));
///
/// let from_anywhere = proxies.client_address(Some([198, 51, 100, 9].into()), &headers);
/// assert_eq!(from_anywhere, Some([198, 51, 100, 9].into()));
/// # Ok::<(), otp_http::InvalidNetwork>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrustedProxies {
    networks: Networks,
    header: ForwardedHeader,
}

/// Addresses and networks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Networks(Vec<IpNet>);

impl Networks {
    pub(crate) fn new<T: AsRef<str>>(
        networks: impl IntoIterator<Item = T>,
    ) -> Result<Self, InvalidNetwork> {
        let networks = networks.into_iter().map(|text| network(text.as_ref()));
        networks.collect::<Result<_, _>>().map(Self)
    }

    pub(crate) fn contain(&self, address: IpAddr) -> bool {
        self.0.iter().any(|net| net.contains(&address))
    }
}

/// The header field in which proxies write down whom they forward for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Deserialize),
    serde(rename_all = "kebab-case")
)]
#[non_exhaustive]
pub enum ForwardedHeader {
    /// `X-Forwarded-For`.
    #[default]
    XForwardedFor,
    /// `Forwarded`, its `for` parameter (RFC 7239 §5.2).
    Forwarded,
}

/// The text is neither an address nor a network in CIDR notation.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an address or a network such as 10.0.0.0/8: {0:?}")]
#[non_exhaustive]
pub struct InvalidNetwork(pub String);

impl TrustedProxies {
    /// No proxies: the client is the socket's peer.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// Proxies at these addresses and in these networks (`192.0.2.1`, `10.0.0.0/8`, `2001:db8::/32`).
    ///
    /// # Errors
    /// [`InvalidNetwork`] for the first text that is neither.
    pub fn new<T: AsRef<str>>(
        networks: impl IntoIterator<Item = T>,
    ) -> Result<Self, InvalidNetwork> {
        Ok(Self {
            networks: Networks::new(networks)?,
            header: ForwardedHeader::default(),
        })
    }

    /// Sets the header field that is read.
    #[must_use]
    pub const fn with_header(mut self, header: ForwardedHeader) -> Self {
        self.header = header;
        self
    }

    /// The address of the client; none if the socket's peer is not known, as on a Unix socket.
    #[must_use]
    pub fn client_address(&self, peer: Option<IpAddr>, headers: &Headers) -> Option<IpAddr> {
        let peer = peer?.to_canonical();
        if !self.trusts(peer) {
            return Some(peer);
        }
        let hops = match self.header {
            ForwardedHeader::XForwardedFor => x_forwarded_for_hops(headers),
            ForwardedHeader::Forwarded => forwarded_hops(headers),
        };
        let mut nearest = peer;
        for hop in hops.into_iter().rev() {
            let Some(hop) = hop else { break };
            nearest = hop;
            if !self.trusts(hop) {
                break;
            }
        }
        Some(nearest)
    }

    fn trusts(&self, address: IpAddr) -> bool {
        self.networks.contain(address)
    }
}

fn network(text: &str) -> Result<IpNet, InvalidNetwork> {
    let net = text.parse::<IpNet>().or_else(|_| {
        let address = text.parse::<IpAddr>();
        address.map(|address| IpNet::from(address.to_canonical()))
    });
    net.ok()
        .and_then(canonical)
        .ok_or_else(|| InvalidNetwork(text.to_owned()))
}

/// A network of IPv4 addresses mapped into IPv6 is one of IPv4 addresses: peers and hops are compared as such.
fn canonical(net: IpNet) -> Option<IpNet> {
    let IpAddr::V4(address) = net.addr().to_canonical() else {
        return Some(net);
    };
    let bits = match net {
        IpNet::V4(net) => net.prefix_len(),
        IpNet::V6(net) => net.prefix_len().checked_sub(96)?,
    };
    Ipv4Net::new(address, bits).ok().map(IpNet::V4)
}

#[cfg(feature = "serde")]
impl<'de> serde::Deserialize<'de> for TrustedProxies {
    /// `networks = ["10.0.0.0/8"]`, and `header = "forwarded"` or `"x-forwarded-for"`.
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        struct File {
            #[serde(default)]
            networks: Vec<String>,
            #[serde(default)]
            header: ForwardedHeader,
        }
        let file = File::deserialize(deserializer)?;
        let proxies = Self::new(file.networks).map_err(serde::de::Error::custom)?;
        Ok(proxies.with_header(file.header))
    }
}
