//! What an adapter answers without asking the API.

use crate::Response;
use crate::problem::Problem;

/// The 401 that [`Api::authenticate`](crate::Api::authenticate) answers to a request without a token: for a route
/// that wants a user and that nobody guards.
#[must_use]
pub fn unauthorized() -> Response {
    Problem::token_missing().into_response()
}
