//! A whole login on your machine: `cargo run --example quickstart`, then open <http://localhost:3000/>.
//!
//! No database, no provider, no account: users and sessions live in memory, and codes are printed here.
//! [`otp_examples::Settings`] lists the environment variables.

use axum::{Router, routing::get};
use otp_core::{Keys, MemoryStore, MemoryUsers, OtpAuth};
use otp_examples::{Settings, mounts, page, stop_signal};
use std::{error::Error, net::SocketAddr, process::ExitCode, sync::Arc, time::Duration};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

/// How long requests may take to end when the server is told to stop.
const LAST_REQUESTS: Duration = Duration::from_secs(5);

#[tokio::main]
async fn main() -> ExitCode {
    otp_examples::end(run().await)
}

async fn run() -> Result<(), Box<dyn Error>> {
    otp_examples::init_logging()?;
    let settings = Settings::from_env()?;

    let keys = Arc::new(Keys::generate()?);
    let sender = settings.sender.clone();
    let auth = OtpAuth::builder(MemoryStore::new(), sender, MemoryUsers::new(), keys)
        .policy(settings.policy.clone())
        .build()?;

    let mut app = login_page();
    for mount in mounts(&auth, settings.routes.as_ref())? {
        let api = otp_axum::router(mount.api);
        app = match mount.base.as_str() {
            "" => app.merge(api),
            base => app.nest(base, api),
        };
    }

    let listener = TcpListener::bind(settings.addr).await;
    let listener = listener.map_err(|error| settings.cannot_listen(error))?;
    settings.announce(listener.local_addr()?);
    serve(listener, app).await
}

fn login_page() -> Router {
    page::FILES.iter().fold(Router::new(), |app, file| {
        let content_type = [("content-type", file.content_type)];
        app.route(
            file.path,
            get(async move || (page::HEADERS, content_type, file.body)),
        )
    })
}

/// Serves until the process is told to stop, and then lets open requests end.
async fn serve(listener: TcpListener, app: Router) -> Result<(), Box<dyn Error>> {
    let stop = stop_signal()?;
    let (stopping, stopped) = oneshot::channel();
    let serving = axum::serve(
        listener,
        app.into_make_service_with_connect_info::<SocketAddr>(),
    )
    .with_graceful_shutdown(async {
        stop.await;
        let _ = stopping.send(());
    });
    let overdue = async {
        let _ = stopped.await;
        let _ = tokio::time::timeout(LAST_REQUESTS, std::future::pending::<()>()).await;
    };
    tokio::select! {
        result = serving => Ok(result?),
        () = overdue => Ok(()),
    }
}
