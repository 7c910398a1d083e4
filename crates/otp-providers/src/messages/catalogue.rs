//! The texts of one language.

use super::printable::is_printable;
use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource};
use otp_core::Locale;
use std::fmt;

/// The languages that ship, with their texts.
pub(super) const SHIPPED: [(&str, &str); 12] = [
    ("ar", include_str!("texts/ar.ftl")),
    ("de", include_str!("texts/de.ftl")),
    ("en", include_str!("texts/en.ftl")),
    ("es", include_str!("texts/es.ftl")),
    ("fa", include_str!("texts/fa.ftl")),
    ("fr", include_str!("texts/fr.ftl")),
    ("hi", include_str!("texts/hi.ftl")),
    ("id", include_str!("texts/id.ftl")),
    ("pt", include_str!("texts/pt.ftl")),
    ("ru", include_str!("texts/ru.ftl")),
    ("tr", include_str!("texts/tr.ftl")),
    ("ur", include_str!("texts/ur.ftl")),
];

/// What a text may speak of. No value can hold a line end, `@` or `#`: whoever makes one has seen to it.
pub(super) struct Facts<'a> {
    pub(super) code: &'a str,
    pub(super) brand: &'a str,
    pub(super) minutes: u64,
    pub(super) reference: &'a str,
}

/// Which of the texts.
#[derive(Clone, Copy)]
pub(super) enum Text {
    /// The message itself.
    Code,
    /// The same in fewer words; the message itself where a language has none.
    Short,
    /// The sentence with the reference.
    Reference,
}

impl Text {
    const fn name(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::Short => "short",
            Self::Reference => "reference",
        }
    }
}

/// A text with what did not work out in it: nothing, after a check found nothing.
pub(super) struct Rendered {
    pub(super) text: String,
    pub(super) is_whole: bool,
}

pub(super) struct Catalogue(FluentBundle<FluentResource>);

impl Catalogue {
    /// Reads Fluent's syntax; none for what is not in it, says something twice, cannot be printed, or has no text by the
    /// name of `code`.
    pub(super) fn read(locale: Locale, ftl: &str) -> Option<Self> {
        let resource = FluentResource::try_new(ftl.to_owned()).ok()?;
        if !is_printable(&resource) {
            return None;
        }
        // What Fluent does not know has English plurals.
        let language = locale.as_str().parse().unwrap_or_default();
        let mut bundle = FluentBundle::new_concurrent(vec![language]);
        // Isolates would make every text one of 16 bits a letter, and hide the code from phones.
        bundle.set_use_isolating(false);
        bundle.add_resource(resource).ok()?;
        let catalogue = Self(bundle);
        catalogue.has(Text::Code).then_some(catalogue)
    }

    fn has(&self, text: Text) -> bool {
        let message = self.0.get_message(text.name());
        message.is_some_and(|message| message.value().is_some())
    }

    pub(super) fn render(&self, text: Text, facts: &Facts<'_>) -> Rendered {
        let text = match text {
            Text::Short if !self.has(Text::Short) => Text::Code,
            text => text,
        };
        let mut args = FluentArgs::new();
        args.set("code", facts.code);
        args.set("brand", facts.brand);
        args.set("minutes", facts.minutes);
        args.set("reference", facts.reference);
        let message = self.0.get_message(text.name());
        let Some(pattern) = message.and_then(|message| message.value()) else {
            let (text, is_whole) = (String::new(), false);
            return Rendered { text, is_whole };
        };
        let mut errors = Vec::new();
        let rendered = self.0.format_pattern(pattern, Some(&args), &mut errors);
        Rendered {
            text: rendered.into_owned(),
            is_whole: errors.is_empty(),
        }
    }
}

impl fmt::Debug for Catalogue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Catalogue")
    }
}
