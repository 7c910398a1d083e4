//! Who makes a request.

use crate::problem::Problem;
use crate::{Headers, bearer};
use otp_core::{AuthenticateError, Identity, OtpAuth};

/// The identity behind the bearer token.
pub(crate) async fn authenticate(auth: &OtpAuth, headers: &Headers) -> Result<Identity, Problem> {
    let token = bearer::token(headers).ok_or_else(Problem::token_missing)?;
    auth.authenticate(token).await.map_err(|error| match error {
        AuthenticateError::Token(_) | AuthenticateError::SessionEnded => Problem::token_refused(),
        AuthenticateError::Store(_) => Problem::unavailable(),
        error => Problem::unforeseen(&error),
    })
}
