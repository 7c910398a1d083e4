//! Where the keys come from while the server runs.

use std::fmt::Debug;
use std::sync::{Arc, PoisonError, RwLock};

use super::Keys;

/// Gives the keys to use now.
///
/// # Contract
/// Asked once per operation, so it must be cheap and must not block on I/O: fetch in the
/// background and swap, as [`RotatingKeys`] does. Keys that a live challenge, session or token
/// depends on must stay in the rings as old keys.
///
/// An `Arc<Keys>` is a provider that never changes.
///
/// ```
/// use otp_core::{KeyProvider, Keys};
/// use std::sync::Arc;
/// let keys = Arc::new(Keys::generate()?);
/// assert!(Arc::ptr_eq(&keys, &KeyProvider::keys(&keys)));
/// # Ok::<(), otp_core::KeysError>(())
/// ```
pub trait KeyProvider: Debug + Send + Sync + 'static {
    /// The keys to use now.
    fn keys(&self) -> Arc<Keys>;
}

impl KeyProvider for Arc<Keys> {
    fn keys(&self) -> Arc<Keys> {
        Self::clone(self)
    }
}

/// Keys that can be replaced while the server runs. Clones share the same keys.
///
/// ```
/// use otp_core::{KeyProvider, Keys, RotatingKeys};
/// let keys = RotatingKeys::new(Keys::generate()?);
/// let handle = keys.clone(); // give one to the builder, keep the other
/// handle.replace(Keys::generate()?);
/// # Ok::<(), otp_core::KeysError>(())
/// ```
#[derive(Clone, Debug)]
pub struct RotatingKeys(Arc<RwLock<Arc<Keys>>>);

impl RotatingKeys {
    /// Starts with these keys.
    #[must_use]
    pub fn new(keys: Keys) -> Self {
        Self(Arc::new(RwLock::new(Arc::new(keys))))
    }

    /// Uses `keys` from now on; operations that have begun finish with the keys they took.
    pub fn replace(&self, keys: Keys) {
        // A swap of one pointer leaves nothing half done, so a poisoned lock is still sound.
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(keys);
    }
}

impl KeyProvider for RotatingKeys {
    fn keys(&self) -> Arc<Keys> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }
}
