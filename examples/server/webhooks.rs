//! Who reports what becomes of messages: the file's tables `[webhooks.NAME]`.

use crate::config::harmless;
use crate::providers::{Credential, Made};
use otp_core::{DeliveryPoll, DeliveryWebhook};
use otp_examples::SettingError;
use otp_http::{Api, InvalidNetwork, TrustedProxies};
use otp_providers::http::CallbackToken;
use otp_providers::{
    EngageLabWebhook, GupshupSmsWebhook, GupshupWhatsAppWebhook, Kavenegar, KavenegarPoll,
    KavenegarWebhook, Msg91Webhook, TelegramWebhook, TwilioWebhook, WhatsAppWebhook,
};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::sync::Arc;
use toml::{Table, Value};

/// One that may report, and from where.
#[derive(Clone, Debug)]
pub(crate) struct Reporter {
    webhook: Arc<dyn DeliveryWebhook>,
    networks: Vec<String>,
}

/// All that may report, and who is asked.
#[derive(Clone, Debug, Default)]
pub(crate) struct Reports {
    pub(crate) reporters: Vec<Reporter>,
    pub(crate) polls: Vec<Arc<dyn DeliveryPoll>>,
}

impl Reports {
    pub(crate) fn read(tables: &Table) -> Result<Self, SettingError> {
        let mut reports = Self::default();
        for (name, value) in tables {
            let place = || format!("webhooks.{name}");
            let made = reports.add(name, value.clone());
            made.map_err(|problem| SettingError::new(place(), problem))?;
        }
        Ok(reports)
    }

    /// The API with those that may report to it.
    pub(crate) fn mount(&self, api: Api) -> Result<Api, InvalidNetwork> {
        self.reporters.iter().try_fold(api, |api, reporter| {
            let webhook = Arc::clone(&reporter.webhook);
            match reporter.networks.as_slice() {
                [] => Ok(api.with_webhook(webhook)),
                networks => api.with_webhook_from(webhook, networks),
            }
        })
    }

    /// Their names, for what the server says when it starts. Tokens are not among them.
    pub(crate) fn names(&self) -> Vec<&str> {
        let reporters = self.reporters.iter();
        reporters
            .map(|reporter| reporter.webhook.provider())
            .collect()
    }

    fn add(&mut self, name: &str, value: Value) -> Made<()> {
        let Value::Table(mut table) = value else {
            return Err("each provider that reports has a table".into());
        };
        let networks: Vec<String> = table.remove("networks").map_or(Ok(Vec::new()), read)?;
        // Here it is known whose they are.
        TrustedProxies::new(&networks)?;
        let webhook: Arc<dyn DeliveryWebhook> = match name {
            "twilio" => {
                let said: TwilioTable = read(Value::Table(table))?;
                match (said.auth_token, said.shared_key) {
                    (Some(token), None) => Arc::new(TwilioWebhook::with_auth_token(
                        &said.address,
                        token.read()?,
                    )?),
                    (None, Some(key)) => {
                        Arc::new(TwilioWebhook::with_shared_key(&said.address, key.read()?)?)
                    }
                    _ => return Err("Twilio signs by either an auth_token or a shared_key".into()),
                }
            }
            "whatsapp" => {
                let said: WhatsAppTable = read(Value::Table(table))?;
                let (secret, word) = (said.app_secret.read()?, said.verify_token.read()?);
                Arc::new(WhatsAppWebhook::new(secret, word))
            }
            "engagelab" => {
                let said: EngageLabTable = read(Value::Table(table))?;
                let (secret, token) = (said.secret.read()?, callback_token(said.token)?);
                Arc::new(EngageLabWebhook::new(said.username, secret, token)?)
            }
            "telegram" => {
                let said: TokenTable = read(Value::Table(table))?;
                Arc::new(TelegramWebhook::new(said.token.read()?))
            }
            "kavenegar" => {
                let said: KavenegarTable = read(Value::Table(table))?;
                if let Some(key) = said.poll_key {
                    let kavenegar = Kavenegar::with_template(key.read()?, "status")?;
                    self.polls.push(Arc::new(KavenegarPoll::new(kavenegar)?));
                }
                let Some(token) = said.token else {
                    if !networks.is_empty() {
                        return Err("without a token nobody reports, from whatever network".into());
                    }
                    return Ok(());
                };
                Arc::new(KavenegarWebhook::new(callback_token(token)?))
            }
            _ => unsigned(name, Value::Table(table))?,
        };
        self.reporters.push(Reporter { webhook, networks });
        Ok(())
    }
}

/// What only the path's token tells from anybody.
fn unsigned(name: &str, table: Value) -> Made<Arc<dyn DeliveryWebhook>> {
    let token = |table| callback_token(read::<TokenTable>(table)?.token);
    Ok(match name {
        "msg91" => Arc::new(Msg91Webhook::new(token(table)?)),
        "gupshup-sms" => Arc::new(GupshupSmsWebhook::new(token(table)?)),
        "gupshup-whatsapp" => Arc::new(GupshupWhatsAppWebhook::new(token(table)?)),
        _ => {
            return Err(
                "none of twilio, whatsapp, engagelab, telegram, kavenegar, msg91, gupshup-sms or \
                        gupshup-whatsapp"
                    .into(),
            );
        }
    })
}

fn callback_token(token: Credential) -> Made<CallbackToken> {
    Ok(CallbackToken::new(token.read()?.expose())?)
}

fn read<T: DeserializeOwned>(value: Value) -> Made<T> {
    let read = value.try_into();
    read.map_err(|error: toml::de::Error| harmless(error.message()).to_owned().into())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TwilioTable {
    /// The whole address that Twilio calls, as in its console.
    address: String,
    auth_token: Option<Credential>,
    shared_key: Option<Credential>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WhatsAppTable {
    app_secret: Credential,
    verify_token: Credential,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EngageLabTable {
    username: String,
    secret: Credential,
    token: Credential,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct KavenegarTable {
    token: Option<Credential>,
    /// Asks for what nobody reported, with the API key.
    poll_key: Option<Credential>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TokenTable {
    token: Credential,
}
