//! What providers report of messages: who is believed, and what each word means.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may fail"
)]

#[path = "../common/sign.rs"]
mod sign;

mod engagelab;
mod props;
mod signed;
mod twilio;
mod twilio_vectors;
mod unsigned;

use otp_core::{Callback, CallbackError, DeliveryWebhook, Report, Timestamp};
use otp_providers::http::{CallbackToken, Secret};

const NOW: Timestamp = Timestamp::from_secs(1_700_000_000);

/// What a path ends with, of a form that nobody draws.
const TOKEN: &str = "a-token-of-a-webhook-test";

fn token() -> CallbackToken {
    CallbackToken::new(TOKEN).unwrap()
}

fn secret(text: &str) -> Secret {
    Secret::new(text).unwrap()
}

fn read(
    webhook: &dyn DeliveryWebhook,
    query: &str,
    headers: &[(String, Vec<u8>)],
    body: &[u8],
) -> Result<Vec<Report>, CallbackError> {
    webhook.read(&Callback::new(query, headers, body), NOW)
}
