//! Serving, and ending in peace.

use axum::Router;
use std::future::pending;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::time::timeout;

/// How long requests may take to end when the server is told to stop: longer than a sender may take.
const LAST_REQUESTS: Duration = Duration::from_secs(15);

/// Serves until the process is told to stop, and then lets open requests end.
pub(crate) async fn serve(
    listener: TcpListener,
    app: Router,
    stop: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let (stopping, stopped) = oneshot::channel();
    let app = app.into_make_service_with_connect_info::<SocketAddr>();
    let serving = axum::serve(listener, app).with_graceful_shutdown(async {
        stop.await;
        tracing::info!(target: "otp", "stopping: requests that are under way may end");
        let _ = stopping.send(());
    });
    let overdue = async {
        let _ = stopped.await;
        let _ = timeout(LAST_REQUESTS, pending::<()>()).await;
    };
    tokio::select! {
        served = serving => served,
        () = overdue => {
            tracing::warn!(target: "otp", "some requests took too long and are cut off");
            Ok(())
        }
    }
}
