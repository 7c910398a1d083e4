//! Where the API can be mounted.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use axum::body::Body;
use axum::http::{Request, StatusCode};
use axum::{Router, routing::get};
use otp_core::testing::CapturingSender;
use otp_core::{Keys, MemoryStore, MemoryUsers, OtpAuth};
use otp_http::Api;
use std::sync::Arc;
use tower::Service;

fn api() -> Api {
    let keys = Arc::new(Keys::generate().unwrap());
    let sender = CapturingSender::new();
    let auth = OtpAuth::builder(MemoryStore::new(), sender, MemoryUsers::new(), keys);
    Api::new(
        auth.policy(otp_core::policy::Policy::standard().for_countries(["IN".parse().unwrap()]))
            .build()
            .unwrap(),
    )
}

async fn status(app: &mut Router, path: &str) -> StatusCode {
    let request = Request::get(path).body(Body::empty()).unwrap();
    app.as_service().call(request).await.unwrap().status()
}

#[tokio::test]
async fn nested_beside_the_hosts_routes() {
    let mut app = Router::new()
        .route("/{*page}", get(async || "page"))
        .nest("/api/v1/auth", otp_axum::router(api()));
    let table = [
        ("/api/v1/auth/health", 200),
        ("/api/v1/auth/health/", 200),
        ("/api/v1/auth/nothing", 404),
        ("/api/v1/auth/%68ealth", 404),
        ("/api/v1/auth//health", 404),
        ("/api/v1/auth/api/v1/auth/health", 404),
        // The host's own.
        ("/api/v1/auth", 200),
        ("/api/v1/auth/", 200),
        ("/api/v1/%61uth/health", 200),
        ("/about", 200),
    ];
    for (path, expected) in table {
        assert_eq!(status(&mut app, path).await, expected, "{path}");
    }
}

#[tokio::test]
async fn nested_twice_below_a_parameter_with_a_state() {
    let inner: Router<u8> = Router::new().nest("/auth", otp_axum::router(api()));
    let mut app = Router::new().nest("/{tenant}", inner).with_state(7);
    assert_eq!(status(&mut app, "/a/auth/health").await, 200);
    assert_eq!(status(&mut app, "/a/auth//health").await, 404);
    assert_eq!(status(&mut app, "/a/health").await, 404);
}

#[tokio::test]
async fn alone_and_merged() {
    let mut alone: Router = otp_axum::router(api());
    assert_eq!(status(&mut alone, "/health").await, 200);
    assert_eq!(status(&mut alone, "//health").await, 404);
    let mut merged = Router::new()
        .route("/", get(async || "page"))
        .route("/about", get(async || "page"))
        .merge(otp_axum::router(api()));
    for (path, expected) in [("/", 200), ("/about", 200), ("/health", 200), ("/x", 404)] {
        assert_eq!(status(&mut merged, path).await, expected, "{path}");
    }
}
