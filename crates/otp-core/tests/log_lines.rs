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
use otp_core::policy::Policy;
use otp_core::{ChallengeId, Client, Keys, MemoryStore, MemoryUsers, Message, OtpAuth, Receipt};
use otp_core::{SendError, SendErrorKind, Sender, Start, Verify, async_trait};
use proptest::prelude::*;
use std::io::Write;
use std::pin::Pin;
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

/// What the log says of what was prepared.
fn heard(prepare: impl FnOnce() -> Pin<Box<dyn Future<Output = ()>>>) -> String {
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
        let prepared = prepare();
        lines.0.lock().unwrap().clear();
        runtime.block_on(prepared);
    });
    let bytes = lines.0.lock().unwrap().clone();
    String::from_utf8(bytes).unwrap()
}

/// What the log says of a guess by this client.
fn logged(client: &Client) -> String {
    let client = client.clone();
    heard(|| {
        let world = standard();
        let verify = Verify::new(
            phone(1),
            ChallengeId::random().ok(),
            otp_core::Code::draw(6).unwrap(),
        );
        let verify = verify.with_client(client);
        Box::pin(async move { drop(world.auth.verify(verify).await) })
    })
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

/// Refuses every message, for a reason that tries to be another line.
#[derive(Debug)]
struct Refusing(SendErrorKind);

#[async_trait]
impl Sender for Refusing {
    fn name(&self) -> &str {
        "refusing"
    }

    async fn send(&self, _: &Message) -> Result<Receipt, SendError> {
        Err(SendError::new(self.0).with_source("HTTP status 401, code 20003\nERROR forged"))
    }
}

/// Why a provider refuses stands in the log, and nowhere else can an operator learn it; of one line, and without the
/// number. What needs somebody is louder than what lies in a number.
#[test]
fn why_a_provider_refuses_is_logged() {
    for (kind, level) in [
        (SendErrorKind::InvalidNumber, "INFO"),
        (SendErrorKind::Unreachable, "INFO"),
        (SendErrorKind::RateLimited, "WARN"),
        (SendErrorKind::Transient, "WARN"),
        (SendErrorKind::AuthOrConfig, "ERROR"),
        (SendErrorKind::InsufficientCredit, "ERROR"),
        (SendErrorKind::TemplateProblem, "ERROR"),
    ] {
        let text = heard(|| {
            let keys = Arc::new(Keys::generate().unwrap());
            let (store, users) = (MemoryStore::new(), MemoryUsers::new());
            let countries = ["IN".parse().unwrap()];
            let auth = OtpAuth::builder(store, Refusing(kind), users, keys)
                .policy(Policy::standard().for_countries(countries))
                .build()
                .unwrap();
            Box::pin(async move { drop(auth.start(Start::new(phone(1))).await) })
        });
        let line = text.lines().find(|line| line.contains("code 20003"));
        let line = line.unwrap_or_else(|| panic!("{kind:?} is not in the log: {text}"));
        let level = format!("{level} otp: ");
        assert!(
            line.contains(&level) && line.contains("provider=\"refusing\""),
            "{line}"
        );
        assert!(
            !text.lines().any(|line| line.starts_with("ERROR")),
            "{text}"
        );
        assert!(!text.contains(phone(1).expose()), "{text}");
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
