//! What runs when nobody waits. The core knows no runtime: the host says how a task is started, and how it sleeps.

use std::fmt;
use std::pin::Pin;
use std::time::Duration;

/// A task that nobody waits for.
pub type Task = Pin<Box<dyn Future<Output = ()> + Send>>;

pub(super) struct Background {
    spawn: Box<dyn Fn(Task) + Send + Sync>,
    sleep: Box<dyn Fn(Duration) -> Task + Send + Sync>,
}

impl Background {
    pub(super) fn new<F: Future<Output = ()> + Send + 'static>(
        spawn: impl Fn(Task) + Send + Sync + 'static,
        sleep: impl Fn(Duration) -> F + Send + Sync + 'static,
    ) -> Self {
        Self {
            spawn: Box::new(spawn),
            sleep: Box::new(move |time| Box::pin(sleep(time))),
        }
    }

    pub(super) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        (self.spawn)(Box::pin(task));
    }

    /// Begins to count when it is called, not when it is first waited for.
    pub(super) fn sleep(&self, time: Duration) -> Task {
        (self.sleep)(time)
    }
}

impl fmt::Debug for Background {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Background")
    }
}
