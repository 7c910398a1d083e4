//! One table for each provider.

use super::locales::{self, DltTable, Locales, MetaTable};
use super::{Credential, Made, Secrets, Settings, Words};
use otp_core::Channel;
use otp_providers::{
    AwsCredentials, AwsSms, EngageLab, GupshupSms, GupshupWhatsApp, Kavenegar, Msg91, Msg91Verify,
    Sns, Telegram, Twilio, TwilioVerify, WhatsApp,
};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::time::Duration;

/// Sets what is given.
trait Also: Sized {
    fn also<U, E>(
        self,
        given: Option<U>,
        set: impl FnOnce(Self, U) -> Result<Self, E>,
    ) -> Result<Self, E> {
        match given {
            Some(given) => set(self, given),
            None => Ok(self),
        }
    }
}

impl<T> Also for T {}

macro_rules! tables {
    ($($table:ident for $provider:ty { $($(#[$meta:meta])* $field:ident: $kind:ty,)* } |$own:ident, $brand:ident, $read:ident| $make:expr)*) => {$(
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        pub(super) struct $table {
            /// Where the provider is, if not at its own address: a region of its own, or a stub.
            base: Option<String>,
            $($(#[$meta])* $field: $kind,)*
        }

        impl Settings for $table {
            type Provider = $provider;

            fn provider(self, $brand: Words, $read: Secrets<'_>) -> Made<$provider> {
                let $own = self;
                let base = $own.base.clone();
                let made: $provider = $make;
                Ok(made.also(base, |made, base| made.at(&base))?)
            }
        }
    )*};
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct KeysTable {
    id: String,
    secret: Credential,
    session_token: Option<Credential>,
}

impl KeysTable {
    fn read(self, read: Secrets<'_>) -> Made<AwsCredentials> {
        let keys = AwsCredentials::new(self.id, read(self.secret)?)?;
        Ok(match self.session_token {
            Some(token) => keys.with_session_token(read(token)?),
            None => keys,
        })
    }
}

tables! {
    TwilioTable for Twilio {
        account: String,
        // The API key's sid; without it `secret` is the account's auth token.
        key: Option<String>,
        secret: Credential,
        from: Option<String>,
        service: Option<String>,
        whatsapp_from: Option<String>,
        whatsapp_content: Option<String>,
        // What the template shows (WHK-7); a policy with another lifetime is then refused.
        whatsapp_minutes: Option<u8>,
        callback: Option<String>,
        #[serde(default)]
        locales: Locales<String>,
    } |own, words, read| {
        let secret = read(own.secret)?;
        let made = match own.key {
            Some(key) => Twilio::with_api_key(own.account, key, secret)?,
            None => Twilio::with_auth_token(own.account, secret)?,
        };
        let made = match (own.whatsapp_from, own.whatsapp_content, own.from, own.service) {
            (None, None, None, None) => return Err("Twilio takes from, service, or WhatsApp's settings".into()),
            (_, _, Some(_), Some(_)) => return Err("Twilio takes either from or service".into()),
            (Some(_), None, ..) | (None, Some(_), ..) => return Err("whatsapp_from and whatsapp_content go together".into()),
            (whatsapp, content, from, service) => made
                .also(whatsapp.zip(content), |made, (from, content)| made.whatsapp(from, content))?
                .also(from, Twilio::sms_from)?
                .also(service, Twilio::sms_service)?,
        };
        let made = made.wording(words)
            .also(own.whatsapp_minutes, Twilio::whatsapp_minutes)?
            .also(own.callback, |made, callback| made.status_callback(&callback))?;
        locales::each(made, own.locales, Twilio::whatsapp_for_locale)?
    }
    WhatsAppTable for WhatsApp {
        phone_number_id: String,
        token: Credential,
        template: String,
        language: String,
        minutes: Option<u8>,
        version: Option<String>,
        #[serde(default)]
        locales: Locales<MetaTable>,
    } |own, _words, read| {
        let made = WhatsApp::new(own.phone_number_id, read(own.token)?, &own.template, own.language)?
            .also(own.version, WhatsApp::version)?
            .also(own.minutes, WhatsApp::minutes)?;
        locales::each(made, own.locales, |made, locale, meta: MetaTable| {
            made.for_locale(locale, meta.template.as_ref().unwrap_or(&own.template), meta.language)
        })?
    }
    Msg91Table for Msg91 {
        key: Credential,
        template: String,
        // The Flow's variable that takes the code; without it the code goes through `/otp`.
        flow_variable: Option<String>,
        #[serde(default)]
        variables: BTreeMap<String, String>,
        #[serde(default)]
        locales: Locales<String>,
    } |own, _words, read| {
        let key = read(own.key)?;
        let made = match own.flow_variable {
            Some(variable) => Msg91::with_flow(key, own.template, variable)?,
            None => Msg91::with_otp(key, own.template)?,
        };
        let mut variables = own.variables.into_iter();
        let made = variables.try_fold(made, |made, (name, value)| made.variable(name, value))?;
        locales::each(made, own.locales, Msg91::for_locale)?
    }
    KavenegarTable for Kavenegar {
        key: Credential,
        template: Option<String>,
        line: Option<String>,
        #[serde(default)]
        locales: Locales<String>,
    } |own, words, read| {
        let key = read(own.key)?;
        let made = match (own.template, own.line) {
            (Some(template), None) => Kavenegar::with_template(key, template)?,
            (None, Some(line)) => Kavenegar::with_line(key, line, words)?,
            _ => return Err("Kavenegar takes either a template or a line".into()),
        };
        locales::each(made, own.locales, Kavenegar::for_locale)?
    }
    GupshupSmsTable for GupshupSms {
        user: String,
        password: Credential,
        mask: Option<String>,
        dlt: Option<DltTable>,
    } |own, words, read| {
        GupshupSms::new(own.user, read(own.password)?)?
            .wording(words)
            .also(own.mask, GupshupSms::mask)?
            .also(own.dlt, |made, dlt| Made::Ok(made.dlt(dlt.read()?)))?
    }
    GupshupWhatsAppTable for GupshupWhatsApp {
        key: Credential,
        source: String,
        app: String,
        template: String,
        minutes: Option<u8>,
        #[serde(default)]
        locales: Locales<String>,
    } |own, _words, read| {
        let made = GupshupWhatsApp::new(read(own.key)?, own.source, own.app, own.template)?
            .also(own.minutes, GupshupWhatsApp::minutes)?;
        locales::each(made, own.locales, GupshupWhatsApp::for_locale)?
    }
    EngageLabTable for EngageLab {
        key: Credential,
        secret: Credential,
        template: String,
        language: Option<String>,
        // What the template's strategy begins with; `sms` otherwise.
        channel: Option<Channel>,
        minutes: Option<u8>,
        #[serde(default)]
        params: BTreeMap<String, String>,
        #[serde(default)]
        locales: Locales<String>,
    } |own, _words, read| {
        let made = EngageLab::new(read(own.key)?, read(own.secret)?, own.template)?;
        let mut params = own.params.into_iter();
        let made = params
            .try_fold(made, |made, (name, value)| made.param(name, value))?
            .also(own.language, EngageLab::language)?
            .also(own.channel, |made, channel| Made::Ok(made.begins_with(channel)))?
            .also(own.minutes, |made, minutes| made.valid_for(Duration::from_secs(60 * u64::from(minutes))))?;
        locales::each(made, own.locales, EngageLab::for_locale)?
    }
    SnsTable for Sns {
        region: String,
        keys: KeysTable,
        sender_id: Option<String>,
        dlt: Option<DltTable>,
    } |own, words, read| {
        Sns::new(own.region, own.keys.read(read)?)?
            .wording(words)
            .also(own.sender_id, Sns::sender_id)?
            .also(own.dlt, |made, dlt| Made::Ok(made.dlt(dlt.read()?)))?
    }
    AwsSmsTable for AwsSms {
        region: String,
        keys: KeysTable,
        origination_identity: Option<String>,
        configuration_set: Option<String>,
        dlt: Option<DltTable>,
    } |own, words, read| {
        AwsSms::new(own.region, own.keys.read(read)?)?
            .wording(words)
            .also(own.origination_identity, AwsSms::origination_identity)?
            .also(own.configuration_set, AwsSms::configuration_set)?
            .also(own.dlt, |made, dlt| Made::Ok(made.dlt(dlt.read()?)))?
    }
    TelegramTable for Telegram {
        token: Credential,
        sender_username: Option<String>,
        callback: Option<String>,
    } |own, _words, read| {
        Telegram::new(read(own.token)?)?
            .also(own.sender_username, Telegram::sender_username)?
            .also(own.callback, |made, callback| made.callback_url(&callback))?
    }
    TwilioVerifyTable for TwilioVerify {
        service: String,
        // As for `twilio`: an API key's sid, or the account whose auth token `secret` is.
        account: Option<String>,
        key: Option<String>,
        secret: Credential,
    } |own, _words, read| {
        let secret = read(own.secret)?;
        match (own.key, own.account) {
            (Some(key), None) => TwilioVerify::with_api_key(own.service, key, secret)?,
            (None, Some(account)) => TwilioVerify::with_auth_token(own.service, account, secret)?,
            _ => return Err("Twilio Verify takes either a key or an account".into()),
        }
    }
    Msg91VerifyTable for Msg91Verify {
        key: Credential,
        template: String,
        digits: Option<u8>,
        #[serde(default)]
        variables: BTreeMap<String, String>,
        #[serde(default)]
        locales: Locales<String>,
    } |own, _words, read| {
        let made = Msg91Verify::new(read(own.key)?, own.template)?.also(own.digits, Msg91Verify::digits)?;
        let mut variables = own.variables.into_iter();
        let made = variables.try_fold(made, |made, (name, value)| made.variable(name, value))?;
        locales::each(made, own.locales, Msg91Verify::for_locale)?
    }
}
