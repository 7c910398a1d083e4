//! What a provider has for readers of one language: the table `locales` among its settings.

use super::Made;
use otp_core::Locale;
use otp_providers::ConfigError;
use otp_providers::http::{Dlt, PerLocale};
use serde::Deserialize;
use std::collections::BTreeMap;

/// By languages; all others have what stands outside it.
pub(super) type Locales<T> = BTreeMap<String, T>;

/// Sets what each language has. What is wrong is told with the language.
pub(super) fn each<P, T>(
    provider: P,
    locales: Locales<T>,
    set: impl Fn(P, Locale, T) -> Result<P, ConfigError>,
) -> Made<P> {
    locales
        .into_iter()
        .try_fold(provider, |provider, (name, own)| {
            let locale = name.parse().map_err(|error| wrong(&name, &error))?;
            let set = set(provider, locale, own);
            set.map_err(|error| wrong(&name, &error).into())
        })
}

fn wrong(name: &str, problem: &dyn std::error::Error) -> String {
    format!("locales.{name}: {problem}")
}

/// One of Meta's templates, in one of its languages.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MetaTable {
    /// The same one in another language where it has no name.
    pub(super) template: Option<String>,
    pub(super) language: String,
}

/// What India asks for: a registered text, and what it is registered with.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DltTable {
    entity: String,
    header: String,
    template: String,
    text: String,
    #[serde(default)]
    locales: Locales<DltText>,
}

/// Another text of the same entity.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DltText {
    header: Option<String>,
    template: String,
    text: String,
}

impl DltTable {
    pub(super) fn read(self) -> Made<PerLocale<Dlt>> {
        let (entity, header) = (self.entity, self.header);
        let dlt = Dlt::new(&entity, &header, self.template, self.text)?;
        each(PerLocale::new(dlt), self.locales, |all, locale, own| {
            let header = own.header.as_ref().unwrap_or(&header);
            let dlt = Dlt::new(&entity, header, own.template, own.text)?;
            Ok(all.with(locale, dlt))
        })
    }
}
