//! A policy file: what a deployment allows, and where its routes are.

use otp_core::Region;
use otp_core::policy::Policy;
use otp_http::Routes;
use serde::Deserialize;
use toml::{Table, Value};

/// A table `[policy]`, and a table `[routes]` where they differ from the default ones.
///
/// ```
/// let file = otp_examples::PolicyFile::parse("policy.code.digits = 8", None)?;
/// assert_eq!(file.policy.code().digits, 8);
/// assert!(file.routes.is_none());
/// # Ok::<(), toml::de::Error>(())
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
    pub fn parse(text: &str, region: Option<Region>) -> Result<Self, toml::de::Error> {
        let file: Self = toml::from_str(text)?;
        let Some(region) = region else {
            return Ok(file);
        };
        let mut table: Table = toml::from_str(text)?;
        if let Some(Value::Table(policy)) = table.get_mut("policy") {
            policy.insert("default_region".to_owned(), region.as_str().into());
        }
        table.try_into()
    }
}
