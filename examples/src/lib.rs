//! What the example servers have in common: their settings, the login page, what they say when they start, and how
//! they are told to end.
//! How to use the library is in the examples themselves, beside this folder.

mod file;
mod mount;
pub mod page;
mod settings;
mod stop;

pub use file::{CountriesError, PolicyFile, PolicyFileError};
pub use mount::{Mount, mounts};
pub use settings::{SettingError, Settings, variable};
pub use stop::stop_signal;

use std::error::Error;
use std::io::IsTerminal;
use std::process::ExitCode;
use tracing_subscriber::EnvFilter;

/// Logs to standard error, as `RUST_LOG` says; the library's own events otherwise.
///
/// # Errors
/// `RUST_LOG` cannot be read.
pub fn init_logging() -> Result<(), SettingError> {
    let wanted = settings::variable("RUST_LOG")?.unwrap_or_else(|| "info".to_owned());
    // The numbering library logs every number that it parses.
    let filter = EnvFilter::try_new(format!("{wanted},rlibphonenumber=off"));
    let filter = filter.map_err(|error| SettingError::new("RUST_LOG", error))?;
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .init();
    Ok(())
}

/// Ends a program: an error is told in one line with its causes, and the exit code is 1.
#[expect(clippy::print_stderr, reason = "a program tells why it ends")]
pub fn end(result: Result<(), Box<dyn Error>>) -> ExitCode {
    let Err(error) = result else {
        return ExitCode::SUCCESS;
    };
    eprintln!("error: {}", in_one_line(&*error));
    ExitCode::FAILURE
}

/// An error and its causes.
#[must_use]
pub fn in_one_line(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let more = error.to_string();
        // Some errors repeat what their cause says.
        if !text.ends_with(&more) {
            text = format!("{text}: {more}");
        }
        cause = error.source();
    }
    text
}
