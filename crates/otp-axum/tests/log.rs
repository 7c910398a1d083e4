//! LOG-1: no secret in any log line.

mod harness;

#[path = "../../otp-http/tests/capture/mod.rs"]
mod capture;

/// LOG-1. With `rlibphonenumber=off`, as the README tells: that crate writes the numbers it parses at TRACE.
#[test]
fn trace_level_e2e_canary_scan() {
    let log = capture::install();
    otp_http::suite::run(otp_http::suite::logs::trace_level_e2e_canary_scan(
        &harness::Axum,
        || log.text(),
    ));
}
