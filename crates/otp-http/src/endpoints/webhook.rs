//! What providers report, and what they ask before they do.

use super::{Answer, Call};
use crate::problem::{Kind, Problem};
use crate::reply;
use otp_core::{Callback, CallbackError, DeliveryWebhook};
use serde::Serialize;

#[derive(Serialize)]
struct Taken {}

/// The provider's own code verifies the bytes before it reads them; only what it believes reaches the store.
pub(crate) async fn webhook(call: &Call<'_>) -> Answer {
    let read = asked(call, |webhook, callback| {
        let reports = webhook.read(callback, call.auth.now())?;
        Ok((webhook.provider(), reports))
    });
    let (provider, reports) = read.map_err(refused)?;
    let reported = call.auth.reported(provider, &reports).await;
    // The provider comes again.
    reported.map_err(|_| Problem::unavailable())?;
    Ok(reply::ok(&Taken {}))
}

/// A provider that never asks whether anybody is there may report by GET, in the query.
pub(crate) async fn handshake(call: &Call<'_>) -> Answer {
    match asked(call, |webhook, callback| webhook.handshake(callback)) {
        Err(CallbackError::Unexpected) => webhook(call).await,
        answer => answer.map(reply::text).map_err(refused),
    }
}

fn asked<'a, T>(
    call: &Call<'a>,
    ask: impl Fn(&'a dyn DeliveryWebhook, &Callback<'_>) -> Result<T, CallbackError>,
) -> Result<T, CallbackError> {
    let callback = callback(call);
    let address = call.client.address();
    call.webhooks
        .first(call.id, address, |webhook| ask(webhook, &callback))
}

fn callback<'a>(call: &Call<'a>) -> Callback<'a> {
    Callback::new(call.query, call.headers.lines(), call.body)
}

fn refused(error: CallbackError) -> Problem {
    match error {
        CallbackError::Malformed => {
            let detail = "This is no report in the provider's form.";
            Problem::new(Kind::MalformedReport, detail)
        }
        CallbackError::Unexpected => Problem::not_found(),
        CallbackError::Forged => Problem::unsigned(),
        error => Problem::unforeseen(&error),
    }
}
