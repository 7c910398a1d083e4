//! A Redis server that speaks TLS, with a certificate from an authority that nobody else trusts.

use crate::place::{Port, Scratch};
use crate::redis::{Redis, RedisOptions};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use std::fs;
use std::path::Path;

/// A Redis server with a TLS port beside its plain one.
///
/// ```no_run
/// use otp_testkit::RedisTls;
///
/// let tls = RedisTls::start();
/// println!("{} trusts {} bytes", tls.url(), tls.ca_pem().len()); // rediss://localhost:…
/// ```
#[derive(Debug)]
pub struct RedisTls {
    /// The same server in plain text, for a test's own questions.
    pub redis: Redis,
    port: Port,
    ca: String,
    _files: Scratch,
}

impl RedisTls {
    /// Starts it with a fresh authority.
    ///
    /// # Panics
    /// When Redis is not installed or does not start.
    #[must_use]
    pub fn start() -> Self {
        let (port, files) = (Port::take(), Scratch::new("tls"));
        let ca = certify(files.path());
        let file = |name: &str| files.path().join(name).display().to_string();
        let redis = RedisOptions::new()
            .with("tls-port", port.number().to_string())
            .with("tls-cert-file", file("server.pem"))
            .with("tls-key-file", file("server.key"))
            .with("tls-ca-cert-file", file("ca.pem"))
            .with("tls-auth-clients", "no")
            .start();
        Self {
            redis,
            port,
            ca,
            _files: files,
        }
    }

    /// `rediss://localhost:…`
    #[must_use]
    pub fn url(&self) -> String {
        format!("rediss://localhost:{}", self.port.number())
    }

    /// The authority's certificate.
    #[must_use]
    pub fn ca_pem(&self) -> &str {
        &self.ca
    }
}

/// Writes the server's certificate and key; returns the authority's certificate.
fn certify(into: &Path) -> String {
    let key = || KeyPair::generate().expect("a key pair");
    let mut authority = CertificateParams::default();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(authority, key()).expect("an authority");
    let server_key = key();
    let server = CertificateParams::new(vec!["localhost".to_owned(), "127.0.0.1".to_owned()])
        .and_then(|params| params.signed_by(&server_key, &authority))
        .expect("a certificate");
    let files = [
        ("ca.pem", authority.pem()),
        ("server.pem", server.pem()),
        ("server.key", server_key.serialize_pem()),
    ];
    for (name, text) in files {
        fs::write(into.join(name), text).expect("a certificate file");
    }
    authority.pem()
}
