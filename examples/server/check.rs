//! `cargo run --example providers -- check [+NUMBER [LOCALE]]`: what each configured provider would be sent for a number,
//! whose owner reads that language.
//!
//! Reads the settings of the reference server (`OTP_CONFIG`, `examples/server.toml` has all of them) and sends nothing.
//! To be compared with the provider's console: the address, the headers and the body are those of a real request, but
//! the code is 123456 and each secret is a word that stands for it. Secrets are read, to see that they are there, and
//! never reach what is printed.
#![allow(
    dead_code,
    clippy::print_stdout,
    reason = "a program that prints, and needs a part of the server's modules"
)]

mod config;
mod material;
mod pause;
mod providers;
mod route;
mod sender;
mod test_numbers;
mod wording;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use config::File;
use otp_core::verifier::Request;
use otp_core::{
    ChallengeId, Channel, Clock, Code, Locale, Message, PhoneNumber, SendError, SystemClock,
};
use otp_examples::SettingError;
use otp_providers::http::{HostedProvider, HttpRequest, Provider, Secret};
use providers::{Credential, Made, Use};
use sender::Carrier;
use std::error::Error;
use std::process::ExitCode;
use std::time::Duration;

const USAGE: &str = "usage: providers check [+NUMBER [LOCALE]]";
const NUMBER: &str = "+919876543210";
const CODE: &str = "123456";
const LIFETIME: Duration = Duration::from_secs(300);
const CHANNELS: [Channel; 3] = [Channel::Sms, Channel::WhatsApp, Channel::Voice];

fn main() -> ExitCode {
    let words: Vec<_> = std::env::args().skip(1).collect();
    let words: Vec<_> = words.iter().map(String::as_str).collect();
    otp_examples::end(match words.as_slice() {
        ["check"] => check(NUMBER, None),
        ["check", number] => check(number, None),
        ["check", number, locale] => check(number, Some(locale)),
        _ => Err(USAGE.into()),
    })
}

fn check(number: &str, locale: Option<&str>) -> Result<(), Box<dyn Error>> {
    let to = PhoneNumber::parse(number, None)?;
    let locale = locale.map(str::parse::<Locale>).transpose()?;
    let file = File::read()?;
    let mut carriers = Vec::new();
    if file.senders.is_empty() {
        carriers.push(Carrier::alone(&file)?);
    }
    for (name, sender) in &file.senders {
        carriers.push(Carrier::named(&file, name, sender)?);
    }
    for carrier in &carriers {
        println!("{} ({})", carrier.place.trim(), carrier.kind());
        for channel in CHANNELS {
            let asked = providers::make(
                carrier.kind(),
                &carrier.said(),
                &Asking {
                    to: &to,
                    channel,
                    locale,
                },
            );
            match asked {
                None => {
                    println!("  no provider: nothing to compare\n");
                    break;
                }
                Some(Err(problem)) => {
                    return Err(SettingError::new(carrier.place.clone(), problem).into());
                }
                Some(Ok(Err(error))) => println!("  {channel}: not carried ({:?})\n", error.kind),
                Some(Ok(Ok(request))) => println!("  {channel}:\n{}", shown(&request)),
            }
        }
    }
    Ok(())
}

/// Makes the request, with words in the place of secrets.
struct Asking<'a> {
    to: &'a PhoneNumber,
    channel: Channel,
    locale: Option<Locale>,
}

impl Use for Asking<'_> {
    type Made = Result<HttpRequest, SendError>;

    fn secret(&self, credential: Credential) -> Made<Secret> {
        credential.read()?;
        Ok(Secret::new("SECRET")?)
    }

    fn sender(&self, provider: impl Provider) -> Made<Self::Made> {
        let id = ChallengeId::from_bytes([0; 16]);
        let mut message = Message::new(self.to.clone(), Code::parse(CODE)?, id, LIFETIME);
        message.channel = self.channel;
        message.locale = self.locale;
        Ok(provider.request(&message, SystemClock.now()))
    }

    fn verifier(&self, provider: impl HostedProvider) -> Made<Self::Made> {
        let id = ChallengeId::from_bytes([0; 16]);
        let mut request = Request::new(self.to.clone(), id, LIFETIME);
        request.channel = self.channel;
        request.locale = self.locale;
        Ok(provider.start_request(&request))
    }
}

fn shown(request: &HttpRequest) -> String {
    let mut text = format!("    POST {}\n", request.address().expose());
    for (name, value) in request.headers() {
        text.push_str(&format!("    {name}: {}\n", readable(value)));
    }
    let body = String::from_utf8_lossy(request.body());
    text.push_str(&format!("\n    {body}\n"));
    text
}

/// The pair of `Basic` (RFC 7617) is compared before it is encoded.
fn readable(value: &str) -> String {
    let pair = value.strip_prefix("Basic ");
    let pair = pair.and_then(|pair| STANDARD.decode(pair).ok());
    match pair {
        Some(pair) => format!("Basic base64({})", String::from_utf8_lossy(&pair)),
        None => value.to_owned(),
    }
}
