//! The language that a person reads.

use std::fmt;
use std::str::FromStr;

/// Language, script and region with their hyphens: `uzb-Cyrl-860`.
const LONGEST: usize = 12;

/// A language, with a script and a region where they matter: the part of BCP 47 that says how to write to a person.
///
/// Read without regard to case, with `-` or `_`; a language has 2 or 3 letters, a script 4, a region 2 letters or 3
/// digits. Whether there is such a language is not asked.
///
/// ```
/// use otp_core::Locale;
///
/// let locale: Locale = "PT_br".parse()?;
/// assert_eq!(locale.as_str(), "pt-BR");
/// assert_eq!(locale.parent(), Some("pt".parse()?));
/// assert!("pt-BR-u-ca-gregory".parse::<Locale>().is_err());
/// # Ok::<(), otp_core::InvalidLocale>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Locale {
    text: [u8; LONGEST],
    len: u8,
}

/// The text is no language with an optional script and region.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a locale: a language such as hi or pt-BR is expected")]
#[non_exhaustive]
pub struct InvalidLocale;

impl Locale {
    /// The locale in its usual letters: `hi`, `pt-BR`, `zh-Hant-TW`; never more than 12 bytes.
    #[must_use]
    pub fn as_str(&self) -> &str {
        let text = self.text.get(..usize::from(self.len)).unwrap_or_default();
        std::str::from_utf8(text).unwrap_or_default()
    }

    /// The next wider one: the same without its last part (RFC 4647 §3.4). A language alone has none.
    #[must_use]
    pub fn parent(&self) -> Option<Self> {
        let (wider, _) = self.as_str().rsplit_once('-')?;
        let mut parent = Self::EMPTY;
        parent.push(wider.bytes());
        Some(parent)
    }

    const EMPTY: Self = Self {
        text: [0; LONGEST],
        len: 0,
    };

    /// The parts that are read fit; more is dropped.
    fn push(&mut self, bytes: impl Iterator<Item = u8>) {
        for byte in bytes {
            if let Some(place) = self.text.get_mut(usize::from(self.len)) {
                *place = byte;
                self.len += 1;
            }
        }
    }
}

impl FromStr for Locale {
    type Err = InvalidLocale;

    fn from_str(text: &str) -> Result<Self, InvalidLocale> {
        if text.len() > LONGEST {
            return Err(InvalidLocale);
        }
        let letters = |part: &str| part.bytes().all(|b| b.is_ascii_alphabetic());
        let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
        let mut parts = text.split(['-', '_']).peekable();
        let mut locale = Self::EMPTY;
        let language = parts.next().unwrap_or_default();
        if !matches!(language.len(), 2 | 3) || !letters(language) {
            return Err(InvalidLocale);
        }
        locale.push(language.bytes().map(|b| b.to_ascii_lowercase()));
        if let Some(script) = parts.next_if(|part| part.len() == 4 && letters(part)) {
            let (first, rest) = script.split_at(1);
            let first = first.bytes().map(|b| b.to_ascii_uppercase());
            let rest = rest.bytes().map(|b| b.to_ascii_lowercase());
            locale.push(std::iter::once(b'-').chain(first).chain(rest));
        }
        let region = |part: &&str| match part.len() {
            2 => letters(part),
            3 => digits(part),
            _ => false,
        };
        if let Some(region) = parts.next_if(region) {
            let region = region.bytes().map(|b| b.to_ascii_uppercase());
            locale.push(std::iter::once(b'-').chain(region));
        }
        parts.next().map_or(Ok(locale), |_| Err(InvalidLocale))
    }
}

impl fmt::Display for Locale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for Locale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Locale({self})")
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Locale {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

#[cfg(feature = "serde")]
impl<'de> serde::Deserialize<'de> for Locale {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}
