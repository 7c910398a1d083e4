//! A sink that keeps events, and a directory that fails when told to.

use otp_core::{
    AuditSink, Created, DirectoryError, Event, MemoryUsers, PhoneNumber, Profile, Resolved,
    TracingAudit, User, UserDirectory, UserId, async_trait,
};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

#[derive(Debug, Default)]
pub(crate) struct Events(Mutex<Vec<Event>>);

impl Events {
    pub(crate) fn take(&self) -> Vec<Event> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

impl AuditSink for Events {
    /// Kept, and told as it is told by default.
    fn record(&self, event: &Event) {
        TracingAudit.record(event);
        self.0.lock().unwrap().push(event.clone());
    }
}

/// The host's users. They can be exchanged, as when a number changes hands, and can be out of reach.
#[derive(Debug, Default)]
pub(crate) struct Directory {
    users: Mutex<Arc<MemoryUsers>>,
    fails: AtomicBool,
    calls: AtomicUsize,
}

impl Directory {
    pub(crate) fn users(&self) -> Arc<MemoryUsers> {
        self.users.lock().unwrap().clone()
    }

    /// Forgets every user.
    pub(crate) fn empty(&self) {
        *self.users.lock().unwrap() = Arc::default();
    }

    pub(crate) fn fail(&self, fails: bool) {
        self.fails.store(fails, Ordering::SeqCst);
    }

    pub(crate) fn calls(&self) -> usize {
        self.calls.load(Ordering::SeqCst)
    }

    fn reached(&self) -> Result<Arc<MemoryUsers>, DirectoryError> {
        self.calls.fetch_add(1, Ordering::SeqCst);
        if self.fails.load(Ordering::SeqCst) {
            return Err(DirectoryError::new("the directory is down"));
        }
        Ok(self.users())
    }
}

#[async_trait]
impl UserDirectory for Directory {
    async fn resolve(&self, phone: &PhoneNumber) -> Result<Resolved, DirectoryError> {
        self.reached()?.resolve(phone).await
    }

    async fn create(
        &self,
        phone: &PhoneNumber,
        profile: &Profile,
    ) -> Result<Created, DirectoryError> {
        self.reached()?.create(phone, profile).await
    }

    async fn find(&self, user: &UserId) -> Result<Option<User>, DirectoryError> {
        self.reached()?.find(user).await
    }
}
