//! The reference server: `cargo run --example server`.
//!
//! Without settings it is a server for development: state in memory, keys made for the run, codes on the terminal.
//! `examples/server.toml` lists every setting, with its environment variable if it has one; `OTP_CONFIG` names such a
//! file, and the environment wins over it. `cargo run --example server -- keys` prints a file of fresh keys.
//!
//! SIGTERM and SIGINT end it in peace, SIGHUP reads the keys again.

mod announce;
mod auth;
mod config;
mod connections;
mod failures;
mod fresh;
mod hangups;
mod health;
mod india;
mod keys;
mod logging;
mod material;
mod metrics;
mod pause;
mod providers;
mod route;
mod sender;
mod serve;
mod settings;
mod stores;
mod test_numbers;
mod upkeep;
mod url;
mod webhooks;
mod wording;

use announce::Listening;
use axum::{Router, middleware};
use otp_core::{OtpAuth, RotatingKeys};
use otp_examples::{SettingError, mounts, stop_signal};
use settings::Settings;
use std::error::Error;
use std::process::ExitCode;
use std::time::Duration;
use stores::Stores;
use tokio::net::TcpListener;

/// How long the audit's queue may take to be written at the end.
const LAST_WORDS: Duration = Duration::from_secs(5);

#[tokio::main]
async fn main() -> ExitCode {
    let words: Vec<_> = std::env::args().skip(1).collect();
    let words: Vec<_> = words.iter().map(String::as_str).collect();
    otp_examples::end(match words.as_slice() {
        [] => run().await,
        ["keys"] => print_keys(),
        _ => Err("usage: server, or: server keys".into()),
    })
}

#[expect(clippy::print_stdout, reason = "that is what was asked for")]
fn print_keys() -> Result<(), Box<dyn Error>> {
    println!("{}", *fresh::keys()?);
    Ok(())
}

async fn run() -> Result<(), Box<dyn Error>> {
    let settings = Settings::read()?;
    let figures = settings.metrics_addr.as_ref();
    let figures = figures.map(|_| metrics::collect()).transpose()?;
    let (stop, hangups) = (stop_signal()?, hangups::hangups()?);
    let may_generate = !settings.production && settings.several_nodes.is_none();
    let keys = keys::load(&settings.keys, may_generate)?;
    let stores = stores::open(&settings, keys.users, keys.audit).await?;
    let rotating = RotatingKeys::new(keys.core);
    let auth = auth::build(&settings, &stores, rotating.clone())?;
    let app = app(&settings, &auth, &stores)?;

    let listener = TcpListener::bind(settings.addr.value).await;
    let listener = listener.map_err(|error| cannot_listen(&settings, &error))?;
    let metrics = match settings.metrics_addr.as_ref().zip(figures) {
        Some((addr, figures)) => Some(metrics::serve(addr, figures).await?),
        None => None,
    };
    let public = listener.local_addr()?;
    announce::announce(
        &settings,
        &stores,
        &keys.shown,
        &Listening { public, metrics },
    );
    tokio::spawn(upkeep::purge(auth));
    if let (Some(days), Some(audit)) = (&settings.audit_days, &stores.audit) {
        tokio::spawn(upkeep::forget(
            audit.clone(),
            stores.clock.clone(),
            days.value,
        ));
    }
    tokio::spawn(upkeep::follow(stores.clock.clone(), stores.store.clone()));
    tokio::spawn(upkeep::reload_keys(settings.keys, rotating, hangups));
    serve::serve(listener, app, stop).await;
    if let Some(audit) = stores.audit
        && tokio::time::timeout(LAST_WORDS, audit.flush())
            .await
            .is_err()
    {
        tracing::error!(target: "otp", "the last events could not be written to the audit");
    }
    Ok(())
}

fn app(settings: &Settings, auth: &OtpAuth, stores: &Stores) -> Result<Router, Box<dyn Error>> {
    let mut app = health::router(auth.clone(), stores.beside.clone());
    for mount in mounts(auth, settings.policy.routes.as_ref())? {
        let mut api = mount.api.with_trusted_proxies(settings.proxies.clone());
        if let Some(reports) = &settings.reports {
            api = reports.mount(api)?;
        }
        let api = otp_axum::router(api);
        app = match mount.base.as_str() {
            "" => app.merge(api),
            base => app.nest(base, api),
        };
    }
    Ok(app.layer(middleware::from_fn(metrics::observe)))
}

fn cannot_listen(settings: &Settings, error: &std::io::Error) -> SettingError {
    let addr = &settings.addr;
    addr.wrong(format!("cannot listen on {}: {error}", addr.value))
}
