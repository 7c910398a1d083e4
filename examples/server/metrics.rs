//! Figures for Prometheus, on an address of their own: the public one never serves them (HTP-7).

use crate::config::Setting;
use axum::extract::{Request, State};
use axum::http::header::CONTENT_TYPE;
use axum::middleware::Next;
use axum::response::Response;
use axum::{Router, routing::get};
use metrics_exporter_prometheus::{BuildError, PrometheusBuilder, PrometheusHandle};
use otp_examples::SettingError;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::time::Instant;

/// Seconds; a login that waits for a provider takes some.
const BUCKETS: [f64; 9] = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0];

/// How often what was measured is put into the buckets.
const UPKEEP: Duration = Duration::from_secs(5);

/// Takes all figures of this process from now on. They have to be [served](serve): what is measured is kept until it is
/// put into the buckets.
pub(crate) fn collect() -> Result<PrometheusHandle, BuildError> {
    PrometheusBuilder::new()
        .set_buckets(&BUCKETS)?
        .install_recorder()
}

/// Serves them at `/metrics`; says where.
pub(crate) async fn serve(
    addr: &Setting<SocketAddr>,
    figures: PrometheusHandle,
) -> Result<SocketAddr, SettingError> {
    let cannot = |error| addr.wrong(format!("cannot listen on {}: {error}", addr.value));
    let listener = TcpListener::bind(addr.value).await.map_err(cannot)?;
    let listening = listener.local_addr().map_err(cannot)?;
    tokio::spawn(upkeep(figures.clone()));
    let text = async |State(figures): State<PrometheusHandle>| {
        let kind = [(CONTENT_TYPE, "text/plain; version=0.0.4")];
        (kind, figures.render())
    };
    let app = Router::new().route("/metrics", get(text));
    tokio::spawn(async move {
        if let Err(error) = axum::serve(listener, app.with_state(figures)).await {
            tracing::error!(target: "otp", %error, "the figures are served no more");
        }
    });
    Ok(listening)
}

async fn upkeep(figures: PrometheusHandle) {
    let mut again = tokio::time::interval(UPKEEP);
    loop {
        again.tick().await;
        figures.run_upkeep();
    }
}

/// Counts replies by status, and how long they took. The path is no label: a client chooses it (LOG-2).
pub(crate) async fn observe(request: Request, next: Next) -> Response {
    let began = Instant::now();
    let response = next.run(request).await;
    let status = response.status().as_str().to_owned();
    metrics::counter!("otp_http_replies_total", "status" => status).increment(1);
    metrics::histogram!("otp_http_reply_seconds").record(began.elapsed().as_secs_f64());
    response
}
