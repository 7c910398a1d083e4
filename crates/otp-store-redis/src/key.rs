//! Keys: fixed-length parts of base64url, and the tag that decides a Cluster's slot in braces.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use otp_core::challenge::ChallengeKey;
use otp_core::limit::Cell;
use otp_core::{MessageKey, Purpose, SessionId, UserId};
use sha2::{Digest as _, Sha256};

/// What stands in the braces: keys with the same tag are in the same slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Tag([u8; 16]);

impl Tag {
    pub(crate) const fn of_challenge(key: &ChallengeKey) -> Self {
        Self(*key.phone.as_bytes())
    }

    pub(crate) fn of_cell(cell: &Cell) -> Self {
        Self(
            cell.home
                .map_or(*cell.key.as_bytes(), |home| *home.as_bytes()),
        )
    }
}

/// `otp:{phone}:c:p:id`
pub(crate) fn challenge(key: &ChallengeKey) -> String {
    of_challenge(key, ":c:")
}

/// `otp:{phone}:d:p:id`: the message that carries a challenge's newest code, beside the challenge.
pub(crate) fn sent(key: &ChallengeKey) -> String {
    of_challenge(key, ":d:")
}

/// `otp:{message}:r`: what is reported of a message, wherever its challenge is.
pub(crate) fn report(message: &MessageKey) -> String {
    tagged(message.as_bytes()) + ":r"
}

fn of_challenge(key: &ChallengeKey, kind: &str) -> String {
    let mut text = tagged(key.phone.as_bytes());
    text.push_str(kind);
    text.push(letter(key.purpose));
    text.push(':');
    URL_SAFE_NO_PAD.encode_string(key.id.as_bytes(), &mut text);
    text
}

/// `otp:{phone}:l:cell` where the limit is about a phone, else `otp:{cell}:l`
pub(crate) fn cell(cell: &Cell) -> String {
    let own = cell.key.as_bytes();
    let Some(phone) = cell.home else {
        return tagged(own) + ":l";
    };
    let mut text = tagged(phone.as_bytes());
    text.push_str(":l:");
    URL_SAFE_NO_PAD.encode_string(own, &mut text);
    text
}

/// `otp:{session}:s`
pub(crate) fn session(id: &SessionId) -> String {
    tagged(id.as_bytes()) + ":s"
}

/// `otp:{user}:u`. A user's id is the host's text of any length: it is hashed.
pub(crate) fn user(id: &UserId) -> String {
    let hash: [u8; 32] = Sha256::new()
        .chain_update(b"otp user index\0")
        .chain_update(id.as_str())
        .finalize()
        .into();
    let short: [u8; 16] = hash.first_chunk().copied().unwrap_or_default();
    tagged(&short) + ":u"
}

/// `otp:{…}:n`, under which nothing ever lies.
pub(crate) fn nothing() -> String {
    tagged(&[0; 16]) + ":n"
}

/// `otp:{tag}`, with room for what follows. Several keys are made for each verb, and the formatter takes five times as
/// long.
fn tagged(tag: &[u8; 16]) -> String {
    let mut text = String::with_capacity(64);
    text.push_str("otp:{");
    URL_SAFE_NO_PAD.encode_string(tag, &mut text);
    text.push('}');
    text
}

pub(crate) fn text(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

const fn letter(purpose: Purpose) -> char {
    match purpose {
        Purpose::Login => 'l',
        Purpose::StepUp => 's',
        Purpose::ChangePhone => 'c',
        Purpose::Registration => 'r',
        // A digest is bound to its purpose, so that purposes to come may share a letter.
        _ => 'o',
    }
}
