//! Phone login by one-time code: the lifecycle, limits, sessions and tokens, without I/O.
//!
//! [`OtpAuth`] is the whole of it: it opens challenges, verifies codes, keeps sessions and issues tokens. What it
//! needs from outside comes in through small traits: a [`Store`], a [`Sender`], a [`UserDirectory`], and the keys.
//!
//! ```
//! use otp_core::{Keys, MemoryStore, MemoryUsers, OtpAuth, Start, Verified, Verify};
//! use otp_core::policy::Policy;
//! use std::sync::Arc;
//! # use otp_core::{Code, Message, Receipt, SendError, Sender, async_trait};
//! # use std::sync::Mutex;
//! # #[derive(Debug, Default)]
//! # struct Outbox(Mutex<Option<Code>>);
//! # #[async_trait]
//! # impl Sender for Outbox {
//! #     fn name(&self) -> &str {
//! #         "outbox"
//! #     }
//! #     async fn send(&self, message: &Message) -> Result<Receipt, SendError> {
//! #         *self.0.lock().unwrap() = Some(message.code.clone());
//! #         Ok(Receipt::default())
//! #     }
//! # }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let sender = Arc::new(Outbox::default()); // keeps the code where this example finds it
//! let keys = Arc::new(Keys::generate()?);
//! let policy = Policy::standard().for_countries(["IN".parse()?]); // no other number is sent a code
//! let auth = OtpAuth::builder(MemoryStore::new(), sender.clone(), MemoryUsers::new(), keys).policy(policy).build()?;
//!
//! let phone = auth.phone("+91 98765 43210", None)?;
//! let started = auth.start(Start::new(phone.clone())).await?;
//! let code = sender.0.lock().unwrap().take().ok_or("nothing was sent")?;
//!
//! let verified = auth.verify(Verify::new(phone, Some(started.challenge_id), code)).await?;
//! let Verified::SignedIn(login) = verified else { return Err("sign-up is automatic here".into()) };
//! let identity = auth.authenticate(login.tokens.access.expose()).await?;
//! assert_eq!(identity.user, login.user.id);
//! # Ok(())
//! # }
//! ```

mod audit;
mod auth;
mod base64url;
pub mod challenge;
mod client;
mod clock;
mod code;
mod composite;
#[cfg(feature = "conformance")]
pub mod conformance;
mod delivery;
mod forward;
mod id;
pub mod keys;
mod kind;
pub mod limit;
mod locale;
mod memory;
mod phone;
pub mod policy;
mod sender;
pub mod session;
mod store;
mod store_clock;
#[cfg(feature = "testing")]
pub mod testing;
mod time;
pub mod token;
mod users;
pub mod verifier;

pub use async_trait::async_trait;
pub use audit::{Action, AuditSink, DurableAudit, Event, NoAudit, Outcome, TracingAudit};
pub use auth::*;
pub use client::Client;
pub use clock::{Clock, SystemClock};
pub use code::{Code, CodeError};
pub use composite::Composite;
pub use delivery::{
    Callback, CallbackError, Delivery, DeliveryListener, DeliveryPoll, DeliveryState,
    DeliveryWebhook, Report, Reported, Sent,
};
pub use id::{ChallengeId, InvalidId, InvalidUserId, MessageKey, PhoneKey, SessionId, UserId};
pub use keys::{
    DuplicateKeyId, EntropyError, InvalidKeyId, KeyId, KeyProvider, KeyRing, Keys, KeysError,
    RotatingKeys, SecretKey, SecretKeyError,
};
pub use kind::{Channel, Purpose, UnknownChannel};
pub use locale::{InvalidLocale, Locale};
pub use memory::{MemoryStore, MemoryUsers};
pub use phone::{Country, CountryError, NumberKind, PhoneError, PhoneNumber, Region, RegionError};
pub use sender::{Message, Receipt, SendError, SendErrorKind, Sender};
pub use store::{
    Backend, ChallengeStore, DeliveryStore, Reach, SessionStore, Store, StoreError, StoreErrorKind,
};
pub use store_clock::StoreClock;
pub use time::Timestamp;
pub use token::{
    AccessToken, RefreshToken, SigningKey, Ticket, TokenError, TokenKeys, VerifyingKey,
};
pub use users::{Consent, Created, DirectoryError, Profile, Resolved, User, UserDirectory};
pub use verifier::{Checked, Verifier};
