//! Where the API can be mounted.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use actix_web::test::{TestRequest, call_service, init_service};
use actix_web::{App, HttpResponse, web};
use otp_core::testing::CapturingSender;
use otp_core::{Keys, MemoryStore, MemoryUsers, OtpAuth};
use otp_http::Api;
use std::sync::Arc;

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

macro_rules! status {
    ($app:expr, $path:expr) => {
        call_service($app, TestRequest::with_uri($path).to_request())
            .await
            .status()
    };
}

#[actix_web::test]
async fn beside_the_hosts_routes() {
    let page = web::to(async || HttpResponse::Ok().body("page"));
    let app = App::new()
        .service(otp_actix::scope("/api/v1/auth", api()))
        .default_service(page);
    let app = init_service(app).await;
    let table = [
        ("/api/v1/auth/health", 200),
        ("/api/v1/auth/health/", 200),
        ("/api/v1/auth/nothing", 404),
        ("/api/v1/auth/%68ealth", 404),
        ("/api/v1/auth//health", 404),
        ("/api/v1/auth/api/v1/auth/health", 404),
        ("/api/v1/auth/health%0a", 404),
        // The host's own.
        ("/api/v1/auth", 200),
        ("/api/v1/auth/", 200),
        ("/api/v1/%61uth/health", 200),
        ("/about", 200),
    ];
    for (path, expected) in table {
        assert_eq!(status!(&app, path), expected, "{path}");
    }
}

#[actix_web::test]
async fn in_a_scope_below_a_parameter() {
    let tenant = web::scope("/{tenant}").service(otp_actix::scope("/auth", api()));
    let app = init_service(App::new().service(tenant)).await;
    assert_eq!(status!(&app, "/a/auth/health"), 200);
    assert_eq!(status!(&app, "/%61%20b/auth/health"), 200);
    assert_eq!(status!(&app, "/a/auth/%68ealth"), 404);
    assert_eq!(status!(&app, "/a/auth//health"), 404);
    assert_eq!(status!(&app, "/a%2fb/auth/health"), 200);
}

#[actix_web::test]
async fn at_the_root() {
    let app = init_service(App::new().service(otp_actix::scope("", api()))).await;
    assert_eq!(status!(&app, "/health"), 200);
    assert_eq!(status!(&app, "//health"), 404);
}
