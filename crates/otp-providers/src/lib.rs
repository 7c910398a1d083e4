//! Senders for [`otp_core::OtpAuth`]: each behind a feature of its own, none on by default.
//!
//! | feature | sender | for |
//! |---|---|---|
//! | `console` | `ConsoleSender` | a developer's terminal |
//! | `webhook` | `WebhookSender` | a program of yours that knows how to reach a phone |
//!
//! A sender of your own is one method: see [`otp_core::Sender`].

#[cfg(feature = "console")]
mod console;
#[cfg(feature = "webhook")]
mod http;
#[cfg(feature = "webhook")]
mod webhook;

#[cfg(feature = "console")]
pub use console::ConsoleSender;
#[cfg(feature = "webhook")]
pub use webhook::{WebhookBuilder, WebhookError, WebhookSecret, WebhookSender};
