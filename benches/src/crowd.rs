//! People who sign in to a deployment on any store, under the standard policy.

use otp_core::policy::Policy;
use otp_core::{
    ChallengeId, Client, Code, Keys, MemoryUsers, Message, NoAudit, OtpAuth, PhoneNumber, Profile,
    Receipt, SendError, Sender, Start, Store, UserDirectory, Verified, Verify, async_trait,
};
use std::collections::HashMap;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::runtime::Runtime;
use tokio::task::JoinSet;

/// How many of them prepare something at once.
const AT_ONCE: usize = 32;

/// Keeps every code until it is asked for.
#[derive(Clone, Debug, Default)]
pub struct Mailbox(Arc<Mutex<HashMap<ChallengeId, Code>>>);

impl Mailbox {
    fn take(&self, id: &ChallengeId) -> Option<Code> {
        let mut codes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        codes.remove(id)
    }

    fn empty(&self) {
        let mut codes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        codes.clear();
    }
}

#[async_trait]
impl Sender for Mailbox {
    fn name(&self) -> &str {
        "mailbox"
    }

    async fn send(&self, message: &Message) -> Result<Receipt, SendError> {
        let mut codes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        codes.insert(message.challenge_id, message.code.clone());
        Ok(Receipt::default())
    }
}

/// As many users as there are numbers, each of whom asks once before the store is emptied.
pub struct Crowd<'a> {
    /// The deployment.
    pub auth: OtpAuth,
    runtime: &'a Runtime,
    mailbox: Mailbox,
    phones: Vec<PhoneNumber>,
    next: usize,
    empty: Box<dyn FnMut() + 'a>,
}

impl<'a> Crowd<'a> {
    /// `size` users, in the directory already; `empty` takes everything out of the store.
    ///
    /// # Panics
    /// When there can be no such deployment.
    #[expect(clippy::expect_used, reason = "a bench that cannot go on stops")]
    pub fn new(
        runtime: &'a Runtime,
        store: impl Store,
        size: u32,
        mut empty: impl FnMut() + 'a,
    ) -> Self {
        let users = Arc::new(MemoryUsers::new());
        let number = |n| PhoneNumber::parse(&format!("+98912{:07}", n + 1_000_000), None);
        let phones: Vec<PhoneNumber> = (0..size).map(|n| number(n).expect("a number")).collect();
        for phone in &phones {
            let created = runtime.block_on(users.create(phone, &Profile::default()));
            created.expect("a directory in memory");
        }
        let mailbox = Mailbox::default();
        let keys = Arc::new(Keys::generate().expect("random keys"));
        let auth = OtpAuth::builder(store, mailbox.clone(), users, keys).audit(NoAudit);
        let policy = Policy::standard().for_countries(["IR".parse().expect("a country")]);
        empty();
        Self {
            auth: auth.policy(policy).build().expect("a deployment"),
            runtime,
            mailbox,
            phones,
            next: 0,
            empty: Box::new(empty),
        }
    }

    pub(crate) const fn runtime(&self) -> &'a Runtime {
        self.runtime
    }

    pub(crate) const fn size(&self) -> u64 {
        self.phones.len() as u64
    }

    /// Requests for a code, each of a number and from an address that have not asked before.
    ///
    /// # Panics
    /// When there are fewer people than that.
    pub fn asks(&mut self, count: u64) -> Vec<(OtpAuth, Start)> {
        let people = self.people(count);
        let ask = |(phone, client)| (self.auth.clone(), Start::new(phone).with_client(client));
        people.into_iter().map(ask).collect()
    }

    /// Right codes for challenges that were opened for them.
    ///
    /// # Panics
    /// As [`Crowd::asks`], and when a challenge is refused.
    #[expect(clippy::expect_used, reason = "a bench that cannot go on stops")]
    pub fn answers(&mut self, count: u64) -> Vec<(OtpAuth, Verify)> {
        let people = self.people(count);
        let auth = self.auth.clone();
        let started = self.all(people, move |(phone, client)| {
            let (auth, client, phone) = (auth.clone(), client.clone(), phone.clone());
            async move {
                let start = Start::new(phone.clone()).with_client(client.clone());
                let started = auth.start(start).await.expect("a challenge");
                (phone, client, started.challenge_id)
            }
        });
        let answer = |(phone, client, id)| {
            let code = self.mailbox.take(&id).expect("a message");
            let verify = Verify::new(phone, Some(id), code).with_client(client);
            (self.auth.clone(), verify)
        };
        started.into_iter().map(answer).collect()
    }

    /// Refresh tokens of so many who signed in.
    ///
    /// # Panics
    /// As [`Crowd::answers`], and when a login is refused.
    #[expect(
        clippy::expect_used,
        clippy::panic,
        reason = "a bench that cannot go on stops"
    )]
    pub fn refresh_tokens(&mut self, count: u64) -> Vec<String> {
        let answers = self.answers(count);
        self.all(answers, |(auth, verify)| async move {
            match auth.verify(verify).await.expect("a right code") {
                Verified::SignedIn(login) => login.tokens.refresh.expose().to_owned(),
                other => panic!("{other:?}"),
            }
        })
    }

    /// The next `count` people; where there are fewer left, the store is emptied and the first ones come again.
    fn people(&mut self, count: u64) -> Vec<(PhoneNumber, Client)> {
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        assert!(count <= self.phones.len(), "a crowd is too small");
        if self.phones.len() - self.next < count {
            (self.empty)();
            self.mailbox.empty();
            self.next = 0;
        }
        let first = self.next;
        self.next += count;
        let phones = self.phones.iter().enumerate().skip(first).take(count);
        let person = |(n, phone): (usize, &PhoneNumber)| {
            let address = Ipv4Addr::from_bits(0x0A00_0000 + n as u32);
            let client = Client::new()
                .with_address(IpAddr::V4(address))
                .with_device_info("Firefox on Linux");
            (phone.clone(), client)
        };
        phones.map(person).collect()
    }

    /// Does something with each, many at once.
    #[expect(clippy::expect_used, reason = "a bench that cannot go on stops")]
    fn all<I, O, F>(&self, inputs: Vec<I>, work: impl Fn(I) -> F) -> Vec<O>
    where
        O: Send + 'static,
        F: Future<Output = O> + Send + 'static,
    {
        self.runtime.block_on(async {
            let (mut under_way, mut done) = (JoinSet::new(), Vec::new());
            for input in inputs {
                if under_way.len() == AT_ONCE {
                    done.extend(under_way.join_next().await);
                }
                under_way.spawn(work(input));
            }
            while let Some(output) = under_way.join_next().await {
                done.push(output);
            }
            done.into_iter()
                .map(|output| output.expect("no panic"))
                .collect()
        })
    }
}

impl fmt::Debug for Crowd<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Crowd(..)")
    }
}
