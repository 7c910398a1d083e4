//! The keys of the chain.

use crate::seal::{KeyRefused, MacKey, Ring};
use otp_core::{KeyId, SecretKey};

const CHAIN: &str = "otp/v1/audit/chain";

/// The keys of the chain. Who has the database alone can neither change a row nor add one unnoticed.
///
/// ```
/// use otp_core::SecretKey;
/// use otp_store_sql::AuditKeys;
///
/// let keys = AuditKeys::new("a2".parse()?, &SecretKey::generate()?)
///     .with_old("a1".parse()?, &SecretKey::generate()?)?;
/// # let _ = keys;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct AuditKeys(pub(super) Ring<MacKey>);

impl AuditKeys {
    /// New rows are chained with `key`.
    #[must_use]
    pub fn new(kid: KeyId, key: &SecretKey) -> Self {
        Self(Ring::new(kid, MacKey::derive(key, CHAIN)))
    }

    /// Adds a key of older rows. Keep it as long as the rows.
    ///
    /// # Errors
    /// [`KeyRefused`] when a key has this id already.
    pub fn with_old(mut self, kid: KeyId, key: &SecretKey) -> Result<Self, KeyRefused> {
        self.0.add(kid, MacKey::derive(key, CHAIN))?;
        Ok(self)
    }
}
