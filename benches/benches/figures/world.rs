//! A deployment in memory, with the standard policy, that stays the same size however long it is measured.

use otp_benches::at_once;
use otp_core::testing::ManualClock;
use otp_core::{
    Client, Code, Keys, Login, MemoryStore, MemoryUsers, Message, NoAudit, OtpAuth, PhoneNumber,
    Profile, Receipt, SendError, Sender, Start, UserDirectory, Verified, Verify, async_trait,
};
use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, Mutex};

/// Every number may ask once in 30 seconds, and time stands still: the store is renewed after so many.
const PHONES: u32 = 10_000;

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
    keys: Arc<Keys>,
    users: Arc<MemoryUsers>,
    phones: Vec<PhoneNumber>,
    mailbox: Mailbox,
    auth: OtpAuth,
    next: u32,
}

impl World {
    /// One where every phone has a user.
    pub(crate) fn new() -> Self {
        let users = Arc::new(MemoryUsers::new());
        let phones = phones(PHONES);
        for phone in &phones {
            at_once(users.create(phone, &Profile::default()))
                .unwrap()
                .unwrap();
        }
        let keys = Arc::new(Keys::generate().unwrap());
        let mailbox = Mailbox::default();
        let auth = auth(&keys, &users, &mailbox);
        Self {
            keys,
            users,
            phones,
            mailbox,
            auth,
            next: 0,
        }
    }

    /// A request for a code, of a number and from an address that have not asked before.
    pub(crate) fn ask(&mut self) -> (OtpAuth, Start) {
        if self.next == PHONES {
            self.next = 0;
            self.auth = auth(&self.keys, &self.users, &self.mailbox);
        }
        let phone = self.phones[self.next as usize].clone();
        self.next += 1;
        let start = Start::new(phone).with_client(self.client());
        (self.auth.clone(), start)
    }

    /// A right code for a challenge that was opened for it.
    pub(crate) fn answer(&mut self) -> (OtpAuth, Verify) {
        let (auth, start) = self.ask();
        let phone = self.phones[self.next as usize - 1].clone();
        let started = at_once(auth.start(start)).unwrap().unwrap();
        let verify = Verify::new(phone, Some(started.challenge_id), self.mailbox.take());
        (auth, verify.with_client(self.client()))
    }

    /// Somebody signed in.
    pub(crate) fn login(&mut self) -> Login {
        let (auth, verify) = self.answer();
        match at_once(auth.verify(verify)).unwrap().unwrap() {
            Verified::SignedIn(login) => login,
            other => unreachable!("{other:?}"),
        }
    }

    fn client(&self) -> Client {
        let address = Ipv4Addr::from_bits(0x0A00_0000 + self.next);
        Client::new()
            .with_address(IpAddr::V4(address))
            .with_device_info("Firefox on Linux")
    }
}

fn auth(keys: &Arc<Keys>, users: &Arc<MemoryUsers>, mailbox: &Mailbox) -> OtpAuth {
    OtpAuth::builder(
        MemoryStore::new(),
        mailbox.clone(),
        users.clone(),
        keys.clone(),
    )
    .clock(ManualClock::default())
    .audit(NoAudit)
    .build()
    .unwrap()
}
