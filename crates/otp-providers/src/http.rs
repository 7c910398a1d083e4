//! The one way to a provider over HTTP: a [`Provider`] writes requests and reads replies, a [`Transport`] carries
//! them, [`HttpSender`] puts the two together. A provider has no I/O, so its tests need no network.
//!
//! ```
//! use otp_core::{Message, Receipt, SendError, Timestamp};
//! use otp_providers::http::{Address, HttpReply, HttpRequest, HttpSender, Provider, Secret};
//!
//! #[derive(Debug)]
//! struct Pigeon {
//!     base: Address,
//!     key: Secret,
//! }
//!
//! impl Provider for Pigeon {
//!     fn name(&self) -> &str {
//!         "pigeon"
//!     }
//!
//!     fn base(&self) -> &Address {
//!         &self.base
//!     }
//!
//!     fn request(&self, message: &Message, _: Timestamp) -> Result<HttpRequest, SendError> {
//!         let letter = [("to", message.to.expose()), ("code", message.code.expose())];
//!         Ok(HttpRequest::form(self.base.join(["v1", "letters"]), letter).bearer(&self.key))
//!     }
//!
//!     fn parse(&self, reply: &HttpReply) -> Result<Receipt, SendError> {
//!         match reply.text("/id") {
//!             Some(id) if reply.is_success() => Ok(HttpReply::taken(id)),
//!             _ => reply.unexpected(),
//!         }
//!     }
//! }
//!
//! let base = Address::parse("https://pigeon.example")?;
//! let key = Secret::new("what the provider's console shows")?;
//! let sender = HttpSender::new(Pigeon { base, key })?;
//! # let _ = sender;
//! # Ok::<(), otp_providers::ConfigError>(())
//! ```

mod address;
mod client;
mod reply;
mod request;
mod sender;
mod verifier;

pub use address::Address;
pub use client::HttpClient;
pub use reply::{HttpReply, Refusal};
pub use request::HttpRequest;
pub use sender::{HttpSender, Provider, Transport, TransportError};
pub use verifier::{HostedProvider, HttpVerifier};

pub use crate::callback::CallbackToken;
pub use crate::config::Secret;
pub use crate::dlt::Dlt;
pub use crate::per_locale::PerLocale;
pub use crate::text::{Brand, Wording};
