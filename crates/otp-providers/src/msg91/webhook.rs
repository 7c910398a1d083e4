//! What becomes of MSG91's messages.

use super::class;
use crate::callback::{CallbackToken, field, fields, json_of, report};
use crate::json;
use otp_core::{Callback, CallbackError, DeliveryState, DeliveryWebhook, Report, Timestamp};
use serde_json::Value;

/// Reads MSG91's delivery reports, in each form that it has had: the field `data` of a form, a list of requests with a
/// report for each number; flat JSON; and a list of that.
///
/// MSG91 signs nothing: the path's token is what tells it from anybody, so what it says is a hint.
///
/// ```
/// use otp_core::{Callback, DeliveryState, DeliveryWebhook, Report, Timestamp};
/// use otp_providers::Msg91Webhook;
/// use otp_providers::http::CallbackToken;
///
/// let webhook = Msg91Webhook::new(CallbackToken::draw()?);
/// let body = br#"{"requestId": "3763646c3058373530393938", "status": "1", "desc": "DELIVERED"}"#;
/// let reports = webhook.read(&Callback::new("", &[], body), Timestamp::from_secs(0))?;
/// assert_eq!(reports, [Report::new("3763646c3058373530393938", DeliveryState::Delivered)]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Msg91Webhook {
    token: CallbackToken,
}

impl Msg91Webhook {
    /// Takes what the path ends with.
    #[must_use]
    pub const fn new(token: CallbackToken) -> Self {
        Self { token }
    }
}

impl DeliveryWebhook for Msg91Webhook {
    fn provider(&self) -> &str {
        "msg91"
    }

    fn token(&self) -> Option<&str> {
        Some(self.token.expose())
    }

    fn read(&self, callback: &Callback<'_>, _: Timestamp) -> Result<Vec<Report>, CallbackError> {
        // JSON first: a text in it may look like a form's field, and no form is JSON.
        let form = fields(callback);
        let data = json_of(callback.body).or_else(|error| {
            let data = field(&form, "data").ok_or(error)?;
            json_of(data.as_bytes())
        })?;
        match &data {
            Value::Array(requests) => Ok(requests.iter().flat_map(of_request).collect()),
            Value::Object(_) => Ok(of_request(&data)),
            _ => Err(CallbackError::Malformed),
        }
    }

    fn handshake(&self, _: &Callback<'_>) -> Result<String, CallbackError> {
        Err(CallbackError::Unexpected)
    }
}

/// Flat, or with a list of reports.
fn of_request(request: &Value) -> Vec<Report> {
    let reference = json::text(request, "/requestId");
    let list = request.get("report").and_then(Value::as_array);
    let reports = list.map_or(std::slice::from_ref(request), Vec::as_slice);
    reports
        .iter()
        .filter_map(|one| of_status(reference.clone(), &json::text(one, "/status")?))
        .collect()
}

fn of_status(reference: Option<String>, status: &str) -> Option<Report> {
    let code = json::number(status);
    let state = match code {
        Some(1) => DeliveryState::Delivered,
        Some(2 | 9 | 16 | 17 | 25) => DeliveryState::Failed,
        _ => DeliveryState::Accepted,
    };
    // 2 is no more than a failure; as the code of a refusal it means something else.
    let reason = code.filter(|code| *code != 2).and_then(class::kind);
    report(reference, state, reason)
}
