//! Phone login by one-time code for axum.
//!
//! [`router`] serves the HTTP API of [`otp_http`] wherever you nest it. [`RequireAuth`] and [`RequireRole`] close
//! your own routes to everybody without a verified phone, and [`CurrentUser`] says in a handler who asks.
//!
//! ```no_run
//! use axum::{Router, routing::get};
//! use otp_axum::{CurrentUser, RequireAuth, RequireRole};
//! use otp_core::{Keys, MemoryStore, MemoryUsers, OtpAuth, testing::CapturingSender};
//! use otp_core::policy::Policy;
//! use otp_http::Api;
//! use std::{net::SocketAddr, sync::Arc};
//!
//! async fn hello(user: CurrentUser) -> String {
//!     format!("You are {}.", user.0.user.as_str())
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let keys = Arc::new(Keys::generate()?);
//! let auth = OtpAuth::builder(MemoryStore::new(), CapturingSender::new(), MemoryUsers::new(), keys);
//! let auth = auth.policy(Policy::standard().for_countries(["IN".parse()?])).build()?;
//! let api = Api::new(auth);
//!
//! let lessons = Router::new().route("/lessons", get(hello)).route_layer(RequireRole::new(&api, "teacher"));
//! let app = Router::new()
//!     .route("/hello", get(hello))
//!     .route_layer(RequireAuth::new(&api))
//!     .merge(lessons)
//!     .nest("/api/v1/auth", otp_axum::router(api));
//!
//! let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
//! axum::serve(listener, app.into_make_service_with_connect_info::<SocketAddr>()).await?;
//! # Ok(())
//! # }
//! ```
//!
//! Serve with [`into_make_service_with_connect_info`](axum::Router::into_make_service_with_connect_info), as above:
//! without it nobody's address is known, and limits by address limit nobody.
//!
//! Its signatures are those of axum 0.8 and of `tower`'s layers: another major version of them is another one of this
//! crate. Everything else is [`otp_http`].

mod exchange;
mod guard;
mod user;

pub use guard::{Guarded, RequireAuth, RequireRole};
pub use user::{CurrentUser, Refusal};

use axum::{Router, routing::any};
use otp_http::Api;
use std::{sync::Arc, time::Duration};

/// How long a request's body may take to come.
pub const BODY_TIMEOUT: Duration = Duration::from_secs(10);

/// The routes of `api`, for [`Router::nest`] below a path of your choice.
///
/// Every path below that one is answered here, an unknown one with the API's own 404; the path itself stays yours.
/// Merged instead of nested it takes every path that you give no route of your own, but `/`.
///
/// ```
/// use axum::Router;
///
/// fn app(api: otp_http::Api) -> Router {
///     Router::new().nest("/api/v1/auth", otp_axum::router(api))
/// }
/// ```
pub fn router<S: Clone + Send + Sync + 'static>(api: Api) -> Router<S> {
    router_with_body_timeout(api, BODY_TIMEOUT)
}

/// As [`router`], for bodies that may take `timeout` to come instead of [`BODY_TIMEOUT`].
pub fn router_with_body_timeout<S: Clone + Send + Sync + 'static>(
    api: Api,
    timeout: Duration,
) -> Router<S> {
    // Not the API itself, but a pointer to it, is cloned for each request.
    let api = Arc::new(api);
    let answer = move |request| exchange::answer(api.clone(), timeout, request);
    Router::new().route("/{*path}", any(answer))
}
