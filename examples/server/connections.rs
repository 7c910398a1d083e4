//! Connections, and their end: of those on which nothing comes, and of all when the server stops.
//!
//! `axum::serve` waits for the head of a request for as long as its client likes. Whoever opens as many connections as
//! the process may have, and says nothing, has closed it to everybody; and so have, in time, the telephones that went
//! out of reach.

use axum::Router;
use axum::serve::Listener;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use std::net::SocketAddr;
use std::pin::pin;
use std::time::Duration;
use tokio::net::TcpListener;
use tower::Service;

/// How long a request's head may take to come, and a connection may lie idle: longer than proxies keep one, a minute by
/// most defaults, or they would send a request into one that ends just then.
const HEAD: Duration = Duration::from_secs(75);

/// Serves until `stop` ends, and then lets open requests end within `last`; says whether all did.
pub(crate) async fn serve(
    mut listener: TcpListener,
    app: Router,
    stop: impl Future<Output = ()>,
    last: Duration,
) -> bool {
    let mut apps = app.into_make_service_with_connect_info::<SocketAddr>();
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEAD);
    let open = GracefulShutdown::new();
    let mut stop = pin!(stop);
    loop {
        let (stream, peer) = tokio::select! {
            accepted = Listener::accept(&mut listener) => accepted,
            () = &mut stop => break,
        };
        let Ok(app) = apps.call(peer).await;
        let served = http.serve_connection(TokioIo::new(stream), TowerToHyperService::new(app));
        let served = open.watch(served);
        // What becomes of a connection is its client's affair.
        tokio::spawn(async move { served.await.is_ok() });
    }
    drop(listener);
    tokio::time::timeout(last, open.shutdown()).await.is_ok()
}
