//! What the messages say.

mod texts;

pub(crate) use texts::Texts;

use crate::config::{File, Messages as Table};
use crate::providers::{Made, Words};
use otp_core::Locale;
use otp_examples::SettingError;
use otp_providers::http::Brand;
use otp_providers::messages::{Finding, Messages};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The texts of the table `[messages]` in the reader's language, or else one in English; and what is to be said of them.
pub(crate) fn make(
    file: &File,
    brand: Option<&String>,
) -> Result<(Words, Vec<Finding>), SettingError> {
    let said = file.setting("OTP_BRAND", brand)?;
    let brand = match &said {
        Some(said) => Brand::new(said.value.as_str()).map_err(|error| said.wrong(error))?,
        None => Brand::default(),
    };
    let Some(table) = &file.messages else {
        return Ok((Arc::new(brand), Vec::new()));
    };
    let own = table.ftl.as_ref().map(texts::read).transpose()?;
    let messages = read(table, own.unwrap_or_default(), brand);
    let messages = messages.map_err(|problem| SettingError::new("messages", problem))?;
    let findings = messages.check();
    Ok((Arc::new(messages), findings))
}

fn read(table: &Table, own: BTreeMap<Locale, String>, brand: Brand) -> Made<Messages> {
    let mut messages = Messages::builder(brand);
    if let Some(locale) = table.default_locale {
        messages = messages.default_locale(locale);
    }
    if let Some(only) = &table.only {
        messages = messages.only(only.iter().copied());
    }
    if table.reference {
        messages = messages.with_reference();
    }
    if let Some(host) = &table.web_otp {
        messages = messages.web_otp(host);
    }
    if let Some(hash) = &table.app_hash {
        messages = messages.app_hash(hash);
    }
    if table.deny_warnings {
        messages = messages.deny_warnings();
    }
    for (locale, ftl) in own {
        messages = messages.with_ftl(locale, ftl);
    }
    Ok(messages.build()?)
}
