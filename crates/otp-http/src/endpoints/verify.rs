//! Verifying a code, and completing a registration.

use super::{Answer, Call, UserBody};
use crate::fields::{Field, Fields};
use crate::input::{self, CHALLENGE, CODE, COUNTRY, DEVICE_ID, DEVICE_INFO, NEVER_OPENED, PHONE};
use crate::problem::{Kind, Problem};
use crate::profile::{self, CONSENT_TEXT_ID, CONSENT_VERSION, EMAIL, FIRST_NAME, LAST_NAME};
use crate::{Response, reply};
use otp_core::{Login, Register, RegisterError, Ticket, Verified, Verify, VerifyError};
use serde::Serialize;

const TICKET: Field = Field::new("registration_ticket");
const TICKET_CHARS: usize = 256;

#[derive(Serialize)]
struct SignedIn<'a> {
    access_token: &'a str,
    refresh_token: &'a str,
    token_type: &'static str,
    expires_in: u64,
    refresh_expires_in: u64,
    is_new_user: bool,
    user: UserBody<'a>,
}

#[derive(Serialize)]
struct RegistrationRequired<'a> {
    registration_required: bool,
    is_new_user: bool,
    registration_ticket: &'a str,
    expires_in: u64,
}

pub(crate) async fn verify(call: &Call<'_>) -> Answer {
    let known = [PHONE, COUNTRY, CODE, CHALLENGE, DEVICE_ID, DEVICE_INFO];
    let fields = Fields::read(call.body, &known)?;
    let phone = input::phone(call.auth, &fields)?;
    let challenge = input::challenge(&fields)?;
    let verify = Verify::new(phone, challenge, input::code(&fields)?)
        .with_client(input::client(call.client.clone(), &fields)?);
    match call.auth.verify(verify).await.map_err(not_verified)? {
        Verified::SignedIn(login) => Ok(signed_in(&login)),
        Verified::RegistrationRequired {
            ticket, expires_in, ..
        } => Ok(reply::ok(&RegistrationRequired {
            registration_required: true,
            is_new_user: true,
            registration_ticket: ticket.expose(),
            expires_in: reply::lifetime(expires_in),
        })),
        // No other outcome signs anybody in.
        _ => Err(Problem::unavailable()),
    }
}

pub(crate) async fn register(call: &Call<'_>) -> Answer {
    let known = [
        PHONE,
        COUNTRY,
        TICKET,
        FIRST_NAME,
        LAST_NAME,
        EMAIL,
        CONSENT_VERSION,
        CONSENT_TEXT_ID,
        DEVICE_ID,
        DEVICE_INFO,
    ];
    let fields = Fields::read(call.body, &known)?;
    let phone = input::phone(call.auth, &fields)?;
    let profile = profile::profile(&fields)?;
    let register = Register::new(phone, ticket(&fields)?, profile)
        .with_client(input::client(call.client.clone(), &fields)?);
    let login = call.auth.register(register).await.map_err(not_registered)?;
    Ok(signed_in(&login))
}

/// No ticket, or a text that is none, is tried like one that was never given out: same answer, same price.
fn ticket(fields: &Fields) -> Result<Ticket, Problem> {
    let text = fields.text(TICKET, TICKET_CHARS)?.unwrap_or_default();
    let ticket = Ticket::parse(text).or_else(|_| Ticket::draw(NEVER_OPENED));
    ticket.map_err(|_| Problem::unavailable())
}

fn signed_in(login: &Login) -> Response {
    let tokens = &login.tokens;
    reply::ok(&SignedIn {
        access_token: tokens.access.expose(),
        refresh_token: tokens.refresh.expose(),
        token_type: "bearer",
        expires_in: reply::lifetime(tokens.access_expires_in),
        refresh_expires_in: reply::lifetime(tokens.refresh_expires_in),
        is_new_user: login.is_new_user,
        user: UserBody::from(&login.user),
    })
}

fn not_verified(error: VerifyError) -> Problem {
    match error {
        VerifyError::Rejected { tries_left, .. } => Problem::wrong_code(tries_left),
        VerifyError::ChallengeRequired => input::challenge_missing(),
        VerifyError::Limited(limited) => Problem::limited(&limited),
        VerifyError::RegistrationClosed => {
            Problem::new(Kind::RegistrationClosed, "New users are not admitted.")
        }
        VerifyError::Disabled => Problem::account_disabled(),
        VerifyError::Store(_)
        | VerifyError::NotChecked(_)
        | VerifyError::Users(_)
        | VerifyError::Token(_)
        | VerifyError::Entropy(_) => Problem::unavailable(),
        error => Problem::unforeseen(&error),
    }
}

fn not_registered(error: RegisterError) -> Problem {
    match error {
        RegisterError::TicketUnknown => Problem::new(
            Kind::InvalidCredentials,
            "The registration ticket is not valid. Please verify your number again.",
        ),
        RegisterError::TicketSpent => Problem::new(
            Kind::TicketSpent,
            "The registration was completed before. Please sign in.",
        ),
        RegisterError::TicketExpired => Problem::new(
            Kind::TicketExpired,
            "The registration took too long. Please verify your number again.",
        ),
        RegisterError::ConsentRequired => {
            Problem::field(CONSENT_VERSION.name, "This field is missing.")
        }
        RegisterError::Disabled => Problem::account_disabled(),
        RegisterError::Limited(limited) => Problem::limited(&limited),
        RegisterError::Store(_)
        | RegisterError::Users(_)
        | RegisterError::Token(_)
        | RegisterError::Entropy(_) => Problem::unavailable(),
        error => Problem::unforeseen(&error),
    }
}
