//! The fields of requests, as the types of the core.

use crate::Headers;
use crate::fields::{Field, Fields};
use crate::problem::Problem;
use otp_core::{
    ChallengeId, Channel, Client, Code, CodeError, Locale, OtpAuth, PhoneError, PhoneNumber, Region,
};

pub(crate) const PHONE: Field = Field::new("phone_number").or("mobile_number");
pub(crate) const COUNTRY: Field = Field::new("country_code");
pub(crate) const CODE: Field = Field::new("code").or("otp");
pub(crate) const CHALLENGE: Field = Field::new("challenge_id");
pub(crate) const CHANNEL: Field = Field::new("channel");
pub(crate) const LOCALE: Field = Field::new("locale");
pub(crate) const DEVICE_ID: Field = Field::new("device_id");
pub(crate) const DEVICE_INFO: Field = Field::new("device_info");

/// Longer than what the core's own types take, which say more precisely what is wrong.
const ANY: usize = 4096;
const ID_CHARS: usize = 22;
/// The ranges of `Accept-Language` that are looked at; browsers send fewer.
const RANGES: usize = 16;
const DEVICE_ID_CHARS: usize = 128;
const DEVICE_INFO_CHARS: usize = 512;

/// A challenge that no `send` ever opened: theirs are 128 random bits.
pub(crate) const NEVER_OPENED: ChallengeId = ChallengeId::from_bytes([0; 16]);

pub(crate) fn phone(auth: &OtpAuth, fields: &Fields) -> Result<PhoneNumber, Problem> {
    let raw = fields.needed(PHONE, ANY)?;
    let region = fields.text(COUNTRY, ANY)?.map(str::parse::<Region>);
    let region = region
        .transpose()
        .map_err(|_| Problem::field(COUNTRY.name, COUNTRY_REASON))?;
    auth.phone(raw, region).map_err(|error| match error {
        PhoneError::UnknownRegion(_) => Problem::field(COUNTRY.name, COUNTRY_REASON),
        error => Problem::field(PHONE.name, phone_reason(error)),
    })
}

const COUNTRY_REASON: &str = "Two letters (IR) or a calling code (+98) are expected.";

const fn phone_reason(error: PhoneError) -> &'static str {
    match error {
        PhoneError::Empty => "The phone number is empty.",
        PhoneError::InputTooLong => "The phone number is too long.",
        PhoneError::TooShort => "The phone number has too few digits.",
        PhoneError::TooLong => "The phone number has too many digits.",
        PhoneError::Invalid => "There is no such phone number in its country.",
        PhoneError::Extension => "A phone number with an extension cannot receive a code.",
        PhoneError::TelUri => "The phone number must be given without \"tel:\".",
        PhoneError::Letters => "The phone number has letters in it.",
        PhoneError::ControlCharacter => "The phone number has a control character in it.",
        PhoneError::UnexpectedCharacter => {
            "The phone number has a character that does not belong there."
        }
        PhoneError::MissingRegion => "The phone number needs a country code.",
        PhoneError::StrayPlus => "The phone number has a plus in the wrong place.",
        PhoneError::UnknownCountryCode => "The phone number has an unknown country code.",
        _ => "This is not a phone number.",
    }
}

pub(crate) fn code(fields: &Fields) -> Result<Code, Problem> {
    let reason = |error| match error {
        CodeError::InputTooLong => "The code is too long.",
        CodeError::NotDigits => "The code has the digits 0 to 9 only.",
        CodeError::Length => "The code has 6 to 10 digits.",
        _ => "This is not a code.",
    };
    Code::parse(fields.needed(CODE, ANY)?).map_err(|error| Problem::field(CODE.name, reason(error)))
}

/// Only the form is judged. An id that has it but is no spelling of ours is one that was never given out, and gets
/// the answer of those.
pub(crate) fn challenge(fields: &Fields) -> Result<Option<ChallengeId>, Problem> {
    let Some(text) = fields.text(CHALLENGE, ANY)? else {
        return Ok(None);
    };
    let base64url = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
    if text.len() != ID_CHARS || !text.bytes().all(base64url) {
        return Err(Problem::field(
            CHALLENGE.name,
            "This is not a challenge id.",
        ));
    }
    Ok(Some(text.parse().unwrap_or(NEVER_OPENED)))
}

pub(crate) fn channel(fields: &Fields) -> Result<Option<Channel>, Problem> {
    let channel = fields.text(CHANNEL, ANY)?.map(str::parse).transpose();
    channel.map_err(|_| channel_refused())
}

pub(crate) fn channel_refused() -> Problem {
    Problem::field(CHANNEL.name, "Codes are not sent over this channel.")
}

/// The field, which must be a locale; else what the browser says, as far as it is one.
pub(crate) fn locale(fields: &Fields, headers: &Headers) -> Result<Option<Locale>, Problem> {
    let reason = "A language such as hi or pt-BR is expected.";
    match fields.text(LOCALE, ANY)? {
        Some(text) => {
            let locale = text.parse();
            locale.map_or_else(
                |_| Err(Problem::field(LOCALE.name, reason)),
                |l| Ok(Some(l)),
            )
        }
        None => Ok(accepted(headers)),
    }
}

/// The first language of `Accept-Language` (RFC 9110 §12.5.4) that is not refused: browsers put the best one first.
fn accepted(headers: &Headers) -> Option<Locale> {
    let ranges = headers
        .all("accept-language")
        .flat_map(|line| line.split(','));
    let wanted = |range: &str| {
        let (tag, weight) = range.split_once(';').unwrap_or((range, ""));
        let weight = weight.trim().strip_prefix("q=");
        let refused = weight.is_some_and(|q| q.bytes().all(|b| matches!(b, b'0' | b'.')));
        tag.trim().parse().ok().filter(|_| !refused)
    };
    ranges.take(RANGES).find_map(wanted)
}

pub(crate) fn challenge_missing() -> Problem {
    Problem::field(CHALLENGE.name, "This field is missing.")
}

/// The client with what it says of itself.
pub(crate) fn client(mut client: Client, fields: &Fields) -> Result<Client, Problem> {
    if let Some(id) = fields.text(DEVICE_ID, DEVICE_ID_CHARS)? {
        if id.is_empty() || !id.bytes().all(|b| b.is_ascii_graphic()) {
            let reason = "A device id has 1 to 128 visible ASCII characters.";
            return Err(Problem::field(DEVICE_ID.name, reason));
        }
        client = client.with_device_id(id);
    }
    if let Some(info) = fields.text(DEVICE_INFO, DEVICE_INFO_CHARS)? {
        client = client.with_device_info(info);
    }
    Ok(client)
}
