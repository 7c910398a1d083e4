//! Who asks AWS.

use crate::ConfigError;
use crate::http::Secret;
use std::fmt;

/// An access key, of a user or for a while. Nothing of it is shown.
///
/// ```
/// use otp_providers::AwsCredentials;
/// use otp_providers::http::Secret;
///
/// let key = AwsCredentials::new("AKIDEXAMPLE", Secret::new("the secret access key")?)?;
/// assert!(!format!("{key:?}").contains("AKIDEXAMPLE"));
/// # Ok::<(), otp_providers::ConfigError>(())
/// ```
#[derive(Clone, Debug)]
pub struct AwsCredentials {
    id: Secret,
    secret: Secret,
    session_token: Option<Secret>,
}

/// Where credentials come from: an [`AwsCredentials`] that never changes, or a source of the host's own, over
/// `aws-config` for instance.
///
/// # Contract
/// - It is asked for every message, and does not block: what expires is renewed elsewhere, and read here.
/// - `Debug` shows no credential.
///
/// ```
/// use otp_providers::http::Secret;
/// use otp_providers::{AwsCredentials, AwsCredentialsProvider, Sns};
/// use std::fmt;
/// use std::sync::{Arc, PoisonError, RwLock};
///
/// /// A task of the host's replaces what is in it before it expires.
/// #[derive(Clone)]
/// struct Renewed(Arc<RwLock<AwsCredentials>>);
///
/// impl AwsCredentialsProvider for Renewed {
///     fn credentials(&self) -> AwsCredentials {
///         self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
///     }
/// }
///
/// impl fmt::Debug for Renewed {
///     fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
///         f.write_str("Renewed")
///     }
/// }
///
/// let first = AwsCredentials::new("ASIDEXAMPLE", Secret::new("the secret access key")?)?
///     .with_session_token(Secret::new("the session token")?);
/// let renewed = Renewed(Arc::new(RwLock::new(first)));
/// let sns = Sns::new("eu-west-1", renewed.clone())?;
/// # let _ = sns;
/// # Ok::<(), otp_providers::ConfigError>(())
/// ```
pub trait AwsCredentialsProvider: fmt::Debug + Send + Sync + 'static {
    /// The credentials to sign with now.
    fn credentials(&self) -> AwsCredentials;
}

impl AwsCredentials {
    /// Takes an access key's id and its secret.
    ///
    /// # Errors
    /// [`ConfigError::Field`] for what is no id.
    pub fn new(id: impl Into<String>, secret: Secret) -> Result<Self, ConfigError> {
        // It stands in a header between a slash and commas.
        let takes = "an access key's id is letters and digits";
        let id = ConfigError::unless(id, takes, |id| {
            id.bytes().all(|b| b.is_ascii_alphanumeric())
        })?;
        Ok(Self {
            id: Secret::new(id)?,
            secret,
            session_token: None,
        })
    }

    /// Adds the token of a key that is good for a while.
    #[must_use]
    pub fn with_session_token(mut self, token: Secret) -> Self {
        self.session_token = Some(token);
        self
    }

    pub(super) fn id(&self) -> &str {
        self.id.expose()
    }

    pub(super) fn secret(&self) -> &str {
        self.secret.expose()
    }

    pub(super) fn session_token(&self) -> Option<&str> {
        self.session_token.as_ref().map(Secret::expose)
    }
}

impl AwsCredentialsProvider for AwsCredentials {
    fn credentials(&self) -> AwsCredentials {
        self.clone()
    }
}
