//! What goes on beside the requests.

use crate::hangups::Hangups;
use crate::keys;
use crate::pause::sleep;
use crate::settings::KeySource;
use otp_core::{Clock as _, OtpAuth, RotatingKeys, Store, StoreClock};
use otp_store_sql::SqlAudit;
use std::sync::Arc;
use std::time::Duration;

/// How often what has expired is cleared away, and how much of it in one call: the store does it in small batches.
const PURGE_EVERY: Duration = Duration::from_secs(60);
const PURGE_MOST: u32 = 20_000;

const DAY: Duration = Duration::from_secs(86_400);
const FORGET_EVERY: Duration = Duration::from_secs(3_600);

/// Clears away what has expired, for ever. Every node may do it.
pub(crate) async fn purge(auth: OtpAuth) {
    let mut again = tokio::time::interval(PURGE_EVERY);
    again.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        again.tick().await;
        // A busy node leaves more behind in a minute than one call takes.
        while cleared(&auth).await >= u64::from(PURGE_MOST) {}
    }
}

async fn cleared(auth: &OtpAuth) -> u64 {
    match auth.purge(PURGE_MOST).await {
        Ok(gone) => {
            tracing::debug!(target: "otp", gone, "what has expired was cleared away");
            gone
        }
        Err(error) => {
            tracing::warn!(target: "otp", %error, "nothing was cleared away; later again");
            0
        }
    }
}

/// Takes out of the audit, for ever, what it says of persons after `days`. Every node may do it.
pub(crate) async fn forget(audit: SqlAudit, clock: StoreClock, days: u32) {
    let kept = DAY * days;
    let mut again = tokio::time::interval(FORGET_EVERY);
    again.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        again.tick().await;
        match audit.forget(clock.now() - kept).await {
            Ok(rows) => tracing::debug!(target: "otp", rows, "the audit has forgotten who it was"),
            Err(error) => {
                tracing::warn!(target: "otp", %error, "the audit has not forgotten; later again");
            }
        }
    }
}

/// Lives by the store's time, measured again and again, for ever (FLT-3).
pub(crate) async fn follow(clock: StoreClock, store: Arc<dyn Store>) {
    clock.follow(store, sleep).await;
}

/// Reads the keys again at each SIGHUP. What cannot be used changes nothing.
pub(crate) async fn reload_keys(source: KeySource, rotating: RotatingKeys, mut hangups: Hangups) {
    while hangups.recv().await.is_some() {
        if matches!(source, KeySource::None) {
            tracing::warn!(target: "otp", "there is no file of keys to read again");
            continue;
        }
        match keys::load(&source, false) {
            Ok(fresh) => {
                rotating.replace(fresh.core);
                // The rings of users and audit are taken at a start.
                tracing::info!(target: "otp", keys = fresh.shown, "the keys were read again");
            }
            Err(error) => {
                let error = otp_examples::in_one_line(&error);
                tracing::error!(target: "otp", error, "the keys stay as they were");
            }
        }
    }
}
