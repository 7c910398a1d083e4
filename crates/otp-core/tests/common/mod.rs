//! An `OtpAuth` whose clock, messages, events, users and store a test holds in its hands.
#![allow(dead_code, unused_imports, reason = "each test file uses a part of it")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail")]

mod acts;
mod double;
mod probe;
mod recorder;
pub(crate) mod scan;
pub(crate) mod story;

pub(crate) use acts::*;
pub(crate) use double::{Directory, Events};
pub(crate) use probe::Probe;
pub(crate) use recorder::{Metrics, Recorder};

use otp_core::policy::{Policy, PolicyBuilder};
use otp_core::testing::{CapturingSender, ManualClock};
use otp_core::{
    Action, ChallengeId, Client, Code, Consent, KeyProvider, Keys, Login, MemoryStore, OtpAuth,
    Outcome, PhoneNumber, Profile, Purpose, Resend, Start, StartError, Started, Store, Ticket,
    Verified, Verify, VerifyError,
};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

pub(crate) const SECOND: Duration = Duration::from_secs(1);
pub(crate) const MINUTE: Duration = Duration::from_secs(60);
pub(crate) const HOUR: Duration = Duration::from_secs(3600);
pub(crate) const DAY: Duration = Duration::from_secs(86_400);
pub(crate) const MILLI: Duration = Duration::from_millis(1);

/// A login service and all that it was given.
pub(crate) struct World {
    pub(crate) auth: OtpAuth,
    pub(crate) clock: ManualClock,
    pub(crate) sender: CapturingSender,
    pub(crate) users: Arc<Directory>,
    pub(crate) events: Arc<Events>,
    pub(crate) store: Arc<Probe>,
}

/// What a [`World`] is made of; two that share parts are two nodes, or two tenants.
#[derive(Clone)]
pub(crate) struct Setup {
    pub(crate) policy: Policy,
    pub(crate) clock: ManualClock,
    pub(crate) sender: CapturingSender,
    pub(crate) users: Arc<Directory>,
    pub(crate) events: Arc<Events>,
    pub(crate) store: Arc<Probe>,
    pub(crate) keys: Arc<Keys>,
    pub(crate) tenant: &'static str,
}

impl Setup {
    pub(crate) fn new(policy: Policy) -> Self {
        Self {
            policy,
            clock: ManualClock::default(),
            sender: CapturingSender::new(),
            users: Arc::default(),
            events: Arc::default(),
            store: Arc::new(Probe::new(MemoryStore::new())),
            keys: Arc::new(Keys::generate().unwrap()),
            tenant: "default",
        }
    }

    pub(crate) fn node(&self) -> World {
        self.node_with(self.store.clone(), self.keys.clone())
    }

    pub(crate) fn node_with(&self, store: impl Store, keys: impl KeyProvider) -> World {
        let builder = OtpAuth::builder(store, self.sender.clone(), self.users.clone(), keys);
        let auth = builder
            .policy(opened(self.policy.clone()))
            .clock(self.clock.clone())
            .audit(self.events.clone())
            .tenant(self.tenant)
            .build()
            .unwrap();
        World {
            auth,
            clock: self.clock.clone(),
            sender: self.sender.clone(),
            users: self.users.clone(),
            events: self.events.clone(),
            store: self.store.clone(),
        }
    }
}

/// Open to the countries of these tests' numbers, unless it says itself what is open.
pub(crate) fn opened(policy: Policy) -> Policy {
    if !policy.countries().is_empty() {
        return policy;
    }
    policy.for_countries(["IN", "IR", "GB", "US"].map(|country| country.parse().unwrap()))
}

pub(crate) fn standard() -> World {
    world(Policy::standard())
}

pub(crate) fn world(policy: Policy) -> World {
    Setup::new(policy).node()
}

pub(crate) fn built(change: impl FnOnce(PolicyBuilder) -> PolicyBuilder) -> World {
    world(change(Policy::builder()).build().unwrap())
}

/// The `n`th of many valid mobile numbers.
pub(crate) fn phone(n: u32) -> PhoneNumber {
    PhoneNumber::parse(&format!("+9198765{n:05}"), None).unwrap()
}

pub(crate) fn from_ip(ip: &str) -> Client {
    Client::new().with_address(ip.parse::<IpAddr>().unwrap())
}

pub(crate) fn device(id: &str) -> Client {
    Client::new().with_device_id(id)
}

/// A code as long as `right`, and not it: `n` chooses which.
pub(crate) fn wrong(right: &Code, n: u64) -> Code {
    let modulus = 10_u64.pow(u32::try_from(right.len()).unwrap());
    let value: u64 = right.expose().parse().unwrap();
    let other = (value + 1 + n % (modulus - 1)) % modulus;
    Code::parse(&format!("{other:0width$}", width = right.len())).unwrap()
}

pub(crate) fn agreed() -> Profile {
    let mut profile = Profile::default();
    profile.first_name = Some("Asha".to_owned());
    profile.consent = Some(Consent::new("terms-in", "3"));
    profile
}

impl World {
    pub(crate) async fn start(&self, phone: &PhoneNumber) -> Started {
        self.auth.start(Start::new(phone.clone())).await.unwrap()
    }

    /// Starts; the code that was sent comes with it.
    pub(crate) async fn started(&self, phone: &PhoneNumber) -> (ChallengeId, Code) {
        let started = self.start(phone).await;
        (started.challenge_id, self.code())
    }

    pub(crate) async fn resend(
        &self,
        phone: &PhoneNumber,
        id: ChallengeId,
    ) -> Result<Started, StartError> {
        self.auth.resend(Resend::new(phone.clone(), Some(id))).await
    }

    /// The code that was sent last.
    pub(crate) fn code(&self) -> Code {
        self.sender.last_code().unwrap()
    }

    pub(crate) fn sent(&self) -> usize {
        self.sender.messages().len()
    }

    pub(crate) async fn verify(
        &self,
        phone: &PhoneNumber,
        id: ChallengeId,
        code: &Code,
    ) -> Result<Verified, VerifyError> {
        let verify = Verify::new(phone.clone(), Some(id), code.clone());
        self.auth.verify(verify).await
    }

    pub(crate) async fn login(&self, phone: &PhoneNumber) -> Login {
        self.login_from(phone, Client::new()).await
    }

    /// A second login, past the cooldown of the one before.
    pub(crate) async fn login_again(&self, phone: &PhoneNumber) -> Login {
        self.clock.advance(MINUTE);
        self.login(phone).await
    }

    pub(crate) async fn login_from(&self, phone: &PhoneNumber, client: Client) -> Login {
        let (id, code) = self.started(phone).await;
        let verify = Verify::new(phone.clone(), Some(id), code).with_client(client);
        signed_in(self.auth.verify(verify).await.unwrap())
    }

    /// What happened since the last look.
    pub(crate) fn happened(&self) -> Vec<(Action, Outcome)> {
        let events = self.events.take();
        events.into_iter().map(|e| (e.action, e.outcome)).collect()
    }
}

pub(crate) fn signed_in(verified: Verified) -> Login {
    match verified {
        Verified::SignedIn(login) => login,
        other => panic!("signed in expected, not {other:?}"),
    }
}

pub(crate) fn ticket(verified: Verified) -> Ticket {
    match verified {
        Verified::RegistrationRequired { ticket, .. } => ticket,
        other => panic!("a ticket expected, not {other:?}"),
    }
}

pub(crate) fn is_rejected<T>(result: &Result<T, VerifyError>) -> bool {
    matches!(result, Err(VerifyError::Rejected { .. }))
}

pub(crate) const PURPOSES: [Purpose; 3] = [Purpose::Login, Purpose::StepUp, Purpose::ChangePhone];
