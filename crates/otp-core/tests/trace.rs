//! A whole life of the service under a subscriber that takes everything.
#![cfg(feature = "testing")]
#![allow(clippy::unwrap_used, reason = "a test may fail")]

mod common;

use common::{Setup, scan, story};
use std::io::Write;
use std::sync::{Arc, Mutex};

/// Where all lines go.
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

/// `log` records beside the events, but for the one target that the documents say to leave out.
impl log::Log for Lines {
    fn enabled(&self, metadata: &log::Metadata<'_>) -> bool {
        !metadata.target().starts_with("rlibphonenumber")
    }

    fn log(&self, record: &log::Record<'_>) {
        if self.enabled(record.metadata()) {
            let line = format!("{} {} {}\n", record.level(), record.target(), record.args());
            self.0.lock().unwrap().extend_from_slice(line.as_bytes());
        }
    }

    fn flush(&self) {}
}

/// LOG-1.
#[tokio::test]
async fn trace_level_e2e_canary_scan() {
    let lines = Lines::default();
    log::set_logger(Box::leak(Box::new(lines.clone()))).unwrap();
    log::set_max_level(log::LevelFilter::Trace);
    let writer = lines.clone();
    tracing_subscriber::fmt()
        .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .init();
    log::trace!("the bridge works");

    let world = Setup::new(story::policy()).node();
    let story = story::tell(&world).await;

    let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    for told in [
        "the bridge works",
        "otp_sent",
        "authn_login_success",
        "authn_token_reuse",
        "sys_monitor_error",
    ] {
        assert!(text.contains(told), "{told} is missing: {text}");
    }
    assert!(
        text.contains("+91*****0001"),
        "numbers are masked, not missing"
    );
    scan::clean("the log", &text, &story.secrets);
    for line in text.lines() {
        assert!(!line.chars().any(char::is_control), "{line:?}");
    }
}
