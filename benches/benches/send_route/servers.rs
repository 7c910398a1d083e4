//! The servers: one thread each, an echo and the API.

use otp_core::policy::{Floor, Policy};
use otp_core::{
    Keys, MemoryStore, MemoryUsers, Message, OtpAuth, Receipt, SendError, Sender, async_trait,
};
use otp_http::Api;
use serde::{Deserialize, Serialize};
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

const API: &str = "/api/v1/auth";

/// What the load sends, and gets back from the echo.
#[derive(Deserialize, Serialize)]
struct Echoed {
    phone_number: String,
}

/// Serves with axum; says where.
pub(crate) fn axum() -> SocketAddr {
    use axum::{Json, Router, routing::post};

    let (listener, address) = listen();
    listener.set_nonblocking(true).unwrap();
    let echo = post(async |Json(body): Json<Echoed>| Json(body));
    let app = Router::new()
        .route("/echo", echo)
        .nest(API, otp_axum::router(api()));
    let app = app.into_make_service_with_connect_info::<SocketAddr>();
    thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        runtime.unwrap().block_on(async {
            let listener = tokio::net::TcpListener::from_std(listener).unwrap();
            // As actix has it: replies are not held back to be put together.
            let listener = axum::serve::ListenerExt::tap_io(listener, |stream| {
                stream.set_nodelay(true).unwrap()
            });
            axum::serve(listener, app).await.unwrap();
        });
    });
    address
}

/// Serves with actix; says where.
pub(crate) fn actix() -> SocketAddr {
    use actix_web::{App, HttpServer, web};

    async fn echo(body: web::Json<Echoed>) -> web::Json<Echoed> {
        body
    }

    let (listener, address) = listen();
    let api = api();
    let app = move || {
        App::new()
            .route("/echo", web::post().to(echo))
            .service(otp_actix::scope(API, api.clone()))
    };
    thread::spawn(move || {
        let server = HttpServer::new(app)
            .workers(1)
            .keep_alive(Duration::from_secs(60));
        actix_web::rt::System::new()
            .block_on(server.disable_signals().listen(listener).unwrap().run())
            .unwrap();
    });
    address
}

fn listen() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

/// The standard policy without the limits per address: all load comes from one.
fn api() -> Api {
    let policy = Policy::builder()
        .countries(["IN", "IR"].map(|country| country.parse().unwrap()))
        .without_floor(Floor::Addresses)
        .accept_risk("load from one machine");
    let keys = Arc::new(Keys::generate().unwrap());
    let auth = OtpAuth::builder(
        MemoryStore::with_capacity(1 << 22),
        Nowhere,
        MemoryUsers::new(),
        keys,
    );
    Api::new(auth.policy(policy.build().unwrap()).build().unwrap())
}

/// A provider that takes everything and keeps nothing.
#[derive(Debug)]
struct Nowhere;

#[async_trait]
impl Sender for Nowhere {
    fn name(&self) -> &str {
        "nowhere"
    }

    async fn send(&self, _: &Message) -> Result<Receipt, SendError> {
        Ok(Receipt::default())
    }
}
