//! Nodes whose clocks differ agree with the store, and so with each other.
#![cfg(feature = "testing")]
#![allow(clippy::unwrap_used, reason = "a test may fail")]

use otp_core::policy::Policy;
use otp_core::testing::{CapturingSender, ManualClock};
use otp_core::{
    Backend, Clock, Keys, MemoryStore, MemoryUsers, OtpAuth, Reach, Start, StartError, StoreClock,
    StoreError, StoreErrorKind, Timestamp, Verified, Verify, VerifyError, async_trait,
};
use std::future::ready;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

const MINUTE: Duration = Duration::from_secs(60);
const MS: Duration = Duration::from_millis(1);

/// A store that has a clock, and takes its time to say what it shows.
#[derive(Clone, Debug)]
struct Server {
    clock: ManualClock,
    on_the_way: Arc<Mutex<Vec<(ManualClock, Duration)>>>,
    is_down: Arc<AtomicBool>,
}

impl Server {
    fn new() -> Self {
        Self {
            clock: ManualClock::default(),
            on_the_way: Arc::default(),
            is_down: Arc::default(),
        }
    }

    /// The next answer takes so long by this node's clock, half of it each way.
    fn delay(&self, node: &ManualClock, by: Duration) {
        self.on_the_way.lock().unwrap().push((node.clone(), by / 2));
    }
}

#[async_trait]
impl Backend for Server {
    async fn ping(&self) -> Result<Timestamp, StoreError> {
        if self.is_down.load(Ordering::SeqCst) {
            return Err(StoreError::new("server", StoreErrorKind::Unavailable));
        }
        let delay = self.on_the_way.lock().unwrap().pop();
        let Some((node, half)) = delay else {
            return Ok(self.clock.now());
        };
        for clock in [&node, &self.clock] {
            clock.advance(half);
        }
        let answer = self.clock.now();
        for clock in [&node, &self.clock] {
            clock.advance(half);
        }
        Ok(answer)
    }

    fn reach(&self) -> Reach {
        Reach::Shared
    }
}

/// FLT-3: two nodes, ten minutes ahead and behind, live by the store's time to the millisecond.
#[tokio::test]
async fn skewed_nodes_agree() {
    let server = Server::new();
    let store = Arc::new(MemoryStore::new());
    let keys = Arc::new(Keys::generate().unwrap());
    let users = Arc::new(MemoryUsers::new());
    let outbox = CapturingSender::new();
    let now = server.clock.now();
    let locals = [
        ManualClock::at(now + 10 * MINUTE),
        ManualClock::at(now - 10 * MINUTE),
    ];
    let mut nodes = Vec::new();
    for local in &locals {
        let clock = StoreClock::measured(&server, local.clone()).await.unwrap();
        assert_eq!(clock.now(), now);
        let (store, keys, users) = (store.clone(), keys.clone(), users.clone());
        let auth = OtpAuth::builder(store, outbox.clone(), users, keys).clock(clock);
        let policy = Policy::standard().for_countries(["IN".parse().unwrap()]);
        let auth = auth.policy(policy);
        nodes.push(auth.build().unwrap());
    }
    let pass = |time: Duration| {
        for clock in locals.iter().chain([&server.clock]) {
            clock.advance(time);
        }
    };
    let [first, second] = &nodes[..] else {
        panic!()
    };
    let phone = first.phone("+919876543210", None).unwrap();
    let started = first.start(Start::new(phone.clone())).await.unwrap();
    let guess = || {
        let code = outbox.messages().last().unwrap().code.clone();
        Verify::new(phone.clone(), Some(started.challenge_id), code)
    };
    // The cooldown that one node set is the other's to the millisecond.
    pass(started.resend_in - MS);
    let Err(StartError::Limited(limited)) = second.start(Start::new(phone.clone())).await else {
        panic!("the cooldown is over on the node that is behind")
    };
    assert_eq!(limited.retry_after, MS);
    // Expired on one is expired on the other.
    pass(started.expires_in - started.resend_in);
    assert!(matches!(
        second.verify(guess()).await,
        Ok(Verified::SignedIn(_))
    ));
    let again = first.start(Start::new(phone.clone())).await.unwrap();
    pass(again.expires_in);
    for node in &nodes {
        let code = outbox.messages().last().unwrap().code.clone();
        let guess = Verify::new(phone.clone(), Some(again.challenge_id), code);
        let refused = node.verify(guess).await;
        assert!(
            matches!(refused, Err(VerifyError::Rejected { .. })),
            "{refused:?}"
        );
    }
}

/// FLT-3: an answer that took its time is dated to its middle, and moves nothing that it cannot tell.
#[tokio::test]
async fn a_slow_answer_is_dated_to_its_middle() {
    let server = Server::new();
    let local = ManualClock::at(server.clock.now() - 10 * MINUTE);
    server.delay(&local, Duration::from_millis(400));
    let clock = StoreClock::measured(&server, local.clone()).await.unwrap();
    assert_eq!(clock.now(), server.clock.now());
    // 150 ms off, asked in 400 ms: it may as well be right.
    local.set(local.now() + Duration::from_millis(150));
    server.delay(&local, Duration::from_millis(400));
    clock.measure(&server).await.unwrap();
    assert_eq!(clock.now(), server.clock.now() + Duration::from_millis(150));
    clock.measure(&server).await.unwrap();
    assert_eq!(clock.now(), server.clock.now());
}

/// FLT-3: without the store's time there is no beginning; later the last difference stands.
#[tokio::test]
async fn a_store_that_does_not_answer() {
    let server = Server::new();
    let local = ManualClock::at(server.clock.now() + MINUTE);
    let clock = StoreClock::measured(&server, local.clone()).await.unwrap();
    server.is_down.store(true, Ordering::SeqCst);
    assert!(clock.measure(&server).await.is_err());
    assert!(StoreClock::measured(&server, local.clone()).await.is_err());
    assert_eq!(clock.now(), server.clock.now());
}

/// FLT-3: every 30 seconds, also after a failure, until nobody needs it any more.
#[tokio::test]
async fn it_follows_until_it_is_dropped() {
    let server = Server::new();
    let local = ManualClock::at(server.clock.now());
    let clock = StoreClock::measured(&server, local.clone()).await.unwrap();
    let rounds = Arc::new(AtomicUsize::new(0));
    let held = Mutex::new(Some(clock.clone()));
    let sleep = |time: Duration| {
        assert_eq!(time, Duration::from_secs(30));
        let round = rounds.fetch_add(1, Ordering::SeqCst);
        let held = &mut *held.lock().unwrap();
        // What the round before has made of the node's drift.
        let seen = held.as_ref().unwrap().now();
        match round {
            0 => local.advance(MINUTE),
            1 => {
                assert_eq!(seen, server.clock.now());
                local.advance(MINUTE);
                server.is_down.store(true, Ordering::SeqCst);
            }
            2 => {
                assert_eq!(seen, server.clock.now() + MINUTE);
                server.is_down.store(false, Ordering::SeqCst);
            }
            _ => {
                assert_eq!(seen, server.clock.now());
                *held = None;
            }
        }
        ready(())
    };
    clock.follow(server.clone(), sleep).await;
    assert_eq!(rounds.load(Ordering::SeqCst), 4);
}
