//! What is wrong with a text, as data.

use super::{Encoding, Segments};
use otp_core::Locale;
use std::fmt;

/// Something that the check found in the texts of one language.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Finding {
    /// The language.
    pub locale: Locale,
    /// What.
    pub problem: Problem,
}

/// What can be wrong with a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Problem {
    /// It takes several SMS at its longest. A warning: languages with sixteen bits a letter hardly do without.
    Segments(Segments),
    /// It speaks of what there is not: a variable, or another text.
    Broken,
    /// The code does not stand in it, in the digits 0 to 9.
    NoCode,
    /// The reference does not stand in it.
    NoReference,
    /// With the hash of an Android app it is longer than the 140 bytes that the phone reads.
    TooLongForApp {
        /// Its length.
        bytes: usize,
    },
    /// Browsers do not read the host and the code from it.
    WebOtp,
    /// It has an address in it that is not the page's own.
    Address,
    /// It is not the text that India's operators have registered.
    Dlt,
}

impl Finding {
    pub(super) const fn new(locale: Locale, problem: Problem) -> Self {
        Self { locale, problem }
    }

    /// Whether no message may go out like this. What is no error is a warning.
    #[must_use]
    pub const fn is_error(&self) -> bool {
        !matches!(self.problem, Problem::Segments(_))
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.locale)?;
        match self.problem {
            Problem::Segments(segments) => {
                let (units, count) = (segments.units, segments.count);
                let unit = match segments.encoding {
                    Encoding::Gsm7 => "septets",
                    Encoding::Ucs2 => "16-bit units",
                };
                write!(f, "up to {units} {unit}, which are {count} SMS")
            }
            Problem::Broken => {
                f.write_str("the text speaks of a variable or a text that there is not")
            }
            Problem::NoCode => f.write_str("the text has no { $code } in it"),
            Problem::NoReference => f.write_str("the text has no { $reference } in it"),
            Problem::TooLongForApp { bytes } => {
                write!(f, "{bytes} bytes with the app's hash; Android reads 140")
            }
            Problem::WebOtp => {
                f.write_str("browsers do not read the host and the code from the text")
            }
            Problem::Address => f.write_str("the text has another address in it"),
            Problem::Dlt => f.write_str("the text is not the one that its DLT template registers"),
        }
    }
}
