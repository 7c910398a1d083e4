//! Serves the suite's sites with actix-web.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use actix_web::dev::ServerHandle;
use actix_web::{App, HttpServer, rt::System, web};
use otp_actix::{CurrentUser, RequireAuth, RequireRole};
use otp_http::suite::{Harness, MOUNT, Served, Site};
use std::net::SocketAddr;
use std::thread;
use tokio::sync::oneshot;

pub(crate) struct Actix;

impl Harness for Actix {
    async fn serve(&self, site: Site) -> Served {
        let (started, start) = oneshot::channel();
        thread::spawn(move || {
            System::new().block_on(async {
                let server = HttpServer::new(move || App::new().configure(|app| mount(&site, app)))
                    .workers(2)
                    .disable_signals()
                    .bind(("127.0.0.1", 0))
                    .unwrap();
                let address = server.addrs()[0];
                let server = server.run();
                let handle: (SocketAddr, ServerHandle) = (address, server.handle());
                let _ = started.send(handle);
                server.await.unwrap();
            });
        });
        let (address, handle) = start.await.unwrap();
        Served::new(address, Stop(handle))
    }
}

fn mount(site: &Site, app: &mut web::ServiceConfig) {
    let auth = otp_actix::scope_with_body_timeout(MOUNT, site.api.clone(), site.body_timeout);
    let (by_user, by_role) = (
        RequireAuth::new(&site.api),
        RequireRole::new(&site.api, "teacher"),
    );
    app.service(auth)
        .service(web::resource("/hello").wrap(by_user).to(hello))
        .service(web::resource("/lessons").wrap(by_role).to(hello))
        .service(web::resource("/open").to(hello));
}

async fn hello(user: CurrentUser) -> String {
    user.0.user.as_str().to_owned()
}

struct Stop(ServerHandle);

impl Drop for Stop {
    fn drop(&mut self) {
        // The command is sent at once; the future waits for its end.
        drop(self.0.stop(false));
    }
}
