//! Codes that providers make and check: what goes out, what every answer means, and a provider that does not answer.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may fail"
)]

#[path = "../common/mod.rs"]
mod common;
#[path = "../kafka/ear.rs"]
mod ear;
mod engagelab;
mod faults;
mod msg91;
mod secrecy;
mod twilio;

use otp_core::verifier::Request;
use otp_core::{Channel, Checked, Code, PhoneNumber, SendError, SendErrorKind};
use otp_providers::http::{HostedProvider, HttpReply, Secret};
use std::time::Duration;

/// Something that no error and no `Debug` may hold.
const SECRET: &str = "a-secret-for-tests";
const OTHER: &str = "+14155550101";

fn secret() -> Secret {
    Secret::new(SECRET).unwrap()
}

fn number() -> PhoneNumber {
    PhoneNumber::parse("+14155550100", None).unwrap()
}

fn code() -> Code {
    Code::parse("7352914086").unwrap()
}

fn request(channel: Channel) -> Request {
    let id = "AAECAwQFBgcICQoLDA0ODw".parse().unwrap();
    let mut request = Request::new(number(), id, Duration::from_secs(300));
    request.channel = channel;
    request
}

/// What an answer to a start means: the reference, or the class of the failure.
fn started(
    provider: &impl HostedProvider,
    status: u16,
    body: impl Into<Vec<u8>>,
) -> Result<Option<String>, SendErrorKind> {
    let receipt = provider.parse_start(&HttpReply::new(status, body));
    receipt.map(|receipt| receipt.reference).map_err(kind)
}

/// What an answer to a check means.
fn checked(
    provider: &impl HostedProvider,
    status: u16,
    body: impl Into<Vec<u8>>,
    reference: &str,
) -> Result<Checked, SendErrorKind> {
    let reply = HttpReply::new(status, body);
    provider
        .parse_check(&reply, reference, &number())
        .map_err(kind)
}

fn kind(error: SendError) -> SendErrorKind {
    error.kind
}
