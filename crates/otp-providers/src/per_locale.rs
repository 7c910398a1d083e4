//! What differs from language to language.

use otp_core::Locale;

/// A value for every language: some have their own, all others the default.
///
/// A language is looked for as it is, then without its region, then without its script (RFC 4647 §3.4).
///
/// ```
/// use otp_providers::http::PerLocale;
///
/// let names = PerLocale::new("login_en").with("pt".parse()?, "login_pt");
/// assert_eq!(names.of(Some("pt-BR".parse()?)), &"login_pt");
/// assert_eq!(names.of(Some("fr".parse()?)), &"login_en");
/// assert_eq!(names.of(None), &"login_en");
/// # Ok::<(), otp_core::InvalidLocale>(())
/// ```
#[derive(Clone, Debug)]
pub struct PerLocale<T> {
    default: T,
    own: Vec<(Locale, T)>,
}

impl<T> PerLocale<T> {
    /// The same for all.
    #[must_use]
    pub const fn new(default: T) -> Self {
        let own = Vec::new();
        Self { default, own }
    }

    /// Sets what all have that have nothing of their own, in place of what was.
    #[must_use]
    pub fn with_default(mut self, value: T) -> Self {
        self.default = value;
        self
    }

    /// Sets what is this language's own, in place of what was.
    #[must_use]
    pub fn with(mut self, locale: Locale, value: T) -> Self {
        self.set(locale, value);
        self
    }

    /// What there is for this language.
    pub fn of(&self, locale: Option<Locale>) -> &T {
        self.find(locale).1
    }

    /// As [`of`](Self::of), with the language whose own it is; none for the default.
    pub fn find(&self, locale: Option<Locale>) -> (Option<Locale>, &T) {
        let mut wanted = locale;
        while let Some(locale) = wanted {
            if let Some((own, value)) = self.own.iter().find(|(own, _)| *own == locale) {
                return (Some(*own), value);
            }
            wanted = locale.parent();
        }
        (None, &self.default)
    }

    /// All values, the default one first.
    pub fn iter(&self) -> impl Iterator<Item = (Option<Locale>, &T)> {
        let own = self
            .own
            .iter()
            .map(|(locale, value)| (Some(*locale), value));
        std::iter::once((None, &self.default)).chain(own)
    }

    pub(crate) fn set(&mut self, locale: Locale, value: T) {
        self.own.retain(|(own, _)| *own != locale);
        self.own.push((locale, value));
    }
}

impl<T> From<T> for PerLocale<T> {
    fn from(default: T) -> Self {
        Self::new(default)
    }
}
