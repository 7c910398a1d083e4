//! Routes for signed-in users, and for some of them: `cargo run --example guards`, then sign in
//! with the two printed commands: +91 98765 43210, who is the teacher here, or with any other number.
//!
//! ```text
//! curl -i localhost:3000/hello   -H "authorization: Bearer $ACCESS_TOKEN"
//! curl -i localhost:3000/lessons -H "authorization: Bearer $ACCESS_TOKEN"
//! ```

use axum::{Json, Router, routing::get};
use otp_axum::{CurrentUser, RequireAuth, RequireRole};
use otp_core::{Keys, MemoryStore, MemoryUsers, OtpAuth, PhoneNumber};
use otp_examples::Settings;
use otp_http::Api;
use std::{error::Error, net::SocketAddr, process::ExitCode, sync::Arc};
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> ExitCode {
    otp_examples::end(run().await)
}

async fn run() -> Result<(), Box<dyn Error>> {
    otp_examples::init_logging()?;
    let settings = Settings::from_env()?;

    // Roles are the host's: its user directory says them at every login and refresh.
    let users = MemoryUsers::new().with_role(PhoneNumber::parse("+919876543210", None)?, "teacher");
    let keys = Arc::new(Keys::generate()?);
    let auth = OtpAuth::builder(MemoryStore::new(), settings.sender.clone(), users, keys)
        .policy(settings.policy.clone())
        .build()?;
    let api = Api::new(auth);

    let members = Router::new()
        .route("/hello", get(hello))
        .route_layer(RequireAuth::new(&api));
    let teachers = Router::new()
        .route("/lessons", get(lessons))
        .route_layer(RequireRole::new(&api, "teacher"));
    let app = members
        .merge(teachers)
        .nest("/api/v1/auth", otp_axum::router(api));

    let listener = TcpListener::bind(settings.addr).await;
    let listener = listener.map_err(|error| settings.cannot_listen(error))?;
    settings.announce(listener.local_addr()?);
    axum::serve(
        listener,
        app.into_make_service_with_connect_info::<SocketAddr>(),
    )
    .await?;
    Ok(())
}

async fn hello(CurrentUser(identity): CurrentUser) -> String {
    format!("You are {}.\n", identity.user.as_str())
}

async fn lessons() -> Json<[&'static str; 2]> {
    Json(["Reading", "Arithmetic"])
}
