//! What becomes of Gupshup's messages: WhatsApp.

use super::class;
use crate::callback::{CallbackToken, json_of, report};
use crate::{json, meta};
use otp_core::{Callback, CallbackError, DeliveryState, DeliveryWebhook, Report, Timestamp};
use serde_json::Value;

/// Reads the events of Gupshup's self-serve API: its own (version 2), and Meta's form (version 3).
///
/// Gupshup signs nothing: the path's token is what tells it from anybody, so what it says is a hint.
///
/// ```
/// use otp_core::{Callback, DeliveryState, DeliveryWebhook, Report, Timestamp};
/// use otp_providers::GupshupWhatsAppWebhook;
/// use otp_providers::http::CallbackToken;
///
/// let webhook = GupshupWhatsAppWebhook::new(CallbackToken::draw()?);
/// let body = br#"{"type": "message-event", "payload": {"gsId": "g-17", "type": "read"}}"#;
/// let reports = webhook.read(&Callback::new("", &[], body), Timestamp::from_secs(0))?;
/// assert_eq!(reports, [Report::new("g-17", DeliveryState::Read)]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct GupshupWhatsAppWebhook {
    token: CallbackToken,
}

impl GupshupWhatsAppWebhook {
    /// Takes what the path ends with.
    #[must_use]
    pub const fn new(token: CallbackToken) -> Self {
        Self { token }
    }
}

impl DeliveryWebhook for GupshupWhatsAppWebhook {
    fn provider(&self) -> &str {
        "gupshup-whatsapp"
    }

    fn token(&self) -> Option<&str> {
        Some(self.token.expose())
    }

    fn read(&self, callback: &Callback<'_>, _: Timestamp) -> Result<Vec<Report>, CallbackError> {
        let event = json_of(callback.body)?;
        if !event.is_object() {
            return Err(CallbackError::Malformed);
        }
        let own = of_event(&event).into_iter();
        Ok(own
            .chain(meta::reports(&event, &["/gs_id", "/id"]))
            .collect())
    }

    fn handshake(&self, _: &Callback<'_>) -> Result<String, CallbackError> {
        Err(CallbackError::Unexpected)
    }
}

/// Gupshup's id for a message is `gsId`, and `id` before WhatsApp has one of its own.
fn of_event(event: &Value) -> Option<Report> {
    if json::text(event, "/type")? != "message-event" {
        return None;
    }
    let state = match &*json::text(event, "/payload/type")? {
        "enqueued" => DeliveryState::Accepted,
        "sent" => DeliveryState::Sent,
        "delivered" => DeliveryState::Delivered,
        "read" => DeliveryState::Read,
        "failed" => DeliveryState::Failed,
        _ => return None,
    };
    let ids = ["/payload/gsId", "/payload/id"];
    let id = ids.iter().find_map(|id| json::text(event, id));
    let code = json::code(event, "/payload/payload/code");
    report(id, state, code.and_then(class::whatsapp_kind))
}
