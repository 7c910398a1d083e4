//! The HTTP suite, over axum.

mod harness;

otp_http::http_suite!(super::harness::Axum);
