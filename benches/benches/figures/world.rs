//! A deployment in memory, with the standard policy, that stays the same size however long it is measured.

use otp_benches::at_once;
use otp_core::policy::Policy;
use otp_core::testing::ManualClock;
use otp_core::{
    Client, Code, Keys, Login, MemoryStore, MemoryUsers, Message, NoAudit, OtpAuth, PhoneNumber,
    Profile, Receipt, SendError, Sender, Start, UserDirectory, Verified, Verify, async_trait,
};
use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Every number asks once, then all that the store holds expires and is purged, outside of the time that is measured.
const PHONES: u32 = 10_000;
/// Longer than anything lives.
const LIFETIME: Duration = Duration::from_secs(31 * 86_400);
/// From one request to the next.
const STEP: Duration = Duration::from_millis(1);

/// Keeps the last code.
#[derive(Clone, Debug, Default)]
pub(crate) struct Mailbox(Arc<Mutex<Option<Code>>>);

impl Mailbox {
    fn take(&self) -> Code {
        self.0.lock().unwrap().take().unwrap()
    }
}

#[async_trait]
impl Sender for Mailbox {
    fn name(&self) -> &str {
        "mailbox"
    }

    async fn send(&self, message: &Message) -> Result<Receipt, SendError> {
        *self.0.lock().unwrap() = Some(message.code.clone());
        Ok(Receipt::default())
    }
}

/// So many different numbers.
pub(crate) fn phones(count: u32) -> Vec<PhoneNumber> {
    (0..count)
        .map(|n| PhoneNumber::parse(&format!("+98912{:07}", n + 1_000_000), None).unwrap())
        .collect()
}

/// Hands out one phone after the other.
pub(crate) struct World {
    /// Two that take turns: what was prepared in one is still good while the other is purged.
    deployments: [Deployment; 2],
    phones: Vec<PhoneNumber>,
    next: usize,
}

#[derive(Clone)]
struct Deployment {
    auth: OtpAuth,
    clock: ManualClock,
    mailbox: Mailbox,
}

impl World {
    /// One where every phone has a user.
    pub(crate) fn new() -> Self {
        let users = Arc::new(MemoryUsers::new());
        let phones = phones(PHONES);
        for phone in &phones {
            let created = at_once(users.create(phone, &Profile::default()));
            created.unwrap().unwrap();
        }
        let deployment = || Deployment::new(users.clone());
        Self {
            deployments: [deployment(), deployment()],
            phones,
            next: 0,
        }
    }

    /// A request for a code, of a number and from an address that have not asked before.
    pub(crate) fn ask(&mut self) -> (OtpAuth, Start) {
        let (deployment, phone, client) = self.next();
        let start = Start::new(phone).with_client(client);
        (deployment.auth.clone(), start)
    }

    /// A right code for a challenge that was opened for it.
    pub(crate) fn answer(&mut self) -> (OtpAuth, Verify) {
        let (deployment, phone, client) = self.next();
        let Deployment { auth, mailbox, .. } = deployment.clone();
        let start = Start::new(phone.clone()).with_client(client.clone());
        let started = at_once(auth.start(start)).unwrap().unwrap();
        let verify = Verify::new(phone, Some(started.challenge_id), mailbox.take());
        (auth, verify.with_client(client))
    }

    /// Somebody signed in.
    pub(crate) fn login(&mut self) -> Login {
        let (auth, verify) = self.answer();
        match at_once(auth.verify(verify)).unwrap().unwrap() {
            Verified::SignedIn(login) => login,
            other => unreachable!("{other:?}"),
        }
    }

    fn next(&mut self) -> (&Deployment, PhoneNumber, Client) {
        if self.next == self.phones.len() {
            self.next = 0;
            self.deployments.reverse();
            self.deployments[0].empty();
        }
        let phone = self.phones[self.next].clone();
        self.next += 1;
        let deployment = &self.deployments[0];
        deployment.clock.advance(STEP);
        let address = Ipv4Addr::from_bits(0x0A00_0000 + self.next as u32);
        let client = Client::new()
            .with_address(IpAddr::V4(address))
            .with_device_info("Firefox on Linux");
        (deployment, phone, client)
    }
}

pub(crate) fn policy() -> Policy {
    Policy::standard().for_countries(["IN", "IR"].map(|country| country.parse().unwrap()))
}

impl Deployment {
    fn new(users: Arc<MemoryUsers>) -> Self {
        let keys = Arc::new(Keys::generate().unwrap());
        let (mailbox, clock) = (Mailbox::default(), ManualClock::default());
        let auth = OtpAuth::builder(MemoryStore::new(), mailbox.clone(), users, keys)
            .clock(clock.clone())
            .audit(NoAudit)
            .policy(policy());
        Self {
            auth: auth.build().unwrap(),
            clock,
            mailbox,
        }
    }

    fn empty(&self) {
        self.clock.advance(LIFETIME);
        at_once(self.auth.purge(u32::MAX)).unwrap().unwrap();
    }
}
