//! The checker itself can fail: for each invariant a history that violates it, beside one that does not.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod challenges;
mod history;
mod sessions;
mod surroundings;
