//! The address that Twilio called, as it may have spelled it.

/// Two spellings: with a port, the scheme's own where none was set, and without one. They may hold a credential, and
/// are kept as they were given: what is signed is the text.
#[derive(Clone)]
pub(super) struct Called([String; 2]);

impl Called {
    /// None for an address with a query or a fragment. `address` is an absolute `http` or `https` one.
    pub(super) fn new(address: &str) -> Option<Self> {
        if address.contains(['?', '#']) {
            return None;
        }
        let (scheme, rest) = address.split_once("://")?;
        let (authority, path) = match rest.find('/') {
            Some(at) => rest.split_at(at),
            None => (rest, ""),
        };
        let (host, port) = split_port(authority);
        let port = port.unwrap_or(match scheme {
            "http" => "80",
            _ => "443",
        });
        Some(Self([
            format!("{scheme}://{host}:{port}{path}"),
            format!("{scheme}://{host}{path}"),
        ]))
    }

    pub(super) fn spellings(&self) -> [&str; 2] {
        self.0.each_ref().map(String::as_str)
    }
}

/// The port stands behind the last colon, unless that is one of a password or of an IPv6 address.
fn split_port(authority: &str) -> (&str, Option<&str>) {
    match authority.rsplit_once(':') {
        Some((host, port)) if !port.contains([']', '@']) => (host, Some(port)),
        _ => (authority, None),
    }
}
