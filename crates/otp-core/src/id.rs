//! Identifiers: fixed 128-bit values that are safe in a store key, and the host's own user id.

use std::fmt;
use std::str::FromStr;

use crate::base64url;
use crate::keys::{EntropyError, random_bytes};

/// The text is not the base64url of 16 bytes (22 characters, no padding, canonical).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an identifier: 22 characters of canonical base64url expected")]
#[non_exhaustive]
pub struct InvalidId;

macro_rules! id128 {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; 16]);

        impl $name {
            /// The identifier with these 16 bytes.
            #[must_use]
            pub const fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(bytes)
            }

            /// The 16 bytes.
            #[must_use]
            pub const fn as_bytes(&self) -> &[u8; 16] {
                &self.0
            }
        }

        impl fmt::Display for $name {
            /// 22 characters of `A-Z a-z 0-9 _ -`.
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(base64url::encode16(&self.0, &mut [0; 22]))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            /// Strict: one identifier has one spelling.
            fn from_str(text: &str) -> Result<Self, InvalidId> {
                base64url::decode_array(text).map(Self).ok_or(InvalidId)
            }
        }
    };
}

id128! {
    /// What stands for a message at a provider: a keyed hash of the provider's name and its own for the message.
    MessageKey
}

id128! {
    /// What stands for a phone number in keys, indexes, limits and metrics: a keyed hash of tenant
    /// and number ([`Keys`](crate::Keys)), so a dump of a store holds no number and cannot be
    /// searched for one without the key.
    ///
    /// ```
    /// use otp_core::PhoneKey;
    /// let key = PhoneKey::from_bytes([7; 16]);
    /// assert_eq!(key.to_string().len(), 22);
    /// assert_eq!(key.to_string().parse(), Ok(key));
    /// ```
    PhoneKey
}

id128! {
    /// Names one challenge (a code that was sent). Not a secret: the code is.
    ///
    /// ```
    /// use otp_core::ChallengeId;
    /// let id = ChallengeId::random()?;
    /// assert_eq!(id.to_string().parse(), Ok(id));
    /// assert!("AAAAAAAAAAAAAAAAAAAAAB".parse::<ChallengeId>().is_err()); // stray trailing bits
    /// # Ok::<(), otp_core::EntropyError>(())
    /// ```
    ChallengeId
}

id128! {
    /// Names one session of one user. Not a secret: the tokens are.
    ///
    /// ```
    /// use otp_core::SessionId;
    /// let id = SessionId::random()?;
    /// assert_eq!(id.to_string().parse(), Ok(id));
    /// # Ok::<(), otp_core::EntropyError>(())
    /// ```
    SessionId
}

impl ChallengeId {
    /// A fresh identifier of 128 random bits.
    ///
    /// # Errors
    /// [`EntropyError`] when the operating system gives no randomness.
    pub fn random() -> Result<Self, EntropyError> {
        random_bytes().map(Self)
    }
}

/// Consonants, so that no reference is a word, nor taken for a code.
const REFERENCE_LETTERS: &[u8; 16] = b"BCDFGHJKLMNPRTVX";

impl ChallengeId {
    /// Four capital letters that a page and a message both show, so that the reader sees that they belong together.
    /// They come from the identifier: one in 65 536 has the same.
    ///
    /// ```
    /// let id = otp_core::ChallengeId::from_bytes([0x12, 0xF0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    /// assert_eq!(id.reference(), "CDXB");
    /// ```
    #[must_use]
    pub fn reference(&self) -> String {
        let [first, second, ..] = self.0;
        let halves = [first >> 4, first & 15, second >> 4, second & 15];
        let letter = |half| REFERENCE_LETTERS.get(usize::from(half));
        let letters = halves.into_iter().filter_map(letter);
        letters.copied().map(char::from).collect()
    }
}

impl SessionId {
    /// A fresh identifier of 128 random bits.
    ///
    /// # Errors
    /// [`EntropyError`] when the operating system gives no randomness.
    pub fn random() -> Result<Self, EntropyError> {
        random_bytes().map(Self)
    }
}

/// The host's own identifier of a user; becomes `sub` in access tokens.
///
/// 1 to 128 bytes of visible ASCII. It should be random and immutable, and must not be the phone
/// number: a number changes hands, a user does not.
///
/// ```
/// use otp_core::UserId;
/// let id = UserId::new("u_5f0c2b")?;
/// assert_eq!(id.as_str(), "u_5f0c2b");
/// assert!(UserId::new("two words").is_err());
/// # Ok::<(), otp_core::InvalidUserId>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UserId(String);

/// The text is empty, longer than 128 bytes, or has something other than visible ASCII.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a user id: 1 to 128 bytes of visible ASCII expected")]
#[non_exhaustive]
pub struct InvalidUserId;

impl UserId {
    /// The longest user id, in bytes.
    pub const MAX_LEN: usize = 128;

    /// Takes the host's identifier.
    ///
    /// # Errors
    /// [`InvalidUserId`] unless it is 1 to 128 bytes of visible ASCII.
    pub fn new(id: impl Into<String>) -> Result<Self, InvalidUserId> {
        let id = id.into();
        let visible = id.bytes().all(|b| b.is_ascii_graphic());
        if id.is_empty() || id.len() > Self::MAX_LEN || !visible {
            return Err(InvalidUserId);
        }
        Ok(Self(id))
    }

    /// A fresh identifier of 128 random bits, in base64url: for directories that have none of their own.
    ///
    /// # Errors
    /// [`EntropyError`] when the operating system gives no randomness.
    ///
    /// ```
    /// let id = otp_core::UserId::random()?;
    /// assert_eq!(id.as_str().len(), 22);
    /// # Ok::<(), otp_core::EntropyError>(())
    /// ```
    pub fn random() -> Result<Self, EntropyError> {
        let bytes: [u8; 16] = random_bytes()?;
        Ok(Self::from_bytes(&bytes))
    }

    pub(crate) fn from_bytes(bytes: &[u8; 16]) -> Self {
        Self(base64url::encode(bytes))
    }

    /// The identifier as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Its bytes; never more than [`MAX_LEN`](Self::MAX_LEN).
    pub(crate) fn len(&self) -> u8 {
        u8::try_from(self.0.len()).unwrap_or(u8::MAX)
    }
}

impl fmt::Display for UserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl FromStr for UserId {
    type Err = InvalidUserId;

    fn from_str(text: &str) -> Result<Self, InvalidUserId> {
        Self::new(text)
    }
}
