//! The host's users, as far as a login needs them.

use crate::{PhoneNumber, UserId};
use async_trait::async_trait;
use std::error::Error;
use std::fmt::Debug;

/// A user of the host.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct User {
    /// Never changes and is never given to another: it becomes the token's `sub`.
    pub id: UserId,
    /// The verified number.
    pub phone: PhoneNumber,
    /// What the user may be, as the host names it; becomes the token's `roles`.
    pub roles: Vec<String>,
    /// Whether the host has closed the account.
    pub disabled: bool,
    /// What the user told at registration.
    pub profile: Profile,
}

impl User {
    /// An active user without roles.
    #[must_use]
    pub fn new(id: UserId, phone: PhoneNumber) -> Self {
        Self {
            id,
            phone,
            roles: Vec::new(),
            disabled: false,
            profile: Profile::default(),
        }
    }
}

/// What a user tells at registration. `Debug` shows none of it.
#[derive(Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Profile {
    /// Given name.
    pub first_name: Option<String>,
    /// Family name.
    pub last_name: Option<String>,
    /// E-mail address; not verified here.
    pub email: Option<String>,
    /// What the user agreed to.
    pub consent: Option<Consent>,
}

impl Debug for Profile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Profile")
            .field("consent", &self.consent)
            .finish_non_exhaustive()
    }
}

/// A consent as it was shown: which text, in which version.
///
/// ```
/// use otp_core::{Consent, Profile};
///
/// let mut profile = Profile::default();
/// profile.first_name = Some("Asha".to_owned());
/// profile.consent = Some(Consent::new("terms", "2026-01"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Consent {
    /// The version that was shown.
    pub version: String,
    /// The text that was shown.
    pub text_id: String,
}

impl Consent {
    /// To the text `text_id`, as it read in `version`.
    #[must_use]
    pub fn new(text_id: impl Into<String>, version: impl Into<String>) -> Self {
        Self {
            version: version.into(),
            text_id: text_id.into(),
        }
    }
}

/// Whom a number belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Resolved {
    /// A user of the host.
    Known(User),
    /// Nobody yet.
    New,
}

/// The host's users.
///
/// # Contract
/// - `resolve` is asked once for each login, after the number was proved.
/// - `knows` is asked before a message and at a guess, for whoever names the number, where a limit exempts known numbers. So
///   it changes nothing, and takes as long for a number that is known as for one that is not.
/// - `create` is idempotent per phone: of two callers at once both get the same user, and one of them `created`.
/// - Roles and `disabled` are as of now: they are asked for at every login and every refresh.
/// - An error is the directory's own failure, never that a user is not there. The login is then refused.
///
/// ```
/// use otp_core::{Created, DirectoryError, PhoneNumber, Profile, Resolved, User, UserDirectory, UserId, async_trait};
/// use std::sync::{Mutex, MutexGuard};
///
/// /// Yours is a table with a unique index on the number.
/// #[derive(Debug, Default)]
/// struct Members(Mutex<Vec<User>>);
///
/// impl Members {
///     fn all(&self) -> Result<MutexGuard<'_, Vec<User>>, DirectoryError> {
///         self.0.lock().map_err(|_| DirectoryError::new("another thread panicked"))
///     }
/// }
///
/// #[async_trait]
/// impl UserDirectory for Members {
///     async fn resolve(&self, phone: &PhoneNumber) -> Result<Resolved, DirectoryError> {
///         let member = self.all()?.iter().find(|member| member.phone == *phone).cloned();
///         Ok(member.map_or(Resolved::New, Resolved::Known))
///     }
///
///     async fn create(&self, phone: &PhoneNumber, profile: &Profile) -> Result<Created, DirectoryError> {
///         let mut all = self.all()?;
///         if let Some(member) = all.iter().find(|member| member.phone == *phone) {
///             return Ok(Created::before(member.clone()));
///         }
///         let id = UserId::random().map_err(DirectoryError::new)?;
///         let mut member = User::new(id, phone.clone());
///         member.profile = profile.clone();
///         all.push(member.clone());
///         Ok(Created::now(member))
///     }
///
///     async fn find(&self, user: &UserId) -> Result<Option<User>, DirectoryError> {
///         Ok(self.all()?.iter().find(|member| member.id == *user).cloned())
///     }
/// }
/// ```
#[async_trait]
pub trait UserDirectory: Debug + Send + Sync + 'static {
    /// Whom this number belongs to.
    async fn resolve(&self, phone: &PhoneNumber) -> Result<Resolved, DirectoryError>;

    /// Whether this number belongs to a user. Asks [`resolve`](Self::resolve), unless a directory says otherwise: one whose
    /// `resolve` notes the login has to.
    async fn knows(&self, phone: &PhoneNumber) -> Result<bool, DirectoryError> {
        let resolved = self.resolve(phone).await?;
        Ok(matches!(resolved, Resolved::Known(_)))
    }

    /// Makes a user of this number, or finds the one who was made meanwhile.
    async fn create(
        &self,
        phone: &PhoneNumber,
        profile: &Profile,
    ) -> Result<Created, DirectoryError>;

    /// The user with this id.
    async fn find(&self, user: &UserId) -> Result<Option<User>, DirectoryError>;
}

/// What [`UserDirectory::create`] came to.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Created {
    /// The user of the number.
    pub user: User,
    /// Whether this call made them.
    pub created: bool,
}

impl Created {
    /// This call made `user`.
    #[must_use]
    pub const fn now(user: User) -> Self {
        let created = true;
        Self { user, created }
    }

    /// Another call made `user` before.
    #[must_use]
    pub const fn before(user: User) -> Self {
        let created = false;
        Self { user, created }
    }
}

/// The host's directory failed. The login is refused.
#[derive(Debug, thiserror::Error)]
#[error("the user directory failed")]
#[non_exhaustive]
pub struct DirectoryError {
    /// What it said; never shown to a client.
    #[source]
    pub source: Box<dyn Error + Send + Sync>,
}

impl DirectoryError {
    /// A failure with this cause.
    #[must_use]
    pub fn new(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self {
            source: source.into(),
        }
    }
}
