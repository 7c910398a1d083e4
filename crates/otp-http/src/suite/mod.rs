//! The HTTP suite: one set of cases, run over real connections against every adapter.
//!
//! For authors of adapters, behind the feature `suite`; **not covered by semantic versioning**. Implement [`Harness`],
//! write one line with [`http_suite!`](crate::http_suite), and the adapter is finished when all cases are green:
//!
//! ```text
//! otp_http::http_suite!(MyHarness);
//! ```
//!
//! `tests/suite.rs` of `otp-axum` and of `otp-actix` are whole examples.
//!
//! Nothing here sleeps: time is a [`ManualClock`](otp_core::testing::ManualClock) that the cases move.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    reason = "a case fails by panicking, and its name says what it proves"
)]

pub mod address;
pub mod bodies;
mod client;
pub mod guards;
pub mod login;
pub mod logs;
mod macros;
pub mod outage;
pub mod parity;
pub mod paths;
pub mod race;
pub mod refusals;
pub mod registration;
pub mod sessions;
mod switch;
pub mod webhooks;
mod world;

pub use client::{Call, Connection, MOUNT, Reply, exchange};

use crate::Api;
use std::any::Any;
use std::fmt;
use std::future::Future;
use std::net::SocketAddr;
use std::time::Duration;

/// What a server of the suite serves.
#[derive(Clone, Debug)]
pub struct Site {
    /// To be mounted at [`MOUNT`].
    pub api: Api,
    /// How long the adapter waits for a body.
    pub body_timeout: Duration,
}

/// Starts servers with the adapter that is tried.
///
/// Beside the API at [`MOUNT`] a server has three routes for `GET`, whose handlers take the adapter's `CurrentUser`
/// and reply with the user's id as plain text: `/open` without a guard, `/hello` behind `RequireAuth`, and `/lessons`
/// behind `RequireRole` for `teacher`.
pub trait Harness: Sync {
    /// Serves `site` on a free port of 127.0.0.1, with HTTP/1.1 and connections that stay.
    fn serve(&self, site: Site) -> impl Future<Output = Served> + Send;
}

/// A server that runs until this is dropped.
pub struct Served {
    /// Where it listens.
    pub address: SocketAddr,
    _server: Box<dyn Any + Send + Sync>,
}

impl Served {
    /// A server at `address` that ends when `server` is dropped.
    pub fn new(address: SocketAddr, server: impl Any + Send + Sync) -> Self {
        Self {
            address,
            _server: Box::new(server),
        }
    }
}

impl fmt::Debug for Served {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Served").field(&self.address).finish()
    }
}

/// Runs one case.
pub fn run(case: impl Future<Output = ()>) {
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    let runtime = runtime.worker_threads(2).enable_all().build();
    runtime.expect("a runtime").block_on(case);
}
