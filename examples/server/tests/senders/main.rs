//! What carries the codes: one provider, several, and what they would be sent.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a helper of a test fails the test"
)]

mod check;
#[path = "../common/mod.rs"]
#[allow(dead_code, reason = "each test file needs a part of it")]
mod common;
mod hosted;
mod kinds;
mod locales;
mod reports;
mod route;
mod stub;
mod words;
