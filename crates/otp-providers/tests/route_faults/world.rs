//! A route of two webhooks behind `OtpAuth`.

use otp_core::conformance::senders::{Answer, Stub};
use otp_core::testing::ManualClock;
use otp_core::{
    Keys, MemoryStore, MemoryUsers, Message, OtpAuth, PhoneNumber, Receipt, SendError,
    SendErrorKind as Kind, Sender, Start, StartError, Started, async_trait,
};
use otp_providers::route::{Leg, LegState, Place, Tuning};
use otp_providers::{Route, WebhookSender};
use std::future::{pending, ready};
use std::sync::{Arc, Mutex};
use std::time::Duration;

pub(crate) const SECOND: Duration = Duration::from_secs(1);

/// Pauses are over at once, and nobody's patience ever is.
fn sleep(time: Duration) -> impl Future<Output = ()> + Send + 'static {
    let pauses = time < SECOND;
    async move {
        if !pauses {
            pending::<()>().await;
        }
        ready(()).await;
    }
}

/// A provider that is at one address now, and at another later.
#[derive(Clone, Debug)]
pub(crate) struct Provider(Arc<Mutex<Arc<WebhookSender>>>);

impl Provider {
    pub(crate) fn at(base: &str) -> Self {
        Self(Arc::new(Mutex::new(webhook(base))))
    }

    pub(crate) fn move_to(&self, stub: &Stub) {
        *self.0.lock().unwrap() = webhook(stub.base());
    }
}

fn webhook(base: &str) -> Arc<WebhookSender> {
    let webhook = WebhookSender::builder(format!("{base}/codes"));
    let [connect, whole] = [500, 1_500].map(Duration::from_millis);
    let webhook = webhook.connect_timeout(connect).timeout(whole);
    Arc::new(webhook.build().unwrap())
}

#[async_trait]
impl Sender for Provider {
    fn name(&self) -> &str {
        "webhook"
    }

    async fn send(&self, message: &Message) -> Result<Receipt, SendError> {
        let webhook = self.0.lock().unwrap().clone();
        webhook.send(message).await
    }
}

pub(crate) struct World {
    pub(crate) auth: OtpAuth,
    pub(crate) clock: ManualClock,
    pub(crate) route: Arc<Route>,
    pub(crate) providers: [Provider; 2],
}

/// Two providers, at these addresses.
pub(crate) fn world(bases: [&str; 2], tuning: Tuning) -> World {
    let clock = ManualClock::default();
    let providers = bases.map(Provider::at);
    let [a, b] = providers.clone();
    let legs = [Leg::tuned("a", a, tuning), Leg::tuned("b", b, tuning)];
    let route = Route::builder(sleep).clock(clock.clone());
    let route = Arc::new(route.chain(Place::any(), legs).build().unwrap());
    let keys = Arc::new(Keys::generate().unwrap());
    let (store, users) = (MemoryStore::new(), MemoryUsers::new());
    let auth = OtpAuth::builder(store, route.clone(), users, keys);
    World {
        auth: auth
            .clock(clock.clone())
            .policy(otp_core::policy::Policy::standard().for_countries(["IN".parse().unwrap()]))
            .build()
            .unwrap(),
        clock,
        route,
        providers,
    }
}

pub(crate) async fn up() -> Stub {
    Stub::answering(Answer::new(200, r#"{"id":"m-17"}"#)).await
}

pub(crate) async fn down() -> Stub {
    Stub::answering(Answer::new(503, "<html>down</html>")).await
}

pub(crate) fn phone(n: u32) -> PhoneNumber {
    PhoneNumber::parse(&format!("+9198765{:05}", 10_000 + n), None).unwrap()
}

impl World {
    pub(crate) async fn start(&self, n: u32) -> Result<Started, StartError> {
        self.auth.start(Start::new(phone(n))).await
    }

    pub(crate) fn open(&self) -> bool {
        let open = |state| matches!(state, LegState::Open { .. });
        self.route.health().iter().all(|leg| open(leg.state))
    }
}

/// The class and the wait of what was not delivered: all that the reply is made of.
pub(crate) fn undelivered(result: Result<Started, StartError>) -> (Kind, Option<Duration>) {
    match result {
        Err(StartError::Delivery(error)) => (error.kind, error.retry_after),
        other => panic!("{other:?}"),
    }
}

/// The codes that a stub was given.
pub(crate) fn codes(stub: &Stub) -> Vec<String> {
    let json = |body: &[u8]| serde_json::from_slice::<serde_json::Value>(body).unwrap();
    let seen = stub.seen();
    let codes = seen.iter().map(|r| json(&r.body)["code"].to_string());
    codes.collect()
}
