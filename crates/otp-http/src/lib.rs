//! The HTTP contract of phone login, for any framework.
//!
//! An adapter turns its framework's request into a [`Request`], calls [`Api::handle`], and sends the [`Response`].
//! Nothing here knows a framework or a runtime, so that every adapter answers alike.

mod api;
mod bearer;
mod client_address;
mod endpoints;
mod fields;
mod guard;
mod input;
mod message;
mod problem;
mod profile;
mod refusal;
mod reply;
mod routes;
#[cfg(feature = "suite")]
pub mod suite;
mod wait;
mod webhooks;

pub use api::{Api, CurrentUser};
pub use client_address::{ForwardedHeader, InvalidNetwork, TrustedProxies};
pub use message::{BODY_LIMIT, Body, Headers, Request, Response, WEBHOOK_BODY_LIMIT};
pub use refusal::unauthorized;
pub use routes::{Routes, RoutesError};
