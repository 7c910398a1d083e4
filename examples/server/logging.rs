//! The log, on standard error.

use otp_examples::{SettingError, variable};
use std::io::{IsTerminal, stderr};
use tracing_subscriber::EnvFilter;

/// How a line is written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// For people.
    Text,
    /// One JSON object in each line, for whatever collects them (LOG-4).
    Json,
}

/// Logs what `RUST_LOG` says; the library's own events and warnings otherwise.
pub(crate) fn start(form: Form) -> Result<(), SettingError> {
    let wanted = variable("RUST_LOG")?.unwrap_or_else(|| "info".to_owned());
    // The numbering library logs every number that it parses.
    let filter = EnvFilter::try_new(format!("{wanted},rlibphonenumber=off"));
    let filter = filter.map_err(|error| SettingError::new("RUST_LOG", error))?;
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(stderr);
    match form {
        Form::Text => log.with_ansi(stderr().is_terminal()).init(),
        Form::Json => log.json().flatten_event(true).init(),
    }
    Ok(())
}
