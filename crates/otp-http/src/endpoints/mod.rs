//! What each endpoint does.

mod account;
mod send;
mod tokens;
mod verify;
mod webhook;

pub(crate) use account::{health, jwks, me, revoke, sessions};
pub(crate) use send::{resend, send};
pub(crate) use tokens::{logout, refresh};
pub(crate) use verify::{register, verify};
pub(crate) use webhook::{handshake, webhook};

use crate::problem::Problem;
use crate::webhooks::Webhooks;
use crate::{Headers, Response};
use otp_core::{Client, OtpAuth, User};
use serde::Serialize;

/// A request that has found its endpoint, with a body that may be looked at.
pub(crate) struct Call<'a> {
    pub(crate) auth: &'a OtpAuth,
    pub(crate) headers: &'a Headers,
    pub(crate) body: &'a [u8],
    pub(crate) query: &'a str,
    pub(crate) webhooks: &'a Webhooks,
    /// Where it came from; what the client says of itself is in the body.
    pub(crate) client: Client,
    /// What stands in the place of `{id}`.
    pub(crate) id: &'a str,
}

pub(crate) type Answer = Result<Response, Problem>;

/// A user as they see themselves.
#[derive(Serialize)]
struct UserBody<'a> {
    id: &'a str,
    phone_number: &'a str,
    roles: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    first_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<&'a str>,
}

impl<'a> From<&'a User> for UserBody<'a> {
    fn from(user: &'a User) -> Self {
        Self {
            id: user.id.as_str(),
            phone_number: user.phone.expose(),
            roles: &user.roles,
            first_name: user.profile.first_name.as_deref(),
            last_name: user.profile.last_name.as_deref(),
            email: user.profile.email.as_deref(),
        }
    }
}
