//! The settings of each provider in the file's table `[sender]`.

mod locales;
mod tables;

use crate::config::harmless;
use crate::material::Material;
use crate::sender::Carried;
use otp_providers::EngageLabVerify;
use otp_providers::http::{HostedProvider, HttpSender, HttpVerifier, Provider, Secret, Wording};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::error::Error;
use std::sync::Arc;
use tables::{
    AwsSmsTable, EngageLabTable, GupshupSmsTable, GupshupWhatsAppTable, KavenegarTable, Msg91Table,
    Msg91VerifyTable, SnsTable, TelegramTable, TwilioTable, TwilioVerifyTable, WhatsAppTable,
};
use toml::{Table, Value};

pub(crate) type Made<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// The kinds that have settings here, for a complaint about another one.
pub(crate) const KINDS: &str = "console, webhook, kafka, twilio, whatsapp, msg91, kavenegar, gupshup-sms, \
                                gupshup-whatsapp, engagelab, sns, aws-sms, telegram, twilio-verify, engagelab-verify or msg91-verify";

/// A provider's settings as the file has them, and what its texts say.
pub(crate) struct Said<'a> {
    pub(crate) table: &'a Table,
    pub(crate) wording: Words,
}

/// What texts say, whoever carries them.
pub(crate) type Words = Arc<dyn Wording>;

/// What is done with a provider's settings.
pub(crate) trait Use {
    type Made;

    /// How a secret is read: as it is, or as a word that stands for it.
    fn secret(&self, credential: Credential) -> Made<Secret>;

    fn sender(&self, provider: impl Provider) -> Made<Self::Made>;

    /// Of a provider that makes and checks the codes.
    fn verifier(&self, provider: impl HostedProvider) -> Made<Self::Made>;
}

/// Makes what carries the codes.
pub(crate) struct Carrying;

impl Use for Carrying {
    type Made = Carried;

    fn secret(&self, credential: Credential) -> Made<Secret> {
        credential.read()
    }

    fn sender(&self, provider: impl Provider) -> Made<Carried> {
        Ok(Carried::Sender(Arc::new(HttpSender::new(provider)?)))
    }

    fn verifier(&self, provider: impl HostedProvider) -> Made<Carried> {
        Ok(Carried::Verifier(Arc::new(HttpVerifier::new(provider)?)))
    }
}

/// What `using` makes of a provider of this kind; none if there is no such kind.
pub(crate) fn make<U: Use>(kind: &str, said: &Said<'_>, using: &U) -> Option<Made<U::Made>> {
    let make = match kind {
        "twilio" => sender::<TwilioTable, U>,
        "whatsapp" => sender::<WhatsAppTable, U>,
        "msg91" => sender::<Msg91Table, U>,
        "kavenegar" => sender::<KavenegarTable, U>,
        "gupshup-sms" => sender::<GupshupSmsTable, U>,
        "gupshup-whatsapp" => sender::<GupshupWhatsAppTable, U>,
        "engagelab" => sender::<EngageLabTable, U>,
        "sns" => sender::<SnsTable, U>,
        "aws-sms" => sender::<AwsSmsTable, U>,
        "telegram" => sender::<TelegramTable, U>,
        "twilio-verify" => verifier::<TwilioVerifyTable, U>,
        "msg91-verify" => verifier::<Msg91VerifyTable, U>,
        "engagelab-verify" => engagelab_verifier::<U>,
        _ => return None,
    };
    Some(make(said, using))
}

fn sender<T: Settings<Provider: Provider>, U: Use>(said: &Said<'_>, using: &U) -> Made<U::Made> {
    using.sender(read::<T, U>(said, using)?)
}

fn verifier<T: Settings<Provider: HostedProvider>, U: Use>(
    said: &Said<'_>,
    using: &U,
) -> Made<U::Made> {
    using.verifier(read::<T, U>(said, using)?)
}

fn engagelab_verifier<U: Use>(said: &Said<'_>, using: &U) -> Made<U::Made> {
    let engagelab = read::<EngageLabTable, U>(said, using)?;
    using.verifier(EngageLabVerify::new(engagelab))
}

fn read<T: Settings, U: Use>(said: &Said<'_>, using: &U) -> Made<T::Provider> {
    let read: Result<T, _> = said.table.clone().try_into();
    let settings = read.map_err(|error: toml::de::Error| harmless(error.message()).to_owned())?;
    settings.provider(Arc::clone(&said.wording), &|secret| using.secret(secret))
}

/// How the secrets among a provider's settings are read.
type Secrets<'a> = &'a dyn Fn(Credential) -> Made<Secret>;

trait Settings: DeserializeOwned {
    type Provider;

    fn provider(self, words: Words, secrets: Secrets<'_>) -> Made<Self::Provider>;
}

/// A secret: here, or `{ env = "NAME" }`, or `{ file = "path" }`.
#[derive(Clone, Deserialize)]
#[serde(untagged)]
pub(crate) enum Credential {
    Here(String),
    Elsewhere(Material),
}

/// A secret as a table has it.
pub(crate) fn credential(said: Value) -> Made<Credential> {
    let read = said.try_into();
    read.map_err(|error: toml::de::Error| harmless(error.message()).to_owned().into())
}

impl Credential {
    pub(crate) fn read(self) -> Made<Secret> {
        let text = match self {
            Self::Here(text) => text,
            Self::Elsewhere(material) => material.text()?.trim().to_owned(),
        };
        Ok(Secret::new(text)?)
    }
}
