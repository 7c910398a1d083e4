//! Putting an [`OtpAuth`] together.

use super::{Inner, OtpAuth};
use crate::policy::Policy;
use crate::token::{TokenRules, TokenRulesError};
use crate::{
    AuditSink, ChallengeStore, Clock, KeyProvider, Reach, Sender, SessionStore, Store, SystemClock,
};
use crate::{TracingAudit, UserDirectory};
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicU8;
use std::time::Duration;

/// The tenant of a deployment that has one: it is not named in tokens.
const ONE_TENANT: &str = "default";

/// Builds an [`OtpAuth`]. What has no safe default is an argument of [`OtpAuth::builder`]; the rest is set here.
#[must_use = "nothing is checked before `build`"]
pub struct Builder {
    challenges: Arc<dyn ChallengeStore>,
    sessions: Arc<dyn SessionStore>,
    sender: Arc<dyn Sender>,
    users: Arc<dyn UserDirectory>,
    keys: Arc<dyn KeyProvider>,
    clock: Arc<dyn Clock>,
    audit: Arc<dyn AuditSink>,
    policy: Policy,
    tenant: String,
    issuer: String,
    audience: String,
    client_id: String,
    leeway: Duration,
    several_nodes: bool,
}

/// Why an [`OtpAuth`] does not build.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// Issuer, audience, client id, lifetime or leeway of tokens.
    #[error("the access tokens' rules do not hold")]
    Tokens(#[from] TokenRulesError),
    /// Tenants are named by 1 to 64 characters.
    #[error("a tenant is named by 1 to 64 characters")]
    Tenant,
    /// Several nodes need a store that all of them see.
    #[error("this store is seen by one process alone; several nodes need a shared one")]
    StoreNotShared,
}

impl Builder {
    pub(super) fn new(
        store: impl Store,
        sender: impl Sender,
        users: impl UserDirectory,
        keys: impl KeyProvider,
    ) -> Self {
        let store = Arc::new(store);
        Self {
            challenges: store.clone(),
            sessions: store,
            sender: Arc::new(sender),
            users: Arc::new(users),
            keys: Arc::new(keys),
            clock: Arc::new(SystemClock),
            audit: Arc::new(TracingAudit),
            policy: Policy::standard(),
            tenant: ONE_TENANT.to_owned(),
            issuer: "otp".to_owned(),
            audience: "otp".to_owned(),
            client_id: "first-party".to_owned(),
            leeway: Duration::from_secs(5),
            several_nodes: false,
        }
    }

    /// Sets the policy; [`Policy::standard`] otherwise.
    pub fn policy(mut self, policy: Policy) -> Self {
        self.policy = policy;
        self
    }

    /// Sets the clock; the system's otherwise.
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Sets who is told what happens; [`TracingAudit`] otherwise.
    pub fn audit(mut self, audit: impl AuditSink) -> Self {
        self.audit = Arc::new(audit);
        self
    }

    /// Sets the tenant, `default` otherwise. Tenants that share a store and keys share no code, limit or token. Their
    /// user ids must differ: `sessions`, `revoke` and `logout_all` go by the user's id alone.
    pub fn tenant(mut self, tenant: impl Into<String>) -> Self {
        self.tenant = tenant.into();
        self
    }

    /// Sets the access tokens' `iss`: who made them, best as a URL.
    pub fn issuer(mut self, issuer: impl Into<String>) -> Self {
        self.issuer = issuer.into();
        self
    }

    /// Sets the access tokens' `aud`: the API that they are good for.
    pub fn audience(mut self, audience: impl Into<String>) -> Self {
        self.audience = audience.into();
        self
    }

    /// Sets the access tokens' `client_id` (RFC 9068 §2.2).
    pub fn client_id(mut self, client_id: impl Into<String>) -> Self {
        self.client_id = client_id.into();
        self
    }

    /// Sets how far clocks may differ when access tokens are checked: at most 30 seconds, 5 otherwise.
    pub const fn leeway(mut self, leeway: Duration) -> Self {
        self.leeway = leeway;
        self
    }

    /// Says that several nodes serve this deployment: a store that only this process sees is refused.
    pub const fn several_nodes(mut self) -> Self {
        self.several_nodes = true;
        self
    }

    /// Checks what was set.
    ///
    /// # Errors
    /// [`BuildError`] says what does not hold.
    pub fn build(self) -> Result<OtpAuth, BuildError> {
        if self.tenant.is_empty() || self.tenant.chars().count() > 64 {
            return Err(BuildError::Tenant);
        }
        if self.several_nodes && self.challenges.reach() == Reach::Process {
            return Err(BuildError::StoreNotShared);
        }
        let mut rules = TokenRules::new(self.issuer, self.audience, self.client_id)?
            .with_access_ttl(self.policy.session().access)?
            .with_leeway(self.leeway)?;
        if self.tenant != ONE_TENANT {
            rules = rules.with_tenant(&self.tenant);
        }
        announce(&self.policy);
        Ok(OtpAuth(Arc::new(Inner {
            challenges: self.challenges,
            sessions: self.sessions,
            sender: self.sender,
            users: self.users,
            keys: self.keys,
            clock: self.clock,
            audit: self.audit,
            digits: AtomicU8::new(self.policy.code().digits),
            policy: self.policy,
            rules,
            tenant: self.tenant,
        })))
    }
}

/// Tells what the policy gives an attacker, and what was accepted of it.
fn announce(policy: &Policy) {
    let risk = policy.risk();
    metrics::gauge!("otp_policy_risk_per_year").set(risk.per_year);
    tracing::info!(
        target: "otp",
        guesses_per_day = risk.guesses_per_day,
        chance_per_day = risk.per_day,
        chance_per_year = risk.per_year,
        accepted = policy.accepted_risk(),
        "an attacker's chance at one phone under this policy",
    );
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("tenant", &self.tenant)
            .field("issuer", &self.issuer)
            .finish_non_exhaustive()
    }
}
