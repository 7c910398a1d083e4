//! Every text at its longest, before anybody gets one.

use super::catalogue::{Facts, Text};
use super::{Finding, Messages, Problem, Segments, one_time_code, segments};
use otp_core::Locale;

/// As many digits as a policy can ask for, and as few.
const CODES: [&str; 2] = ["8642097531", "864209"];
/// A code lives ten minutes at most; every number of them has its own grammar.
const MINUTES: std::ops::RangeInclusive<u64> = 0..=10;
const REFERENCE: &str = "WXYZ";
/// What Android reads of a message with an app's hash.
const APP_BYTES: usize = 140;

/// One language as it is looked at.
struct Look<'a> {
    messages: &'a Messages,
    locale: Option<Locale>,
    findings: Vec<Problem>,
    longest: Option<Segments>,
    most_bytes: usize,
}

impl Messages {
    /// Looks at every language with the longest and the shortest code and every lifetime. What
    /// [`build`](super::MessagesBuilder::build) let pass are warnings, for a server to print when it starts.
    #[must_use]
    pub fn check(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        for (locale, _) in self.inner.catalogues.iter() {
            let name = locale.unwrap_or(self.inner.default_locale);
            let problems = Look::at(self, locale).problems();
            findings.extend(problems.map(|problem| Finding::new(name, problem)));
        }
        findings.extend(self.unregistered());
        findings
    }

    /// The languages whose texts are not the registered ones.
    fn unregistered(&self) -> impl Iterator<Item = Finding> {
        let registered = self.inner.dlt.iter().flat_map(|dlt| dlt.iter());
        let strays = registered.filter(|(locale, dlt)| {
            let said = |code| self.whole(*locale, &self.facts(code, *MINUTES.end())).text;
            CODES.into_iter().any(|code| !dlt.matches(&said(code)))
        });
        strays.map(|(locale, _)| {
            let name = locale.unwrap_or(self.inner.default_locale);
            Finding::new(name, Problem::Dlt)
        })
    }

    fn facts<'a>(&'a self, code: &'a str, minutes: u64) -> Facts<'a> {
        Facts {
            code,
            brand: self.brand(),
            minutes,
            reference: REFERENCE,
        }
    }
}

impl<'a> Look<'a> {
    fn at(messages: &'a Messages, locale: Option<Locale>) -> Self {
        let mut look = Self {
            messages,
            locale,
            findings: Vec::new(),
            longest: None,
            most_bytes: 0,
        };
        for code in CODES {
            for minutes in MINUTES {
                look.look(code, minutes);
            }
        }
        look
    }

    fn look(&mut self, code: &str, minutes: u64) {
        let inner = &self.messages.inner;
        let facts = self.messages.facts(code, minutes);
        let whole = self.messages.whole(self.locale, &facts);
        let own = |text| inner.catalogues.of(self.locale).render(text, &facts).text;
        let body = own(inner.body());
        let read = one_time_code(&whole.text).map(|read| (read.host, read.code));
        let reference = || own(Text::Reference).contains(REFERENCE);
        let said = body.replace(self.messages.brand(), " ");
        let tests = [
            (Problem::Broken, !whole.is_whole),
            (Problem::NoCode, !body.contains(code)),
            (Problem::NoReference, inner.reference && !reference()),
            (
                Problem::WebOtp,
                read != inner.host.as_deref().map(|host| (host, code)),
            ),
            (
                Problem::Address,
                has_address(&said) || has_address(&own(Text::Reference)),
            ),
        ];
        let found = tests.into_iter().filter(|(_, is_found)| *is_found);
        for (problem, _) in found {
            if !self.findings.contains(&problem) {
                self.findings.push(problem);
            }
        }
        let segments = segments(&whole.text);
        self.most_bytes = self.most_bytes.max(bytes(&whole.text, segments));
        if self
            .longest
            .is_none_or(|longest| longest.units < segments.units)
        {
            self.longest = Some(segments);
        }
    }

    fn problems(self) -> impl Iterator<Item = Problem> {
        let bytes = self.most_bytes;
        let for_app = self.messages.inner.app_hash.is_some() && bytes > APP_BYTES;
        let for_app = for_app.then_some(Problem::TooLongForApp { bytes });
        let several = self.longest.filter(|longest| longest.count > 1);
        let more = for_app.into_iter().chain(several.map(Problem::Segments));
        self.findings.into_iter().chain(more)
    }
}

/// As the app reads it, and as it travels: the larger, for Android does not say which it counts.
fn bytes(text: &str, segments: Segments) -> usize {
    match segments.encoding {
        super::Encoding::Gsm7 => text.len(),
        super::Encoding::Ucs2 => text.len().max(2 * segments.units),
    }
}

/// Whether a phone could make a link of something in it: a scheme, or names with dots between them.
fn has_address(text: &str) -> bool {
    let of_name = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-');
    let mut pieces = text.split(|c| !of_name(c));
    text.contains("://") || pieces.any(is_host)
}

fn is_host(piece: &str) -> bool {
    let piece = piece.trim_matches(['.', '-']);
    let Some((names, last)) = piece.rsplit_once('.') else {
        return false;
    };
    let lettered = last.chars().count() > 1 && last.chars().all(char::is_alphabetic);
    lettered && names.split('.').all(|name| !name.is_empty())
}
