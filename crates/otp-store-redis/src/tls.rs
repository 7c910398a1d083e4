//! TLS by rustls and aws-lc.

use crate::config::Settings;
use redis::TlsCertificates;

/// The private authority, if there is one.
pub(crate) fn certificates(settings: &Settings) -> Option<TlsCertificates> {
    // The driver takes the process's provider and panics where there is none. One that the host chose stays.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    Some(TlsCertificates {
        client_tls: None,
        root_cert: Some(settings.authority.clone()?),
    })
}
