//! What a sender says that reaches India.

use crate::ConfigError;
use crate::http::{Brand, Dlt, PerLocale, Wording};
use otp_core::{Message, SendError, SendErrorKind};
use std::sync::Arc;

const INDIA: u16 = 91;

/// The texts of a sender that reaches India, and their registrations.
#[derive(Clone, Debug)]
pub(crate) struct Words {
    pub(crate) wording: Arc<dyn Wording>,
    pub(crate) dlt: Option<PerLocale<Dlt>>,
}

impl Default for Words {
    fn default() -> Self {
        let wording = Arc::new(Brand::default());
        Self { wording, dlt: None }
    }
}

impl Words {
    /// The text of a message; for a number of India's with its registration, in a language that has one.
    pub(crate) fn of(&self, message: &Message) -> Result<(String, Option<&Dlt>), SendError> {
        if message.to.country_code() != INDIA {
            return Ok((self.wording.text(message), None));
        }
        let Some(dlt) = &self.dlt else {
            return Err(refused(
                SendErrorKind::AuthOrConfig,
                "a text to India needs its DLT ids",
            ));
        };
        let (locale, dlt) = dlt.find(message.locale);
        let mut message = message.clone();
        message.locale = locale;
        let text = self.wording.text(&message);
        if dlt.matches(&text) {
            Ok((text, Some(dlt)))
        } else {
            let takes = "a text to India is the one that its DLT template registers";
            Err(refused(SendErrorKind::TemplateProblem, takes))
        }
    }
}

fn refused(kind: SendErrorKind, takes: &'static str) -> SendError {
    SendError::new(kind).with_source(ConfigError::Field(takes))
}
