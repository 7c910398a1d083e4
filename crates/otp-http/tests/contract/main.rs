//! The contract, asked of `Api::handle` directly.

mod login;
mod world;
