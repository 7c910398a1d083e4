//! placeholder

mod base64url;
mod clock;
mod id;
pub mod keys;
mod time;
pub mod token;

pub use self::clock::{Clock, SystemClock};
pub use self::id::{ChallengeId, InvalidId, InvalidUserId, PhoneKey, SessionId, UserId};
pub use self::keys::{
    DuplicateKeyId, EntropyError, InvalidKeyId, KeyId, KeyProvider, KeyRing, Keys, KeysError,
    RotatingKeys, SecretKey, SecretKeyError,
};
pub use self::time::Timestamp;
pub use self::token::{
    AccessToken, RefreshToken, SigningKey, Ticket, TokenError, TokenKeys, VerifyingKey,
};
