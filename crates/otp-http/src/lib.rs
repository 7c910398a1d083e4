//! The HTTP contract of phone login, for any framework.
//!
//! An adapter turns its framework's request into a [`Request`], calls [`Api::handle`], and sends the [`Response`].

mod api;
mod message;
mod refusal;

pub use api::{Api, CurrentUser};
pub use message::{BODY_LIMIT, Body, Headers, Request, Response};
pub use refusal::unauthorized;
