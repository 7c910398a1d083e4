//! Where nobody may sign in untold, the audit comes first.
#![cfg(feature = "testing")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail")]

mod common;

use common::{Events, Setup, World, agreed, phone, signed_in};
use otp_core::policy::{Policy, SignUp};
use otp_core::{
    Action, AuditSink, DurableAudit, Event, OtpAuth, Outcome, Register, RegisterError, StoreError,
    StoreErrorKind, Verified, VerifyError, async_trait,
};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

/// What was kept before it went on, and what was only told.
#[derive(Debug, Default)]
struct Ledger {
    kept: Mutex<Vec<Event>>,
    told: Events,
    is_full: AtomicBool,
}

impl AuditSink for Ledger {
    fn record(&self, event: &Event) {
        self.told.record(event);
    }
}

#[async_trait]
impl DurableAudit for Ledger {
    async fn append(&self, event: &Event) -> Result<(), StoreError> {
        if self.is_full.load(Ordering::SeqCst) {
            return Err(StoreError::new("ledger", StoreErrorKind::Unavailable));
        }
        self.kept.lock().unwrap().push(event.clone());
        Ok(())
    }
}

impl Ledger {
    fn outcomes(&self) -> Vec<(Action, Outcome)> {
        let events = self.told.take();
        events
            .into_iter()
            .map(|event| (event.action, event.outcome))
            .collect()
    }
}

fn world(policy: Policy) -> (World, Arc<Ledger>) {
    let setup = Setup::new(policy);
    let ledger = Arc::new(Ledger::default());
    let auth = OtpAuth::builder(
        setup.store.clone(),
        setup.sender.clone(),
        setup.users.clone(),
        setup.keys.clone(),
    );
    let auth = auth
        .policy(common::opened(setup.policy.clone()))
        .clock(setup.clock.clone());
    let auth = auth.audit_required(ledger.clone()).build().unwrap();
    (
        World {
            auth,
            ..setup.node()
        },
        ledger,
    )
}

/// LOG-5: a login is kept once, before its session is made.
#[tokio::test]
async fn a_login_is_kept_and_told_once() {
    let (world, ledger) = world(Policy::standard());
    let login = world.login(&phone(1)).await;
    let kept = ledger.kept.lock().unwrap().clone();
    let [event] = &kept[..] else {
        panic!("{kept:?}")
    };
    assert_eq!(event.name(), "authn_login_success");
    assert_eq!(event.session, Some(login.session));
    assert_eq!(ledger.outcomes(), [(Action::Send, Outcome::Done)]);
}

/// LOG-5: an audit that cannot be written lets nobody in, and makes no session.
#[tokio::test]
async fn session_without_audit_impossible() {
    let (world, ledger) = world(Policy::standard());
    let user = world.login(&phone(1)).await.user.id;
    assert_eq!(world.auth.sessions(&user).await.unwrap().len(), 1);
    ledger.is_full.store(true, Ordering::SeqCst);
    world.clock.advance(common::MINUTE);
    let (id, code) = world.started(&phone(1)).await;
    let refused = world.verify(&phone(1), id, &code).await;
    let Err(VerifyError::Store(error)) = refused else {
        panic!("{refused:?}")
    };
    assert_eq!(error.store, "ledger");
    assert_eq!(world.auth.sessions(&user).await.unwrap().len(), 1);
    assert!(ledger.outcomes().contains(&(
        Action::Verify,
        Outcome::StoreFailed(StoreErrorKind::Unavailable)
    )));
    // The code is spent; the next one signs in.
    ledger.is_full.store(false, Ordering::SeqCst);
    world.clock.advance(common::MINUTE);
    world.login(&phone(1)).await;
    assert_eq!(ledger.kept.lock().unwrap().len(), 2);
}

/// LOG-5: nor does a registration; and a session that could not be stored is told of after it.
#[tokio::test]
async fn registrations_and_failed_sessions() {
    let (world, ledger) = world(Policy::builder().sign_up(SignUp::Ticket).build().unwrap());
    let (id, code) = world.started(&phone(1)).await;
    let ticket = common::ticket(world.verify(&phone(1), id, &code).await.unwrap());
    assert!(ledger.kept.lock().unwrap().is_empty());
    ledger.is_full.store(true, Ordering::SeqCst);
    let register = Register::new(phone(1), ticket, agreed());
    let refused = world.auth.register(register).await;
    assert!(
        matches!(refused, Err(RegisterError::Store(_))),
        "{refused:?}"
    );
    // The user is known by now.
    ledger.is_full.store(false, Ordering::SeqCst);
    world.clock.advance(common::MINUTE);
    let (id, code) = world.started(&phone(1)).await;
    world.store.fail(&["create"]);
    let refused = world.verify(&phone(1), id, &code).await;
    assert!(matches!(refused, Err(VerifyError::Store(_))), "{refused:?}");
    let session = ledger.kept.lock().unwrap().last().unwrap().session;
    let after = ledger.told.take().pop().unwrap();
    assert_eq!(
        (after.session, after.outcome.as_str()),
        (session, "store_failed")
    );
    world.store.fail(&[]);
    world.clock.advance(common::HOUR);
    let (id, code) = world.started(&phone(1)).await;
    let verified: Verified = world.verify(&phone(1), id, &code).await.unwrap();
    assert_eq!(
        ledger.kept.lock().unwrap().last().unwrap().session,
        Some(signed_in(verified).session)
    );
}
