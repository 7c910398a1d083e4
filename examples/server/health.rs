//! `/health` for a load balancer: 200 while every store answers and takes writes, 503 otherwise.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Router, routing::get};
use otp_core::{Backend, OtpAuth};
use otp_store_sql::SqlStore;

const JSON: &str = "application/json";
const PROBLEM: &str = "application/problem+json";

pub(crate) fn router(auth: OtpAuth, beside: Option<SqlStore>) -> Router {
    let answer = async move || match is_well(&auth, beside.as_ref()).await {
        true => reply(StatusCode::OK, JSON, r#"{"status":"ok"}"#),
        // What the store said is in no reply: HTP-1.
        false => reply(
            StatusCode::SERVICE_UNAVAILABLE,
            PROBLEM,
            r#"{"type":"urn:otp:problem:unavailable","title":"Service unavailable","status":503}"#,
        ),
    };
    Router::new().route("/health", get(answer))
}

async fn is_well(auth: &OtpAuth, beside: Option<&SqlStore>) -> bool {
    let users = async {
        match beside {
            Some(database) => database.ready().await,
            None => Ok(()),
        }
    };
    let (store, users) = tokio::join!(auth.health(), users);
    let failed = [store.err(), users.err()];
    for error in failed.iter().flatten() {
        tracing::warn!(target: "otp", %error, "a store does not answer, or takes no writes");
    }
    failed.iter().all(Option::is_none)
}

fn reply(status: StatusCode, content_type: &'static str, body: &'static str) -> Response {
    let headers = [
        (header::CONTENT_TYPE, content_type),
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    (status, headers, body).into_response()
}
