//! What becomes of Gupshup's messages: SMS.

use super::class;
use crate::callback::{CallbackToken, field, fields, json_of, report};
use crate::json;
use otp_core::{Callback, CallbackError, DeliveryState, DeliveryWebhook, Report, Timestamp};
use serde_json::{Value, json};

/// Reads the delivery reports of Gupshup's Enterprise gateway: a list in the field `response` of a form or, by GET, one
/// report in the query, which [`read`](DeliveryWebhook::read) takes where there is no body.
///
/// Gupshup signs nothing: the path's token is what tells it from anybody, so what it says is a hint.
///
/// ```
/// use otp_core::{Callback, DeliveryState, DeliveryWebhook, Report, Timestamp};
/// use otp_providers::GupshupSmsWebhook;
/// use otp_providers::http::CallbackToken;
///
/// let webhook = GupshupSmsWebhook::new(CallbackToken::draw()?);
/// let asked = Callback::new("externalId=3270-3311&status=SUCCESS&errCode=000", &[], b"");
/// let reports = webhook.read(&asked, Timestamp::from_secs(0))?;
/// assert_eq!(reports, [Report::new("3270-3311", DeliveryState::Delivered)]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct GupshupSmsWebhook {
    token: CallbackToken,
}

impl GupshupSmsWebhook {
    /// Takes what the path ends with.
    #[must_use]
    pub const fn new(token: CallbackToken) -> Self {
        Self { token }
    }
}

impl DeliveryWebhook for GupshupSmsWebhook {
    fn provider(&self) -> &str {
        "gupshup-sms"
    }

    fn token(&self) -> Option<&str> {
        Some(self.token.expose())
    }

    fn read(&self, callback: &Callback<'_>, _: Timestamp) -> Result<Vec<Report>, CallbackError> {
        let fields = fields(callback);
        if let Some(list) = field(&fields, "response") {
            let list = json_of(list.as_bytes())?;
            let list = list.as_array().ok_or(CallbackError::Malformed)?;
            return Ok(list.iter().filter_map(of_event).collect());
        }
        let value = |name| field(&fields, name);
        if value("externalId").is_none() {
            return Err(CallbackError::Malformed);
        }
        let event = json!({
            "externalId": value("externalId"),
            "eventType": value("status"),
            "errCode": value("errCode"),
        });
        Ok(of_event(&event).into_iter().collect())
    }

    fn handshake(&self, _: &Callback<'_>) -> Result<String, CallbackError> {
        Err(CallbackError::Unexpected)
    }
}

/// The code says more than the word; none where neither is known.
fn of_event(event: &Value) -> Option<Report> {
    let word = json::text(event, "/eventType").unwrap_or_default();
    let code = json::code(event, "/errCode");
    let state = match (code, &*word.to_uppercase()) {
        (Some(0), _) => DeliveryState::Delivered,
        (Some(1..=9), _) => DeliveryState::Failed,
        (_, "DELIVERED" | "SUCCESS") => DeliveryState::Delivered,
        (_, "FAILED" | "FAIL") => DeliveryState::Failed,
        _ => return None,
    };
    let reason = code.and_then(class::sms_reason);
    report(json::text(event, "/externalId"), state, reason)
}
