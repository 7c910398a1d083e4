//! The lifecycle: what a server asks of this crate.

mod builder;
mod error;
mod refresh;
mod register;
mod requests;
mod sessions;
mod sign_in;
mod start;
mod verify;

pub use builder::{BuildError, Builder};
pub use error::{AuthenticateError, Limited, RefreshError, RegisterError, StartError, VerifyError};
pub use requests::{
    Confirmed, Identity, Login, Refreshed, Register, Resend, SessionView, Start, Started, Tokens,
    Verified, Verify,
};

use crate::limit::{Act, Decision, Refusal, Subject};
use crate::policy::{Binding, Policy};
use crate::token::TokenRules;
use crate::{
    Action, AuditSink, ChallengeId, ChallengeStore, Client, Clock, DirectoryError, Event,
    KeyProvider, Keys,
};
use crate::{
    Outcome, PhoneError, PhoneKey, PhoneNumber, Purpose, Region, Sender, SessionStore, Store,
    StoreError,
};
use crate::{Timestamp, User, UserDirectory, UserId};
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

/// Phone login by one-time code. Cheap to clone; all clones are one.
#[derive(Clone)]
pub struct OtpAuth(Arc<Inner>);

struct Inner {
    challenges: Arc<dyn ChallengeStore>,
    sessions: Arc<dyn SessionStore>,
    sender: Arc<dyn Sender>,
    users: Arc<dyn UserDirectory>,
    keys: Arc<dyn KeyProvider>,
    clock: Arc<dyn Clock>,
    audit: Arc<dyn AuditSink>,
    policy: Policy,
    rules: TokenRules,
    tenant: String,
    digits: AtomicU8,
}

/// What one request works with: one instant, one set of keys.
struct Moment {
    now: Timestamp,
    keys: Arc<Keys>,
}

/// A number and what stands for it.
struct Known<'a> {
    phone: &'a PhoneNumber,
    key: PhoneKey,
}

impl OtpAuth {
    /// What a login cannot do without; everything else has a safe default.
    pub fn builder(
        store: impl Store,
        sender: impl Sender,
        users: impl UserDirectory,
        keys: impl KeyProvider,
    ) -> Builder {
        Builder::new(store, sender, users, keys)
    }

    /// The policy in force.
    #[must_use]
    pub fn policy(&self) -> &Policy {
        &self.0.policy
    }

    /// Reads a number. `hint` is the country that the request names, as a region (`IR`) or a calling code (`+98`);
    /// without one the policy's default region is used for numbers without a country.
    ///
    /// # Errors
    /// [`PhoneError`] says why it is no usable number.
    pub fn phone(&self, raw: &str, hint: Option<Region>) -> Result<PhoneNumber, PhoneError> {
        PhoneNumber::parse(raw, hint.or(self.0.policy.default_region()))
    }

    /// Raises the digits of new codes at run time, never below what the policy says and never above 10. Codes that
    /// are out stay good: a code is checked against its own challenge.
    pub fn raise_code_digits(&self, digits: u8) {
        self.0.digits.store(
            digits.clamp(self.0.policy.code().digits, 10),
            Ordering::Relaxed,
        );
    }

    /// The user with this id.
    ///
    /// # Errors
    /// What the directory said.
    pub async fn user(&self, id: &UserId) -> Result<Option<User>, DirectoryError> {
        self.0.users.find(id).await
    }

    /// The public keys with which others can check access tokens (RFC 7517).
    #[must_use]
    pub fn jwks(&self) -> serde_json::Value {
        self.0.keys.keys().jwks()
    }

    /// Whether the store can be reached.
    ///
    /// # Errors
    /// The store's own.
    pub async fn health(&self) -> Result<(), StoreError> {
        self.0.challenges.ping().await
    }

    /// Removes at most `limit` records and `limit` sessions that have expired; says how many went. Stores that
    /// forget by themselves need it not.
    ///
    /// # Errors
    /// The store's own.
    pub async fn purge(&self, limit: u32) -> Result<u64, StoreError> {
        let now = self.0.clock.now();
        let challenges = self.0.challenges.purge_challenges(now, limit).await?;
        Ok(challenges + self.0.sessions.purge_sessions(now, limit).await?)
    }

    /// Counts a request that could not be read against what limits its sender, where the policy has such limits.
    ///
    /// # Errors
    /// [`Limited`] when its sender has to wait.
    pub async fn reject_input(&self, act: Act, client: &Client) -> Result<(), Limited> {
        let moment = self.moment();
        let subject = moment.subject(self, None, client);
        let cells = self.0.policy.compiled().cells_of_malformed(act, &subject);
        let tell = |outcome| {
            self.record(Event::new(moment.now, Action::Malformed, outcome).by_client(client))
        };
        if cells.cells.is_empty() {
            tell(Outcome::Done);
            return Ok(());
        }
        match self.0.challenges.charge(&cells.cells, moment.now).await {
            Ok(Decision::Admitted) => {
                tell(Outcome::Done);
                Ok(())
            }
            Ok(Decision::Refused(refusals)) => {
                let limited = self.limited(&cells, &refusals, moment.now);
                tell(Outcome::Limited(limited.limit.clone()));
                Err(limited)
            }
            // The request is refused in any case; nothing is admitted by not counting it.
            Err(error) => {
                tell(Outcome::StoreFailed(error.kind));
                Ok(())
            }
        }
    }

    fn moment(&self) -> Moment {
        Moment {
            now: self.0.clock.now(),
            keys: self.0.keys.keys(),
        }
    }

    fn record(&self, event: Event) {
        let labels = [
            ("action", event.action.as_str()),
            ("outcome", event.outcome.as_str()),
        ];
        metrics::counter!("otp_events_total", &labels).increment(1);
        self.0.audit.record(&event);
    }

    /// How long the refusal that lasts longest lasts.
    fn limited(
        &self,
        cells: &crate::limit::RequestCells<'_>,
        refusals: &[Refusal],
        now: Timestamp,
    ) -> Limited {
        match cells.longest(refusals) {
            Some((refusal, limit)) => Limited {
                retry_after: refusal.retry_at.since(now),
                limit,
            },
            None => Limited {
                retry_after: std::time::Duration::from_secs(1),
                limit: "unnamed".into(),
            },
        }
    }

    /// The id of the one challenge that a phone has for a purpose, where the policy binds codes to phones.
    fn id_of_phone(&self, keys: &Keys, phone: &PhoneKey, purpose: Purpose) -> Option<ChallengeId> {
        let one = self.0.policy.binding() == Binding::Phone;
        one.then(|| {
            keys.derived_challenge_id(&[b"phone", phone.as_bytes(), purpose.as_str().as_bytes()])
        })
    }
}

impl Moment {
    fn know<'a>(&self, auth: &OtpAuth, phone: &'a PhoneNumber) -> Known<'a> {
        Known {
            phone,
            key: self.keys.phone_key(&auth.0.tenant, phone.expose()),
        }
    }

    fn subject<'a>(
        &'a self,
        auth: &'a OtpAuth,
        known: Option<&Known<'a>>,
        client: &'a Client,
    ) -> Subject<'a> {
        let phone = known.map(|known| (known.phone, known.key));
        Subject {
            keys: &self.keys,
            tenant: &auth.0.tenant,
            phone,
            client,
        }
    }
}

impl fmt::Debug for OtpAuth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OtpAuth")
            .field("sender", &self.0.sender.name())
            .field("tenant", &self.0.tenant)
            .finish_non_exhaustive()
    }
}
