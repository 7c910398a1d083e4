//! Middleware that closes routes.

use crate::exchange::{headers, reply};
use crate::user::CurrentUser;
use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{Service, ServiceRequest, ServiceResponse, Transform, forward_ready};
use actix_web::{Error, HttpMessage};
use otp_http::Api;
use std::future::{Future, Ready, ready};
use std::{pin::Pin, rc::Rc, sync::Arc};

/// Closes routes to everybody who does not show an access token of a verified phone: 401.
///
/// Give it to `wrap` of a resource or scope. The handlers behind it can take [`CurrentUser`].
///
/// ```
/// use actix_web::web::{self, ServiceConfig};
/// use otp_actix::{CurrentUser, RequireAuth};
///
/// async fn hello(CurrentUser(me): CurrentUser) -> String {
///     format!("You are {}.", me.user.as_str())
/// }
///
/// fn configure(api: &otp_http::Api, config: &mut ServiceConfig) {
///     config.service(web::resource("/hello").wrap(RequireAuth::new(api)).to(hello));
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

    const fn role(&self) -> Option<Arc<str>> {
        None
    }
}

/// Closes routes to everybody without a role: 401 without an access token, 403 without the role.
///
/// Roles are those that the user directory gave when the token was made. Needs no [`RequireAuth`] beside it.
///
/// ```
/// use actix_web::web::{self, ServiceConfig};
/// use otp_actix::RequireRole;
///
/// fn configure(api: &otp_http::Api, config: &mut ServiceConfig) {
///     let lessons = web::to(async || "for teachers");
///     config.service(web::resource("/lessons").wrap(RequireRole::new(api, "teacher")).route(lessons));
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

    fn role(&self) -> Option<Arc<str>> {
        Some(self.1.clone())
    }
}

macro_rules! transform {
    ($guard:ty) => {
        impl<S, B> Transform<S, ServiceRequest> for $guard
        where
            S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
            B: MessageBody + 'static,
        {
            type Response = ServiceResponse<EitherBody<B>>;
            type Error = Error;
            type Transform = Guarded<S>;
            type InitError = ();
            type Future = Ready<Result<Guarded<S>, ()>>;

            fn new_transform(&self, inner: S) -> Self::Future {
                ready(Ok(Guarded {
                    api: self.0.clone(),
                    role: self.role(),
                    inner: Rc::new(inner),
                }))
            }
        }
    };
}

transform!(RequireAuth);
transform!(RequireRole);

/// A service behind [`RequireAuth`] or [`RequireRole`].
#[derive(Debug)]
pub struct Guarded<S> {
    api: Arc<Api>,
    role: Option<Arc<str>>,
    inner: Rc<S>,
}

impl<S, B> Service<ServiceRequest> for Guarded<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse<EitherBody<B>>;
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Error>>>>;

    forward_ready!(inner);

    fn call(&self, request: ServiceRequest) -> Self::Future {
        let (api, role, inner) = (self.api.clone(), self.role.clone(), self.inner.clone());
        Box::pin(async move {
            let headers = headers(request.headers());
            let user = match role {
                Some(role) => api.authorize(&headers, &role).await,
                None => api.authenticate(&headers).await,
            };
            match user {
                Ok(user) => {
                    request.extensions_mut().insert(CurrentUser(user.0));
                    let response = inner.call(request).await?;
                    Ok(response.map_into_left_body())
                }
                Err(refusal) => Ok(request.into_response(reply(refusal)).map_into_right_body()),
            }
        })
    }
}
