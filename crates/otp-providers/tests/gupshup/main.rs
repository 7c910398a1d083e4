//! Gupshup: what goes out, what every answer means, and the sender suite over SMS and over WhatsApp.
#![allow(clippy::unwrap_used, reason = "a helper of a test fails the test")]

#[path = "../common/mod.rs"]
mod common;
mod sms;
mod whatsapp;
