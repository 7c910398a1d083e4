//! Senders for [`otp_core::OtpAuth`]: each behind a feature of its own, none on by default.
//!
//! | feature | sender | for |
//! |---|---|---|
//! | `aws` | `AwsSmsSender`, `SnsSender` | SMS through AWS: End User Messaging, and SNS |
//! | `console` | `ConsoleSender` | a developer's terminal |
//! | `gupshup` | `GupshupSmsSender`, `GupshupWhatsAppSender` | SMS and WhatsApp through Gupshup |
//! | `job` | `JobKeys` | messages sealed for a queue of your own |
//! | `kafka` | `KafkaSender`, `KafkaWorker` | codes through a Kafka topic, and the worker that takes them out |
//! | `kavenegar` | `KavenegarSender` | SMS and calls through Kavenegar |
//! | `msg91` | `Msg91Sender` | SMS through MSG91 |
//! | `engagelab` | `EngageLabSender` | what EngageLab's templates reach: SMS, WhatsApp, voice |
//! | `telegram` | `TelegramSender` | Telegram, in place of an SMS |
//! | `route` | `Route` | several of these: by channel and country, the next where one fails |
//! | `twilio` | `TwilioSender` | SMS and WhatsApp through Twilio |
//! | `webhook` | `WebhookSender` | a program of yours that knows how to reach a phone |
//! | `whatsapp` | `WhatsAppSender` | WhatsApp through Meta's Cloud API |
//!
//! What becomes of a message is read by a provider's webhook ([`otp_core::DeliveryWebhook`]) or asked of it
//! ([`otp_core::DeliveryPoll`]); a provider may make and check the codes itself ([`otp_core::Verifier`]):
//!
//! | feature | webhook | signed by | hosted verification |
//! |---|---|---|---|
//! | `engagelab` | `EngageLabWebhook` | HMAC-SHA-256 over its header alone, and the path's token | `EngageLabVerifier` |
//! | `gupshup` | `GupshupSmsWebhook`, `GupshupWhatsAppWebhook` | the path's token alone | |
//! | `kavenegar` | `KavenegarWebhook`; `KavenegarPoll` asks | the path's token alone | |
//! | `msg91` | `Msg91Webhook` | the path's token alone | `Msg91Verifier` |
//! | `telegram` | `TelegramWebhook` | HMAC-SHA-256 over time and body | |
//! | `twilio` | `TwilioWebhook` | HMAC-SHA-1 or HMAC-SHA-256 over address and form | `TwilioVerifier` (`twilio-verify`) |
//! | `whatsapp` | `WhatsAppWebhook` | HMAC-SHA-256 over the body | |
//!
//! With `messages`, those that carry a text of ours say it in the reader's language: see the module `messages`.
//!
//! A sender of your own is one method: see [`otp_core::Sender`]. One that speaks HTTP is two pure functions: see the
//! module `http`, a feature of its own.

#[cfg(feature = "aws")]
mod aws;
#[cfg(feature = "http")]
mod callback;
#[cfg(feature = "http")]
mod config;
#[cfg(feature = "console")]
mod console;
#[cfg(feature = "http")]
mod dlt;
#[cfg(feature = "engagelab")]
mod engagelab;
#[cfg(feature = "gupshup")]
mod gupshup;
#[cfg(feature = "http")]
pub mod http;
#[cfg(feature = "job")]
pub mod job;
#[cfg(feature = "http")]
mod json;
#[cfg(feature = "kafka")]
pub mod kafka;
#[cfg(feature = "kavenegar")]
mod kavenegar;
#[cfg(feature = "messages")]
pub mod messages;
#[cfg(any(feature = "gupshup", feature = "whatsapp"))]
mod meta;
#[cfg(any(feature = "gupshup", feature = "twilio", feature = "whatsapp"))]
mod minutes;
#[cfg(feature = "msg91")]
mod msg91;
#[cfg(feature = "http")]
mod per_locale;
#[cfg(feature = "route")]
pub mod route;
#[cfg(any(feature = "kafka", feature = "route"))]
mod sleep;
#[cfg(feature = "telegram")]
mod telegram;
#[cfg(feature = "http")]
mod text;
#[cfg(feature = "twilio")]
mod twilio;
#[cfg(any(feature = "http", feature = "route"))]
mod unasked;
#[cfg(feature = "webhook")]
mod webhook;
#[cfg(feature = "whatsapp")]
mod whatsapp;
#[cfg(any(feature = "aws", feature = "gupshup"))]
mod words;

#[cfg(feature = "aws")]
pub use aws::{AwsCredentials, AwsCredentialsProvider, AwsSms, AwsSmsSender, Sns, SnsSender};
#[cfg(feature = "http")]
pub use config::ConfigError;
#[cfg(feature = "console")]
pub use console::ConsoleSender;
#[cfg(feature = "engagelab")]
pub use engagelab::{
    EngageLab, EngageLabSender, EngageLabVerifier, EngageLabVerify, EngageLabWebhook,
};
#[cfg(feature = "gupshup")]
pub use gupshup::{
    GupshupSms, GupshupSmsSender, GupshupSmsWebhook, GupshupWhatsApp, GupshupWhatsAppSender,
    GupshupWhatsAppWebhook,
};
#[cfg(feature = "kafka")]
pub use kafka::{Kafka, KafkaSender, KafkaWorker};
#[cfg(feature = "kavenegar")]
pub use kavenegar::{Kavenegar, KavenegarPoll, KavenegarSender, KavenegarWebhook};
#[cfg(feature = "msg91")]
pub use msg91::{Msg91, Msg91Sender, Msg91Verifier, Msg91Verify, Msg91Webhook};
#[cfg(feature = "route")]
pub use route::{Leg, Route};
#[cfg(feature = "telegram")]
pub use telegram::{Telegram, TelegramSender, TelegramWebhook};
#[cfg(feature = "twilio")]
pub use twilio::{Twilio, TwilioSender, TwilioWebhook};
#[cfg(feature = "twilio-verify")]
pub use twilio::{TwilioVerifier, TwilioVerify};
#[cfg(any(feature = "http", feature = "route"))]
pub use unasked::Unasked;
#[cfg(feature = "webhook")]
pub use webhook::{Webhook, WebhookBuilder, WebhookSecret, WebhookSender};
#[cfg(feature = "whatsapp")]
pub use whatsapp::{WhatsApp, WhatsAppSender, WhatsAppWebhook};
