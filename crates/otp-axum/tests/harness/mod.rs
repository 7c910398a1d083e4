//! Serves the suite's sites with axum.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use axum::{Router, routing::get};
use otp_axum::{CurrentUser, RequireAuth, RequireRole};
use otp_http::suite::{Harness, MOUNT, Served, Site};
use std::net::SocketAddr;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

pub(crate) struct Axum;

impl Harness for Axum {
    async fn serve(&self, site: Site) -> Served {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let app = app(&site).into_make_service_with_connect_info::<SocketAddr>();
        let server = tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Served::new(address, Stop(server))
    }
}

fn app(site: &Site) -> Router {
    let auth = otp_axum::router_with_body_timeout(site.api.clone(), site.body_timeout);
    let lessons = Router::new()
        .route("/lessons", get(hello))
        .route_layer(RequireRole::new(&site.api, "teacher"));
    Router::new()
        .route("/hello", get(hello))
        .route_layer(RequireAuth::new(&site.api))
        .route("/open", get(hello))
        .merge(lessons)
        .nest(MOUNT, auth)
}

async fn hello(user: CurrentUser) -> String {
    user.0.user.as_str().to_owned()
}

struct Stop(JoinHandle<()>);

impl Drop for Stop {
    fn drop(&mut self) {
        self.0.abort();
    }
}
