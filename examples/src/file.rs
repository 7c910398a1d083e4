//! A policy file: what a deployment allows, and where its routes are.

use otp_core::policy::Policy;
use otp_core::{Country, CountryError, Region};
use otp_http::Routes;
use serde::Deserialize;
use std::fmt;
use toml::{Table, Value};

/// What is open in development where nobody says: nothing is sent there, so it costs nothing.
const IN_DEVELOPMENT: [&str; 4] = ["GB", "IN", "IR", "US"];

/// No country is open, or a text that names none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CountriesError {
    /// What stands between two commas.
    #[error(transparent)]
    Unknown(#[from] CountryError),
    /// In production somebody has to say it.
    #[error("neither it nor the policy names the countries to which codes are sent, as in IN,US")]
    NoneOpen,
}

/// What is wrong with a policy file, in one line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct PolicyFileError {
    line: Option<usize>,
    problem: String,
}

impl fmt::Display for PolicyFileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(line) = self.line {
            write!(f, "line {line}: ")?;
        }
        f.write_str(&self.problem)
    }
}

impl PolicyFileError {
    fn new(text: &str, error: &toml::de::Error) -> Self {
        let before = error.span().and_then(|span| text.get(..span.start));
        let lines: Vec<_> = error.message().lines().collect();
        Self {
            line: before.map(|before| before.matches('\n').count() + 1),
            problem: lines.join(", "),
        }
    }
}

/// A table `[policy]`, and a table `[routes]` where they differ from the default ones.
///
/// ```
/// let file = otp_examples::PolicyFile::parse("policy.code.digits = 8", None)?;
/// assert_eq!(file.policy.code().digits, 8);
/// assert!(file.routes.is_none());
/// # Ok::<(), otp_examples::PolicyFileError>(())
/// ```
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicyFile {
    /// What is allowed.
    pub policy: Policy,
    /// Where the API is, if not at the default paths.
    pub routes: Option<Routes>,
}

impl PolicyFile {
    /// Reads a file's text; `region` takes the place of the default region that it names.
    ///
    /// # Errors
    /// What is wrong, and where.
    pub fn parse(text: &str, region: Option<Region>) -> Result<Self, PolicyFileError> {
        let wrong = |error| PolicyFileError::new(text, &error);
        let file: Self = toml::from_str(text).map_err(wrong)?;
        let Some(region) = region else {
            return Ok(file);
        };
        let mut table: Table = toml::from_str(text).map_err(wrong)?;
        if let Some(Value::Table(policy)) = table.get_mut("policy") {
            policy.insert("default_region".to_owned(), region.as_str().into());
        }
        table.try_into().map_err(wrong)
    }

    /// Opens the countries that a setting `said`, as in `IN,+882`, or else the policy's own; in development a few
    /// where neither names any.
    ///
    /// # Errors
    /// What no country is, or that production has none.
    pub fn for_countries(
        mut self,
        said: Option<&str>,
        production: bool,
    ) -> Result<Self, CountriesError> {
        let parse = |text: &str| text.trim().parse::<Country>();
        let open: Result<Vec<_>, _> = match said {
            Some(said) => said.split(',').map(parse).collect(),
            None if !self.policy.countries().is_empty() => return Ok(self),
            None if production => return Err(CountriesError::NoneOpen),
            None => IN_DEVELOPMENT.into_iter().map(parse).collect(),
        };
        self.policy = self.policy.for_countries(open?);
        Ok(self)
    }
}
