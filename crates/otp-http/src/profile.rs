//! What a new user tells of themselves.

use crate::fields::{Field, Fields};
use crate::problem::Problem;
use otp_core::{Consent, Profile};

pub(crate) const FIRST_NAME: Field = Field::new("first_name");
pub(crate) const LAST_NAME: Field = Field::new("last_name");
pub(crate) const EMAIL: Field = Field::new("email");
pub(crate) const CONSENT_VERSION: Field = Field::new("consent_version");
pub(crate) const CONSENT_TEXT_ID: Field = Field::new("consent_text_id");

const NAME_CHARS: usize = 100;
/// The longest address that a mail server takes (RFC 5321 §4.5.3.1.3, without the brackets).
const EMAIL_CHARS: usize = 254;
const LOCAL_PART_BYTES: usize = 64;

/// A profile with the consent, which must be given; the rest may be left out or blank.
pub(crate) fn profile(fields: &Fields) -> Result<Profile, Problem> {
    let mut profile = Profile::default();
    profile.first_name = line(fields, FIRST_NAME, NAME_CHARS)?;
    profile.last_name = line(fields, LAST_NAME, NAME_CHARS)?;
    profile.email = line(fields, EMAIL, EMAIL_CHARS)?;
    if profile.email.as_deref().is_some_and(|text| !is_email(text)) {
        let reason = "This is not a complete e-mail address.";
        return Err(Problem::field(EMAIL.name, reason));
    }
    let consent = |field: Field| {
        let text = line(fields, field, NAME_CHARS)?;
        text.ok_or_else(|| Problem::field(field.name, "This field is missing."))
    };
    let version = consent(CONSENT_VERSION)?;
    profile.consent = Some(Consent::new(consent(CONSENT_TEXT_ID)?, version));
    Ok(profile)
}

/// One line of text without space around it; none if nothing is left.
fn line(fields: &Fields, field: Field, most: usize) -> Result<Option<String>, Problem> {
    let text = fields.text(field, most)?.map(str::trim);
    if text.is_some_and(|text| text.chars().any(char::is_control)) {
        let reason = "This field has a character that is not allowed.";
        return Err(Problem::field(field.name, reason));
    }
    Ok(text.filter(|text| !text.is_empty()).map(ToOwned::to_owned))
}

/// Something, an at sign, and a domain with a dot: whether it receives mail only a mail can tell.
fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else {
        return false;
    };
    let spaced = text.chars().any(char::is_whitespace);
    let labels = domain.split('.').all(|label| !label.is_empty());
    let local_part = (1..=LOCAL_PART_BYTES).contains(&local.len()) && !local.contains('@');
    !spaced && local_part && labels && domain.contains('.')
}
