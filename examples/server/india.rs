//! India's operators drop texts that are not registered with them: a server that would send such says so at start (WHK-7).

use crate::config::{Chain, File};
use crate::providers::{self, Credential, Made, Use};
use crate::sender::Carrier;
use otp_core::policy::Policy;
use otp_core::{
    ChallengeId, Clock, Code, Country, Message, PhoneNumber, SendErrorKind, SystemClock,
};
use otp_examples::SettingError;
use otp_providers::http::{HostedProvider, Provider, Secret};

const CODE: &str = "91";
/// Any of India's.
const NUMBER: &str = "+919876543210";
/// The kinds that carry a text of ours, and its registration.
const TEXTS: [&str; 3] = ["aws-sms", "gupshup-sms", "sns"];

/// Refuses a server that is open to India and has a sender for it without a registered text, or with another one than
/// it would send.
pub(crate) fn check(file: &File, policy: &Policy) -> Result<(), SettingError> {
    let india: Result<Country, _> = "IN".parse();
    if !india.is_ok_and(|india| policy.countries().contains(india)) {
        return Ok(());
    }
    if file.senders.is_empty() {
        return registered(&Carrier::alone(file)?, policy);
    }
    for name in reaching_india(file, policy) {
        if let Some(sender) = file.senders.get(name) {
            registered(&Carrier::named(file, name, sender)?, policy)?;
        }
    }
    Ok(())
}

/// Asks the sender for the request that it would make.
fn registered(carrier: &Carrier<'_>, policy: &Policy) -> Result<(), SettingError> {
    if !TEXTS.contains(&carrier.kind()) {
        return Ok(());
    }
    let asked = providers::make(carrier.kind(), &carrier.said(), &Asking(policy));
    let wrong = |problem| SettingError::new(carrier.place.clone(), problem);
    match asked.transpose().map_err(wrong)?.flatten() {
        Some(SendErrorKind::AuthOrConfig) => Err(SettingError::new(
            carrier.place.clone(),
            "India is open, and takes no text without dlt = { entity, header, template, text }: give it, or leave IN out \
             of the countries",
        )),
        Some(SendErrorKind::TemplateProblem) => Err(SettingError::new(
            carrier.place.clone(),
            "India is open, and the text of dlt is not the one that is sent: its operators would drop it",
        )),
        _ => Ok(()),
    }
}

/// Why a provider would refuse a text to India.
struct Asking<'a>(&'a Policy);

impl Use for Asking<'_> {
    type Made = Option<SendErrorKind>;

    fn secret(&self, credential: Credential) -> Made<Secret> {
        credential.read()
    }

    fn sender(&self, provider: impl Provider) -> Made<Self::Made> {
        let code = self.0.code();
        let digits = Code::parse(&"0".repeat(code.digits.into()))?;
        let id = ChallengeId::from_bytes([0; 16]);
        let to = PhoneNumber::parse(NUMBER, None)?;
        let message = Message::new(to, digits, id, code.lifetime);
        let request = provider.request(&message, SystemClock.now());
        Ok(request.err().map(|error| error.kind))
    }

    fn verifier(&self, _: impl HostedProvider) -> Made<Self::Made> {
        Ok(None)
    }
}

/// The senders that chains hand a number of India's to, over any channel that the policy has: for each the best chain
/// for all of India, and what is better for a part of it, as a `Route` picks them.
fn reaching_india<'a>(file: &'a File, policy: &Policy) -> Vec<&'a str> {
    let second = policy.fallback().map(|fallback| fallback.to);
    let channels = policy.channels().iter().copied().chain(second);
    let chains = channels.flat_map(|channel| {
        let rank = move |chain: &Chain| {
            let fits = chain.channel.is_none_or(|own| own == channel);
            let known = known_of_india(chain.place.as_deref().unwrap_or("*"))?;
            fits.then_some((chain.channel.is_some(), known))
        };
        let ranks = file.route.iter().filter_map(rank);
        let whole = ranks.filter(|(_, (digits, _))| *digits <= CODE.len()).max();
        let reaches = move |chain: &&Chain| rank(chain).is_some_and(|own| Some(own) >= whole);
        file.route.iter().filter(reaches)
    });
    chains
        .flat_map(|chain| &chain.senders)
        .map(|said| said.split(" over ").next().unwrap_or(said).trim())
        .collect()
}

/// How many digits of a number of India's a chain for this place knows, and whether it is for the region; none for one
/// that has none of its numbers.
fn known_of_india(place: &str) -> Option<(usize, bool)> {
    match place.strip_prefix('+') {
        Some(digits) => {
            let alike = CODE.starts_with(digits) || digits.starts_with(CODE);
            alike.then_some((digits.len(), false))
        }
        None if place == "*" => Some((0, false)),
        None => place
            .eq_ignore_ascii_case("IN")
            .then_some((CODE.len(), true)),
    }
}
