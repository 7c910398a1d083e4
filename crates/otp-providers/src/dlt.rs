//! India: operators carry a text only if it is a registered one, sent under the names that it is registered with.

use crate::ConfigError;
use std::collections::BTreeSet;

const LONGEST_ID: usize = 50;
const LONGEST_HEADER: usize = 11;
const LONGEST_TEXT: usize = 2000;
const VARIABLE: &str = "{#var#}";
/// What one variable may stand for, in characters.
const LONGEST_VALUE: usize = 30;

/// A text that is registered with India's operators (DLT, under the TCCCPR), and what they know it by.
///
/// ```
/// use otp_providers::http::Dlt;
///
/// let text = "{#var#} is your Example code. It is good for {#var#} minutes. Do not share it with anyone.";
/// let dlt = Dlt::new("1101000000000000001", "EXMPLE", "1107000000000000001", text)?;
/// assert!(dlt.matches("123456 is your Example code. It is good for 5 minutes. Do not share it with anyone."));
/// assert!(!dlt.matches("123456 is your Example code. It is good for 5 minutes. Do not share it."));
/// # Ok::<(), otp_providers::ConfigError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Dlt {
    entity: String,
    header: String,
    template: String,
    text: String,
}

impl Dlt {
    /// Takes the ids of the entity and of the template, the header that phones show as the sender, and the text as it
    /// is registered, with `{#var#}` for what varies.
    ///
    /// # Errors
    /// [`ConfigError::Field`] for an id that has not 1 to 50 characters without spaces, a header that has not 1 to 11
    /// letters and digits, and a text without a variable.
    pub fn new(
        entity: impl Into<String>,
        header: impl Into<String>,
        template: impl Into<String>,
        text: impl Into<String>,
    ) -> Result<Self, ConfigError> {
        let takes = "an id of India's DLT has 1 to 50 characters and no spaces";
        let short =
            |id: &str| id.chars().count() <= LONGEST_ID && !id.contains(char::is_whitespace);
        let of_header = "a header of India's DLT has 1 to 11 letters and digits";
        let plain = |header: &str| {
            header.len() <= LONGEST_HEADER && header.bytes().all(|b| b.is_ascii_alphanumeric())
        };
        let text = text.into();
        if !text.contains(VARIABLE) || text.len() > LONGEST_TEXT {
            let takes = "a text of India's DLT has {#var#} in it, and at most 2000 bytes";
            return Err(ConfigError::Field(takes));
        }
        Ok(Self {
            entity: ConfigError::unless(entity, takes, short)?,
            header: ConfigError::unless(header, of_header, plain)?,
            template: ConfigError::unless(template, takes, short)?,
            text,
        })
    }

    /// The id of the entity.
    #[must_use]
    pub fn entity(&self) -> &str {
        &self.entity
    }

    /// The header.
    #[must_use]
    pub fn header(&self) -> &str {
        &self.header
    }

    /// The id of the template.
    #[must_use]
    pub fn template(&self) -> &str {
        &self.template
    }

    /// Whether operators take this text for the registered one: the same to the letter, with 1 to 30 characters of one
    /// line for each variable, and no space at either end of them.
    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        let mut literals = self.text.split(VARIABLE);
        let first = literals.next().unwrap_or_default();
        if !text.starts_with(first) {
            return false;
        }
        // All the places that the text so far can end at.
        let mut ends = BTreeSet::from([first.len()]);
        for literal in literals {
            ends = ends
                .into_iter()
                .flat_map(|end| after(text, end, literal))
                .collect();
        }
        ends.contains(&text.len())
    }
}

/// Where `literal` can end if a variable begins at `at`.
fn after<'a>(text: &'a str, at: usize, literal: &'a str) -> impl Iterator<Item = usize> + 'a {
    let rest = text.get(at..).unwrap_or_default();
    let line = rest
        .char_indices()
        .take_while(|(_, c)| !matches!(c, '\n' | '\r'));
    let ends = line
        .take(LONGEST_VALUE)
        .map(move |(from, c)| at + from + c.len_utf8());
    let bare = move |end: &usize| {
        let value = text.get(at..*end).unwrap_or_default();
        value.trim().len() == value.len()
    };
    let follows = move |end: &usize| {
        text.get(*end..)
            .is_some_and(|rest| rest.starts_with(literal))
    };
    ends.filter(bare)
        .filter(follows)
        .map(|end| end + literal.len())
}
