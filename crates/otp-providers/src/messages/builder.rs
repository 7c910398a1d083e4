//! Putting the texts together.

use super::catalogue::{Catalogue, SHIPPED};
use super::{Finding, Inner, Messages, excess};
use crate::http::{Brand, Dlt, PerLocale};
use otp_core::Locale;
use std::fmt;
use std::sync::Arc;

const LONGEST_HOST: usize = 253;
const LONGEST_NAME: usize = 63;
const APP_HASH: usize = 11;

/// Why there are no texts to send.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MessagesError {
    /// A text says whose the code is.
    #[error("the texts need a brand with a name")]
    Brand,
    /// No language has this name.
    #[error("not a locale in the texts: a language such as hi or pt-BR is expected")]
    Locale,
    /// What was given for this language is not Fluent's syntax, or has no text by the name of `code`; or there is what Fluent
    /// cannot always print: a placeable for a placeable, `{ { $code } }`, a call in a call, a choice by a literal.
    #[error(
        "the text for {0} is not in Fluent's syntax, has a placeable for a placeable, a call in a call or a choice by a \
         literal, or has no text by the name of `code`"
    )]
    Text(Locale),
    /// What was given for this language has more than 64 KiB, or a text with braces more than 30 deep in each other or with
    /// more than 30 parentheses: who reads it would run out of stack.
    #[error(
        "the text for {0} has more than 64 KiB, more than 30 braces in each other, or more than 30 parentheses in one text"
    )]
    Excessive(Locale),
    /// This language is asked for and has no texts.
    #[error("there is no text for {0}")]
    NoText(Locale),
    /// The page's host is a name in small ASCII letters, without scheme, port and path.
    #[error("the host of the page is a name in small ASCII letters, without scheme, port and path")]
    Host,
    /// The hash of an Android app has 11 characters of base64.
    #[error("the hash of an Android app has 11 characters of base64")]
    AppHash,
    /// The check found errors, or warnings that were denied.
    #[error("the texts are refused: {}", Listed(.0))]
    Refused(Vec<Finding>),
}

struct Listed<'a>(&'a [Finding]);

impl fmt::Display for Listed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, finding) in self.0.iter().enumerate() {
            let comma = if n == 0 { "" } else { "; " };
            write!(f, "{comma}{finding}")?;
        }
        Ok(())
    }
}

/// Builds [`Messages`]: the texts that ship, with changes.
#[derive(Clone, Debug)]
#[must_use = "nothing is checked before `build`"]
pub struct MessagesBuilder {
    brand: Brand,
    default_locale: Option<Locale>,
    texts: Vec<(Locale, String)>,
    only: Option<Vec<Locale>>,
    reference: bool,
    host: Option<String>,
    app_hash: Option<String>,
    dlt: Option<PerLocale<Dlt>>,
    deny: bool,
}

impl MessagesBuilder {
    pub(super) const fn new(brand: Brand) -> Self {
        Self {
            brand,
            default_locale: None,
            texts: Vec::new(),
            only: None,
            reference: false,
            host: None,
            app_hash: None,
            dlt: None,
            deny: false,
        }
    }

    /// Sets the language of messages whose reader's is not known or has no text; `en` otherwise.
    pub const fn default_locale(mut self, locale: Locale) -> Self {
        self.default_locale = Some(locale);
        self
    }

    /// Sets all texts of a language, new or in place of those that ship, in Fluent's syntax: `code`, and if they are
    /// to be used `reference` and `short`. They may speak of `$code`, `$brand`, `$minutes` and `$reference`.
    pub fn with_ftl(mut self, locale: Locale, ftl: impl Into<String>) -> Self {
        self.texts.retain(|(own, _)| *own != locale);
        self.texts.push((locale, ftl.into()));
        self
    }

    /// Leaves out all languages but these and the default one.
    pub fn only(mut self, locales: impl IntoIterator<Item = Locale>) -> Self {
        self.only = Some(locales.into_iter().collect());
        self
    }

    /// Ends each text with the challenge's [reference](otp_core::ChallengeId::reference), which the page shows as well:
    /// the reader sees that the message is the one that the page asked for.
    pub const fn with_reference(mut self) -> Self {
        self.reference = true;
        self
    }

    /// Adds the line by which browsers offer the code to the page of this host, and to no other (WebOTP).
    pub fn web_otp(mut self, host: impl Into<String>) -> Self {
        self.host = Some(host.into());
        self
    }

    /// Adds the hash by which Android hands the message to this app (SMS Retriever), and says `short` for `code`: such a
    /// message has 140 bytes at most.
    pub fn app_hash(mut self, hash: impl Into<String>) -> Self {
        self.app_hash = Some(hash.into());
        self
    }

    /// Checks that the texts are those that are registered with India's operators. Give the same to the sender.
    pub fn dlt(mut self, registered: impl Into<PerLocale<Dlt>>) -> Self {
        self.dlt = Some(registered.into());
        self
    }

    /// Refuses warnings too, such as a text of two SMS.
    pub const fn deny_warnings(mut self) -> Self {
        self.deny = true;
        self
    }

    /// Reads and checks all texts.
    ///
    /// # Errors
    /// [`MessagesError`] says what does not hold.
    pub fn build(self) -> Result<Messages, MessagesError> {
        let (catalogues, default_locale) = self.catalogues()?;
        let fits = |set: &Option<String>, fits: fn(&str) -> bool| set.as_deref().is_none_or(fits);
        match () {
            () if self.brand.name().is_none() => return Err(MessagesError::Brand),
            () if !fits(&self.host, is_host) => return Err(MessagesError::Host),
            () if !fits(&self.app_hash, is_app_hash) => return Err(MessagesError::AppHash),
            () => {}
        }
        let messages = Messages {
            inner: Arc::new(Inner {
                brand: self.brand,
                catalogues,
                default_locale,
                reference: self.reference,
                host: self.host,
                app_hash: self.app_hash,
                dlt: self.dlt,
            }),
        };
        let mut findings = messages.check();
        findings.retain(|finding| self.deny || finding.is_error());
        if findings.is_empty() {
            Ok(messages)
        } else {
            Err(MessagesError::Refused(findings))
        }
    }

    fn catalogues(&self) -> Result<(PerLocale<Catalogue>, Locale), MessagesError> {
        let mut texts = PerLocale::new(None);
        for (name, ftl) in SHIPPED {
            let locale = name.parse().map_err(|_| MessagesError::Locale)?;
            texts.set(locale, Some(ftl));
        }
        for (locale, ftl) in &self.texts {
            texts.set(*locale, Some(ftl));
        }
        let english = "en".parse().map_err(|_| MessagesError::Locale)?;
        let default = self.default_locale.unwrap_or(english);
        let read = |locale: Locale| match texts.find(Some(locale)) {
            (Some(own), Some(ftl)) if own == locale && !excess::is_readable(ftl) => {
                Err(MessagesError::Excessive(locale))
            }
            (Some(own), Some(ftl)) if own == locale => {
                Catalogue::read(locale, ftl).ok_or(MessagesError::Text(locale))
            }
            _ => Err(MessagesError::NoText(locale)),
        };
        let mut catalogues = PerLocale::new(read(default)?);
        let all = texts.iter().filter_map(|(locale, _)| locale);
        let wanted = self.only.clone().unwrap_or_else(|| all.collect());
        for locale in wanted.into_iter().filter(|locale| *locale != default) {
            catalogues.set(locale, read(locale)?);
        }
        Ok((catalogues, default))
    }
}

fn is_host(host: &str) -> bool {
    let of_name = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    let name = |name: &str| (1..=LONGEST_NAME).contains(&name.len()) && name.bytes().all(of_name);
    host.len() <= LONGEST_HOST && host.split('.').all(name)
}

fn is_app_hash(hash: &str) -> bool {
    let of_base64 = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/');
    hash.len() == APP_HASH && hash.bytes().all(of_base64)
}
