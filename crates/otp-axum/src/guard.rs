//! Layers that close routes.

use crate::exchange::{headers, reply};
use crate::user::CurrentUser;
use axum::http::Request;
use axum::response::{IntoResponse, Response};
use otp_http::Api;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::{future::Future, mem, pin::Pin};
use tower::{Layer, Service};

/// Closes routes to everybody who does not show an access token of a verified phone: 401.
///
/// Give it to [`Router::route_layer`](axum::Router::route_layer). The handlers behind it can take [`CurrentUser`].
///
/// ```
/// use axum::{Router, routing::get};
/// use otp_axum::{CurrentUser, RequireAuth};
///
/// fn app(api: &otp_http::Api) -> Router {
///     let hello = async |CurrentUser(me): CurrentUser| format!("You are {}.", me.user.as_str());
///     Router::new().route("/hello", get(hello)).route_layer(RequireAuth::new(api))
/// }
/// ```
#[derive(Clone, Debug)]
pub struct RequireAuth(Arc<Api>);

impl RequireAuth {
    /// Asks `api` who it is.
    #[must_use]
    pub fn new(api: &Api) -> Self {
        Self(Arc::new(api.clone()))
    }
}

impl<S> Layer<S> for RequireAuth {
    type Service = Guarded<S>;

    fn layer(&self, inner: S) -> Guarded<S> {
        Guarded {
            api: self.0.clone(),
            role: None,
            inner,
        }
    }
}

/// Closes routes to everybody without a role: 401 without an access token, 403 without the role.
///
/// Roles are those that the user directory gave when the token was made. Needs no [`RequireAuth`] beside it.
///
/// ```
/// use axum::{Router, routing::get};
/// use otp_axum::RequireRole;
///
/// fn app(api: &otp_http::Api) -> Router {
///     let lessons = get(async || "for teachers");
///     Router::new().route("/lessons", lessons).route_layer(RequireRole::new(api, "teacher"))
/// }
/// ```
#[derive(Clone, Debug)]
pub struct RequireRole(Arc<Api>, Arc<str>);

impl RequireRole {
    /// Asks `api` who it is, and whether they have `role`.
    #[must_use]
    pub fn new(api: &Api, role: impl Into<Arc<str>>) -> Self {
        Self(Arc::new(api.clone()), role.into())
    }
}

impl<S> Layer<S> for RequireRole {
    type Service = Guarded<S>;

    fn layer(&self, inner: S) -> Guarded<S> {
        Guarded {
            api: self.0.clone(),
            role: Some(self.1.clone()),
            inner,
        }
    }
}

/// A service behind [`RequireAuth`] or [`RequireRole`].
#[derive(Clone, Debug)]
pub struct Guarded<S> {
    api: Arc<Api>,
    role: Option<Arc<str>>,
    inner: S,
}

impl<S, B> Service<Request<B>> for Guarded<S>
where
    S: Service<Request<B>> + Clone + Send + 'static,
    S::Response: IntoResponse,
    S::Future: Send,
    B: Send + 'static,
{
    type Response = Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        let (api, role) = (self.api.clone(), self.role.clone());
        // The one that was polled ready is used up; a clone takes its place.
        let clone = self.inner.clone();
        let mut inner = mem::replace(&mut self.inner, clone);
        Box::pin(async move {
            let headers = headers(request.headers());
            let user = match role {
                Some(role) => api.authorize(&headers, &role).await,
                None => api.authenticate(&headers).await,
            };
            match user {
                Ok(user) => {
                    request.extensions_mut().insert(CurrentUser(user.0));
                    Ok(inner.call(request).await?.into_response())
                }
                Err(refusal) => Ok(reply(refusal)),
            }
        })
    }
}
