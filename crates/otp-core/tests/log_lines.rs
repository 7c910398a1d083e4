//! What a client says of itself cannot forge a line of the log.
#![cfg(feature = "testing")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail"
)]

mod common;

use common::{phone, standard};
use otp_core::{ChallengeId, Client, Verify};
use proptest::prelude::*;
use std::io::Write;
use std::sync::{Arc, Mutex};

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// What the log says of a guess by this client.
fn logged(client: &Client) -> String {
    let lines = Lines::default();
    let writer = lines.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    tracing::subscriber::with_default(subscriber, || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        let world = standard();
        lines.0.lock().unwrap().clear();
        let verify = Verify::new(
            phone(1),
            ChallengeId::random().ok(),
            otp_core::Code::draw(6).unwrap(),
        );
        let _ = runtime.block_on(world.auth.verify(verify.with_client(client.clone())));
    });
    let bytes = lines.0.lock().unwrap().clone();
    String::from_utf8(bytes).unwrap()
}

fn is_one_clean_line(text: &str) -> bool {
    let Some(line) = text.strip_suffix('\n') else {
        return false;
    };
    let turns = |c| matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    line.contains("authn_login_fail") && !line.chars().any(|c| c.is_control() || turns(c))
}

/// LOG-4: what a client says of itself starts no record, colours no terminal, forges no field.
#[test]
fn log_injection_table() {
    for text in [
        "x\n2026-01-01T00:00:00Z INFO otp::audit: event=\"authn_login_success\"",
        "x\r\nevent=authn_login_success",
        "\u{1b}[2J\u{1b}[31mred",
        "\u{9b}31m",
        "\u{202e}drowssap\u{2066}",
        "a\u{2028}b\u{2029}c\u{85}d",
        "\0\u{7}\u{8}\u{7f}",
        "\" event=\"authn_login_success",
        "%s%n${jndi:ldap://x}",
    ] {
        let line = logged(&Client::new().with_device_info(text));
        assert!(is_one_clean_line(&line), "{line:?}");
        assert!(!line.contains("event=\"authn_login_success"), "{line:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// LOG-4.
    #[test]
    fn one_event_one_line_prop(text in "\\PC*|(.|[\\x00-\\x1f\\x7f-\\u{9f}\\u{2028}-\\u{202e}]){0,300}", id in ".*") {
        let line = logged(&Client::new().with_device_info(&text).with_device_id(id));
        prop_assert!(is_one_clean_line(&line), "{:?}", line);
        prop_assert!(line.len() < 3000);
    }
}
