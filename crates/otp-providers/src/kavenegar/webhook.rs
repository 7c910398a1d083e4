//! What becomes of Kavenegar's messages, where a line has a callback address.

use super::class;
use crate::callback::{CallbackToken, field, fields};
use otp_core::{Callback, CallbackError, DeliveryWebhook, Report, Timestamp};

/// Reads the status callback of a Kavenegar line: `messageid` and `status`, in a form or, by GET, in the query, from
/// which [`read`](DeliveryWebhook::read) takes them where there is no body.
///
/// Kavenegar documents neither the fields nor a signature: the path's token is what tells it from anybody, and what it
/// says is a hint. [`KavenegarPoll`](crate::KavenegarPoll) asks, and can be relied on.
///
/// ```
/// use otp_core::{Callback, DeliveryState, DeliveryWebhook, Report, Timestamp};
/// use otp_providers::KavenegarWebhook;
/// use otp_providers::http::CallbackToken;
///
/// let webhook = KavenegarWebhook::new(CallbackToken::draw()?);
/// let asked = Callback::new("messageid=8792343&status=10", &[], b"");
/// let reports = webhook.read(&asked, Timestamp::from_secs(0))?;
/// assert_eq!(reports, [Report::new("8792343", DeliveryState::Delivered)]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct KavenegarWebhook {
    token: CallbackToken,
}

impl KavenegarWebhook {
    /// Takes what the path ends with.
    #[must_use]
    pub const fn new(token: CallbackToken) -> Self {
        Self { token }
    }
}

impl DeliveryWebhook for KavenegarWebhook {
    fn provider(&self) -> &str {
        "kavenegar"
    }

    fn token(&self) -> Option<&str> {
        Some(self.token.expose())
    }

    fn read(&self, callback: &Callback<'_>, _: Timestamp) -> Result<Vec<Report>, CallbackError> {
        let fields = fields(callback);
        let (id, status) = field(&fields, "messageid")
            .zip(field(&fields, "status"))
            .ok_or(CallbackError::Malformed)?;
        Ok(class::report(Some(id.to_owned()), status)
            .into_iter()
            .collect())
    }

    fn handshake(&self, _: &Callback<'_>) -> Result<String, CallbackError> {
        Err(CallbackError::Unexpected)
    }
}
