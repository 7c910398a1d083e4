//! THR-9: whose word about the client's address counts.

use crate::world::{World, post};
use otp_http::{Api, ForwardedHeader, Headers, TrustedProxies};
use std::net::IpAddr;

const PROXIES: [&str; 4] = ["10.0.0.0/8", "192.0.2.1", "2001:db8:ffff::/48", "::1"];

fn proxies(header: ForwardedHeader) -> TrustedProxies {
    TrustedProxies::new(PROXIES).unwrap().with_header(header)
}

fn headers(name: &str, lines: &[&[u8]]) -> Headers {
    let mut headers = Headers::new();
    for line in lines {
        headers.push(name, *line);
    }
    headers
}

fn check(header: ForwardedHeader, peer: &str, name: &str, lines: &[&[u8]], expected: &str) {
    let peer: IpAddr = peer.parse().unwrap();
    let found = proxies(header).client_address(Some(peer), &headers(name, lines));
    let shown: Vec<_> = lines
        .iter()
        .map(|line| String::from_utf8_lossy(line))
        .collect();
    assert_eq!(
        found,
        Some(expected.parse().unwrap()),
        "{peer} {name}: {shown:?}"
    );
}

const PROXY: &str = "10.0.0.1";

/// THR-9: peer, lines of `X-Forwarded-For`, client.
#[test]
fn spoofed_xff_table() {
    let table: &[(&str, &[&[u8]], &str)] = &[
        // Nobody's word but a proxy's.
        ("198.51.100.9", &[b"203.0.113.1"], "198.51.100.9"),
        ("198.51.100.9", &[b"10.0.0.1"], "198.51.100.9"),
        ("198.51.100.9", &[], "198.51.100.9"),
        ("2001:db8::9", &[b"203.0.113.1"], "2001:db8::9"),
        (PROXY, &[], PROXY),
        (PROXY, &[b"198.51.100.7"], "198.51.100.7"),
        ("192.0.2.1", &[b"198.51.100.7"], "198.51.100.7"),
        ("192.0.2.2", &[b"198.51.100.7"], "192.0.2.2"),
        ("::1", &[b"198.51.100.7"], "198.51.100.7"),
        ("2001:db8:ffff:1::5", &[b"2001:db8::7"], "2001:db8::7"),
        ("::ffff:10.0.0.1", &[b"198.51.100.7"], "198.51.100.7"),
        ("::ffff:198.51.100.9", &[b"203.0.113.1"], "198.51.100.9"),
        // What stands left of the client's address came from the client.
        (PROXY, &[b"203.0.113.66, 198.51.100.7"], "198.51.100.7"),
        (PROXY, &[b"10.9.9.9, 198.51.100.7"], "198.51.100.7"),
        (PROXY, &[b"127.0.0.1,198.51.100.7"], "198.51.100.7"),
        (PROXY, &[b"rubbish, 198.51.100.7"], "198.51.100.7"),
        (PROXY, &[b"203.0.113.66", b"198.51.100.7"], "198.51.100.7"),
        (PROXY, &[b"\xff\xff", b"198.51.100.7"], "198.51.100.7"),
        // All proxies.
        (PROXY, &[b"10.0.0.3, 10.0.0.2"], "10.0.0.3"),
        // Entries that are no address end the walk at the hop before.
        (PROXY, &[b"203.0.113.66, unknown"], PROXY),
        (PROXY, &[b"203.0.113.66, unknown, 10.0.0.2"], "10.0.0.2"),
        (PROXY, &[b"203.0.113.66, "], PROXY),
        (PROXY, &[b"203.0.113.66,, 10.0.0.2"], "10.0.0.2"),
        (PROXY, &[b""], PROXY),
        (PROXY, &[b"203.0.113.66", b"\xff, 10.0.0.2"], "10.0.0.2"),
        (PROXY, &[b"203.0.113.66", b"\xff"], PROXY),
        (PROXY, &[b"203.0.113.66, 198.51.100.7;10.0.0.2"], PROXY),
        (PROXY, &[b"203.0.113.66, 198.51.100.007"], PROXY),
        (PROXY, &[b"203.0.113.66, 3325256711"], PROXY),
        (PROXY, &[b"203.0.113.66, fe80::1%eth0"], PROXY),
        (PROXY, &[b"203.0.113.66, [198.51.100.7]"], PROXY),
        (PROXY, &[b"203.0.113.66, 198.51.100.7:70000"], PROXY),
        (PROXY, &[b"203.0.113.66, example.com"], PROXY),
        // Ports, brackets, mapped addresses, spaces.
        (PROXY, &[b"198.51.100.7:4711"], "198.51.100.7"),
        (PROXY, &[b"[2001:db8::7]:4711"], "2001:db8::7"),
        (PROXY, &[b"[2001:db8::7]"], "2001:db8::7"),
        (PROXY, &[b"2001:db8::7"], "2001:db8::7"),
        (PROXY, &[b"::ffff:198.51.100.7"], "198.51.100.7"),
        (PROXY, &[b"203.0.113.66, ::ffff:10.0.0.2"], "203.0.113.66"),
        (
            PROXY,
            &[b"  203.0.113.66 ,\t198.51.100.7  "],
            "198.51.100.7",
        ),
    ];
    for (peer, lines, expected) in table {
        check(
            ForwardedHeader::XForwardedFor,
            peer,
            "X-Forwarded-For",
            lines,
            expected,
        );
    }
}

/// THR-9: through two proxies the client is left of the inner one's hop.
#[test]
fn two_proxies_right_hop() {
    let table: &[(&[&[u8]], &str)] = &[
        (&[b"198.51.100.7, 10.0.0.2"], "198.51.100.7"),
        (&[b"198.51.100.7", b"10.0.0.2"], "198.51.100.7"),
        (&[b"203.0.113.66, 198.51.100.7, 10.0.0.2"], "198.51.100.7"),
        (&[b"10.0.0.9, 198.51.100.7, 10.0.0.2"], "198.51.100.7"),
        (
            &[b"203.0.113.66", b"198.51.100.7, 10.0.0.2"],
            "198.51.100.7",
        ),
        (&[b"2001:db8::7, 2001:db8:ffff::2"], "2001:db8::7"),
        // The outer hop is not one of ours: it is the client.
        (&[b"198.51.100.7, 203.0.113.5"], "203.0.113.5"),
    ];
    for (lines, expected) in table {
        check(
            ForwardedHeader::XForwardedFor,
            PROXY,
            "x-forwarded-for",
            lines,
            expected,
        );
    }
}

/// THR-9: the same for `Forwarded` (RFC 7239).
#[test]
fn forwarded() {
    let table: &[(&[&[u8]], &str)] = &[
        (&[b"for=198.51.100.7"], "198.51.100.7"),
        (
            &[b"For=\"198.51.100.7:4711\";proto=https;by=10.0.0.1"],
            "198.51.100.7",
        ),
        (&[b"proto=https;for=\"[2001:db8::7]:4711\""], "2001:db8::7"),
        (
            &[b"for=203.0.113.66, for=198.51.100.7, for=10.0.0.2"],
            "198.51.100.7",
        ),
        (&[b"for=203.0.113.66", b"for=198.51.100.7"], "198.51.100.7"),
        (&[b"for=203.0.113.66, for=unknown"], PROXY),
        (
            &[b"for=203.0.113.66, for=_hidden, for=10.0.0.2"],
            "10.0.0.2",
        ),
        (&[b"for=203.0.113.66, proto=https"], PROXY),
        (
            &[b"for=203.0.113.66, for=198.51.100.7;for=198.51.100.8"],
            PROXY,
        ),
        (&[b"for=203.0.113.66, 198.51.100.7"], PROXY),
        (
            &[b"for=203.0.113.66, x=\"a,b\";for=198.51.100.7"],
            "198.51.100.7",
        ),
        (
            &[b"for=203.0.113.66, x=\"a\\\",for=203.0.113.67\";for=198.51.100.7"],
            "198.51.100.7",
        ),
        // Quotes that the client leaves open must not swallow what the proxy appended.
        (&[b"for=203.0.113.66;x=\"", b"for=198.51.100.7"], PROXY),
        (&[b"for=203.0.113.66, x=\"", b"for=198.51.100.7"], PROXY),
        (&[b"for=203.0.113.66, x=\", for=\"[2001:db8::7]\""], PROXY),
        (&[b"for=203.0.113.66, x=\"\\, for=\"[2001:db8::7]\""], PROXY),
        (&[b"for=203.0.113.66", b"\xff, for=198.51.100.7"], PROXY),
        (&[], PROXY),
    ];
    for (lines, expected) in table {
        check(
            ForwardedHeader::Forwarded,
            PROXY,
            "forwarded",
            lines,
            expected,
        );
    }
    let stranger = "198.51.100.9";
    check(
        ForwardedHeader::Forwarded,
        stranger,
        "forwarded",
        &[b"for=203.0.113.1"],
        stranger,
    );
}

/// THR-9: fields that nobody named have no effect, nor has any without trusted networks.
#[test]
fn other_fields_do_nothing() {
    let peer: IpAddr = PROXY.parse().unwrap();
    for name in [
        "x-real-ip",
        "cf-connecting-ip",
        "true-client-ip",
        "client-ip",
        "forwarded",
    ] {
        let headers = headers(name, &[b"203.0.113.1", b"for=203.0.113.1"]);
        let proxies = proxies(ForwardedHeader::XForwardedFor);
        assert_eq!(
            proxies.client_address(Some(peer), &headers),
            Some(peer),
            "{name}"
        );
    }
    let spoofed = headers("x-forwarded-for", &[b"203.0.113.1"]);
    assert_eq!(
        TrustedProxies::none().client_address(Some(peer), &spoofed),
        Some(peer)
    );
    assert_eq!(TrustedProxies::default(), TrustedProxies::none());
    assert_eq!(
        proxies(ForwardedHeader::XForwardedFor).client_address(None, &spoofed),
        None
    );
}

#[test]
fn networks() {
    for good in [
        "10.0.0.0/8",
        "10.1.2.3",
        "::1",
        "2001:db8::/32",
        "::ffff:10.0.0.0/104",
    ] {
        assert!(TrustedProxies::new([good]).is_ok(), "{good}");
    }
    for bad in [
        "",
        "10.0.0.0/33",
        "10.0.0",
        "proxy",
        "10.0.0.0/8,::1",
        "*",
        "::ffff:0.0.0.0/90",
    ] {
        assert!(TrustedProxies::new([bad]).is_err(), "{bad}");
    }
    let mapped = TrustedProxies::new(["::ffff:10.0.0.0/104"]).unwrap();
    let headers = headers("x-forwarded-for", &[b"198.51.100.7"]);
    let found = mapped.client_address(Some(PROXY.parse().unwrap()), &headers);
    assert_eq!(found, Some("198.51.100.7".parse().unwrap()));
}

/// THR-9: a client behind no proxy cannot leave its limits by writing header fields.
#[tokio::test]
async fn limits_follow_the_socket() {
    let world = World::new();
    let behind =
        Api::new(world.auth.clone()).with_trusted_proxies(TrustedProxies::new(PROXIES).unwrap());
    for turn in 0..30 {
        let mut request = post("/verify-otp", "[]");
        let spoofed = format!("203.0.113.{turn}");
        request.headers.push("x-forwarded-for", spoofed);
        assert_eq!(world.api.handle(request).await.status, 400, "{turn}");
    }
    // The two share a store, and so the sender's quota.
    for api in [&world.api, &behind] {
        let mut request = post("/verify-otp", "[]");
        request.headers.push("x-forwarded-for", "203.0.113.99");
        assert_eq!(api.handle(request).await.status, 429);
    }
    let mut request = post("/verify-otp", "[]");
    request.peer = Some(PROXY.parse().unwrap());
    request.headers.push("x-forwarded-for", "198.51.100.7");
    assert_eq!(behind.handle(request).await.status, 400);
}
