//! A user directory for development, tests and examples.

use super::shards::{Mutex, lock};
use crate::{Created, DirectoryError, PhoneNumber, Profile, Resolved, User, UserDirectory, UserId};
use async_trait::async_trait;
use std::collections::HashMap;

/// Users in this process's memory. Unlike the stores it keeps the numbers, as a host's own table would.
#[derive(Debug, Default)]
pub struct MemoryUsers(Mutex<Users>);

#[derive(Debug, Default)]
struct Users {
    by_phone: HashMap<PhoneNumber, User>,
    phones: HashMap<UserId, PhoneNumber>,
    roles: HashMap<PhoneNumber, Vec<String>>,
}

impl MemoryUsers {
    /// A directory without users.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Gives whoever owns `phone`, now or later, this role.
    #[must_use]
    pub fn with_role(self, phone: PhoneNumber, role: impl Into<String>) -> Self {
        self.grant(phone, role);
        self
    }

    /// Gives whoever owns `phone`, now or later, this role; it is in the next access token.
    pub fn grant(&self, phone: PhoneNumber, role: impl Into<String>) {
        let mut users = lock(&self.0);
        users.roles.entry(phone).or_default().push(role.into());
    }

    /// Closes or reopens the account of `phone`, if there is one.
    pub fn disable(&self, phone: &PhoneNumber, disabled: bool) {
        if let Some(user) = lock(&self.0).by_phone.get_mut(phone) {
            user.disabled = disabled;
        }
    }
}

#[async_trait]
impl UserDirectory for MemoryUsers {
    async fn resolve(&self, phone: &PhoneNumber) -> Result<Resolved, DirectoryError> {
        let user = lock(&self.0).user(phone);
        Ok(user.map_or(Resolved::New, Resolved::Known))
    }

    async fn create(
        &self,
        phone: &PhoneNumber,
        profile: &Profile,
    ) -> Result<Created, DirectoryError> {
        // 128 random bits that say nothing of the number and are never given to another.
        let id = UserId::random().map_err(DirectoryError::new)?;
        let mut users = lock(&self.0);
        if let Some(user) = users.user(phone) {
            return Ok(Created::before(user));
        }
        let user = User {
            profile: profile.clone(),
            ..User::new(id.clone(), phone.clone())
        };
        users.phones.insert(id, phone.clone());
        users.by_phone.insert(phone.clone(), user.clone());
        let user = users.user(phone).unwrap_or(user);
        Ok(Created::now(user))
    }

    async fn find(&self, user: &UserId) -> Result<Option<User>, DirectoryError> {
        let users = lock(&self.0);
        Ok(users.phones.get(user).and_then(|phone| users.user(phone)))
    }
}

impl Users {
    /// The user with the roles that they have now.
    fn user(&self, phone: &PhoneNumber) -> Option<User> {
        let user = self.by_phone.get(phone)?;
        let roles = self.roles.get(phone).cloned().unwrap_or_default();
        Some(User {
            roles,
            ..user.clone()
        })
    }
}
