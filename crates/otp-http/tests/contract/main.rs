//! The contract, asked of `Api::handle` directly.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that goes wrong may say so by panicking"
)]

mod account;
mod addresses;
mod canary;
#[cfg(feature = "serde")]
mod config;
mod failures;
mod fields;
mod flaky;
mod hosted;
mod locale;
mod login;
mod noise;
mod problems;
mod refused;
mod routes;
mod spending;
mod tickets;
mod webhooks;
mod world;
