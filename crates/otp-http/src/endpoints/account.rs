//! Who the user is, and where they are signed in; health and keys.

use super::{Answer, Call, UserBody};
use crate::problem::Problem;
use crate::{guard, reply};
use otp_core::SessionView;
use serde::Serialize;

#[derive(Serialize)]
struct Me<'a> {
    user: UserBody<'a>,
    session_id: String,
    auth_time: String,
}

#[derive(Serialize)]
struct Sessions {
    sessions: Vec<Session>,
}

#[derive(Serialize)]
struct Session {
    id: String,
    device_info: Option<String>,
    created_at: String,
    last_used_at: String,
    expires_at: String,
    current: bool,
}

#[derive(Serialize)]
struct Health {
    status: &'static str,
}

pub(crate) async fn me(call: &Call<'_>) -> Answer {
    let identity = guard::authenticate(call.auth, call.headers).await?;
    let user = call.auth.user(&identity.user).await;
    let user = user.map_err(|_| Problem::unavailable())?;
    let user = user.ok_or_else(Problem::token_refused)?;
    if user.disabled {
        return Err(Problem::account_disabled());
    }
    Ok(reply::ok(&Me {
        user: UserBody::from(&user),
        session_id: identity.session.to_string(),
        auth_time: reply::instant(identity.auth_time),
    }))
}

pub(crate) async fn sessions(call: &Call<'_>) -> Answer {
    let identity = guard::authenticate(call.auth, call.headers).await?;
    let sessions = call.auth.sessions(&identity.user).await;
    let sessions = sessions.map_err(|_| Problem::unavailable())?;
    let shown = |view: SessionView| Session {
        current: view.id == identity.session,
        id: view.id.to_string(),
        device_info: view.device_info,
        created_at: reply::instant(view.created_at),
        last_used_at: reply::instant(view.last_used_at),
        expires_at: reply::instant(view.expires_at),
    };
    let sessions = sessions.into_iter().map(shown).collect();
    Ok(reply::ok(&Sessions { sessions }))
}

/// Ends one of the user's own sessions. Another's, one that has ended and one that never was are one answer.
pub(crate) async fn revoke(call: &Call<'_>) -> Answer {
    let identity = guard::authenticate(call.auth, call.headers).await?;
    let session = call.id.parse().map_err(|_| Problem::not_found())?;
    let ended = call.auth.revoke(&identity.user, &session).await;
    if ended.map_err(|_| Problem::unavailable())? {
        Ok(reply::empty(204))
    } else {
        Err(Problem::not_found())
    }
}

pub(crate) async fn health(call: &Call<'_>) -> Answer {
    let reached = call.auth.health().await;
    reached.map_err(|_| Problem::unavailable())?;
    Ok(reply::ok(&Health { status: "ok" }))
}

pub(crate) fn jwks(call: &Call<'_>) -> Answer {
    Ok(reply::ok(&call.auth.jwks()))
}
