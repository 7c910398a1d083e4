//! Refreshing tokens, and signing out.

use super::{Answer, Call};
use crate::fields::{Field, Fields};
use crate::input::{self, DEVICE_ID};
use crate::problem::Problem;
use crate::{guard, reply};
use otp_core::RefreshError;
use serde::Serialize;

const REFRESH_TOKEN: Field = Field::new("refresh_token");
const ALL: Field = Field::new("all");
/// Longer than any that we make; the core says which are ours.
const TOKEN_CHARS: usize = 512;

#[derive(Serialize)]
struct Refreshed<'a> {
    access_token: &'a str,
    refresh_token: &'a str,
    token_type: &'static str,
    expires_in: u64,
    refresh_expires_in: u64,
}

#[derive(Serialize)]
struct SignedOut {
    message: &'static str,
}

pub(crate) async fn refresh(call: &Call<'_>) -> Answer {
    let fields = Fields::read(call.body, &[REFRESH_TOKEN, DEVICE_ID])?;
    let token = fields.needed(REFRESH_TOKEN, TOKEN_CHARS)?;
    let client = input::client(call.client.clone(), &fields)?;
    let refreshed = call.auth.refresh(token, &client).await;
    let tokens = refreshed.map_err(not_refreshed)?.tokens;
    Ok(reply::ok(&Refreshed {
        access_token: tokens.access.expose(),
        refresh_token: tokens.refresh.expose(),
        token_type: "bearer",
        expires_in: reply::lifetime(tokens.access_expires_in),
        refresh_expires_in: reply::lifetime(tokens.refresh_expires_in),
    }))
}

fn not_refreshed(error: RefreshError) -> Problem {
    match error {
        RefreshError::Rejected => Problem::token_refused(),
        RefreshError::Limited(limited) => Problem::limited(&limited),
        RefreshError::Store(_) | RefreshError::Users(_) | RefreshError::Token(_) => {
            Problem::unavailable()
        }
        error => Problem::unforeseen(&error),
    }
}

/// Ends the sessions of what is presented: of the access token, of the refresh token, or all of the user's. A refresh
/// token that is not ours ends nothing and is no error (RFC 7009 §2.2): what the client wanted is so.
pub(crate) async fn logout(call: &Call<'_>) -> Answer {
    let body = if call.body.is_empty() {
        b"{}"
    } else {
        call.body
    };
    let fields = Fields::read(body, &[REFRESH_TOKEN, DEVICE_ID, ALL])?;
    let token = fields.text(REFRESH_TOKEN, TOKEN_CHARS)?;
    let client = input::client(call.client.clone(), &fields)?;
    let all = fields.flag(ALL)?;

    let user = match guard::authenticate(call.auth, call.headers).await {
        Ok(identity) => Some(identity),
        // The access token may have expired by now: the refresh token suffices, for its own session.
        Err(problem) if all || token.is_none() || !problem.is_refusal() => return Err(problem),
        Err(_) => None,
    };
    let unavailable = |_| Problem::unavailable();
    if let Some(token) = token {
        let ended = call.auth.logout_token(token, &client).await;
        ended.map_err(unavailable)?;
    }
    if let Some(identity) = user {
        if all {
            let ended = call.auth.logout_all(&identity.user).await;
            ended.map_err(unavailable)?;
        } else {
            let ended = call.auth.logout(&identity.session).await;
            ended.map_err(unavailable)?;
        }
    }
    let message = "Signed out";
    Ok(reply::ok(&SignedOut { message }))
}
