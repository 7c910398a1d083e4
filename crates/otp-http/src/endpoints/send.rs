//! Sending a code, and another one.

use super::{Answer, Call};
use crate::Response;
use crate::fields::{Field, Fields};
use crate::input::{self, CHALLENGE, CHANNEL, COUNTRY, DEVICE_ID, DEVICE_INFO, LOCALE, PHONE};
use crate::problem::{Kind, Problem};
use crate::reply;
use otp_core::policy::NumberRefusal;
use otp_core::{
    DeliveryState, PhoneNumber, Resend, SendError, SendErrorKind, Start, StartError, Started,
};
use serde::Serialize;
use std::time::Duration;

const REMEMBER_ME: Field = Field::new("remember_me");
const IDEMPOTENCY_KEY: &str = "Idempotency-Key";

#[derive(Serialize)]
struct Body<'a> {
    phone_number: &'a str,
    message: &'static str,
    expires_in: u64,
    challenge_id: String,
    reference: String,
    resend_in: u64,
    channel: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    delivery: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    previous_delivery: Option<&'static str>,
}

pub(crate) async fn send(call: &Call<'_>) -> Answer {
    let known = [
        PHONE,
        COUNTRY,
        CHANNEL,
        LOCALE,
        REMEMBER_ME,
        DEVICE_ID,
        DEVICE_INFO,
    ];
    let fields = Fields::read(call.body, &known)?;
    let phone = input::phone(call.auth, &fields)?;
    let mut start = Start::new(phone.clone())
        .with_client(input::client(call.client.clone(), &fields)?)
        .with_remember_me(fields.flag(REMEMBER_ME)?);
    if let Some(channel) = input::channel(&fields)? {
        start = start.with_channel(channel);
    }
    if let Some(locale) = input::locale(&fields, call.headers)? {
        start = start.with_locale(locale);
    }
    if call.headers.contains(IDEMPOTENCY_KEY) {
        // Two keys are no key: to go on without one would send twice.
        let key = call.headers.only(IDEMPOTENCY_KEY);
        start = start.with_idempotency_key(key.ok_or_else(bad_key)?);
    }
    let started = call.auth.start(start).await.map_err(refused)?;
    Ok(sent(call, &phone, &started))
}

pub(crate) async fn resend(call: &Call<'_>) -> Answer {
    let known = [
        PHONE,
        COUNTRY,
        CHALLENGE,
        CHANNEL,
        LOCALE,
        DEVICE_ID,
        DEVICE_INFO,
    ];
    let fields = Fields::read(call.body, &known)?;
    let phone = input::phone(call.auth, &fields)?;
    let mut resend = Resend::new(phone.clone(), input::challenge(&fields)?)
        .with_client(input::client(call.client.clone(), &fields)?);
    if let Some(channel) = input::channel(&fields)? {
        resend = resend.with_channel(channel);
    }
    if let Some(locale) = input::locale(&fields, call.headers)? {
        resend = resend.with_locale(locale);
    }
    let started = call.auth.resend(resend).await.map_err(refused)?;
    Ok(sent(call, &phone, &started))
}

fn sent(call: &Call<'_>, phone: &PhoneNumber, started: &Started) -> Response {
    let told = |state: DeliveryState| call.auth.tracks_delivery().then(|| state.as_str());
    reply::ok(&Body {
        phone_number: phone.expose(),
        message: "OTP sent successfully",
        expires_in: reply::lifetime(started.expires_in),
        challenge_id: started.challenge_id.to_string(),
        reference: started.challenge_id.reference(),
        resend_in: rounded_up(started.resend_in),
        channel: started.channel.as_str(),
        delivery: told(started.delivery),
        previous_delivery: started.previous.and_then(told),
    })
}

/// Whole seconds, so that nobody comes too early.
fn rounded_up(wait: Duration) -> u64 {
    wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
}

fn refused(error: StartError) -> Problem {
    match error {
        StartError::Limited(limited) => Problem::limited(&limited),
        StartError::NotLive => Problem::wrong_code(None),
        StartError::ChallengeRequired => input::challenge_missing(),
        StartError::ChannelRefused => input::channel_refused(),
        StartError::NumberRefused(reason) => number_refused(reason),
        StartError::IdempotencyKey => bad_key(),
        StartError::Delivery(error) => undelivered(&error),
        StartError::PurposeReserved
        | StartError::NoReference
        | StartError::Store(_)
        | StartError::Code(_)
        | StartError::Entropy(_) => Problem::cannot_send(Kind::Unavailable),
        error => Problem::unforeseen(&error),
    }
}

/// What it says follows from the number alone, so it tells nothing about whoever owns it.
fn number_refused(reason: NumberRefusal) -> Problem {
    let reason = match reason {
        NumberRefusal::Country => "Codes are not sent to numbers of this country.",
        NumberRefusal::Kind(_) => {
            "Codes are not sent to numbers of this kind. Please use a mobile number."
        }
        _ => "Codes are not sent to this number.",
    };
    Problem::field(PHONE.name, reason)
}

fn undelivered(error: &SendError) -> Problem {
    if error.kind == SendErrorKind::InvalidNumber {
        let reason = "This number cannot receive a code. Please check it.";
        return Problem::field(PHONE.name, reason);
    }
    let problem = Problem::cannot_send(Kind::DeliveryFailed);
    match error.retry_after {
        Some(wait) => problem.after(wait),
        None => problem,
    }
}

fn bad_key() -> Problem {
    let reason = "An idempotency key has 1 to 255 visible ASCII characters, and is given once.";
    Problem::field(IDEMPOTENCY_KEY, reason)
}
