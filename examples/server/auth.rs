//! The login, put together as the settings say.

use crate::failures::Told;
use crate::pause;
use crate::sender::Carried;
use crate::settings::Settings;
use crate::stores::Stores;
use otp_core::{Builder, OtpAuth, RotatingKeys};
use otp_examples::SettingError;
use std::error::Error;
use std::sync::Arc;

pub(crate) fn build(
    settings: &Settings,
    stores: &Stores,
    keys: RotatingKeys,
) -> Result<OtpAuth, Box<dyn Error>> {
    let (store, users) = (stores.store.clone(), stores.users.clone());
    let auth = match settings.sender.clone() {
        Carried::Sender(sender) => OtpAuth::builder(store, sender, users, keys),
        Carried::Route(route) => OtpAuth::builder(store, route, users, keys),
        Carried::Verifier(verifier) => OtpAuth::hosted(store, verifier, users, keys),
    };
    let auth = auth
        .policy(settings.policy.policy.clone())
        .clock(stores.clock.clone());
    let numbers = settings.test_numbers.iter().cloned();
    let auth = numbers.fold(auth, Builder::test_number);
    let auth = followed(auth, settings);
    let auth = audited(auth, settings, stores)?;
    Ok(shared(named(auth, settings), settings)?.build()?)
}

/// Keeps what becomes of messages, and lets it have consequences.
fn followed(auth: Builder, settings: &Settings) -> Builder {
    let Some(reports) = &settings.reports else {
        return auth;
    };
    let mut auth = auth.track_delivery().background(
        |task| {
            tokio::spawn(task);
        },
        pause::sleep,
    );
    for poll in &reports.polls {
        auth = auth.delivery_poll(Arc::clone(poll));
    }
    if let Carried::Route(route) = &settings.sender {
        auth = auth.delivery_listener(Arc::clone(route));
    }
    auth
}

fn audited(auth: Builder, settings: &Settings, stores: &Stores) -> Result<Builder, SettingError> {
    if let (Some(said), None) = (&settings.audit_days, &stores.audit) {
        return Err(said.wrong("the audit is in the log, which this server cannot make forget"));
    }
    match (&stores.audit, &settings.audit_required) {
        (Some(audit), None) => Ok(auth.audit(Told(audit.clone()))),
        (Some(audit), Some(_)) => Ok(auth.audit_required(Told(audit.clone()))),
        (None, None) => Ok(auth),
        (None, Some(said)) => Err(said.wrong("the audit can be waited for in SQL alone")),
    }
}

fn named(mut auth: Builder, settings: &Settings) -> Builder {
    if let Some(tenant) = &settings.tenant {
        auth = auth.tenant(tenant);
    }
    if let Some(issuer) = &settings.issuer {
        auth = auth.issuer(issuer);
    }
    if let Some(audience) = &settings.audience {
        auth = auth.audience(audience);
    }
    if let Some(client_id) = &settings.client_id {
        auth = auth.client_id(client_id);
    }
    auth
}

/// What nodes share must be seen by all of them.
fn shared(auth: Builder, settings: &Settings) -> Result<Builder, SettingError> {
    let Some(several) = &settings.several_nodes else {
        return Ok(auth);
    };
    if settings.store.value.users().is_none() {
        let problem =
            "users in memory are seen by one process alone: name an SQL database with users=URL";
        return Err(several.wrong(problem));
    }
    Ok(auth.several_nodes())
}
