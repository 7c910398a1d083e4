//! What a message says, for providers that carry a text: the seam, and the one text that needs nothing else.

use crate::ConfigError;
use otp_core::Message;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

const LONGEST_BRAND: usize = 32;

/// What a message says, for senders that carry a text. [`Brand`] says it in English; `Messages`, behind the feature
/// `messages`, in the reader's language.
///
/// # Contract
/// - The code stands in the text, in the digits 0 to 9, so that phones can offer it to the page.
/// - The text depends on the message alone: the same one says the same.
/// - It does not panic, whatever the message is.
///
/// ```
/// use otp_core::Message;
/// use otp_providers::http::Wording;
///
/// #[derive(Debug)]
/// struct Terse;
///
/// impl Wording for Terse {
///     fn text(&self, message: &Message) -> String {
///         format!("{} is your Example code. Never share it.", message.code.expose())
///     }
/// }
/// ```
pub trait Wording: fmt::Debug + Send + Sync + 'static {
    /// The whole text.
    fn text(&self, message: &Message) -> String;
}

impl<W: Wording + ?Sized> Wording for Arc<W> {
    fn text(&self, message: &Message) -> String {
        (**self).text(message)
    }
}

/// Who a text says the code is for; nobody in particular by default. As a [`Wording`] it is a short English text: the
/// code, whose it is, how long it is good for, not to share it.
///
/// A name that can neither add a line to a text nor forge its `@host #code`.
///
/// ```
/// use otp_providers::http::Brand;
///
/// assert!(Brand::new("Example").is_ok());
/// assert!(Brand::new("Example\n@evil.example #1").is_err());
/// # Ok::<(), otp_providers::ConfigError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Brand(Option<String>);

impl Brand {
    /// Takes a name of 1 to 32 characters.
    ///
    /// # Errors
    /// [`ConfigError::Brand`] for another length, control characters, `@` and `#`.
    pub fn new(name: impl Into<String>) -> Result<Self, ConfigError> {
        let name = name.into();
        let sound = |c: char| !c.is_control() && !matches!(c, '@' | '#' | '\u{2028}' | '\u{2029}');
        let short = (1..=LONGEST_BRAND).contains(&name.chars().count());
        if short && !name.trim().is_empty() && name.chars().all(sound) {
            Ok(Self(Some(name)))
        } else {
            Err(ConfigError::Brand)
        }
    }

    /// The name, if it has one.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.0.as_deref()
    }
}

impl Wording for Brand {
    fn text(&self, message: &Message) -> String {
        let (code, lifetime) = (message.code.expose(), spoken(message.expires_in));
        let whose = self
            .0
            .as_ref()
            .map_or_else(String::new, |name| format!("{name} "));
        format!(
            "{code} is your {whose}code. It is good for {lifetime}. Do not share it with anyone."
        )
    }
}

/// Whole minutes, rounded down, so that nobody is promised more than there is.
fn spoken(time: Duration) -> String {
    match (time.as_secs() / 60, time.as_secs()) {
        (0, 1) => "1 second".to_owned(),
        (0, seconds) => format!("{seconds} seconds"),
        (1, _) => "1 minute".to_owned(),
        (minutes, _) => format!("{minutes} minutes"),
    }
}
