//! Codes on the terminal, for development.

use otp_core::{Message, Receipt, SendError, SendErrorKind, Sender, async_trait};
use std::fmt;
use std::io::{self, Write};
use std::sync::{Mutex, PoisonError};

/// Prints each code in a frame on the terminal, and says when it is made that it is no sender for production:
/// whoever reads the terminal, or the log that it is piped to, can sign in as anybody.
///
/// ```
/// use otp_providers::ConsoleSender;
///
/// let sender = ConsoleSender::for_development();
/// # let _ = sender;
/// ```
pub struct ConsoleSender(Mutex<Box<dyn Write + Send>>);

impl ConsoleSender {
    /// Prints to standard output.
    #[must_use]
    pub fn for_development() -> Self {
        Self::writing_to(io::stdout())
    }

    /// Prints to `terminal`, which tests can read.
    #[must_use]
    pub fn writing_to(mut terminal: impl Write + Send + 'static) -> Self {
        // Nobody is there to tell if this fails; the first code will say so.
        let _ = print(
            &mut terminal,
            "Development only: codes are printed here, for all who can read this.",
        );
        Self(Mutex::new(Box::new(terminal)))
    }
}

#[async_trait]
impl Sender for ConsoleSender {
    fn name(&self) -> &str {
        "console"
    }

    async fn send(&self, message: &Message) -> Result<Receipt, SendError> {
        let line = format!(
            "{} to {}: {}  (good for {} s)",
            message.channel,
            message.to.masked(),
            message.code.expose(),
            message.expires_in.as_secs()
        );
        let mut terminal = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        print(&mut **terminal, &line)
            .map_err(|error| SendError::new(SendErrorKind::AuthOrConfig).with_source(error))?;
        Ok(Receipt::default())
    }
}

/// A framed line in one write, so that no other output falls into it.
fn print(terminal: &mut dyn Write, line: &str) -> io::Result<()> {
    let rule = "─".repeat(line.chars().count() + 2);
    let framed = format!("┌{rule}┐\n│ {line} │\n└{rule}┘\n");
    terminal.write_all(framed.as_bytes())?;
    terminal.flush()
}

impl fmt::Debug for ConsoleSender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ConsoleSender")
    }
}
