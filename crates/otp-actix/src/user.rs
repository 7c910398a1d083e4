//! Who asks.

use crate::exchange::{headers, reply};
use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpMessage, HttpRequest, HttpResponse, ResponseError};
use otp_core::Identity;
use otp_http::Api;
use std::{error::Error, fmt, future::Future, pin::Pin};

/// The user who makes a request, as an extractor.
///
/// On a route behind [`RequireAuth`](crate::RequireAuth) or [`RequireRole`](crate::RequireRole) it is whom the guard
/// let in. On a route without a guard it asks the `Data<Api>`, where there is one, and else answers 401: a guard
/// that was forgotten lets nobody in.
///
/// ```
/// use actix_web::{App, web};
/// use otp_actix::CurrentUser;
///
/// async fn hello(CurrentUser(identity): CurrentUser) -> String {
///     format!("You are {}.", identity.user.as_str())
/// }
///
/// fn configure(api: otp_http::Api, config: &mut web::ServiceConfig) {
///     config.app_data(web::Data::new(api)).route("/hello", web::get().to(hello));
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CurrentUser(pub Identity);

impl FromRequest for CurrentUser {
    type Error = Refusal;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Refusal>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            if let Some(user) = request.extensions().get::<Self>() {
                return Ok(user.clone());
            }
            let Some(api) = request.app_data::<Data<Api>>() else {
                return Err(Refusal(otp_http::unauthorized()));
            };
            let user = api.authenticate(&headers(request.headers())).await;
            user.map(|user| Self(user.0)).map_err(Refusal)
        })
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

impl ResponseError for Refusal {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.0.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse {
        reply(self.0.clone())
    }
}
