//! The one entry.

use crate::{Headers, Request, Response};
use otp_core::{Identity, OtpAuth};

/// The HTTP API of an [`OtpAuth`]. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Api {
    auth: OtpAuth,
}

/// Who makes a request: a user with a verified phone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CurrentUser(pub Identity);

impl Api {
    /// The API with the default routes.
    #[must_use]
    pub const fn new(auth: OtpAuth) -> Self {
        Self { auth }
    }

    /// Answers a request.
    pub async fn handle(&self, _request: Request) -> Response {
        Response {
            status: 404,
            headers: Vec::new(),
            body: Vec::new(),
        }
    }

    /// Who makes a request, by its bearer token; or the reply that refuses it.
    ///
    /// # Errors
    /// The reply to send: 401, or 503 when the store cannot be asked.
    pub async fn authenticate(&self, headers: &Headers) -> Result<CurrentUser, Response> {
        let token = headers.only("authorization").unwrap_or_default();
        let identity = self.auth.authenticate(token).await;
        identity.map(CurrentUser).map_err(|_| Response {
            status: 401,
            headers: Vec::new(),
            body: Vec::new(),
        })
    }

    /// As [`authenticate`](Self::authenticate), for users with this role.
    ///
    /// # Errors
    /// The reply to send: 401, 403 without the role, or 503.
    pub async fn authorize(&self, headers: &Headers, role: &str) -> Result<CurrentUser, Response> {
        let user = self.authenticate(headers).await?;
        if user.0.has_role(role) {
            return Ok(user);
        }
        Err(Response {
            status: 403,
            headers: Vec::new(),
            body: Vec::new(),
        })
    }
}
