//! What the fuzz targets do with their bytes: each calls what a property test of the ordinary suite calls, and asks
//! for the same to hold.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a target that goes wrong may say so by panicking"
)]

mod http;
mod login;
mod messages;
mod replies;
#[path = "../../crates/otp-providers/tests/common/sign.rs"]
mod sign;
mod webhooks;

pub use http::{Asked, http};
pub use login::{code, locale, phone, token};
pub use messages::{job, messages};
pub use replies::{Reply, hosted, replies};
pub use webhooks::{Called, Signed, signed, webhooks};
