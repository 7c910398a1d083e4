//! The contract, asked of `Api::handle` directly.

mod account;
mod addresses;
mod fields;
mod login;
mod routes;
mod world;
