//! Putting an [`OtpAuth`] together.

use super::background::{Background, Task};
use super::carrier::Carrier;
use super::delivery::Follow;
use super::{Inner, OtpAuth, TestNumber, test_number};
use crate::policy::Policy;
use crate::token::{TokenRules, TokenRulesError};
use crate::{
    AuditSink, ChallengeStore, Clock, DeliveryListener, DeliveryPoll, DeliveryStore, DurableAudit,
    KeyProvider, Reach, SessionStore, Store, SystemClock,
};
use crate::{TracingAudit, UserDirectory};
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicU8;
use std::time::Duration;

/// The tenant of a deployment that has one: it is not named in tokens.
pub(super) const ONE_TENANT: &str = "default";

/// Builds an [`OtpAuth`]. What has no safe default is an argument of [`OtpAuth::builder`]; the rest is set here.
#[must_use = "nothing is checked before `build`"]
pub struct Builder {
    challenges: Arc<dyn ChallengeStore>,
    sessions: Arc<dyn SessionStore>,
    deliveries: Arc<dyn DeliveryStore>,
    carrier: Carrier,
    follow: Follow,
    users: Arc<dyn UserDirectory>,
    keys: Arc<dyn KeyProvider>,
    clock: Arc<dyn Clock>,
    audit: Arc<dyn AuditSink>,
    required: Option<Arc<dyn DurableAudit>>,
    policy: Policy,
    tenant: String,
    issuer: String,
    audience: String,
    client_id: String,
    leeway: Duration,
    several_nodes: bool,
    test_numbers: Vec<TestNumber>,
}

/// Why an [`OtpAuth`] does not build.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// Issuer, audience, client id, lifetime or leeway of tokens.
    #[error("the access tokens' rules do not hold")]
    Tokens(#[from] TokenRulesError),
    /// Tenants are named by 1 to 64 characters, none of them a control character, and no blank at either end.
    #[error(
        "a tenant is named by 1 to 64 characters, none of them a control character, and no blank at either end"
    )]
    Tenant,
    /// Several nodes need a store that all of them see.
    #[error("this store is seen by one process alone; several nodes need a shared one")]
    StoreNotShared,
    /// A policy with a fallback needs [`track_delivery`](Builder::track_delivery).
    #[error("the policy's fallback needs to know what becomes of messages")]
    FallbackUntracked,
    /// A policy with a fallback needs [`background`](Builder::background).
    #[error("the policy's fallback needs something to run on")]
    FallbackWithoutBackground,
    /// Where a provider makes the codes, nobody can send the same one over another channel.
    #[error("a provider's own codes cannot be sent over another channel")]
    FallbackHosted,
    /// A policy says which countries are open.
    #[error(
        "the policy opens no country, so nobody could be sent a code: name them, as in `countries = [\"IN\"]` in a \
         policy file or `Policy::standard().for_countries([\"IN\".parse()?])`"
    )]
    NoCountries,
    /// A test number's code has fewer digits than the policy's, or is one that anybody would try first.
    #[error(
        "a test number's code is too short, or one that is guessed at once, such as 000000 or 123456"
    )]
    TestNumberCode,
    /// A test number ends within 366 days.
    #[error("a test number ends within 366 days")]
    TestNumberTooLong,
    /// A test number has one code.
    #[error("the same test number twice")]
    TestNumberTwice,
}

impl Builder {
    pub(super) fn new(
        store: impl Store,
        carrier: Carrier,
        users: impl UserDirectory,
        keys: impl KeyProvider,
    ) -> Self {
        let store = Arc::new(store);
        Self {
            challenges: store.clone(),
            sessions: store.clone(),
            deliveries: store,
            carrier,
            follow: Follow::default(),
            users: Arc::new(users),
            keys: Arc::new(keys),
            clock: Arc::new(SystemClock),
            audit: Arc::new(TracingAudit),
            required: None,
            policy: Policy::standard(),
            tenant: ONE_TENANT.to_owned(),
            issuer: "otp".to_owned(),
            audience: "otp".to_owned(),
            client_id: "first-party".to_owned(),
            leeway: Duration::from_secs(5),
            several_nodes: false,
            test_numbers: Vec::new(),
        }
    }

    /// Sets the policy. It must open at least one country, which [`Policy::standard`], in force otherwise, does not.
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
        self.required = None;
        self
    }

    /// Sets who is told what happens, and lets nobody sign in before that is kept: a login is appended to the audit
    /// before its session is made, and fails if it cannot be. Everything else is told as by [`audit`](Self::audit).
    pub fn audit_required(mut self, audit: impl DurableAudit) -> Self {
        let audit = Arc::new(audit);
        self.required = Some(audit.clone());
        self.audit = audit;
        self
    }

    /// Keeps what becomes of messages, so that clients and the owner of a number can be told, and a policy's fallback
    /// can be followed.
    ///
    /// Each message then costs a store round trip more, another code for the same challenge two, a retry that is
    /// answered without sending one. If that fails the code is sent all the same, and nothing is known of it.
    pub const fn track_delivery(mut self) -> Self {
        self.follow.tracks = true;
        self
    }

    /// Adds one who is told of every new word about a message.
    pub fn delivery_listener(mut self, listener: impl DeliveryListener) -> Self {
        self.follow.listeners.push(Arc::new(listener));
        self
    }

    /// Adds a provider that can be asked what became of its messages.
    pub fn delivery_poll(mut self, poll: impl DeliveryPoll) -> Self {
        self.follow.polls.push(Arc::new(poll));
        self
    }

    /// Sets what runs a policy's fallback: how a task is started that nobody waits for, and how one sleeps. With tokio:
    ///
    /// ```
    /// # use otp_core::{Builder, Keys, MemoryStore, MemoryUsers, OtpAuth};
    /// # fn background(builder: Builder) -> Builder {
    /// builder.background(|task| drop(tokio::spawn(task)), tokio::time::sleep)
    /// # }
    /// ```
    pub fn background<F>(
        mut self,
        spawn: impl Fn(Task) + Send + Sync + 'static,
        sleep: impl Fn(Duration) -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        self.follow.background = Some(Background::new(spawn, sleep));
        self
    }

    /// Sets the tenant, `default` otherwise: 1 to 64 characters, none of them a control character, and no blank at
    /// either end. Tenants that share a store and keys share no code, limit, session or token, also where two of them
    /// have a user of the same id.
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

    /// Adds a number that is sent nothing and has one code until it ends; see [`TestNumber`].
    pub fn test_number(mut self, number: TestNumber) -> Self {
        self.test_numbers.push(number);
        self
    }

    /// Checks what was set.
    ///
    /// # Errors
    /// [`BuildError`] says what does not hold.
    pub fn build(self) -> Result<OtpAuth, BuildError> {
        if !names_a_tenant(&self.tenant) {
            return Err(BuildError::Tenant);
        }
        if self.several_nodes && self.challenges.reach() != Reach::Shared {
            return Err(BuildError::StoreNotShared);
        }
        self.check_fallback()?;
        if self.policy.countries().is_empty() {
            return Err(BuildError::NoCountries);
        }
        let mut rules = TokenRules::new(self.issuer, self.audience, self.client_id)?
            .with_access_ttl(self.policy.session().access)?
            .with_leeway(self.leeway)?;
        if self.tenant != ONE_TENANT {
            rules = rules.with_tenant(&self.tenant);
        }
        let digits = self.policy.code().digits;
        test_number::check(&self.test_numbers, digits, self.clock.now())?;
        announce(&self.policy);
        Ok(OtpAuth(Arc::new(Inner {
            challenges: self.challenges,
            sessions: self.sessions,
            deliveries: self.deliveries,
            carrier: self.carrier,
            follow: self.follow,
            users: self.users,
            keys: self.keys,
            clock: self.clock,
            audit: self.audit,
            required: self.required,
            digits: AtomicU8::new(digits),
            test_numbers: self.test_numbers,
            policy: self.policy,
            rules,
            tenant: self.tenant,
        })))
    }
}

/// Some databases take names for one that differ only in blanks at the end.
fn names_a_tenant(name: &str) -> bool {
    let short = !name.is_empty() && name.chars().count() <= 64;
    short && name.trim() == name && !name.chars().any(char::is_control)
}

impl Builder {
    fn check_fallback(&self) -> Result<(), BuildError> {
        match self.policy.fallback() {
            None => Ok(()),
            Some(_) if matches!(self.carrier, Carrier::Verifier(_)) => {
                Err(BuildError::FallbackHosted)
            }
            Some(_) if !self.follow.tracks => Err(BuildError::FallbackUntracked),
            Some(_) if self.follow.background.is_none() => {
                Err(BuildError::FallbackWithoutBackground)
            }
            Some(_) => Ok(()),
        }
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
