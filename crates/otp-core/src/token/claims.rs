//! The claims of an access token (RFC 9068 §2.2), on the wire and checked.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::TokenError;
use super::rules::TokenRules;
use crate::{SessionId, Timestamp, UserId};

/// What a checked access token says.
///
/// From [`TokenRules::check`], where an example is.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct AccessClaims {
    /// `sub`: the host's id of the user.
    pub user: UserId,
    /// `sid`: the session.
    pub session: SessionId,
    /// `roles`, as the user directory gave them at sign-in or refresh.
    pub roles: Vec<String>,
    /// `amr`: how the user proved who they are (RFC 8176).
    pub amr: Vec<String>,
    /// `auth_time`: when they did.
    pub auth_time: Timestamp,
    /// `iat`: when the token was made.
    pub issued_at: Timestamp,
    /// `exp`: from this instant on the token is refused.
    pub expires_at: Timestamp,
    /// `client_id`: the client it was made for.
    pub client_id: String,
    /// `jti`: the name of this token.
    pub token_id: String,
}

/// The header. Anything else in it (`jku`, `jwk`, `x5u`, `crit`, `b64`, …) refuses the token.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WireHeader<'a> {
    #[serde(borrow)]
    pub(super) alg: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) typ: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) kid: Cow<'a, str>,
}

/// The payload. All members but the tenant are required and no other is allowed: we are the only issuer.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WireClaims<'a> {
    #[serde(borrow)]
    pub(super) iss: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) aud: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) sub: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) client_id: Cow<'a, str>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub(super) tenant: Option<Cow<'a, str>>,
    pub(super) exp: u64,
    pub(super) iat: u64,
    pub(super) auth_time: u64,
    #[serde(borrow)]
    pub(super) jti: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) sid: Cow<'a, str>,
    pub(super) amr: Cow<'a, [String]>,
    pub(super) roles: Cow<'a, [String]>,
}

/// Reads a JSON object. `serde` would also take an array of the members in order; JOSE does not.
pub(super) fn object<'a, T: Deserialize<'a>>(json: &'a [u8]) -> Option<T> {
    if json.first() != Some(&b'{') {
        return None;
    }
    serde_json::from_slice(json).ok()
}

impl WireClaims<'_> {
    /// The claims, if they are for us and valid at `now`.
    pub(super) fn check(
        self,
        rules: &TokenRules,
        now: Timestamp,
    ) -> Result<AccessClaims, TokenError> {
        if self.iss != rules.issuer {
            return Err(TokenError::Issuer);
        }
        if self.aud != rules.audience || self.tenant.as_deref() != rules.tenant() {
            return Err(TokenError::Audience);
        }
        let (issued_at, expires_at) = (instant(self.iat)?, instant(self.exp)?);
        let auth_time = instant(self.auth_time)?;
        if expires_at + rules.leeway <= now {
            return Err(TokenError::Expired);
        }
        if issued_at.max(auth_time) > now + rules.leeway {
            return Err(TokenError::NotYetValid);
        }
        Ok(AccessClaims {
            user: UserId::new(self.sub).map_err(|_| TokenError::Claims)?,
            session: self.sid.parse().map_err(|_| TokenError::Claims)?,
            roles: self.roles.into_owned(),
            amr: self.amr.into_owned(),
            auth_time,
            issued_at,
            expires_at,
            client_id: self.client_id.into_owned(),
            token_id: self.jti.into_owned(),
        })
    }
}

fn instant(secs: u64) -> Result<Timestamp, TokenError> {
    i64::try_from(secs)
        .map(Timestamp::from_secs)
        .map_err(|_| TokenError::Claims)
}
