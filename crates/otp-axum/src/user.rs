//! Who asks.

use crate::exchange::{headers, reply};
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use otp_core::Identity;
use otp_http::Api;
use std::{error::Error, fmt};

/// The user who makes a request, as an extractor.
///
/// On a route behind [`RequireAuth`](crate::RequireAuth) or [`RequireRole`](crate::RequireRole) it is whom the guard
/// let in. On a route without a guard it asks the `Extension<Api>`, where there is one, and else answers 401: a
/// guard that was forgotten lets nobody in.
///
/// ```
/// use axum::{Extension, Router, routing::get};
/// use otp_axum::CurrentUser;
///
/// async fn hello(CurrentUser(identity): CurrentUser) -> String {
///     format!("You are {}.", identity.user.as_str())
/// }
///
/// fn app(api: otp_http::Api) -> Router {
///     Router::new().route("/hello", get(hello)).layer(Extension(api))
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CurrentUser(pub Identity);

impl<S: Sync> FromRequestParts<S> for CurrentUser {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        if let Some(user) = parts.extensions.get::<Self>() {
            return Ok(user.clone());
        }
        let Some(api) = parts.extensions.get::<Api>() else {
            return Err(Refusal(otp_http::unauthorized()));
        };
        let user = api.authenticate(&headers(&parts.headers)).await;
        user.map(|user| Self(user.0)).map_err(Refusal)
    }
}

/// Why there is no [`CurrentUser`]: the problem document to send.
#[derive(Clone, Debug)]
pub struct Refusal(otp_http::Response);

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the request was refused with status {}", self.0.status)
    }
}

impl Error for Refusal {}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        reply(self.0)
    }
}
