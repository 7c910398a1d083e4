//! Metrics and log lines. Neither holds a number or a code.

use super::breaker::{Change, Closed};
use otp_core::{ChallengeId, Message, SendError, SendErrorKind};
use std::sync::Arc;

/// Counts what became of one attempt, or that none was made.
pub(super) fn count(provider: &Arc<str>, class: &'static str) {
    let labels = [
        ("provider", metrics::SharedString::from(provider.clone())),
        ("class", metrics::SharedString::const_str(class)),
    ];
    metrics::counter!("otp_sends_total", &labels).increment(1);
}

/// Nothing is set up for this message. Of the number only its country's code is told.
pub(super) fn no_entry(message: &Message) {
    let (channel, country) = (message.channel, message.to.country_code());
    tracing::error!(target: "otp", %channel, country, challenge = %message.challenge_id, "the route has no entry for this channel and country");
}

/// A provider was not asked.
pub(super) fn skipped(provider: &Arc<str>, why: Closed, challenge: &ChallengeId) {
    let class = match why {
        Closed::Open(_) => "skipped_open",
        Closed::Probing => "skipped_probing",
        Closed::Full => "skipped_full",
    };
    count(provider, class);
    tracing::debug!(target: "otp", provider = &**provider, class, %challenge, "a provider was left out");
}

/// The message goes on to the next provider, or nowhere.
pub(super) fn failed_over(provider: &Arc<str>, error: &SendError, challenge: &ChallengeId) {
    use SendErrorKind::*;
    let (class, cause) = (error.kind.as_str(), error.causes());
    // These go on until somebody does something about them.
    if matches!(
        error.kind,
        AuthOrConfig | InsufficientCredit | TemplateProblem
    ) {
        tracing::error!(target: "otp", provider = &**provider, class, cause, %challenge, "a provider took no message and needs its operator");
    } else {
        tracing::warn!(target: "otp", provider = &**provider, class, cause, %challenge, "a provider took no message");
    }
}

/// The breaker opened or closed.
pub(super) fn changed(provider: &Arc<str>, change: Change) {
    let open = matches!(change, Change::Opened(_));
    let label = [("provider", metrics::SharedString::from(provider.clone()))];
    metrics::gauge!("otp_provider_open", &label).set(if open { 1.0 } else { 0.0 });
    match change {
        Change::Opened(lasts) => {
            tracing::warn!(target: "otp", provider = &**provider, seconds = lasts.as_secs(), "a provider fails: it is left out for a while");
        }
        Change::Closed => {
            tracing::info!(target: "otp", provider = &**provider, "a provider works again");
        }
    }
}
