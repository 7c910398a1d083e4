//! The quickstart's server on actix-web: `cargo run --example actix`. The same page, API and settings.

use actix_web::{App, HttpResponse, HttpServer, web};
use otp_core::{Keys, MemoryStore, MemoryUsers, OtpAuth};
use otp_examples::{Settings, mounts, page};
use std::{error::Error, process::ExitCode, sync::Arc};

/// How many seconds requests may take to end when the server is told to stop.
const LAST_REQUESTS: u64 = 5;

#[actix_web::main]
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
    let mounts = mounts(&auth, settings.routes.as_ref())?;

    let server = HttpServer::new(move || {
        let app = App::new().configure(login_page);
        let scope = |mount: &otp_examples::Mount| otp_actix::scope(&mount.base, mount.api.clone());
        mounts
            .iter()
            .fold(app, |app, mount| app.service(scope(mount)))
    });
    let server = server.shutdown_timeout(LAST_REQUESTS).bind(settings.addr);
    let server = server.map_err(|error| settings.cannot_listen(error))?;
    settings.announce(server.addrs().first().copied().unwrap_or(settings.addr));
    Ok(server.run().await?)
}

fn login_page(app: &mut web::ServiceConfig) {
    for file in &page::FILES {
        let send = move || async move {
            let mut response = HttpResponse::Ok();
            for header in page::HEADERS {
                response.insert_header(header);
            }
            response.content_type(file.content_type).body(file.body)
        };
        app.route(file.path, web::get().to(send))
            .route(file.path, web::head().to(send));
    }
}
