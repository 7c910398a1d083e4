//! LOG-1: no secret in any log line. Alone in its process, all of which it listens to.

mod harness;

use otp_http::suite::{logs, run};

/// LOG-1
#[test]
fn trace_level_e2e_canary_scan() {
    run(logs::trace_level_e2e_canary_scan(&harness::Actix));
}
