//! What an access token must say, and for how long.

use std::time::Duration;

/// Who issues access tokens, for whom, and how long they live.
///
/// ```
/// use otp_core::token::TokenRules;
/// use std::time::Duration;
///
/// let rules = TokenRules::new("https://login.example", "https://api.example", "web")?
///     .with_access_ttl(Duration::from_secs(300))?;
/// assert_eq!(rules.access_ttl(), Duration::from_secs(300));
/// assert_eq!(rules.leeway(), Duration::ZERO);
/// # Ok::<(), otp_core::token::TokenRulesError>(())
/// ```
#[derive(Clone, Debug)]
pub struct TokenRules {
    pub(super) issuer: String,
    pub(super) audience: String,
    pub(super) client_id: String,
    pub(super) tenant: Option<String>,
    pub(super) access_ttl: Duration,
    pub(super) leeway: Duration,
}

/// A rule is out of its bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TokenRulesError {
    /// Issuer, audience or client id is empty, too long or has something other than visible ASCII.
    #[error("the {0} must be 1 to 256 bytes of visible ASCII")]
    Name(&'static str),
    /// The life of access tokens is out of bounds.
    #[error("access tokens must live 1 second to 24 hours")]
    AccessTtl,
    /// The leeway is out of bounds.
    #[error("the leeway must be at most 30 seconds")]
    Leeway,
}

impl TokenRules {
    /// The longest life of an access token. It cannot be called back, so 15 minutes is the default.
    pub const MAX_ACCESS_TTL: Duration = Duration::from_secs(24 * 60 * 60);
    /// The widest leeway.
    pub const MAX_LEEWAY: Duration = Duration::from_secs(30);
    const DEFAULT_ACCESS_TTL: Duration = Duration::from_secs(15 * 60);

    /// Tokens from `issuer` (`iss`) for `audience` (`aud`), asked for by `client_id`: 15 minutes,
    /// no leeway.
    ///
    /// # Errors
    /// [`TokenRulesError::Name`] unless each is 1 to 256 bytes of visible ASCII.
    pub fn new(
        issuer: impl Into<String>,
        audience: impl Into<String>,
        client_id: impl Into<String>,
    ) -> Result<Self, TokenRulesError> {
        Ok(Self {
            issuer: name("issuer", issuer.into())?,
            audience: name("audience", audience.into())?,
            client_id: name("client id", client_id.into())?,
            tenant: None,
            access_ttl: Self::DEFAULT_ACCESS_TTL,
            leeway: Duration::ZERO,
        })
    }

    /// Sets how long an access token lives.
    ///
    /// # Errors
    /// [`TokenRulesError::AccessTtl`] below 1 second or above 24 hours.
    pub fn with_access_ttl(mut self, ttl: Duration) -> Result<Self, TokenRulesError> {
        if ttl < Duration::from_secs(1) || ttl > Self::MAX_ACCESS_TTL {
            return Err(TokenRulesError::AccessTtl);
        }
        self.access_ttl = ttl;
        Ok(self)
    }

    /// Sets the tenant (`tenant`, a claim of our own): a token of another one, or of none, is refused, also where all
    /// have the same keys and names. Without it only tokens without a tenant are good.
    #[must_use]
    pub fn with_tenant(mut self, tenant: impl Into<String>) -> Self {
        self.tenant = Some(tenant.into());
        self
    }

    /// Sets by how much the clocks of issuer and verifier may differ.
    ///
    /// # Errors
    /// [`TokenRulesError::Leeway`] above 30 seconds.
    pub fn with_leeway(mut self, leeway: Duration) -> Result<Self, TokenRulesError> {
        if leeway > Self::MAX_LEEWAY {
            return Err(TokenRulesError::Leeway);
        }
        self.leeway = leeway;
        Ok(self)
    }

    /// The issuer (`iss`).
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The audience (`aud`).
    #[must_use]
    pub fn audience(&self) -> &str {
        &self.audience
    }

    /// The client (`client_id`).
    #[must_use]
    pub fn client_id(&self) -> &str {
        &self.client_id
    }

    /// The tenant (`tenant`), if there are several.
    #[must_use]
    pub fn tenant(&self) -> Option<&str> {
        self.tenant.as_deref()
    }

    /// How long an access token lives.
    #[must_use]
    pub fn access_ttl(&self) -> Duration {
        self.access_ttl
    }

    /// By how much clocks may differ.
    #[must_use]
    pub fn leeway(&self) -> Duration {
        self.leeway
    }
}

fn name(which: &'static str, value: String) -> Result<String, TokenRulesError> {
    let fits = (1..=256).contains(&value.len()) && value.bytes().all(|b| b.is_ascii_graphic());
    if fits {
        Ok(value)
    } else {
        Err(TokenRulesError::Name(which))
    }
}
