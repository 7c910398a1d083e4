//! The lifecycle: what a server asks of this crate.

mod background;
mod builder;
mod carrier;
mod delivery;
mod error;
mod fallback;
mod hosted;
mod refresh;
mod register;
mod requests;
mod sessions;
mod sign_in;
mod spending;
mod start;
mod started;
mod test_number;
mod verify;

pub use background::Task;
pub use builder::{BuildError, Builder};
pub use error::{AuthenticateError, Limited, RefreshError, RegisterError, StartError, VerifyError};
pub use requests::{
    Confirmed, Identity, Login, Refreshed, Register, Resend, SessionView, Start, Started, Tokens,
    Verified, Verify,
};
pub use test_number::TestNumber;

use carrier::Carrier;
use delivery::Follow;

use crate::limit::{Act, Decision, Refusal, Subject};
use crate::policy::{Binding, Policy};
use crate::token::TokenRules;
use crate::{
    Action, AuditSink, ChallengeId, ChallengeStore, Client, Clock, DeliveryStore, DirectoryError,
    DurableAudit, Event, KeyProvider, Keys, Verifier,
};
use crate::{
    Outcome, PhoneError, PhoneKey, PhoneNumber, Purpose, Region, Sender, SessionStore, Store,
    StoreError,
};
use crate::{Timestamp, User, UserDirectory, UserId};
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

/// Phone login by one-time code. Cheap to clone; all clones are one. The [crate](crate) shows a whole login.
#[derive(Clone)]
pub struct OtpAuth(Arc<Inner>);

struct Inner {
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
    rules: TokenRules,
    tenant: String,
    digits: AtomicU8,
    test_numbers: Vec<TestNumber>,
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
        let carrier = Carrier::Sender(Arc::new(sender));
        Builder::new(store, carrier, users, keys)
    }

    /// As [`builder`](Self::builder), where a provider makes, sends and checks the codes.
    ///
    /// Our challenge stays around each of them: the tries, the limits and the guess budget are those of the policy. How
    /// many digits the codes have is set with the provider, and so is how long they live. Have it make codes with as many
    /// digits as the policy names, or more: the risk that the policy tells is that of those, and a shorter one is wrong
    /// without the provider being asked.
    ///
    /// Each message costs a second store round trip, which keeps the provider's reference; each guess at a challenge
    /// that lives a second one, and a right code a third.
    pub fn hosted(
        store: impl Store,
        verifier: impl Verifier,
        users: impl UserDirectory,
        keys: impl KeyProvider,
    ) -> Builder {
        let carrier = Carrier::Verifier(Arc::new(verifier));
        Builder::new(store, carrier, users, keys)
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

    /// What time it is by its clock.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.0.clock.now()
    }

    /// Raises the digits of new codes at run time, never below what the policy says and never above 10. Codes that
    /// are out stay good: a code is checked against its own challenge. Those of a provider it does not change.
    pub fn raise_code_digits(&self, digits: u8) {
        self.0.digits.store(
            digits.clamp(self.0.policy.code().digits, 10),
            Ordering::Relaxed,
        );
    }

    /// The user with this id; a [`TestNumber`]'s without roles.
    ///
    /// # Errors
    /// What the directory said.
    pub async fn user(&self, id: &UserId) -> Result<Option<User>, DirectoryError> {
        let user = self.0.users.find(id).await?;
        Ok(user.map(|user| self.without_test_roles(self.now(), user)))
    }

    /// The public keys with which others can check access tokens (RFC 7517), as a value of `serde_json` 1, whose
    /// `to_string` is the document.
    #[must_use]
    pub fn jwks(&self) -> serde_json::Value {
        self.0.keys.keys().jwks()
    }

    /// Whether the store can be reached and would take a write.
    ///
    /// # Errors
    /// The store's own.
    pub async fn health(&self) -> Result<(), StoreError> {
        self.0.challenges.ready().await
    }

    /// Removes what has expired: at most `limit` of challenges and limits together, as many records of messages, and as
    /// many sessions. Says how many went. Stores that forget by themselves do not need it.
    ///
    /// # Errors
    /// The store's own.
    pub async fn purge(&self, limit: u32) -> Result<u64, StoreError> {
        let now = self.0.clock.now();
        let challenges = self.0.challenges.purge_challenges(now, limit).await?;
        let deliveries = self.0.deliveries.purge_deliveries(now, limit).await?;
        let sessions = self.0.sessions.purge_sessions(now, limit).await?;
        Ok(challenges + deliveries + sessions)
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

    /// Whose sessions a store is asked for: two tenants may have a user of the same id.
    fn owner(&self, user: &UserId) -> UserId {
        match &*self.0.tenant {
            builder::ONE_TENANT => user.clone(),
            tenant => self.0.keys.keys().owner(tenant, user),
        }
    }

    fn record(&self, event: Event) {
        count(&event);
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

    /// What an event says of a challenge: its id, unless that is the phone's for ever. Rows of an audit from which the
    /// phone was erased would be told by it.
    fn told_id(&self, id: ChallengeId) -> Option<ChallengeId> {
        (self.0.policy.binding() != Binding::Phone).then_some(id)
    }
}

fn count(event: &Event) {
    let labels = [
        ("action", event.action.as_str()),
        ("outcome", event.outcome.as_str()),
    ];
    metrics::counter!("otp_events_total", &labels).increment(1);
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
            .field("carrier", &self.0.carrier.name())
            .field("tenant", &self.0.tenant)
            .finish_non_exhaustive()
    }
}
