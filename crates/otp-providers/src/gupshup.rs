//! SMS and WhatsApp through Gupshup: two products, with credentials and addresses of their own.

mod class;
mod sms;
mod sms_webhook;
mod whatsapp;
mod whatsapp_webhook;

pub use sms::{GupshupSms, GupshupSmsSender};
pub use sms_webhook::GupshupSmsWebhook;
pub use whatsapp::{GupshupWhatsApp, GupshupWhatsAppSender};
pub use whatsapp_webhook::GupshupWhatsAppWebhook;

use otp_core::Message;

/// The number with its country code and without a plus.
fn digits(message: &Message) -> &str {
    message.to.expose().trim_start_matches('+')
}
