//! The sender and the worker on librdkafka's mock cluster: real TCP, consumer groups and commits.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test fails by panicking, and a process of a test tells what it does"
)]

mod brokers;
mod ear;
mod killed;
mod provider;
mod secrecy;
mod sender;
mod stopping;
mod trying;
mod worker;
mod world;
