//! Asks Kavenegar what became of its messages.

use super::{Kavenegar, class};
use crate::ConfigError;
use crate::http::{HttpClient, HttpReply, HttpRequest, Transport, TransportError};
use crate::json;
use otp_core::{DeliveryPoll, Report, SendError, SendErrorKind, async_trait};
use serde_json::Value;
use std::fmt;
use std::sync::Arc;

/// The most that one request asks for.
const MOST: usize = 500;

/// Asks `sms/status.json`, which knows the messages of the last 48 hours: up to 500 by one request, more by several,
/// one after the other.
///
/// ```
/// use otp_providers::http::Secret;
/// use otp_providers::{Kavenegar, KavenegarPoll};
///
/// let key = Secret::new("the API key from Kavenegar's panel")?;
/// let poll = KavenegarPoll::new(Kavenegar::with_template(key, "login")?)?;
/// # let _ = poll;
/// # Ok::<(), otp_providers::ConfigError>(())
/// ```
pub struct KavenegarPoll {
    kavenegar: Kavenegar,
    transport: Arc<dyn Transport>,
}

impl KavenegarPoll {
    /// Asks with the settings of this sender, over a [`HttpClient`] of its own.
    ///
    /// # Errors
    /// [`ConfigError::Client`] if that cannot be made.
    pub fn new(kavenegar: Kavenegar) -> Result<Self, ConfigError> {
        let client = HttpClient::new(&kavenegar.base)?;
        Ok(Self::over(kavenegar, client))
    }

    /// As [`new`](Self::new), over this transport.
    pub fn over(kavenegar: Kavenegar, transport: impl Transport) -> Self {
        let transport = Arc::new(transport);
        Self {
            kavenegar,
            transport,
        }
    }

    /// Asks for these messages.
    #[must_use]
    pub fn request(&self, references: &[&str]) -> HttpRequest {
        let path = ["v1", self.kavenegar.key.expose(), "sms", "status.json"];
        let fields = [("messageid", references.join(","))];
        HttpRequest::form(self.kavenegar.base.join(path), fields).header("charset", "utf-8")
    }

    /// What Kavenegar's answer means.
    ///
    /// # Errors
    /// [`SendError`] if it is none.
    pub fn parse(&self, reply: &HttpReply) -> Result<Vec<Report>, SendError> {
        if let Some(error) = class::refusal(reply) {
            return Err(error);
        }
        let entries = reply.json().get("entries").and_then(Value::as_array);
        let entries = entries.filter(|_| reply.is_success());
        let reports = entries.ok_or_else(|| reply.unreadable())?.iter();
        Ok(reports
            .filter_map(|one| {
                class::report(json::text(one, "/messageid"), &json::text(one, "/status")?)
            })
            .collect())
    }
}

#[async_trait]
impl DeliveryPoll for KavenegarPoll {
    fn provider(&self) -> &str {
        "kavenegar"
    }

    async fn poll(&self, references: &[&str]) -> Result<Vec<Report>, SendError> {
        // An id of another provider would make Kavenegar refuse the whole list.
        let digits = |id: &&str| !id.is_empty() && id.bytes().all(|b| b.is_ascii_digit());
        let ids: Vec<_> = references.iter().copied().filter(digits).collect();
        let mut reports = Vec::new();
        for ids in ids.chunks(MOST) {
            let reply = self.transport.post(self.request(ids)).await;
            reports.extend(self.parse(&reply.map_err(unanswered)?)?);
        }
        Ok(reports)
    }
}

fn unanswered(error: TransportError) -> SendError {
    SendError::new(SendErrorKind::Transient).with_source(error)
}

impl fmt::Debug for KavenegarPoll {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("KavenegarPoll")
            .field(&self.kavenegar)
            .finish()
    }
}
