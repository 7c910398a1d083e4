//! Replies: the header fields that each of them carries, and JSON.

use crate::Response;
use otp_core::Timestamp;
use serde::Serialize;
use std::time::Duration;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

const JSON: &str = "application/json";
pub(crate) const PROBLEM_JSON: &str = "application/problem+json";

/// What a reply holds is for one client, now.
const ON_EVERY_REPLY: [(&str, &str); 3] = [
    ("cache-control", "no-store"),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
];

pub(crate) fn ok(body: &impl Serialize) -> Response {
    json(200, JSON, body)
}

pub(crate) fn json(status: u16, media_type: &str, body: &impl Serialize) -> Response {
    let mut response = empty(status);
    let content_type = ("content-type", media_type.to_owned());
    response.headers.insert(0, content_type);
    // Our bodies are structs of texts and numbers, which always serialise.
    response.body = serde_json::to_vec(body).unwrap_or_default();
    response
}

pub(crate) fn text(body: String) -> Response {
    let mut response = empty(200);
    let content_type = ("content-type", "text/plain; charset=utf-8".to_owned());
    response.headers.insert(0, content_type);
    response.body = body.into_bytes();
    response
}

/// A reply without a body, and so without a media type.
pub(crate) fn empty(status: u16) -> Response {
    let headers = ON_EVERY_REPLY.map(|(name, value)| (name, value.to_owned()));
    Response {
        status,
        headers: headers.into(),
        body: Vec::new(),
    }
}

/// Whole seconds of a lifetime: rounded down, so that nobody relies on what has ended.
pub(crate) const fn lifetime(time: Duration) -> u64 {
    time.as_secs()
}

/// RFC 3339, in UTC, to the second. Instants that no calendar has become the epoch.
pub(crate) fn instant(at: Timestamp) -> String {
    let time = OffsetDateTime::from_unix_timestamp(at.as_secs());
    let text = time.unwrap_or(OffsetDateTime::UNIX_EPOCH).format(&Rfc3339);
    text.unwrap_or_default()
}
