//! Serving, and ending in peace.

use crate::connections;
use axum::Router;
use std::time::Duration;
use tokio::net::TcpListener;

/// How long requests may take to end when the server is told to stop: longer than a sender may take.
const LAST_REQUESTS: Duration = Duration::from_secs(15);

/// Serves until the process is told to stop, and then lets open requests end.
pub(crate) async fn serve(listener: TcpListener, app: Router, stop: impl Future<Output = ()>) {
    let stop = async {
        stop.await;
        tracing::info!(target: "otp", "stopping: requests that are under way may end");
    };
    if !connections::serve(listener, app, stop, LAST_REQUESTS).await {
        tracing::warn!(target: "otp", "some requests took too long and are cut off");
    }
}
