//! The HTTP suite, over actix-web.

mod harness;

otp_http::http_suite!(super::harness::Actix);
