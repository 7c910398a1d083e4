//! What messages say: the texts that ship, what phones read in them, what they cost, and what is checked before any
//! goes out.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that goes wrong may say so by panicking"
)]

mod check;
#[path = "../common/mod.rs"]
mod common;
mod cost;
mod excess;
mod india;
mod noise;
mod phones;
mod segments;
mod shipped;
mod templates;

use otp_core::{Channel, Code, Locale, Message};
use otp_providers::http::{Brand, Wording};
use otp_providers::messages::{Messages, MessagesBuilder};
use std::time::Duration;

/// The longest brand that there can be.
const LONG_BRAND: &str = "The Example Company, Exampletown";

fn locale(text: &str) -> Locale {
    text.parse().unwrap()
}

fn builder(brand: &str) -> MessagesBuilder {
    Messages::builder(Brand::new(brand).unwrap())
}

fn messages() -> Messages {
    builder("Example").build().unwrap()
}

/// This code, good for so many minutes, for a reader of this language.
fn asked(language: &str, code: &str, minutes: u64) -> Message {
    let mut message = common::message(Channel::Sms);
    message.code = Code::parse(code).unwrap();
    message.expires_in = Duration::from_secs(60 * minutes);
    message.locale = Some(locale(language));
    message
}

fn said(messages: &Messages, language: &str) -> String {
    messages.text(&asked(language, "123456", 5))
}
