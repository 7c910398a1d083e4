//! What an adapter answers without asking the API.

use crate::Response;

/// The 401 that [`Api::authenticate`](crate::Api::authenticate) answers without a token: for a route that wants a
/// user and that nobody guards.
#[must_use]
pub fn unauthorized() -> Response {
    Response {
        status: 401,
        headers: Vec::new(),
        body: Vec::new(),
    }
}
