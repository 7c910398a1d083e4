//! Reading the hops that proxies wrote down, in their order; none stands for an entry that is no address.

use crate::Headers;
use std::net::{IpAddr, SocketAddr};

type Hops = Vec<Option<IpAddr>>;

/// The entries of all lines, joined in order.
pub(super) fn x_forwarded_for_hops(headers: &Headers) -> Hops {
    let lines = headers.raw("x-forwarded-for");
    let entries = lines.flat_map(|line| line.split(|byte| *byte == b','));
    entries
        .map(|entry| node(str::from_utf8(entry).ok()?))
        .collect()
}

/// The `for` of every element of all lines, joined in order. Quotes that do not pair spoil the whole: a client that
/// leaves one open would otherwise swallow what the proxies appended.
pub(super) fn forwarded_hops(headers: &Headers) -> Hops {
    let lines: Vec<_> = headers.raw("forwarded").collect();
    if lines.is_empty() {
        return Vec::new();
    }
    let joined = lines.join(&b","[..]);
    let elements = str::from_utf8(&joined).ok().and_then(|t| split(t, ','));
    match elements {
        Some(elements) => elements.into_iter().map(forwarded_for).collect(),
        None => vec![None],
    }
}

fn forwarded_for(element: &str) -> Option<IpAddr> {
    let mut found = None;
    for pair in split(element, ';')? {
        let (name, value) = pair.split_once('=')?;
        if !name.trim().eq_ignore_ascii_case("for") {
            continue;
        }
        if found.is_some() {
            return None;
        }
        found = Some(value);
    }
    node(&unquoted(found?)?)
}

/// Splits outside of quoted strings (RFC 9110 §5.6.4); none if a quote is left open.
fn split(text: &str, separator: char) -> Option<Vec<&str>> {
    let (mut quoted, mut escaped) = (false, false);
    let parts = text.split(|c| {
        if escaped {
            escaped = false;
        } else if c == '"' {
            quoted = !quoted;
        } else if c == '\\' && quoted {
            escaped = true;
        }
        c == separator && !quoted
    });
    let parts = parts.collect();
    (!quoted).then_some(parts)
}

fn unquoted(value: &str) -> Option<String> {
    let value = value.trim();
    let Some(rest) = value.strip_prefix('"') else {
        return Some(value.to_owned());
    };
    let inner = rest.strip_suffix('"')?;
    // No address needs an escape.
    (!inner.contains(['"', '\\'])).then(|| inner.to_owned())
}

/// An address, with or without a port; an IPv6 one with or without brackets.
fn node(text: &str) -> Option<IpAddr> {
    let text = text.trim_matches([' ', '\t']);
    let in_brackets = text.strip_prefix('[').and_then(|t| t.strip_suffix(']'));
    let address = match in_brackets {
        Some(inner) => inner.parse().ok().filter(IpAddr::is_ipv6),
        None => text.parse().ok(),
    };
    let with_port = || text.parse::<SocketAddr>().ok().map(|socket| socket.ip());
    address.or_else(with_port).map(|ip| ip.to_canonical())
}
