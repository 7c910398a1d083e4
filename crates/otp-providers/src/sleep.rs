//! The runtime's timer, given by the host.

use std::fmt;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

type Timer = Pin<Box<dyn Future<Output = ()> + Send>>;

pub(crate) struct Sleep(Arc<dyn Fn(Duration) -> Timer + Send + Sync>);

impl Sleep {
    pub(crate) fn new<F>(sleep: impl Fn(Duration) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        Self(Arc::new(move |time| Box::pin(sleep(time))))
    }

    #[cfg(feature = "route")]
    pub(crate) async fn of(&self, time: Duration) {
        (self.0)(time).await;
    }

    /// What `work` comes to, or nothing if it takes longer; it is dropped then.
    pub(crate) async fn within<T>(
        &self,
        time: Duration,
        work: impl Future<Output = T>,
    ) -> Option<T> {
        let (mut work, mut timer) = (pin!(work), (self.0)(time));
        poll_fn(|cx| match work.as_mut().poll(cx) {
            Poll::Ready(done) => Poll::Ready(Some(done)),
            Poll::Pending => timer.as_mut().poll(cx).map(|()| None),
        })
        .await
    }
}

impl fmt::Debug for Sleep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sleep")
    }
}
