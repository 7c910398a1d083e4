//! Access tokens (JWT), refresh tokens (opaque) and registration tickets.
//!
//! The three never stand in for one another: an access token has two dots, a ticket one, a refresh
//! token none, and each is authenticated under its own key or label.

mod access;
mod claims;
mod pem;
mod refresh;
mod rules;
mod secret;
mod signing_key;
mod ticket;
mod token_keys;
mod verifying_key;

pub use self::access::{Subject, TokenError};
pub use self::claims::AccessClaims;
pub use self::refresh::{OpenedRefreshToken, RefreshTokenError};
pub use self::rules::{TokenRules, TokenRulesError};
pub use self::secret::{AccessToken, RefreshToken};
pub use self::signing_key::{Algorithm, SigningKey, TokenKeyError};
pub use self::ticket::{InvalidTicket, Ticket};
pub use self::token_keys::TokenKeys;
pub use self::verifying_key::VerifyingKey;
