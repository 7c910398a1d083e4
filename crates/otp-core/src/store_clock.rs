//! One time for all nodes that share a store.

use crate::{Backend, Clock, StoreError, Timestamp};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

/// How often a node looks at the store's clock.
const EVERY: Duration = Duration::from_secs(30);

/// What is worth a word: limits and expiries are told in seconds.
const NOTABLE: Duration = Duration::from_secs(1);

/// The store's time: this node's clock, and how far the store's was ahead of it when last measured.
///
/// Nodes whose own clocks differ by minutes accept and refuse alike with it. Between two measurements, 30 seconds, it
/// goes with this node's clock. Clones are the same clock.
///
/// ```
/// use otp_core::{Clock, MemoryStore, StoreClock, SystemClock};
/// use std::sync::Arc;
/// use std::time::Duration;
/// # use otp_core::policy::Policy;
/// # use otp_core::{Keys, MemoryUsers, Message, OtpAuth, Receipt, SendError, Sender, async_trait};
/// # #[derive(Debug)]
/// # struct Nobody;
/// # #[async_trait]
/// # impl Sender for Nobody {
/// #     fn name(&self) -> &str {
/// #         "nobody"
/// #     }
/// #     async fn send(&self, _: &Message) -> Result<Receipt, SendError> {
/// #         Ok(Receipt::default())
/// #     }
/// # }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let (sender, users, keys) = (Nobody, MemoryUsers::new(), Arc::new(Keys::generate()?));
/// let store = Arc::new(MemoryStore::new()); // or one that several nodes share
/// let clock = StoreClock::measured(&store, SystemClock).await?;
/// tokio::spawn(clock.clone().follow(store.clone(), tokio::time::sleep));
/// let policy = Policy::standard().for_countries(["IN".parse()?]);
/// let auth = OtpAuth::builder(store, sender, users, keys).policy(policy).clock(clock).build()?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct StoreClock(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    local: Box<dyn Clock>,
    /// Milliseconds by which the store is ahead.
    ahead: AtomicI64,
}

impl StoreClock {
    /// Measures how far the store is ahead of `local`.
    ///
    /// # Errors
    /// The store's own: without its time a node must not begin.
    pub async fn measured(
        store: &(impl Backend + ?Sized),
        local: impl Clock,
    ) -> Result<Self, StoreError> {
        let (ahead, _) = ahead(store, &local).await?;
        tell(ahead);
        Ok(Self(Arc::new(Inner {
            local: Box::new(local),
            ahead: AtomicI64::new(ahead),
        })))
    }

    /// Measures again.
    ///
    /// # Errors
    /// The store's own; what was measured before is kept.
    pub async fn measure(&self, store: &(impl Backend + ?Sized)) -> Result<(), StoreError> {
        let (ahead, doubt) = ahead(store, &*self.0.local).await?;
        let drift = ahead.saturating_sub(self.0.ahead.load(Ordering::Relaxed));
        // Within what cannot be told, the time goes on evenly.
        if drift.unsigned_abs() > u64::try_from(doubt.as_millis()).unwrap_or(u64::MAX) {
            self.0.ahead.store(ahead, Ordering::Relaxed);
            tell(ahead);
        }
        Ok(())
    }

    /// Measures every 30 seconds for as long as somebody else holds this clock. `sleep` is the runtime's, such as
    /// `tokio::time::sleep`; the host spawns the future.
    pub async fn follow<F: Future<Output = ()>>(
        self,
        store: impl Backend,
        sleep: impl Fn(Duration) -> F,
    ) {
        while Arc::strong_count(&self.0) > 1 {
            sleep(EVERY).await;
            if let Err(error) = self.measure(&store).await {
                tracing::warn!(target: "otp", %error, "the store does not tell its time: the difference last measured stands");
            }
        }
    }
}

impl Clock for StoreClock {
    fn now(&self) -> Timestamp {
        let ahead = self.0.ahead.load(Ordering::Relaxed);
        Timestamp::from_millis(self.0.local.now().as_millis().saturating_add(ahead))
    }
}

/// How far the store is ahead in milliseconds, and by how much that may be wrong: its answer was made at some moment
/// between the question and its arrival.
async fn ahead(
    store: &(impl Backend + ?Sized),
    local: &dyn Clock,
) -> Result<(i64, Duration), StoreError> {
    let asked = local.now();
    let theirs = store.ping().await?;
    let doubt = local.now().since(asked) / 2;
    let ours = asked + doubt;
    Ok((
        theirs.as_millis().saturating_sub(ours.as_millis()),
        doubt.max(Duration::from_millis(1)),
    ))
}

fn tell(ahead: i64) {
    metrics::gauge!("otp_store_clock_ahead_seconds").set(ahead as f64 / 1_000.0);
    if u128::from(ahead.unsigned_abs()) >= NOTABLE.as_millis() {
        tracing::warn!(target: "otp", ahead_millis = ahead, "this node's clock is not the store's: the store's is used");
    }
}
