//! What a message says, in the language of who reads it.
//!
//! [`Messages`] holds the texts of each language and is the [`Wording`] of any sender that carries a text. It ships
//! with a dozen languages, and a team adds or replaces any. They are written in
//! [Fluent's syntax](https://projectfluent.org/fluent/guide/), which knows the plurals of a language:
//!
//! ```
//! use otp_providers::http::{Brand, HttpSender, Secret};
//! use otp_providers::messages::Messages;
//! use otp_providers::{Kavenegar, KavenegarSender};
//!
//! let swahili = "code = { $code } ni msimbo wako wa { $brand }, kwa dakika { $minutes }. Usimpe mtu yeyote.";
//! let messages = Messages::builder(Brand::new("Example")?)
//!     .default_locale("fa".parse()?)
//!     .with_ftl("sw".parse()?, swahili)
//!     .web_otp("login.example.com")
//!     .build()?;
//! for finding in messages.check() {
//!     println!("{finding}"); // such as "hi: up to 121 16-bit units, which are 2 SMS"
//! }
//! let key = Secret::new("the API key from Kavenegar's panel")?;
//! let sender: KavenegarSender = HttpSender::new(Kavenegar::with_line(key, "10004346", messages)?)?;
//! # let _ = sender;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The code and the minutes stand in the digits 0 to 9 in every language, and no invisible marks stand around them:
//! phones find the code, and people type what the server reads. Nothing that a request brings can add a line to a text.
//!
//! # What the shipped texts cost
//! The SMS that each takes: the usual one (6 digits, 5 minutes, a brand of 7 letters), the longest (10 digits, a brand of
//! 32 letters), and the usual one with a reference and a line for the page `login.example.com`.
//!
//! | language | usual | longest | with reference and WebOTP |
//! |---|---|---|---|
//! | ar | 1 (66 units) | 2 (96 units) | 2 (107 units) |
//! | de | 1 (86 septets) | 1 (116 septets) | 1 (129 septets) |
//! | en | 1 (82 septets) | 1 (112 septets) | 1 (126 septets) |
//! | es | 1 (68 units) | 2 (98 units) | 2 (113 units) |
//! | fa | 1 (68 units) | 2 (98 units) | 2 (108 units) |
//! | fr | 1 (86 septets) | 1 (116 septets) | 1 (131 septets) |
//! | hi | 1 (65 units) | 2 (95 units) | 2 (106 units) |
//! | id | 1 (82 septets) | 1 (112 septets) | 1 (126 septets) |
//! | pt | 1 (70 units) | 2 (100 units) | 2 (115 units) |
//! | ru | 1 (65 units) | 2 (95 units) | 2 (105 units) |
//! | tr | 1 (67 units) | 2 (97 units) | 2 (110 units) |
//! | ur | 1 (69 units) | 2 (99 units) | 2 (109 units) |

mod builder;
mod catalogue;
mod check;
mod excess;
mod finding;
mod printable;
mod segments;
mod web_otp;

pub use builder::{MessagesBuilder, MessagesError};
pub use finding::{Finding, Problem};
pub use segments::{Encoding, Segments, segments};
pub use web_otp::{OneTimeCode, one_time_code};

use crate::http::{Brand, Dlt, PerLocale, Wording};
use catalogue::{Catalogue, Facts, Rendered, Text};
use otp_core::{Locale, Message};
use std::sync::Arc;

/// The texts of all languages, checked. Cheap to clone. See the [module](self).
#[derive(Clone, Debug)]
pub struct Messages {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    brand: Brand,
    catalogues: PerLocale<Catalogue>,
    default_locale: Locale,
    reference: bool,
    host: Option<String>,
    app_hash: Option<String>,
    dlt: Option<PerLocale<Dlt>>,
}

impl Messages {
    /// Starts from the texts that ship, for this brand.
    pub const fn builder(brand: Brand) -> MessagesBuilder {
        MessagesBuilder::new(brand)
    }

    /// Every language that has texts, the default one first.
    pub fn locales(&self) -> impl Iterator<Item = Locale> {
        let all = self.inner.catalogues.iter();
        all.map(|(locale, _)| locale.unwrap_or(self.inner.default_locale))
    }

    fn brand(&self) -> &str {
        self.inner.brand.name().unwrap_or_default()
    }

    /// The words, then what phones read: the app's hash, and the page's line, which must be the last one.
    fn whole(&self, locale: Option<Locale>, facts: &Facts<'_>) -> Rendered {
        let Inner { host, app_hash, .. } = &*self.inner;
        let catalogue = self.inner.catalogues.of(locale);
        let mut whole = catalogue.render(self.inner.body(), facts);
        if self.inner.reference {
            let sentence = catalogue.render(Text::Reference, facts);
            whole.is_whole &= sentence.is_whole;
            whole.text = format!("{} {}", whole.text, sentence.text);
        }
        if let Some(hash) = app_hash {
            whole.text = format!("{}\n{hash}", whole.text);
        }
        if let Some(host) = host {
            whole.text = format!("{}\n@{host} #{}", whole.text, facts.code);
        }
        whole
    }
}

impl Inner {
    const fn body(&self) -> Text {
        match self.app_hash {
            Some(_) => Text::Short,
            None => Text::Code,
        }
    }
}

impl Wording for Messages {
    fn text(&self, message: &Message) -> String {
        let facts = Facts {
            code: message.code.expose(),
            brand: self.brand(),
            // Rounded down, so that nobody is promised more than there is.
            minutes: message.expires_in.as_secs() / 60,
            reference: &message.challenge_id.reference(),
        };
        self.whole(message.locale, &facts).text
    }
}
