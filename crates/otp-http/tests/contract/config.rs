//! Routes and proxies as data.

use otp_http::{ForwardedHeader, Routes, TrustedProxies};

#[test]
fn routes_as_data() {
    #[derive(serde::Deserialize)]
    struct File {
        #[serde(default)]
        routes: Routes,
    }
    let read = |text: &str| toml::from_str::<File>(text).map(|file| file.routes);
    assert_eq!(read("").unwrap(), Routes::new());
    let routes = read("[routes]\nbase = '/api/v1/usr'\nsend = ['otp']\nverify = ['otp/verify']\n");
    let expected = Routes::new()
        .with_base("/api/v1/usr")
        .with_send("otp")
        .with_verify("otp/verify");
    assert_eq!(routes.unwrap(), expected);
    for bad in [
        "[routes]\nsends = ['otp']",
        "[routes]\nsend = 'otp'",
        "[routes]\nsend = ['verify-otp']",
        "[routes]\nsession = ['sessions']",
        "[routes]\nbase = 'no-slash'",
    ] {
        assert!(read(bad).is_err(), "{bad}");
    }
}

#[test]
fn proxies_as_data() {
    let read = toml::from_str::<TrustedProxies>;
    assert_eq!(read("").unwrap(), TrustedProxies::none());
    let expected = TrustedProxies::new(["10.0.0.0/8"]).unwrap();
    assert_eq!(read("networks = ['10.0.0.0/8']").unwrap(), expected);
    let expected = expected.with_header(ForwardedHeader::Forwarded);
    assert_eq!(
        read("networks = ['10.0.0.0/8']\nheader = 'forwarded'").unwrap(),
        expected
    );
    let named = read("header = 'x-forwarded-for'").unwrap();
    assert_eq!(named, TrustedProxies::none());
    for bad in [
        "networks = ['proxy']",
        "network = []",
        "header = 'x-real-ip'",
    ] {
        assert!(read(bad).is_err(), "{bad}");
    }
}
