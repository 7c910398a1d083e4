//! The contract, asked of `Api::handle` directly.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that goes wrong may say so by panicking"
)]

mod account;
mod addresses;
mod canary;
mod failures;
mod fields;
mod flaky;
mod login;
mod problems;
mod routes;
mod tickets;
mod world;
