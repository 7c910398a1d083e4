//! What goes over the wire, without a wire.

use super::WebhookSender;
use crate::http::{Reply, Request, class_of};
use otp_core::{Message, Receipt, SendError, SendErrorKind, Timestamp};
use serde::{Deserialize, Serialize};
use std::time::Duration;

const LONGEST_BRAND: usize = 32;
const LONGEST_REFERENCE: usize = 128;

/// A name that can neither add a line to a text nor forge its `@host #code`.
#[derive(Clone)]
pub(super) struct Brand(String);

#[derive(Serialize)]
struct Payload<'a> {
    to: &'a str,
    code: &'a str,
    channel: &'a str,
    message: String,
    expires_in: u64,
    challenge_id: String,
}

#[derive(Default, Deserialize)]
struct Taken {
    id: Option<Reference>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Reference {
    Text(String),
    Number(u64),
}

pub(super) fn request(sender: &WebhookSender, message: &Message, now: Timestamp) -> Request {
    let payload = Payload {
        to: message.to.expose(),
        code: message.code.expose(),
        channel: message.channel.as_str(),
        message: text(sender.brand.as_ref(), message),
        expires_in: message.expires_in.as_secs(),
        challenge_id: message.challenge_id.to_string(),
    };
    // Strings and a number always serialise.
    let body = serde_json::to_vec(&payload).unwrap_or_default();
    let mut headers = vec![("content-type", "application/json".to_owned())];
    if let Some(secret) = &sender.secret {
        headers.push(("x-otp-signature", secret.signature(&body, now)));
    }
    Request {
        to: sender.to.clone(),
        headers,
        body,
    }
}

pub(super) fn parse(reply: &Reply) -> Result<Receipt, SendError> {
    let kind = match reply.status {
        422 => Some(SendErrorKind::InvalidNumber),
        status => class_of(status),
    };
    match kind {
        None => Ok(receipt(&reply.body)),
        Some(kind) => Err(SendError {
            retry_after: reply.retry_after,
            ..SendError::new(kind)
        }),
    }
}

/// A short text to pass on as it is.
fn text(brand: Option<&Brand>, message: &Message) -> String {
    let (code, lifetime) = (message.code.expose(), spoken(message.expires_in));
    let whose = brand.map_or_else(String::new, |Brand(name)| format!("{name} "));
    format!("{code} is your {whose}code. It is good for {lifetime}. Do not share it with anyone.")
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

/// Whatever the body is, the message was taken.
fn receipt(body: &[u8]) -> Receipt {
    let taken: Taken = serde_json::from_slice(body).unwrap_or_default();
    let id = taken.id.map(|id| match id {
        Reference::Text(text) => text,
        Reference::Number(number) => number.to_string(),
    });
    let sound = |id: &String| {
        (1..=LONGEST_REFERENCE).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_graphic())
    };
    id.filter(sound)
        .map_or_else(Receipt::default, Receipt::with_reference)
}

impl Brand {
    pub(super) fn parse(text: String) -> Option<Self> {
        let sound = |c: char| !c.is_control() && !matches!(c, '@' | '#' | '\u{2028}' | '\u{2029}');
        let short = (1..=LONGEST_BRAND).contains(&text.chars().count());
        (short && !text.trim().is_empty() && text.chars().all(sound)).then_some(Self(text))
    }
}
