//! What goes over the wire, without a wire.

use super::Webhook;
use crate::http::{HttpReply, HttpRequest, Wording};
use otp_core::{Locale, Message, Receipt, SendError, SendErrorKind, Timestamp};
use serde::Serialize;

#[derive(Serialize)]
struct Payload<'a> {
    to: &'a str,
    code: &'a str,
    channel: &'a str,
    message: String,
    expires_in: u64,
    challenge_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    locale: Option<&'a str>,
}

pub(super) fn request(webhook: &Webhook, message: &Message, now: Timestamp) -> HttpRequest {
    let payload = Payload {
        to: message.to.expose(),
        code: message.code.expose(),
        channel: message.channel.as_str(),
        message: webhook.wording.text(message),
        expires_in: message.expires_in.as_secs(),
        challenge_id: message.challenge_id.to_string(),
        locale: message.locale.as_ref().map(Locale::as_str),
    };
    let request = HttpRequest::json(webhook.to.clone(), &payload);
    match &webhook.secret {
        Some(secret) => {
            let signature = secret.signature(request.body(), now);
            request.header("x-otp-signature", signature)
        }
        None => request,
    }
}

pub(super) fn parse(reply: &HttpReply) -> Result<Receipt, SendError> {
    match (reply.status(), reply.kind()) {
        (422, _) => Err(reply.refused(SendErrorKind::InvalidNumber)),
        (_, Some(kind)) => Err(reply.refused(kind)),
        // Whatever the body is, the message was taken.
        (_, None) => Ok(reply
            .text("/id")
            .map_or_else(Receipt::default, HttpReply::taken)),
    }
}
