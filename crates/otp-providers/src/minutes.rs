//! The minutes that a template shows are not ours to write.

use crate::ConfigError;
use otp_core::{Message, SendError, SendErrorKind};
use std::time::Duration;

const LONGEST: u8 = 90;
/// What a message may have lost on its way through a chain of senders.
const LATE: Duration = Duration::from_secs(30);

/// Minutes that a WhatsApp template can show.
pub(crate) fn shown(minutes: u8) -> Result<u64, ConfigError> {
    if (1..=LONGEST).contains(&minutes) {
        Ok(minutes.into())
    } else {
        Err(ConfigError::Field("a template shows 1 to 90 minutes"))
    }
}

/// That a message lives as long as its template says, where that is known.
pub(crate) fn check(shown: Option<u64>, message: &Message) -> Result<(), SendError> {
    let Some(minutes) = shown else { return Ok(()) };
    let shown = Duration::from_secs(60 * minutes);
    let lost = shown.checked_sub(message.expires_in);
    if lost.is_some_and(|lost| lost < LATE) {
        return Ok(());
    }
    let takes = "the minutes that a template shows are the policy's";
    let error = SendError::new(SendErrorKind::TemplateProblem);
    Err(error.with_source(ConfigError::Field(takes)))
}
