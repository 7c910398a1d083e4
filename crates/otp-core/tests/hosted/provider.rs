//! A provider that makes codes of its own, and does as it is told.

use crate::common::{Setup, World, opened};
use otp_core::testing::ManualClock;
use otp_core::verifier::{Checked, Request, Verifier};
use otp_core::{Code, OtpAuth, PhoneNumber, Receipt, SendError, SendErrorKind, async_trait};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What the provider does next.
#[derive(Clone, Debug, Default)]
pub(crate) struct Conduct {
    /// Takes nothing, for this reason.
    pub(crate) refuses: Option<SendErrorKind>,
    /// Takes messages and names nothing.
    pub(crate) names_nothing: bool,
    /// Answers no check.
    pub(crate) is_down: bool,
    /// Finds this, whatever the code is.
    pub(crate) finds: Option<Checked>,
    /// Needs so long for a check.
    pub(crate) takes: Duration,
}

#[derive(Debug, Default)]
pub(crate) struct Provider {
    pub(crate) conduct: Mutex<Conduct>,
    pub(crate) clock: ManualClock,
    pub(crate) requests: Mutex<Vec<Request>>,
    /// The references that it was asked for.
    pub(crate) asked: Mutex<Vec<String>>,
    pub(crate) checks: AtomicUsize,
}

/// The provider's code for its `n`th message.
pub(crate) fn code_of(n: usize) -> Code {
    Code::parse(&format!("7{n:05}")).unwrap()
}

pub(crate) fn no_code() -> Code {
    Code::parse("000000").unwrap()
}

impl Provider {
    /// From now on it behaves so.
    pub(crate) fn be(&self, conduct: Conduct) {
        *self.conduct.lock().unwrap() = conduct;
    }

    pub(crate) fn finds(&self, finds: Checked) {
        self.be(Conduct {
            finds: Some(finds),
            ..Conduct::default()
        });
    }

    pub(crate) fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.asked.lock().unwrap())
    }

    pub(crate) fn sent(&self) -> usize {
        self.requests.lock().unwrap().len()
    }
}

#[async_trait]
impl Verifier for Provider {
    fn name(&self) -> &str {
        "scripted"
    }

    async fn start(&self, request: &Request) -> Result<Receipt, SendError> {
        let conduct = self.conduct.lock().unwrap().clone();
        if let Some(kind) = conduct.refuses {
            return Err(SendError::new(kind));
        }
        let mut requests = self.requests.lock().unwrap();
        requests.push(request.clone());
        if conduct.names_nothing {
            return Ok(Receipt::default());
        }
        Ok(Receipt::with_reference(format!(
            "reference-{}",
            requests.len()
        )))
    }

    async fn check(
        &self,
        reference: &str,
        to: &PhoneNumber,
        code: &Code,
    ) -> Result<Checked, SendError> {
        self.checks.fetch_add(1, Ordering::SeqCst);
        self.asked.lock().unwrap().push(reference.to_owned());
        let conduct = self.conduct.lock().unwrap().clone();
        self.clock.advance(conduct.takes);
        if conduct.is_down {
            return Err(SendError::new(SendErrorKind::Transient));
        }
        if let Some(found) = conduct.finds {
            return Ok(found);
        }
        let n: usize = reference.rsplit('-').next().unwrap().parse().unwrap();
        let requests = self.requests.lock().unwrap();
        Ok(match requests.get(n - 1) {
            Some(request) if request.to != *to => Checked::Unknown,
            Some(_) if code_of(n).expose() == code.expose() => Checked::Approved,
            _ => Checked::Wrong,
        })
    }
}

/// A login service whose codes the provider makes.
pub(crate) fn hosted(setup: &Setup) -> (World, Arc<Provider>) {
    let provider = Arc::new(Provider {
        clock: setup.clock.clone(),
        ..Provider::default()
    });
    (hosted_by(setup, &provider, setup.store.clone()), provider)
}

pub(crate) fn hosted_by(
    setup: &Setup,
    provider: &Arc<Provider>,
    store: impl otp_core::Store,
) -> World {
    let users = setup.users.clone();
    let auth = OtpAuth::hosted(store, provider.clone(), users, setup.keys.clone())
        .policy(opened(setup.policy.clone()))
        .clock(setup.clock.clone())
        .audit(setup.events.clone())
        .build()
        .unwrap();
    World {
        auth,
        clock: setup.clock.clone(),
        sender: setup.sender.clone(),
        users: setup.users.clone(),
        events: setup.events.clone(),
        store: setup.store.clone(),
    }
}
