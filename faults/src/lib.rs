//! Servers that break under load, and a checker of what their clients saw.
//!
//! A [`Scenario`] is several application nodes, each with connections of its own to one server, and clients that sign
//! in, guess, refresh and sign out on all of them, while the test breaks the server or the network. Every call is
//! written down ([`history`]), and at the end [`check`](check::check) says what must not have happened. Declared
//! losses, such as a Redis without persistence that is killed, are part of the history: what its store's
//! documentation allows then is allowed, and nothing else.
//!
//! The choices of the clients come of a seed, which is printed; `OTP_FAULTS_SEED` sets it.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a test's own machinery stops the test"
)]

pub mod check;
pub mod history;

mod answers;
mod chance;
mod clients;
mod crash;
mod hearing;
mod leftovers;
mod log;
mod node;
mod pause;
mod scenario;
mod site;
mod sql;

pub use chance::Chance;
pub use crash::{Matrix, victim};
pub use leftovers::{audit_of, of_redis, of_sql};
pub use node::{clocked, node, sql_nodes, sql_users};
pub use pause::{last, now, until};
pub use scenario::{Load, Scenario, Turn, turn};
