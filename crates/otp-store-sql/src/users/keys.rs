//! The keys of the user table.

use crate::fault::Fault;
use crate::seal::{KeyRefused, MacKey, Ring, SealKey};
use otp_core::{KeyId, PhoneNumber, SecretKey, UserId};
use std::fmt;

/// What finds a number: changing it makes every user a stranger.
const INDEX: &str = "otp/v1/users/index";
/// What hides it.
const SEAL: &str = "otp/v1/users/seal";

/// The keys of the user table: one that finds numbers, and those that hide them.
///
/// ```
/// use otp_core::SecretKey;
/// use otp_store_sql::UserKeys;
///
/// let keys = UserKeys::new(&SecretKey::generate()?, "s2".parse()?, &SecretKey::generate()?)?
///     .with_old("s1".parse()?, &SecretKey::generate()?)?;
/// # let _ = keys;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct UserKeys {
    index: MacKey,
    seals: Ring<SealKey>,
}

impl UserKeys {
    /// `index` finds a number in the table and can never be changed; `seal`, named `kid`, hides it.
    ///
    /// # Errors
    /// [`KeyRefused`].
    pub fn new(index: &SecretKey, kid: KeyId, seal: &SecretKey) -> Result<Self, KeyRefused> {
        Ok(Self {
            index: MacKey::derive(index, INDEX),
            seals: Ring::new(kid, SealKey::derive(seal, SEAL)?),
        })
    }

    /// Adds a key that still opens what it sealed. Keep it until no row has its id in `phone_kid`.
    ///
    /// # Errors
    /// [`KeyRefused`].
    pub fn with_old(mut self, kid: KeyId, seal: &SecretKey) -> Result<Self, KeyRefused> {
        self.seals.add(kid, SealKey::derive(seal, SEAL)?)?;
        Ok(self)
    }

    /// What finds a number of `tenant`.
    pub(super) fn index(&self, tenant: &str, phone: &PhoneNumber) -> [u8; 16] {
        let parts = [tenant.as_bytes(), phone.expose().as_bytes()];
        let [head @ .., _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _] = self.index.digest(&parts);
        head
    }

    /// The current key's id, and the number sealed with it for this user of this tenant alone.
    pub(super) fn seal(
        &self,
        tenant: &str,
        user: &UserId,
        phone: &PhoneNumber,
    ) -> Result<(KeyId, Vec<u8>), Fault> {
        let (kid, key) = self.seals.current();
        let sealed = key.seal(phone.expose().as_bytes(), &owner(tenant, user))?;
        Ok((*kid, sealed))
    }

    pub(super) fn open(
        &self,
        tenant: &str,
        user: &UserId,
        kid: &str,
        sealed: &[u8],
    ) -> Result<PhoneNumber, Fault> {
        let key = self.seals.find(kid);
        let key =
            key.ok_or_else(|| Fault::corrupt("a number sealed with a key that is not here"))?;
        let opened = key.open(sealed, &owner(tenant, user))?;
        let text = std::str::from_utf8(&opened).map_err(|_| Fault::corrupt("not a number"))?;
        PhoneNumber::parse(text, None).map_err(|_| Fault::corrupt("not a number"))
    }
}

/// Sealed text is bound to it: moved to another row it does not open.
fn owner(tenant: &str, user: &UserId) -> Vec<u8> {
    let length = (tenant.len() as u64).to_be_bytes();
    [&length, tenant.as_bytes(), user.as_str().as_bytes()].concat()
}

impl fmt::Debug for UserKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UserKeys")
            .field("seals", &self.seals)
            .finish_non_exhaustive()
    }
}
