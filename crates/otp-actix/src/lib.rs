//! Phone login by one-time code for actix-web.
//!
//! [`scope`] serves the HTTP API of [`otp_http`] wherever you put it. [`RequireAuth`] and [`RequireRole`] close your
//! own routes to everybody without a verified phone, and [`CurrentUser`] says in a handler who asks.
//!
//! ```no_run
//! use actix_web::{App, HttpServer, web};
//! use otp_actix::{CurrentUser, RequireAuth, RequireRole};
//! use otp_core::{Keys, MemoryStore, MemoryUsers, OtpAuth, testing::CapturingSender};
//! use otp_core::policy::Policy;
//! use otp_http::Api;
//! use std::sync::Arc;
//!
//! async fn hello(user: CurrentUser) -> String {
//!     format!("You are {}.", user.0.user.as_str())
//! }
//!
//! # #[actix_web::main]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let keys = Arc::new(Keys::generate()?);
//! let auth = OtpAuth::builder(MemoryStore::new(), CapturingSender::new(), MemoryUsers::new(), keys);
//! let auth = auth.policy(Policy::standard().for_countries(["IN".parse()?])).build()?;
//! let api = Api::new(auth);
//!
//! HttpServer::new(move || {
//!     App::new()
//!         .service(otp_actix::scope("/api/v1/auth", api.clone()))
//!         .service(web::resource("/hello").wrap(RequireAuth::new(&api)).to(hello))
//!         .service(web::resource("/lessons").wrap(RequireRole::new(&api, "teacher")).to(hello))
//! })
//! .bind(("127.0.0.1", 3000))?
//! .run()
//! .await?;
//! # Ok(())
//! # }
//! ```
//!
//! Its signatures are those of actix-web 4: another major version of that is another one of this crate. Everything else
//! is [`otp_http`].

mod exchange;
mod guard;
mod user;

pub use guard::{Guarded, RequireAuth, RequireRole};
pub use user::{CurrentUser, Refusal};

use actix_web::{Scope, guard::fn_guard, web};
use otp_http::Api;
use std::{sync::Arc, time::Duration};

/// How long a request's body may take to come.
pub const BODY_TIMEOUT: Duration = Duration::from_secs(10);

/// The routes of `api` below `path`, for [`App::service`](actix_web::App::service) or a scope of yours.
///
/// Every path below that one is answered here, an unknown one with the API's own 404; the path itself stays yours.
/// The peer's address is the socket's.
///
/// ```
/// use actix_web::web::ServiceConfig;
///
/// fn configure(api: otp_http::Api, config: &mut ServiceConfig) {
///     config.service(otp_actix::scope("/api/v1/auth", api));
/// }
/// ```
#[must_use]
pub fn scope(path: &str, api: Api) -> Scope {
    scope_with_body_timeout(path, api, BODY_TIMEOUT)
}

/// As [`scope`], for bodies that may take `timeout` to come instead of [`BODY_TIMEOUT`].
#[must_use]
pub fn scope_with_body_timeout(path: &str, api: Api, timeout: Duration) -> Scope {
    // Not the API itself, but a pointer to it, is cloned for each request.
    let api = Arc::new(api);
    let answer = move |request, body| exchange::answer(api.clone(), timeout, request, body);
    let below = format!("/{{{}:.+}}", exchange::TAIL);
    web::scope(path)
        .guard(fn_guard(exchange::spells(path)))
        .service(web::resource(below).to(answer))
}
